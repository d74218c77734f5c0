//! Refused recipes, their messages, and the limits of recipes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use license_recipe::{Facts, NoValue, Recipe, RecipeProblem, Spellings};

/// A recipe, the column of its problem and a part of the message.
const MESSAGES: [(&str, usize, &str); 53] = [
    ("md6($email)", 1, "unknown function `md6` (did you mean `md5`?): known are `md5`, `sha1`"),
    ("md5($email . $emial)", 14, "unknown name `emial` (did you mean `email`?)"),
    ("md5(é)", 5, "`é` is not part of the recipe language"),
    ("'é' . $nix", 7, "unknown name `nix`: known are `$email`"),
    ("md5()", 1, "`md5` takes 1 to 2 arguments but 0 are given"),
    ("crc32('a', 'b')", 1, "`crc32` takes 1 argument but 2 are given"),
    ("sprintf()", 1, "`sprintf` takes at least 1 argument but 0 are given"),
    ("md5", 1, "`md5` is a function"),
    ("md5($email", 10, "expected `.`, `,` or `)` but found the end"),
    ("md5($email))", 12, "expected `.`, `;` or the end but found `)`"),
    ("$user->email", 1, "`$user->email` goes beyond a plain name"),
    ("$row['hunter2']", 1, "`$row[…]` goes beyond a plain name"),
    ("$row['hunter2 email']", 1, "`$row[…]` goes beyond a plain name"),
    ("md5( .  . )", 6, "put the formula between single quotes"),
    ("md5(->email . '|' . )", 6, "put the formula between single quotes"),
    ("JFactory::getConfig()->get('s3')", 1, "`JFactory::getConfig` goes beyond"),
    ("$email + 1", 8, "`+` is not part of the recipe language"),
    ("'a'.1", 4, "put blanks around a `.`"),
    ("  ", 2, "the recipe is empty"),
    ("", 1, "the recipe is empty"),
    ("return ;", 8, "expected a name, text, number or function but found `;`"),
    ("'abc", 1, "the text that starts here has no end"),
    ("$email . \"a $email[0]\"", 13, "only `$name` and `{$name}` work inside double quotes"),
    (
        "hash('sha265', 'a')",
        1,
        "unknown hash algorithm `sha265` (did you mean `sha256`?): known are `md5`",
    ),
    ("hash_hmac('crc32b', 'a', 'k')", 1, "a checksum has no keyed form"),
    ("hash('sha' . 265, 'a')", 1, "unknown hash algorithm: use one of `md5`, `sha1`"),
    ("['a'] . 'b'", 1, "a list can only be an argument"),
    ("['a']", 1, "a list can only be an argument"),
    ("md5(['a'])", 1, "`md5` takes a single value as argument 1"),
    ("sprintf('%s%s%s', 1, 2, [3])", 1, "a list can only be an argument"),
    ("'x' . chunk_split($email, 0)", 7, "`chunk_split`: argument 2 is below 1"),
    ("dechex('x')", 1, "`dechex`: argument 1 is no whole number"),
    ("sprintf('%f', $email)", 1, "the format is not understood"),
    ("sprintf('%s %s', $email)", 1, "the format asks for more values"),
    ("1.5", 1, "this is no whole number"),
    ("9223372036854775808", 1, "this is no whole number"),
    ("'' ? 1 : 2 ? 3 : 4", 12, "no two choices in a row"),
    ("'' ?: 1 ? 2 : 3", 9, "no two choices in a row"),
    ("'' ? 1 : 2 ?: 3", 12, "no two choices in a row"),
    ("$email ? 'a' . ['b'] : 'c'", 16, "a list can only be an argument"),
    ("$email ? 'a'", 12, "expected `.` or `:` but found the end"),
    ("$email ?? 'a'", 8, "`?` is not part of the recipe language"),
    ("strtr($email, 'a')", 1, "`strtr` takes a list such as `['a' => 'b']`"),
    ("strtr($email, ['a' => 'b', 'c'])", 31, "expected `=>`, as behind the first key"),
    ("implode('-', ['a' => $email])", 1, "`implode` takes a list without keys as argument 2"),
    ("mb_strtolower($email, 'ISO-8859-1')", 1, "use `'UTF-8'`"),
    ("wordwrap($email, 4, '')", 1, "argument 3 is empty"),
    ("wordwrap($email, 0, '-', true)", 1, "argument 2 is 0"),
    ("preg_replace('/(?=a)/', '', $email)", 1, "the pattern is not supported"),
    ("preg_replace(\"/$hash/\", '', $email)", 1, "`preg_replace` takes a quoted pattern"),
    ("preg_replace('/(a)/', '$2', $email)", 1, "the replacement is not supported"),
    ("vsprintf('%s', $email)", 1, "`vsprintf` takes a list such as"),
    ("vsprintf('%s %s', [$email])", 1, "the format asks for more values"),
];

