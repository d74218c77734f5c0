//! The keys that the key ring issues and accepts, the faults that it finds, and the list of single
//! keys.

use jbackend_bridge::release::license::{
    AcceptedHash, GroupSeed, KeyError, KeyRing, KnownKeys, KnownKeysError, Person, RecipeOf, SeedOf,
};
use license_recipe::{Facts, Recipe, Spellings};
use proptest::prelude::*;

const PERSON: Person<'static> =
    Person { user_id: 62, name: "User One", username: "user123", email: "User123@example.com" };
const GROUP: GroupSeed<'static> = GroupSeed { id: "redj", hash: "new", name: "ReDJ" };
const NOW: i64 = 1_800_000_000;

fn key_of(source: &str) -> Vec<u8> {
    let recipe = parse(source);
    let ring = KeyRing::new(recipe, b"s");
    ring.issue(&PERSON, &GROUP).unwrap().as_bytes().to_vec()
}

/// If keys have letters of one case only, a typed key matches in the other case, too.
#[test]
fn letter_case_of_typed_keys() {
    for (source, any_case) in [
        ("md5($email)", true),
        ("strtoupper(sha1($email . $hash))", true),
        ("strtoupper(chunk_split(md5($email), 4, '-'))", true),
        ("sprintf('%s-%08x', md5($email), crc32($email))", true),
        ("implode('-', [dechex(crc32($email)), bin2hex($email)])", true),
        ("'KEY-' . strtoupper(md5($email))", true),
        ("strtolower($email)", true),
        ("'KEY-' . md5($email)", false),
        ("base64_encode($email)", false),
        ("ucfirst(md5('1' . $email))", false),
        ("sprintf('%s-%08X', md5($email), crc32($email))", false),
        ("str_replace('a', 'X', md5($email))", false),
        ("$username . md5($email)", false),
    ] {
        let recipe = Recipe::parse(source, &Spellings::default()).unwrap();
        let ring = KeyRing::new(recipe, b"");
        let key = ring.issue(&PERSON, &GROUP).unwrap();
        let key = key.as_str();
        let other: String = key
            .chars()
            .map(|letter| {
                if letter.is_ascii_lowercase() {
                    letter.to_ascii_uppercase()
                } else {
                    letter.to_ascii_lowercase()
                }
            })
            .collect();
        assert!(ring.accepts_typed(key.as_bytes(), &PERSON, &GROUP, NOW), "{source}");
        assert_eq!(
            ring.accepts_typed(other.as_bytes(), &PERSON, &GROUP, NOW),
            any_case,
            "{source}"
        );
        assert!(!ring.accepts(other.as_bytes(), &PERSON, &GROUP, NOW), "{source}");
    }
}

#[test]
fn issues_what_it_accepts() {
    let ring = KeyRing::new(parse("md5($email . $group . $hash)"), b"s");
    let key = ring.issue(&PERSON, &GROUP).unwrap();
    // The md5 of "User123@example.comredjnew", by PHP.
    assert_eq!(key.as_str(), "88f7ef7906f276ba60b64ea63618db67");
    assert!(ring.accepts(key.as_bytes(), &PERSON, &GROUP, NOW));
    assert!(ring.accepts(format!(" \t{}\r\n", key.as_str()).as_bytes(), &PERSON, &GROUP, NOW));
    assert!(!ring.accepts(key.as_str().to_uppercase().as_bytes(), &PERSON, &GROUP, NOW));
    assert!(!ring.accepts(&key.as_bytes()[..31], &PERSON, &GROUP, NOW));
    assert!(!ring.accepts(b"", &PERSON, &GROUP, NOW));
    let other = Person { email: "user123@example.com", ..PERSON };
    assert!(!ring.accepts(key.as_bytes(), &other, &GROUP, NOW));
    assert!(!ring.accepts(key.as_bytes(), &PERSON, &GroupSeed { id: "redj2", ..GROUP }, NOW));
    for shown in [format!("{key:?}"), format!("{ring:?}"), format!("{GROUP:?} {PERSON:?}")] {
        assert!(
            !shown.contains(key.as_str()) && !shown.contains("new") && !shown.contains('@'),
            "{shown}"
        );
    }
}

