//! The stability a version names.

use joomla_updates::stability::Stability;

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