#[test]
fn problems_have_their_column_and_what_was_meant() {
    for (source, column, text) in MESSAGES {
        let given = message(source);
        let wanted = format!("column {column}: ");
        assert!(given.starts_with(&wanted) && given.contains(text), "{source}: {given}");
    }
}

#[test]
fn limits_hold_when_the_recipe_is_read() {
    let nested = |depth: usize| format!("{}$email{}", "md5(".repeat(depth), ")".repeat(depth));
    parse(&nested(32));
    assert_eq!(refused(&nested(33)).1, RecipeProblem::TooDeep);
    for open in ["(", "[", "md5(", "array(", "-", "'", "\"", "{", "\"{$"] {
        let source = open.repeat(4096 / open.len());
        assert!(Recipe::parse(&source, &Spellings::default()).is_err(), "{open}");
    }
    let long = |length: usize| format!("'{}'", "a".repeat(length - 2));
    assert_eq!(value(&parse(&long(4096))).len(), 4094);
    assert_eq!(refused(&long(4097)).1, RecipeProblem::SourceTooLong);

    let too_long = |source: &str| {
        matches!(refused(source).1, RecipeProblem::Refused { refusal: NoValue::TooLong, .. })
    };
    parse("str_pad('', 65536)");
    assert!(too_long("str_pad('', 65537)"));
    assert!(too_long("str_pad($email, 65537)"));
    assert!(too_long("str_pad($email, 9223372036854775807, 'x', STR_PAD_BOTH)"));
    assert!(too_long("str_pad($email, crc32($email))"));
    parse("bin2hex(str_pad('', 32768))");
    assert!(too_long("bin2hex(str_pad('', 32769))"));
    assert!(too_long("base64_encode(str_pad('', 49153))"));
    assert!(too_long("str_pad('', 65536) . 'a'"));
    // The longest e-mail has 400 bytes, the longest name 1600.
    parse("str_pad('', 65136) . $email");
    assert!(too_long("str_pad('', 65137) . $email"));
    assert!(too_long("\"$name\" . str_pad('', 63937)"));
    assert!(too_long("sprintf('%65537s', $email)"));
    assert!(too_long("sprintf('%s%65000s', $name, $email)"));
    assert!(too_long("chunk_split($name, 1, str_pad('', 50))"));
    assert!(too_long("implode(str_pad('', 30000), [1, 2, $email, 4])"));
    let growing = "str_replace('a', 'aaaaaaaaaaaaaaaaaaaa', ";
    assert!(too_long(&format!("{}$email{}", growing.repeat(3), ")".repeat(3))));
    assert!(too_long("str_replace($username, str_pad('', 200), $email)"));
    assert!(too_long("str_replace(['@', 'a'], [str_pad('', 100), 'xx'], $email)"));
    assert!(too_long("strtr($name, ['ab' => str_pad('', 90)])"));
    parse("strtr($name, ['ab' => str_pad('', 80)])");
    assert!(too_long("mb_strtoupper(str_pad($email, 30000))"));
    assert!(too_long("wordwrap($name, 1, str_pad('', 50), true)"));
    assert!(too_long("vsprintf('%s%65000s', [$name, $email])"));
    assert!(too_long("str_pad('', $name ? 8 : 65537)"));
    // The branch that is never taken does not count.
    parse("str_pad('', true ? 8 : 65537)");
}

#[test]
fn limits_hold_for_the_group_and_at_run_time() {
    let recipe = parse("str_pad($email, intval($group)) . str_replace('a', $hash, $name)");
    let group = |group: &'static str, hash: &'static str| Facts { group, hash, ..user() };
    recipe.check(&group("60000", "x")).unwrap();
    assert_eq!(recipe.check(&group("65537", "x")).unwrap_err().refusal(), NoValue::TooLong);
    assert_eq!(
        recipe
            .check(&group("30", "0123456789012345678901234567890123456789a"))
            .unwrap_err()
            .refusal(),
        NoValue::TooLong
    );
    let error = recipe.evaluate(&group("65537", "x")).unwrap_err();
    assert_eq!((error.column(), error.refusal()), (1, NoValue::TooLong));

    // A replacement that only the group's seed tells, and a text that `$` treats otherwise.
    let recipe = parse("preg_replace('/a$/', $hash, $name)");
    recipe.check(&group("30", "x")).unwrap();
    let refusal = |facts: Facts<'_>| recipe.evaluate(&facts).unwrap_err().refusal();
    assert_eq!(refusal(Facts { name: "a\n", ..user() }), NoValue::PatternEnd);
    assert_eq!(recipe.check(&group("30", "$1")).unwrap_err().refusal(), NoValue::Replacement);

    // A value on the way counts even when the key would be short again.
    let recipe = parse("str_replace(['a', 'b'], [$hash, ''], $name)");
    let (hash, name) = ("b".repeat(200), "a".repeat(400));
    let facts = Facts { hash: &hash, name: &name, ..user() };
    assert_eq!(recipe.evaluate(&facts).unwrap_err().refusal(), NoValue::TooLong);

    // A format that users can write is only stopped when one does.
    let recipe = parse("sprintf($name, 1)");
    recipe.check(&user()).unwrap();
    let named = |name: &'static str| recipe.evaluate(&Facts { name, ..user() });
    assert_eq!(named("%3d").unwrap(), b"  1");
    assert_eq!(named("%2147483646d").unwrap_err().refusal(), NoValue::TooLong);
    assert_eq!(named("%2$d").unwrap_err().refusal(), NoValue::FormatArguments);
    assert_eq!(
        parse("hash($name, 'a')").evaluate(&user()).unwrap_err().refusal(),
        NoValue::UnknownAlgorithm
    );
}