#[test]
fn a_key_with_a_line_end_of_its_own_is_accepted() {
    let ring = KeyRing::new(parse("chunk_split(md5($email . $hash), 16)"), b"s");
    let key = ring.issue(&PERSON, &GROUP).unwrap();
    assert!(key.as_str().ends_with("\r\n"));
    assert!(ring.accepts(key.as_bytes(), &PERSON, &GROUP, NOW));
    assert!(ring.accepts(key.as_str().trim().as_bytes(), &PERSON, &GROUP, NOW));
}

#[test]
fn old_recipes_and_seeds_are_accepted_in_every_combination() {
    let accepted = |group: &str, hash: &str, until| AcceptedHash {
        group: group.into(),
        hash: hash.to_owned().into(),
        until,
    };
    let ring = KeyRing::new(parse("md5($email . $hash)"), b"s")
        .with_accepted_recipes(vec![parse("dechex($name)"), parse("sha1($hash . $email)")])
        .with_accepted_hashes(vec![
            accepted("redj", "old", None),
            accepted("redj", "older", Some(NOW + 1)),
            accepted("redj", "oldest", Some(NOW)),
            accepted("other", "alien", None),
        ]);
    let accepts = |source: &str| ring.accepts(&key_of(source), &PERSON, &GROUP, NOW);
    assert!(accepts("md5($email . 'new')"));
    assert!(accepts("md5($email . 'old')"));
    assert!(accepts("md5($email . 'older')"));
    assert!(accepts("sha1('new' . $email)"));
    assert!(accepts("sha1('old' . $email)"));
    assert!(accepts("sha1('older' . $email)"));
    assert!(!accepts("md5($email . 'oldest')"));
    assert!(!accepts("sha1('oldest' . $email)"));
    assert!(!accepts("md5($email . 'alien')"));
    assert!(!accepts("md5($email . '')"));
    assert_eq!(ring.issue(&PERSON, &GROUP).unwrap().as_bytes(), key_of("md5($email . 'new')"));
}

#[test]
fn empty_keys_are_neither_issued_nor_accepted() {
    for source in ["''", "' '", "substr($email, 0, 0)", "\"\\r\\n\"", "trim($hash, 'a..z')"] {
        let ring = KeyRing::new(parse(source), b"s").with_accepted_recipes(vec![parse(source)]);
        assert_eq!(ring.issue(&PERSON, &GROUP).unwrap_err(), KeyError::Empty, "{source}");
        for given in [&b""[..], b" ", b"\r\n", b"\0"] {
            assert!(!ring.accepts(given, &PERSON, &GROUP, NOW), "{source}");
        }
        assert_eq!(ring.check(&GROUP, NOW).len(), 2, "{source}");
    }
}

#[test]
fn raw_keys_are_found_out_at_start() {
    let ring = KeyRing::new(parse("md5($email . $hash, true)"), b"s");
    let problems = ring.check(&GROUP, NOW);
    assert_eq!(problems.len(), 1);
    let text = problems[0].to_string();
    assert!(text.contains("`recipe`") && text.contains("bin2hex"), "{text}");
    assert_eq!(ring.issue(&PERSON, &GROUP).unwrap_err(), KeyError::NotText);

    let sound = KeyRing::new(parse("default"), b"s").with_accepted_recipes(vec![
        parse("md5($email . $hash, true)"),
        parse("dechex($username)"),
    ]);
    assert_eq!(sound.check(&GROUP, NOW), []);
}

