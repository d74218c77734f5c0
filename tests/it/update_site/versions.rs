//! `version_compare`, against PHP.

use std::cmp::Ordering;

use jbackend_bridge::php::version_compare::version_compare;
use jbackend_bridge::update_site::stability::Stability;
use proptest::prelude::*;

const RECORDED: &str = include_str!("../../vectors/version_compare.jsonl");

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

#[test]
fn a_version_tells_its_stability() {
    for (version, stability) in [
        ("1.0", Stability::Stable),
        ("1.0pl1", Stability::Stable),
        ("1.0-patch", Stability::Stable),
        ("2.0.0-rc.1", Stability::Rc),
        ("2.0RC2", Stability::Rc),
        ("2.0b3", Stability::Beta),
        ("2.0-Beta1", Stability::Beta),
        ("2.0-alpha", Stability::Alpha),
        ("2.0a", Stability::Alpha),
        ("2.0-beta-dev", Stability::Dev),
        ("2.0-SNAPSHOT", Stability::Dev),
    ] {
        assert_eq!(Stability::of_version(version), stability, "{version}");
        assert_eq!(stability.name().parse(), Ok(stability));
    }
    assert!("Stable".parse::<Stability>().is_err());
}
