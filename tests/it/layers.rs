//! The one direction of imports: a leaf crate imports `php-compat` only. A module imports the leaf
//! crates, the modules of smaller numbers, and its own folder. `testkit` imports none of them, and
//! only tests and benchmarks import it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::circles::bare;

/// The layers, as `src/lib.rs` lists them.
const LAYERS: &[(&str, u8)] = &[
    ("mask", 0),
    ("named_file", 0),
    ("supervise", 0),
    ("told", 0),
    ("words", 0),
    ("config", 1),
    ("tls", 1),
    ("limits", 2),
    ("release", 2),
    ("ledger", 3),
    ("mail", 3),
    ("packages", 3),
    ("store", 3),
    ("signing", 4),
    ("site", 4),
    ("methods", 5),
    ("jbackend", 6),
    ("updates", 7),
    ("publish", 8),
    ("http", 9),
    ("proxy", 10),
    ("admin", 10),
    ("service", 11),
    ("operator", 12),
    ("cli", 13),
];

#[test]
fn imports_point_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in rust_files(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let own = module_of(inside);
        let Some(layer) = layer_of(&own) else { continue };
        for used in uses(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            let below = layer_of(&used).is_some_and(|other| other < layer);
            if used != own && !below {
                wrong.push(format!("{} uses crate::{used}", inside.display()));
            }
        }
    }
    assert!(seen > 50, "only {seen} imports were found: does the test still look right?");
    assert!(wrong.is_empty(), "imports that go up or sideways:\n{}", wrong.join("\n"));
}

/// The leaf crates; each may import the first.
const LEAVES: &[&str] =
    &["php-compat", "joomla-config", "joomla-password", "joomla-updates", "license-recipe"];

#[test]
fn leaf_crates_know_neither_the_bridge_nor_each_other() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut found: Vec<_> =
        fs::read_dir(&crates).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    found.sort();
    let mut expected = LEAVES.to_vec();
    expected.push("testkit");
    expected.sort_unstable();
    assert_eq!(found, expected, "the folders in `crates`");
    for name in LEAVES {
        let folder = crates.join(name);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for other in LEAVES.iter().skip(1).filter(|other| *other != name) {
            assert!(!manifest.contains(other), "{name} depends on {other}");
        }
        for field in ["description", "keywords", "license", "readme", "rust-version"] {
            assert!(manifest.contains(&format!("\n{field}")), "{name} has no {field}");
        }
        assert!(folder.join("README.md").exists(), "{name} has no README.md");
        for file in rust_files(&folder) {
            let text = fs::read_to_string(&file).unwrap().to_lowercase();
            for word in ["jbackend", "bridge"] {
                assert!(!text.contains(word), "{} names the {word}", file.display());
            }
        }
    }
}

#[test]
fn testkit_is_for_tests_and_knows_none_of_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let manifest = read("crates/testkit/Cargo.toml");
    assert!(manifest.contains("\npublish = false\n"));
    for other in LEAVES.iter().copied().chain(["jbackend-bridge"]) {
        assert!(!manifest.contains(other), "testkit depends on {other}");
    }
    assert!(root.join("crates/testkit/README.md").exists());
    let own = read("Cargo.toml");
    let (_, dependencies) = own.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, for_tests) = dependencies.split_once("\n[dev-dependencies]\n").unwrap();
    assert!(!dependencies.contains("testkit") && for_tests.contains("testkit"));
    for name in LEAVES {
        assert!(!read(&format!("crates/{name}/Cargo.toml")).contains("testkit"), "{name}");
    }
}

#[test]
fn every_module_has_a_layer() {
    let lib = include_str!("../../src/lib.rs");
    for line in lib.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = line.trim_end_matches(';');
        assert!(layer_of(module).is_some(), "`{module}` has no layer");
    }
}

/// Stores, mailers and folders are named only in the room that puts the service together.
#[test]
fn concrete_stores_are_named_in_service_alone() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&src) {
        let own = module_of(file.strip_prefix(&src).unwrap());
        if ["service", "store", "ledger", "mail", "packages"].contains(&own.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for name in
            ["MySqlStore", "SqliteStore", "SmtpMailer", "Sendmail::", "Outbox", "folder::Folder"]
        {
            assert!(!text.contains(name), "{} names {name}", file.display());
        }
    }
}

#[test]
fn one_file_names_warp() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files =
        ["src", "crates", "fuzz/src", "tests/it"].map(|folder| rust_files(&root.join(folder)));
    let names_warp = |file: &&PathBuf| bare(&fs::read_to_string(file).unwrap()).contains("warp::");
    let found: Vec<_> = files.iter().flatten().filter(names_warp).collect();
    assert_eq!(found, [&root.join("src/http/filter.rs")]);
}

fn layer_of(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// Finds the module: `methods/code.rs` and `methods.rs` are both in `methods`.
fn module_of(inside: &Path) -> String {
    let first = inside.iter().next().unwrap().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Lists every `crate::name`, in `use` lines and inside code.
fn uses(text: &str) -> Vec<String> {
    text.match_indices("crate::")
        .map(|(at, found)| &text[at + found.len()..])
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .filter(|name: &String| !name.is_empty())
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