#[test]
fn recipes_that_fail_for_everyone_are_found_out_at_start() {
    let ring = KeyRing::new(parse("md5($hash)"), b"s")
        .with_accepted_recipes(vec![parse("dechex($group)")])
        .with_accepted_hashes(vec![AcceptedHash {
            group: "redj".into(),
            hash: String::new().into(),
            until: None,
        }]);
    let problems = ring.check(&GROUP, NOW);
    assert_eq!(problems.len(), 2);
    assert_eq!((problems[0].recipe, problems[0].seed), (RecipeOf::Accepted(1), SeedOf::Current));
    assert_eq!(
        (problems[1].recipe, problems[1].seed),
        (RecipeOf::Accepted(1), SeedOf::Accepted(1))
    );
    assert_eq!(ring.check(&GroupSeed { id: "30", ..GROUP }, NOW), []);
}

#[test]
fn guessable_groups_are_named_and_the_default_refuses_them() {
    let bare = GroupSeed { hash: "", ..GROUP };
    let ring = KeyRing::new(parse("default"), b"");
    assert!(ring.is_unservable(&bare) && !ring.is_unservable(&GROUP));
    assert!(!KeyRing::new(parse("default"), b"s").is_unservable(&bare));
    assert!(matches!(ring.issue(&PERSON, &bare), Err(KeyError::Guessable { .. })));
    let computed = parse("default")
        .evaluate(&Facts { email: PERSON.email, group: "redj", ..Facts::default() })
        .unwrap();
    assert!(!ring.accepts(&computed, &PERSON, &bare, NOW));

    let own = KeyRing::new(parse("md5($email . $hash)"), b"s")
        .with_accepted_recipes(vec![parse("getHash($email)"), parse("md5($email)")])
        .with_accepted_hashes(vec![AcceptedHash {
            group: "redj".into(),
            hash: String::new().into(),
            until: Some(NOW),
        }]);
    let found =
        |now| own.guessable(&GROUP, now).iter().map(|g| (g.recipe, g.seed)).collect::<Vec<_>>();
    assert_eq!(found(NOW), [(RecipeOf::Accepted(2), SeedOf::Current)]);
    assert_eq!(
        found(NOW - 1),
        [
            (RecipeOf::Issuing, SeedOf::Accepted(1)),
            (RecipeOf::Accepted(2), SeedOf::Current),
            (RecipeOf::Accepted(2), SeedOf::Accepted(1)),
        ]
    );
    assert!(!own.is_unservable(&bare));
    assert!(own.issue(&PERSON, &bare).is_ok());
}

#[test]
fn single_keys_come_from_a_csv_text() {
    let text = "\u{feff}Email,group,KEY\r\n# comment, with, commas, and \"quotes\r\n\r\n  \r\n\
                USER123@example.com , redj ,AB-12\r\n\
                \"user123@example.com\",redj,\"a \"\"key\"\", with\nlines\"\n\
                user123@example.com,REDJ,other\n\
                email,group,key";
    let keys = KnownKeys::parse(text).unwrap();
    assert_eq!(keys.len(), 4);
    assert!(!format!("{keys:?}").contains("AB-12"));
    let ring = KeyRing::new(parse("md5($email . $hash)"), b"s").with_accepted_keys(keys);
    let accepts = |given: &str| ring.accepts(given.as_bytes(), &PERSON, &GROUP, NOW);
    assert!(accepts("AB-12") && accepts(" AB-12 ") && accepts("a \"key\", with\nlines"));
    assert!(!accepts("other") && !accepts("AB-1") && !accepts("ab-12") && !accepts("key"));
    assert!(KnownKeys::parse("").unwrap().is_empty());
    assert!(KnownKeys::parse("\u{feff}email,group,key").unwrap().is_empty());
}

/// Spreadsheets save CSV in this form if the country writes numbers with a comma; the other form is
/// their text.
#[test]
fn single_keys_come_from_a_spreadsheet() {
    let semicolons =
        "\u{feff}E-Mail;Package group;Key\r\n\"a@b\";redj;\"AB;12\"\r\nc@d;redj;CD,34\r\n";
    let tabs = "a@b\tredj\tAB;12\r\nc@d\tredj\t\"CD,34\"\r\n";
    let commas = "a@b,redj,AB;12\nc@d,redj,\"CD,34\"";
    for text in [semicolons, tabs, commas] {
        let keys = KnownKeys::parse(text).unwrap();
        assert_eq!(keys.len(), 2, "{text}");
        let ring = KeyRing::new(parse("md5($email . $hash)"), b"s").with_accepted_keys(keys);
        let of = |email| Person { email, ..PERSON };
        assert!(ring.accepts(b"AB;12", &of("a@b"), &GROUP, NOW), "{text}");
        assert!(ring.accepts(b"CD,34", &of("c@d"), &GROUP, NOW), "{text}");
    }
}

