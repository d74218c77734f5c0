//! Patterns of Joomla versions.

use joomla_updates::target_platform::{PatternError, TargetPlatform};

#[test]
fn are_read_as_joomla_reads_them() {
    for (pattern, majors) in [
        ("5", &[5_u8][..]),
        ("[3456].*", &[3, 4, 5, 6]),
        (".*", &[3, 4, 5, 6, 7, 8, 9]),
        ("", &[3, 4, 5, 6, 7, 8, 9]),
        ("(5|6)", &[5, 6]),
        (r"5\.3\.[0-9]+", &[5]),
        ("3.10", &[3]),
        // `^4` at the start, or `5.` with a digit anywhere.
        ("4.[0-9]+|5.[0-9]+", &[3, 4, 5]),
    ] {
        let parsed = TargetPlatform::parse(pattern).unwrap();
        assert_eq!(parsed.majors(), majors, "{pattern}");
        assert_eq!(parsed.as_str(), pattern);
    }
    let loose = TargetPlatform::parse("4|5").unwrap();
    assert!(loose.matches("4.4.0") && loose.matches("3.10.5") && !loose.matches("3.10.4"));
    assert!(!TargetPlatform::parse("3.1").unwrap().matches("5.3.1"));
}

#[test]
fn overlap_where_a_joomla_is_meant_by_both() {
    let overlap = |one, other| {
        let [one, other] = [one, other].map(|pattern| TargetPlatform::parse(pattern).unwrap());
        assert_eq!(one.overlaps(&other), other.overlaps(&one));
        one.overlaps(&other)
    };
    assert!(overlap("[345]", "5") && overlap(".*", "3") && overlap(r"5\.[0-3]", "5.3"));
    assert!(!overlap("3", "[45]") && !overlap(r"5\.[0-3]", r"5\.4"));
}

/// The error with its advice, as a program may show the two.
fn told(error: &PatternError) -> String {
    format!("{error}: {}", error.advice())
}

#[test]
fn what_joomla_would_silently_take_for_nothing_is_refused() {
    let refused = |pattern: &str| told(&TargetPlatform::parse(pattern).unwrap_err());
    insta::assert_snapshot!(
        ["5/3", "*", "+5", "(5", " 5", "5 ", "5.3\n", "(?!5)", r"(4)\1", "2", "5.3.2$x"]
            .map(refused)
            .join("\n")
    );
    assert!(TargetPlatform::parse(&"5".repeat(501)).is_err());
    assert!(TargetPlatform::parse("(((5{1000}){1000}){1000})").is_err(), "bounded in memory");
}

#[test]
fn what_joomla_would_take_for_more_than_the_operator_means_is_refused() {
    let refused = |pattern: &str| told(&TargetPlatform::configured(pattern).unwrap_err());
    insta::assert_snapshot!(
        [
            "4|5",
            "(4)|5",
            "3.10|[45]",
            "4|(5|6)",
            r"4\||5",
            "[3.10]",
            "[3.10,4]",
            "[5.1-5.4]",
            "",
            "6/7"
        ]
        .map(refused)
        .join("\n")
    );
    for pattern in
        ["[45]", "(4|5)", "((3.10|4)|5)", "[4|5]", "5.[^.]+", r"3\.10", "4|^5", ".*", r"5\|?"]
    {
        let parsed = TargetPlatform::configured(pattern);
        assert!(parsed.is_ok(), "{pattern}: {}", parsed.unwrap_err());
    }
}