#[test]
fn patterns_that_could_mean_something_else_are_refused() {
    for pattern in [
        "",
        "a",
        "/a",
        "a/",
        "/a/u",
        "/a/ii",
        "/a/e",
        "(a)",
        "{a}",
        "|a|",
        " /a/",
        "/a/b/",
        "//",
        "/^/",
        "/$/",
        "/a*/",
        "/a?/",
        "/()/",
        "/(a*)/",
        "/a**/",
        "/a+?/",
        "/a++/",
        "/a{2}/",
        "/(a)+/",
        "/(a/",
        "/a)/",
        "/((a))/",
        "/(?:a)/",
        "/(*UTF8)a/",
        "/a|b/",
        "/a^/",
        "/$a/",
        "/(^a)/",
        "/(a$)/",
        "/*a/",
        "/]/",
        "/}/",
        "/[/",
        "/[]/",
        "/[a/",
        "/[]a]/",
        "/[[:alpha:]]/",
        "/[z-a]/",
        "/[A-z]/",
        "/[a-c-e]/",
        "/[--a]/",
        "/[é-ü]/",
        "/\\D/",
        "/\\b/",
        "/\\1/",
        "/\\x41/",
        "/\\/",
        "/[\\b]/",
        "/a\\Q/",
        "/[\\d-z]/",
        "/[a-\\d]/",
    ] {
        // In single quotes, PHP takes two backslashes for one.
        let source = format!("preg_replace('{pattern}', '', $email)");
        let wanted = RecipeProblem::Refused { function: "preg_replace", refusal: NoValue::Pattern };
        assert_eq!(refused(&source).1, wanted, "{pattern}");
    }
    let long = |length: usize| format!("preg_replace('/{}/', '', $email)", "a".repeat(length));
    parse(&long(254));
    assert!(Recipe::parse(&long(255), &Spellings::default()).is_err());
    for by in ["\\\\1", "$10", "${1}", "a$", "$a"] {
        let source = format!("preg_replace('/(a)/', '{by}', 'a')");
        assert!(Recipe::parse(&source, &Spellings::default()).is_err(), "{by}");
    }
}

#[test]
fn quoted_texts_are_not_shown() {
    let recipe = parse("md5('s3cret' . $email . \"s3cret $hash\") . 5");
    for shown in [format!("{recipe:?}"), recipe.to_string()] {
        assert!(shown.contains("md5('…' . $email . '…') . 5"), "{shown}");
    }
    for source in [
        "md5('s3cret'",
        "md5('s3cret' 's3cret')",
        "substr('s3cret', 's3cret')",
        "'s3cret",
        "$row['s3cret']",
        "f()->g('s3cret')->h",
        "dechex('s3cret')",
        "\"s3cret $nix\"",
    ] {
        let error = Recipe::parse(source, &Spellings::default()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}

fn parse(source: &str) -> Recipe {
    Recipe::parse(source, &Spellings::default()).unwrap_or_else(|error| panic!("{source}: {error}"))
}

fn refused(source: &str) -> (usize, RecipeProblem) {
    let error = Recipe::parse(source, &Spellings::default()).expect_err(source);
    (error.column(), error.problem().clone())
}

fn message(source: &str) -> String {
    Recipe::parse(source, &Spellings::default()).expect_err(source).to_string()
}

fn user() -> Facts<'static> {
    Facts {
        email: "user123@example.com",
        username: "user123",
        name: "User One",
        user_id: 62,
        group: "redj_enterprise",
        group_name: "ReDJ Enterprise",
        hash: "k2J9sd",
        secret: b"Lab3SecretLab3Secr",
    }
}

fn value(recipe: &Recipe) -> String {
    String::from_utf8(recipe.evaluate(&user()).unwrap()).unwrap()
}
