//! The recipe language against recorded outputs of PHP, its messages and its limits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use license_recipe::{Facts, Recipe, Spellings};
use serde::Deserialize;

const PHP: &str = include_str!("vectors/recipe_php.jsonl");

/// A line of the recorded table; see `tests/vectors/record_recipe.php`.
#[derive(Deserialize)]
struct Recorded {
    recipe: String,
    facts: RecordedFacts,
    expect_hex: Option<String>,
    #[serde(default)]
    error: bool,
}

/// Hexadecimal, but for the id.
#[derive(Deserialize)]
struct RecordedFacts {
    email: String,
    username: String,
    name: String,
    user_id: i64,
    group: String,
    group_name: String,
    hash: String,
    secret: String,
}

#[test]
fn gives_the_bytes_php_gives() {
    let mut wrong = Vec::new();
    for (line, text) in (1..).zip(PHP.lines()) {
        let recorded: Recorded = serde_json::from_str(text).unwrap();
        assert_ne!(recorded.error, recorded.expect_hex.is_some(), "line {line} of the table");
        let facts = &recorded.facts;
        let text = |hex: &str| String::from_utf8(unhex(hex)).unwrap();
        let (email, username, name) =
            (text(&facts.email), text(&facts.username), text(&facts.name));
        let (group, group_name) = (text(&facts.group), text(&facts.group_name));
        let (hash, secret) = (text(&facts.hash), unhex(&facts.secret));
        let facts = Facts {
            email: &email,
            username: &username,
            name: &name,
            user_id: facts.user_id,
            group: &group,
            group_name: &group_name,
            hash: &hash,
            secret: &secret,
        };
        let given = match Recipe::parse(&recorded.recipe, &Spellings::default()) {
            Ok(recipe) => recipe.evaluate(&facts).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if given.as_deref().ok() != recorded.expect_hex.as_deref().map(unhex).as_deref() {
            wrong.push(format!("line {line}: {} gave {given:?}", recorded.recipe));
        }
    }
    assert!(wrong.is_empty(), "{} differ from PHP:\n{}", wrong.len(), wrong.join("\n"));
}

fn unhex(hex: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(hex).unwrap()
}

fn parse(source: &str) -> Recipe {
    Recipe::parse(source, &Spellings::default()).unwrap_or_else(|error| panic!("{source}: {error}"))
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

#[test]
fn takes_a_line_pasted_from_the_plugin() {
    let plain = value(&parse("md5($email . $hash)"));
    for line in [
        "return md5($email . $hash);",
        "  RETURN (md5($email.$hash)) ;",
        "$key = md5($email . $hash);",
        "$hash = md5($email . $hash)",
        "md5(email . hash)",
        "\\md5($email . $hash)",
    ] {
        assert_eq!(value(&parse(line)), plain, "{line}");
    }
    for line in ["$key .= $email", "$key == $email", "$a = $b = $email", "$email; $hash", "return;"]
    {
        assert!(Recipe::parse(line, &Spellings::default()).is_err(), "{line}");
    }
}

#[test]
fn default_is_the_documented_expression() {
    let recipe = parse(" default\n");
    assert!(recipe.is_default());
    let spelt_out =
        parse("substr(hash_hmac('sha256', $email . '|' . $group, $hash . $secret), 0, 32)");
    assert!(!spelt_out.is_default());
    assert_eq!(value(&recipe), value(&spelt_out));
    assert_eq!(value(&recipe).len(), 32);
}

#[test]
fn spellings_are_matched_longest_first_and_as_whole_words() {
    let spellings = Spellings::new([
        ("$user", "username"),
        ("$user->email", "$email"),
        ("$row['email']", "email"),
        ("$this->params->get('x')", "hash"),
        ("JApplicationHelper::getHash", "getHash"),
        ("$name", "user_id"),
    ])
    .unwrap();
    for (source, same) in [
        ("$user . $user->email", "$username . $email"),
        ("$row['email'].$this->params->get('x')", "$email . $hash"),
        ("JApplicationHelper::getHash($user->email)", "md5($secret . $email)"),
        (
            "\"<$user->email|{$row['email']}|$user>\"",
            "'<' . $email . '|' . $email . '|' . $username . '>'",
        ),
        ("\"{$this->params->get('x')}$user\"", "$hash . $username"),
        ("$username . $name", "$username . 62"),
        ("'$user->email'", "'$user->email'"),
    ] {
        let recipe = Recipe::parse(source, &spellings).unwrap();
        assert_eq!(value(&recipe), value(&parse(same)), "{source}");
    }
    for source in [
        "$user->emails",
        "$user->email->x",
        "$user['id']",
        "\"$user->emails\"",
        "\"$user[0]\"",
        "$user::email",
        // PHP reads only `$this->params` here.
        "\"$this->params->get('x')\"",
    ] {
        assert!(Recipe::parse(source, &spellings).is_err(), "{source}");
    }
}

#[test]
fn spellings_must_be_php_texts_for_known_things() {
    for (text, meaning) in
        [("", "email"), ("'", "email"), (".", "email"), ("1a", "email"), ("$", "email")]
    {
        assert!(Spellings::new([(text, meaning)]).is_err(), "{text}");
    }
    let error = Spellings::new([("$user->mail", "emial")]).unwrap_err().to_string();
    assert!(error.contains("`$user->mail`") && error.contains("did you mean `email`"), "{error}");
}

#[test]
fn guessable_is_what_reads_no_seed() {
    // Recipe; guessable with (hash, secret) both set, only secret set, only hash set.
    for (source, both, secret_only, hash_only) in [
        ("md5($email . $group)", true, true, true),
        ("md5($email . 'a seed in the recipe')", true, true, true),
        ("md5($email . $hash)", false, true, false),
        ("md5($email . \"x{$hash}\")", false, true, false),
        ("md5($email . \"x\\$hash\" . '$hash')", true, true, true),
        ("md5($email . $secret)", false, false, true),
        ("getHash($email)", false, false, true),
        ("implode('', [$email, getHash($group)])", false, false, true),
        ("str_replace(['a'], ['b', $hash], $email)", false, true, false),
        ("default", false, false, false),
        ("md5($email . ($hash ?: $secret))", false, false, false),
        ("md5($email . ($hash ?: 'x'))", false, true, false),
        ("md5($email . ($group_name ?: $hash))", true, true, true),
        ("md5($secret ? $email : $group)", true, true, true),
        ("$hash ? md5($email . $hash) : md5($email . $secret)", false, false, false),
        ("$group_name ? md5($email . $hash) : md5($email)", true, true, true),
        ("strtr($email, ['a' => $secret])", false, false, true),
    ] {
        let recipe = parse(source);
        assert_eq!(recipe.is_guessable(false, false), both, "{source}");
        assert_eq!(recipe.is_guessable(true, false), secret_only, "{source}");
        assert_eq!(recipe.is_guessable(false, true), hash_only, "{source}");
        assert!(recipe.is_guessable(true, true), "{source}");
    }
}