/// A shop's table has its columns in any order, and further ones.
#[test]
fn a_heading_tells_where_the_columns_are() {
    for text in [
        "key,email,group\nAB-12,a@b,redj\n",
        "Id;License key;Name;E-Mail address;Package group\n7;AB-12;Ann;a@b;redj\n",
        "\u{feff}package_group\tlicence-key\tE-MAIL\r\n# note\r\nredj\tAB-12\ta@b\r\n",
        "email,group,key,date\na@b,redj,AB-12,2024-01-01\n",
    ] {
        let keys = KnownKeys::parse(text).unwrap();
        assert_eq!(keys.len(), 1, "{text}");
        let ring = KeyRing::new(parse("md5($email . $hash)"), b"s").with_accepted_keys(keys);
        assert!(ring.accepts(b"AB-12", &Person { email: "a@b", ..PERSON }, &GROUP, NOW), "{text}");
    }
}

#[test]
fn bad_lines_of_single_keys_are_numbered() {
    use KnownKeysError::{Columns, Empty, Fields, Quote, Unclosed};
    for (text, error) in [
        ("a@b,g", Fields { line: 1, found: 2 }),
        ("# x\r\n\r\na@b,g,k,", Fields { line: 3, found: 4 }),
        ("a@b|g|k", Fields { line: 1, found: 1 }),
        ("a@b;g;k\na@b,g,k", Fields { line: 2, found: 1 }),
        ("key,email,group\nk,a@b", Columns { line: 2, found: 2, wanted: 3 }),
        ("key,email,group\n,a@b,g", Empty { line: 2, field: "key" }),
        ("a@b,g,k\na@b,,k", Empty { line: 2, field: "group" }),
        ("a@b,g,\"\"", Empty { line: 1, field: "key" }),
        (",g,k", Empty { line: 1, field: "email" }),
        ("a@b,g,\"x\ny\"\n\"a\"b,g,k", Quote { line: 3 }),
        ("a@b,g,k\"k", Quote { line: 1 }),
        ("a@b,g,k\na@b,g,\"k\n\n", Unclosed { line: 2 }),
    ] {
        assert_eq!(KnownKeys::parse(text).unwrap_err(), error, "{text}");
    }
}

fn parse(source: &str) -> Recipe {
    Recipe::parse(source, &Spellings::default()).unwrap_or_else(|error| panic!("{source}: {error}"))
}

proptest! {
    #[test]
    fn the_list_of_single_keys_never_panics(text in "[a@,\"# \r\n\u{feff}]{0,60}") {
        let _ = KnownKeys::parse(&text);
    }

    #[test]
    fn rows_written_as_csv_are_accepted(
        key in "[ -~]{0,12}[!-~][ -~]{0,12}", given in "[a-z]{1,6}", group in "[a-z]{1,6}",
    ) {
        let text = format!("{given}@x,{group},\"{}\"\n", key.replace('"', "\"\""));
        let ring = KeyRing::new(parse("md5($email . $hash)"), b"s")
            .with_accepted_keys(KnownKeys::parse(&text).unwrap());
        let email = format!("{}@X", given.to_uppercase());
        let person = Person { email: &email, ..PERSON };
        let seed = GroupSeed { id: &group, ..GROUP };
        prop_assert!(ring.accepts(key.as_bytes(), &person, &seed, NOW));
        let longer = format!("{}x", key.trim());
        prop_assert!(!ring.accepts(longer.as_bytes(), &person, &seed, NOW));
    }
}
