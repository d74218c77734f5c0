//! Recipes made at random: none panics, limits hold, messages point into the recipe.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::too_many_lines, reason = "lists of parts")]
use license_recipe::{Facts, NoValue, Recipe, Spellings};
use proptest::prelude::*;

/// Texts that look like recipes more often than noise does.
fn recipe_like() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "$email",
        "$name",
        "hash",
        "$user_id",
        "md5(",
        "substr(",
        "sprintf(",
        "str_pad(",
        "implode(",
        "str_replace(",
        "trim(",
        "intval(",
        "dechex(",
        "chunk_split(",
        "strtr(",
        "wordwrap(",
        "vsprintf(",
        "mb_strtoupper(",
        "=>",
        "?",
        ":",
        "?:",
        "hash(",
        "array(",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        " . ",
        " ",
        "-",
        "1",
        "0",
        "65536",
        "9223372036854775807",
        "'",
        "\"",
        "'a'",
        "'sha256'",
        "'%5s'",
        "'%1$05d'",
        "'a..z'",
        "\"{$name}\"",
        "{$",
        "}",
        "\\",
        "\\u{",
        "é",
        "true",
        "STR_PAD_BOTH",
        ";",
        "return ",
        "$key =",
        "->",
        "::",
        "\0",
        "🔑",
    ]);
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// Calls with fitting counts and kinds: `@` is filled with such calls, `#` with an integer.
fn call() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "$email",
        "$name",
        "$user_id",
        "$group",
        "$secret",
        "'a..z'",
        "''",
        "12",
        "\"x{$hash}é\"",
        "'1e3'",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 60, 3, |inner| {
        let template = prop::sample::select(vec![
            "(@ . @)",
            "\"a$name\" . @",
            "md5(@, true)",
            "sha1(@)",
            "crc32(@)",
            "hash('whirlpool', @)",
            "hash('crc32', @, true)",
            "hash_hmac('sha384', @, @)",
            "base64_encode(@)",
            "bin2hex(@)",
            "dechex(strlen(@))",
            "dechex(intval(@))",
            "strtolower(@)",
            "ucfirst(@)",
            "trim(@, @)",
            "rtrim(@)",
            "strrev(@)",
            "substr(@, #)",
            "substr(@, #, #)",
            "str_replace(@, @, @)",
            "str_replace([@, 'a'], [@], @)",
            "str_pad(@, #)",
            "str_pad(@, #, @, STR_PAD_BOTH)",
            "intval(@, #)",
            "chunk_split(@, #, @)",
            "chunk_split(@)",
            "sprintf('%5s|%-05d|%x|%1$.3s', @, @, #)",
            "implode(@, [@, @, #])",
            "getHash(@)",
            "(@ ?: @)",
            "(@ ?: @ ?: @)",
            "(@ ? @ : @)",
            "strtr(@, [@ => @])",
            "strtr(@, ['é' => @, 'ab' => 'x', @ => ''])",
            "mb_strtolower(@, 'UTF-8')",
            "mb_strtoupper(@)",
            "wordwrap(@, #, @, true)",
            "wordwrap(@, #, @)",
            "wordwrap(@)",
            "preg_replace('/[^a-z]+/i', @, @)",
            "preg_replace('/(a)(.)/', '$1é$2$1', @)",
            "vsprintf('%5s|%s|%x', [@, @, #])",
        ]);
        let integers = prop::sample::select(vec!["0", "-3", "1", "2", "40", "-9", "70000"]);
        let integers = prop::collection::vec(integers, 2);
        (template, prop::collection::vec(inner, 3), integers).prop_map(fill)
    })
}

fn fill((template, texts, integers): (&str, Vec<String>, Vec<&str>)) -> String {
    let (mut texts, mut integers) = (texts.into_iter(), integers.into_iter());
    let filled = template.chars().map(|mark| match mark {
        '@' => texts.next().unwrap(),
        '#' => integers.next().unwrap().to_owned(),
        other => other.to_string(),
    });
    filled.collect()
}

proptest! {
    #[test]
    fn reading_never_panics(source in prop_oneof![any::<String>(), recipe_like(), call()]) {
        if let Err(error) = Recipe::parse(&source, &Spellings::default()) {
            let length = source.chars().count().max(1);
            prop_assert!((1..=length).contains(&error.column()), "{error}");
            prop_assert!(error.to_string().len() < 2000);
        }
    }

    #[test]
    fn evaluating_never_panics_and_keeps_the_limits(
        source in prop_oneof![recipe_like(), call()],
        email in "\\PC{0,100}", name in any::<String>(), user_id in any::<i64>(),
        hash in any::<String>(), secret in any::<Vec<u8>>(),
    ) {
        let facts = Facts {
            email: &email, name: &name, user_id, hash: &hash, secret: &secret, ..Facts::default()
        };
        if let Ok(recipe) = Recipe::parse(&source, &Spellings::default()) {
            let value = recipe.evaluate(&facts);
            prop_assert_eq!(&value, &recipe.clone().evaluate(&facts));
            if let Ok(value) = &value {
                prop_assert!(value.len() <= 65536);
            }
            // A recipe that passed the check for this group cannot grow too long for a legal user.
            let legal = name.chars().count() <= 400;
            if legal && recipe.check(&facts).is_ok() && !source.contains("sprintf") {
                prop_assert_ne!(value.map_err(|error| error.refusal()), Err(NoValue::TooLong));
            }
        }
    }
}
