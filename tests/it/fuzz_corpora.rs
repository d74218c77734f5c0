//! Checks the fuzzer's properties on its seeds and its findings; `fuzz/run` searches from there.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

#[allow(unreachable_pub, missing_docs, reason = "a library of its own for the fuzzer")]
#[path = "../../fuzz/src/lib.rs"]
mod properties;

fn seeds(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Checks all seeds of one subject, and names all that fail.
fn all_hold(name: &str) {
    let (_, holds) = properties::ALL.into_iter().find(|(known, _)| *known == name).unwrap();
    let files = seeds(name);
    assert!(files.len() > 2, "{name} has {} seeds", files.len());
    let fails = |file: &&PathBuf| {
        let data = fs::read(file).unwrap();
        catch_unwind(|| holds(&data)).is_err()
    };
    let failed: Vec<_> = files.iter().filter(fails).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

macro_rules! subjects {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            all_hold(stringify!($name));
        })*

        #[test]
        fn every_property_has_a_target_and_is_tested_here() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(properties::ALL.map(|(name, _)| name), tested);
            let manifest = include_str!("../../fuzz/Cargo.toml");
            for name in tested {
                assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
            }
        }
    };
}

subjects! {
    attachment,
    body,
    configuration_php,
    manifest,
    password,
    range,
    recipe,
    settings,
    string_filter,
    target,
}

#[test]
fn regression_a_long_head_of_a_part_counted_only_when_it_came_whole() {
    let start = "--xyz\r\nContent-Disposition: form-data; name=\"id\"\r\nX: ";
    for missing in 0..5 {
        let padding = "a".repeat(16 * 1024 - (start.len() - "--xyz".len()) - missing);
        let form = format!("{start}{padding}\r\n\r\ngrp\r\n--xyz--");
        properties::body::holds(&[b"\x01\x01".as_slice(), form.as_bytes()].concat());
    }
}

#[test]
fn regression_the_type_of_a_manifest_steered_the_terminal() {
    for place in ["type=\"\u{202e}\u{1b}[31m\"", "type=\"module\" client=\"\u{1b}]0;x\u{7}\""] {
        let document = format!("<extension {place}><version>1</version></extension>");
        properties::manifest::holds(document.as_bytes());
    }
}
