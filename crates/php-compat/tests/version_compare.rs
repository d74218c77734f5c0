//! `version_compare`, against PHP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::cmp::Ordering;

use php_compat::version_compare::version_compare;
use proptest::prelude::*;

const RECORDED: &str = include_str!("vectors/version_compare.jsonl");

#[test]
fn compares_as_php_does() {
    let mut count = 0;
    for line in RECORDED.lines() {
        let (one, other, order): (String, String, i8) = serde_json::from_str(line).unwrap();
        assert_eq!(version_compare(&one, &other), order.cmp(&0), "{one:?} {other:?}");
        count += 1;
    }
    assert_eq!(count, 2085);
}

proptest! {
    /// Among versions as people write them there is one order; among other texts PHP has none.
    #[test]
    fn is_an_order(
        one in "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}(-?(dev|alpha|beta|rc|pl)[0-9]{0,2})?",
        other in "[0-9]{1,2}(\\.[0-9]{1,2}){0,3}(-?(dev|alpha|beta|rc|pl)[0-9]{0,2})?",
    ) {
        prop_assert_eq!(version_compare(&one, &other), version_compare(&other, &one).reverse());
        prop_assert_eq!(version_compare(&one, &one), Ordering::Equal);
    }

    #[test]
    fn nothing_panics(one in "\\PC{0,20}", other in "[0-9a-cprv.#+_ ä-]{0,12}") {
        let _ = version_compare(&one, &other);
        let _ = version_compare(&other, &one);
    }

    #[test]
    fn numbers_are_compared_as_numbers(a in 0_u32..300, b in 0_u32..300) {
        let (one, other) = (format!("1.{a}.0"), format!("1.{b}.0"));
        prop_assert_eq!(version_compare(&one, &other), a.cmp(&b));
        prop_assert_eq!(version_compare(&format!("{one}-rc1"), &one), Ordering::Less);
    }
}
