//! The search for a formula, through the library: its size, and its completeness.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use license_recipe::search::{Depth, Search, SearchError};
use license_recipe::{Fit, Recipe, Sample, Spellings};
use proptest::prelude::*;

/// The owners of keys: two, and a third whose key is not given.
fn sample(number: usize) -> Sample {
    let text = |texts: [&str; 3]| texts[number].to_owned();
    let email = text(["Ann@Example.com", "bob.baker@example.org", "cy+x@Example.net"]);
    let group = text(["redj_Enterprise", "joocache_pro", "jGallery"]);
    let mut sample = Sample::new(number + 1, email, group, String::new().into());
    sample.hash = Some(text(["HASH123KEY456", "otherSeed-77", "Third.Seed"]).into());
    sample.user_id = Some([4711, 812, 90_210][number]);
    sample
}

fn with_key(mut sample: Sample, recipe: &Recipe) -> Sample {
    let key = recipe.evaluate(&sample.facts()).unwrap();
    sample.key = String::from_utf8(key).unwrap().into();
    sample
}

fn recipe(source: &str) -> Recipe {
    Recipe::parse(source, &Spellings::default()).unwrap()
}

fn search(samples: Vec<Sample>, depth: Depth, exhaustive: bool) -> Search {
    Search::new(samples, &[], depth, exhaustive).unwrap()
}

/// Whether a search with two keys finds a formula that makes the third as well.
fn is_found(source: &str, depth: Depth) -> bool {
    let recipe = recipe(source);
    let samples = vec![with_key(sample(0), &recipe), with_key(sample(1), &recipe)];
    let third = with_key(sample(2), &recipe);
    let found = search(samples, depth, false).run(&|_| ());
    found.formulas.iter().any(|formula| third.fit(&self::recipe(&formula.recipe)) == Fit::Same)
}

/// The announced size is the tried one, for any key.
#[test]
fn the_size_is_what_is_tried() {
    let keys =
        ["f".repeat(32), "F".repeat(40), "0123456789".into(), "Zz0+".repeat(6), "zzzz".into()];
    for key in keys {
        for (depth, facts) in [(Depth::Quick, 4), (Depth::Usual, 3), (Depth::Full, 2)] {
            let mut sample = sample(0);
            sample.key = key.clone().into();
            sample.user_id = sample.user_id.filter(|_| facts > 3);
            sample.hash = sample.hash.filter(|_| facts > 2);
            let search = search(vec![sample], depth, true);
            assert_eq!(search.fields().len(), facts);
            let watched = std::sync::atomic::AtomicU64::new(0);
            let outcome = search.run(&|more| {
                watched.fetch_add(more, std::sync::atomic::Ordering::Relaxed);
            });
            assert!(search.size() > 0);
            assert_eq!(outcome.tried, search.size(), "{key} {depth:?}");
            assert_eq!(watched.into_inner(), search.size());
            assert_eq!(search.sizes().iter().sum::<u64>(), search.size());
        }
    }
}

#[test]
fn each_depth_holds_the_one_before() {
    let size = |depth| {
        let mut sample = sample(0);
        sample.key = "f".repeat(32).into();
        search(vec![sample], depth, true).size()
    };
    let sizes = [Depth::Quick, Depth::Usual, Depth::Full].map(size);
    assert!(sizes.is_sorted() && sizes[0] < sizes[2] / 1000, "{sizes:?}");
}

/// Equal values make equal keys: one of them is enough, and the other is named.
#[test]
fn equal_and_empty_values_are_left_out() {
    use license_recipe::Fact::{GroupName, Hash, Name, Secret, UserId, Username};
    use license_recipe::search::LeftOut::{Empty, SameAs, Unknown};
    let mut sample = sample(0);
    sample.key = "f".repeat(32).into();
    sample.username = sample.user_id.map(|id| id.to_string());
    sample.group_name = Some(String::new());
    sample.secret = None;
    let search = search(vec![sample], Depth::Quick, true);
    assert_eq!(search.fields(), ["$email", "$group", "$hash", "$user_id"]);
    let left_out =
        [(Secret, Unknown), (Username, SameAs(UserId)), (GroupName, Empty), (Name, Unknown)];
    assert_eq!(search.left_out(), left_out);
    assert!(!search.left_out().iter().any(|(fact, _)| *fact == Hash));
}

#[test]
fn no_key_is_an_error() {
    let error = Search::new(Vec::new(), &[], Depth::Quick, false).err();
    assert_eq!(error, Some(SearchError::NoKey));
}

