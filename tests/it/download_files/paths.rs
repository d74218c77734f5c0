//! Package paths as operators write them.

use std::path::{Component, Path};

use jbackend_bridge::release::package_path::{PackagePath, PathError};
use proptest::prelude::*;

#[test]
fn paths_below_the_folder_are_read() {
    for (text, path, name) in [
        ("a.zip", "a.zip", "a.zip"),
        ("/a.zip", "a.zip", "a.zip"),
        ("///sub//a.zip", "sub/a.zip", "a.zip"),
        ("./sub/./a.zip", "sub/a.zip", "a.zip"),
        ("sub/..a.zip", "sub/..a.zip", "..a.zip"),
        ("sub.../a..zip", "sub.../a..zip", "a..zip"),
        (".hidden", ".hidden", ".hidden"),
        ("two words/\u{fc}.zip", "two words/\u{fc}.zip", "\u{fc}.zip"),
        ("CD:x.zip", "CD:x.zip", "CD:x.zip"),
        ("1:x.zip", "1:x.zip", "1:x.zip"),
        ("%2e%2e/a.zip", "%2e%2e/a.zip", "a.zip"),
    ] {
        let parsed = PackagePath::parse(text).unwrap();
        assert_eq!((parsed.as_str(), parsed.file_name()), (path, name), "{text}");
    }
}

#[test]
fn paths_that_could_leave_it_are_refused() {
    for text in ["..", "../a", "/../a", "a/..", "a/../b", "./..", "a/.././../b", "a//..//b"] {
        let error = PackagePath::parse(text).unwrap_err();
        assert!(matches!(error, PathError::Parent(_)), "{text}");
        assert!(error.to_string().contains(text), "{error}");
    }
    for text in ["..\\a", "a\\b", "\\", "\\\\server\\share"] {
        assert!(matches!(PackagePath::parse(text), Err(PathError::Backslash(_))), "{text}");
    }
    for text in ["C:/a", "c:a", "/C:/a", "./z:"] {
        assert!(matches!(PackagePath::parse(text), Err(PathError::Drive(_))), "{text}");
    }
    for text in ["", "/", "//", ".", "./", "/./.", " ", "\t"] {
        assert_eq!(PackagePath::parse(text), Err(PathError::Empty), "{text}");
    }
    for text in ["a/", "a/.", "a//"] {
        assert!(matches!(PackagePath::parse(text), Err(PathError::Folder(_))), "{text}");
    }
    assert!(matches!(PackagePath::parse("a\0b"), Err(PathError::Nul(_))));
}

#[test]
fn messages_hold_no_control_characters() {
    let error = PackagePath::parse("a\n\u{1b}[2J/../b\0").unwrap_err();
    assert!(!error.to_string().contains(char::is_control));
    let path = PackagePath::parse("a\nb").unwrap();
    assert!(!path.to_string().contains(char::is_control));
    assert_eq!(path.as_str(), "a\nb");
}

proptest! {
    #[test]
    fn a_path_that_is_read_stays_below_the_folder(
        text in prop_oneof![any::<String>(), "[./\\\\aC:\0]{0,12}"]
    ) {
        if let Ok(path) = PackagePath::parse(&text) {
            let parts: Vec<_> = Path::new(path.as_str()).components().collect();
            prop_assert!(!parts.is_empty());
            prop_assert!(parts.iter().all(|part| matches!(part, Component::Normal(_))));
            prop_assert!(!path.as_str().contains(['\\', '\0']));
            prop_assert!(path.as_str().ends_with(path.file_name()));
            prop_assert!(!path.file_name().is_empty() && !path.file_name().contains('/'));
            prop_assert_eq!(PackagePath::parse(path.as_str()), Ok(path));
        }
    }
}
