//! Every test that SECURITY.md names as a proof exists.

use std::fs;
use std::path::Path;

const DOCUMENT: &str = include_str!("../../SECURITY.md");

/// Finds the texts in backticks that are a path of a test.
fn named() -> Vec<&'static str> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == ':';
    let quoted = DOCUMENT.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.contains("::") && text.chars().all(is_word)).collect()
}

/// Reads the source of a module of the tests, or of a file of a leaf crate's tests.
fn source(module: &str) -> Option<String> {
    let path = module.replace("::", "/");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let files = [format!("{path}.rs"), format!("{path}/mod.rs")];
    let in_a_crate = || {
        let (name, file) = module.split_once("::")?;
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
        let tests = crates.join(name.replace('_', "-")).join("tests");
        let files = [format!("{file}.rs"), format!("it/{file}.rs")];
        files.iter().find_map(|file| fs::read_to_string(tests.join(file)).ok())
    };
    files.iter().find_map(|file| fs::read_to_string(tests.join(file)).ok()).or_else(in_a_crate)
}

#[test]
fn every_test_it_names_exists() {
    let named = named();
    assert!(named.len() > 40, "{} are named", named.len());
    let missing: Vec<_> = named
        .into_iter()
        .filter(|test| {
            let (module, name) = test.rsplit_once("::").unwrap();
            let is_there = |source: String| {
                // The subjects of the fuzzer are a list in a macro.
                let listed = module == "fuzz_corpora" && source.contains(&format!("    {name},"));
                listed || source.contains(&format!("fn {name}("))
            };
            !source(module).is_some_and(is_there)
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
