//! The glossary of CONTRIBUTING.md matches the names in the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

use crate::type_names::rust_files;

#[test]
fn the_glossary_names_what_there_is_and_no_name_holds_a_word_it_rules_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let glossary = text.split("## Glossary").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = glossary
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() > 25, "only {} rows were found", rows.len());
    let names = public_names(root);
    let in_backticks = Regex::new("`([^`]+)`").unwrap();
    let mut wrong = Vec::new();
    for cells in rows {
        let [_, term, _, in_code, ruled_out, _] = cells[..] else { panic!("a row: {cells:?}") };
        for name in in_backticks.captures_iter(in_code).map(|found| found[1].to_owned()) {
            if !names.contains(&name) {
                wrong.push(format!("{term}: there is no `{name}`"));
            }
        }
        for word in ruled_out.split(", ").filter(|word| !word.is_empty()) {
            let holds = names.iter().filter(|name| name.contains(word));
            wrong.extend(holds.map(|name| format!("{term}: `{name}` holds `{word}`")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_map_leads_to_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let path =
        Regex::new(r"`((?:src|crates|tests|fuzz|sql|docs|benches|contrib)/[^`* ]*)`").unwrap();
    let paths: BTreeSet<_> = path.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    assert!(paths.len() > 40, "only {} paths were found", paths.len());
    let gone: Vec<_> = paths.iter().filter(|path| !root.join(path).exists()).collect();
    assert!(gone.is_empty(), "CONTRIBUTING.md leads to what is not there: {gone:?}");
}

/// Collects the types, modules and crates of the sources.
fn public_names(root: &Path) -> BTreeSet<String> {
    let item = Regex::new(
        r"(?m)^(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|trait|type|mod)\s+([A-Za-z_]\w*)",
    )
    .unwrap();
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        names.insert(entry.unwrap().file_name().to_string_lossy().replace('-', "_"));
    }
    for file in [root.join("src"), root.join("crates")].iter().flat_map(|at| rust_files(at)) {
        let text = fs::read_to_string(&file).unwrap();
        names.extend(item.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    names
}