/// Formulas that only the full depth finds.
#[test]
fn the_full_depth_finds_more() {
    for formula in [
        "md5(md5($email . $group, true))",
        "hash('whirlpool', $email . $group)",
        "strrev(md5($group . $email))",
        "sha1($email . '::' . $group)",
        "hash_hmac('ripemd160', $email, $group)",
        "md5($email . '~' . hash('sha256', $group))",
    ] {
        let without_user = |number| {
            let mut sample = sample(number);
            (sample.user_id, sample.hash) = (None, None);
            with_key(sample, &recipe(formula))
        };
        let samples = || vec![without_user(0), without_user(1)];
        let fits = |depth| search(samples(), depth, false).run(&|_| ()).fits_all();
        assert!(fits(Depth::Full) && !fits(Depth::Quick), "{formula}");
    }
}

/// A text in the terms of the table in `docs/recipes.md`: values in some order, joined.
fn text() -> impl Strategy<Value = String> {
    let fields = vec!["$email", "$group", "$hash", "$user_id"];
    let case = prop::sample::select(vec!["", "", "strtolower", "strtoupper"]);
    let separators =
        vec!["", "|", "-", "_", ":", ";", ",", ".", " ", "/", "#", "+", "&", "@", "*", "~"];
    let separator = prop::sample::select(separators);
    let order = Just(fields).prop_shuffle();
    (order, 1usize..=4, separator, case, prop::collection::vec(any::<bool>(), 3)).prop_map(
        |(order, count, separator, case, gaps)| {
            let cased = |field: &str| match (field, case) {
                (_, "") | ("$hash" | "$user_id", _) => field.to_owned(),
                _ => format!("{case}({field})"),
            };
            let mut text = String::new();
            for (index, field) in order[..count].iter().enumerate() {
                if index > 0 && gaps[index - 1] && !separator.is_empty() {
                    text.extend([" . '", separator, "' . "]);
                } else if index > 0 {
                    text += " . ";
                }
                text += &cased(field);
            }
            text
        },
    )
}

fn digest() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "md5(@)",
        "sha1(@)",
        "hash('sha256', @)",
        "hash('sha512', @)",
        "hash('sha384', @)",
        "hash('sha224', @)",
        "md5(md5(@))",
        "sha1(md5(@))",
        "md5(sha1(@))",
        "hash('sha256', md5(@))",
        "md5(md5(md5(@)))",
    ])
}

/// How a key is read out of a digest.
fn shape() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "@",
        "strtoupper(@)",
        "substr(@, 0, 16)",
        "substr(@, -20)",
        "strtoupper(substr(@, 3, 25))",
        "rtrim(chunk_split(strtoupper(substr(@, 0, 20)), 4, '-'), '-')",
        "substr(@, 0, 8) . '-' . substr(@, 8, 4) . '-' . substr(@, 12, 12)",
        "'KEY-' . strtoupper(substr(@, 0, 16))",
        "$user_id . '-' . substr(@, 0, 16)",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Joined, digested, cut.
    #[test]
    fn whatever_is_in_the_space_is_found(text in text(), digest in digest(), shape in shape()) {
        let formula = shape.replace('@', &digest.replace('@', &text));
        prop_assert!(is_found(&formula, Depth::Usual), "{formula}");
    }

    /// Some values digested first, and keyed digests.
    #[test]
    fn nested_and_keyed_formulas_are_found(
        fields in Just(vec!["$email", "$group", "$hash", "$user_id"]).prop_shuffle(),
        separator in prop::sample::select(vec!["", "'-' . ", "'|' . ", "'_' . "]),
        inner in prop::sample::select(vec!["md5", "sha1"]),
        template in prop::sample::select(vec![
            "md5(INNER(A) . SEP B)",
            "sha1(A . SEP INNER(B . SEP C))",
            "hash('sha256', INNER(A . SEP B) . SEP INNER(C))",
            "md5(INNER(A) . SEP INNER(B) . SEP INNER(C))",
            "hash_hmac('sha256', A . SEP B, C)",
            "hash_hmac('md5', A . SEP B . SEP C, D . A)",
            "hash_hmac('sha512', A, B)",
            "strtoupper(substr(hash_hmac('sha1', A . SEP B, C . D), 0, 20))",
        ]),
    ) {
        let formula = template
            .replace("SEP ", separator)
            .replace("INNER", inner)
            .replace('A', fields[0])
            .replace('B', fields[1])
            .replace('C', fields[2])
            .replace('D', fields[3]);
        prop_assert!(is_found(&formula, Depth::Usual), "{formula}");
    }
}
