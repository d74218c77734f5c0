//! One word, one thing: few types share a name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Names that three or more types share, at most.
const MOST_SHARED: usize = 8;

#[test]
fn few_names_mean_three_things_and_none_means_two_in_one_room() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rooms: Vec<_> = entries(&root.join("src"));
    rooms.extend(entries(&root.join("crates")).into_iter().map(|krate| krate.join("src")));
    let mut types: BTreeMap<String, Vec<&Path>> = BTreeMap::new();
    for room in &rooms {
        for name in types_in(room) {
            types.entry(name).or_default().push(room);
        }
    }
    assert!(types.len() > 500, "only {} names were found: is the test blind?", types.len());
    types.retain(|_, rooms| rooms.len() >= 3);
    assert!(types.len() <= MOST_SHARED, "names with three meanings or more: {types:?}");
    let twice = types.iter().filter(|(_, rooms)| {
        let mut one_each = (*rooms).clone();
        one_each.dedup();
        one_each.len() < rooms.len()
    });
    assert_eq!(twice.count(), 0, "a name with several meanings in one room: {types:?}");
}

/// Lists the names of all types that the files of a room define, without unit tests.
fn types_in(room: &Path) -> Vec<String> {
    let definition =
        Regex::new(r"(?m)^(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|trait|type|union)\s+([A-Z]\w*)")
            .unwrap();
    let mut names = Vec::new();
    for file in rust_files(room) {
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
        names.extend(definition.captures_iter(text).map(|found| found[1].to_owned()));
    }
    names
}

/// Lists the Rust files below a folder.
pub(crate) fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        return entries(path).iter().flat_map(|entry| rust_files(entry)).collect();
    }
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    is_rust.then(|| path.to_owned()).into_iter().collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
