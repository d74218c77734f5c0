//! "Must not import: `a`, `b`." in a file's header is a rule for the file; in the header of a
//! `mod.rs` or `lib.rs`, for its folder.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::circles::{bare, expanded};
use crate::type_names::rust_files;

#[test]
fn no_file_imports_what_its_header_rules_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rule = Regex::new(r"Must not import: (`[^.]*`)\.").unwrap();
    let name = Regex::new("`([^`]+)`").unwrap();
    let (mut rules, mut wrong) = (0, Vec::new());
    for file in [root.join("src"), root.join("crates")].iter().flat_map(|at| rust_files(at)) {
        let text = fs::read_to_string(&file).unwrap();
        let header: Vec<_> = text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let header = header.concat();
        let Some(found) = rule.captures(&header) else { continue };
        rules += 1;
        let is_folder = ["mod.rs", "lib.rs"].iter().any(|name| file.ends_with(name));
        let files = if is_folder { rust_files(file.parent().unwrap()) } else { vec![file] };
        for file in files {
            let paths = paths(&fs::read_to_string(&file).unwrap());
            for ruled_out in name.captures_iter(&found[1]) {
                let ruled_out: Vec<_> = ruled_out[1].split("::").collect();
                let import = paths
                    .iter()
                    .find(|path| path.windows(ruled_out.len()).any(|part| part == ruled_out));
                if let Some(import) = import {
                    let file = file.strip_prefix(root).unwrap().display();
                    wrong.push(format!("{file} imports {}", import.join("::")));
                }
            }
        }
    }
    assert!(rules > 50, "only {rules} headers were found: is the test blind?");
    assert!(wrong.is_empty(), "imports that a header rules out:\n{}", wrong.join("\n"));
}

/// Lists the segments of every path that a file names, in `use` lines and in its code.
fn paths(text: &str) -> Vec<Vec<String>> {
    let text = bare(text);
    let uses = Regex::new(r"\buse\s+([^;]+);").unwrap();
    let named = Regex::new(r"\b\w+(?:::\w+)+").unwrap();
    let in_uses = uses.captures_iter(&text).flat_map(|found| expanded(&found[1]));
    let code = uses.replace_all(&text, "");
    let in_code = named.find_iter(&code).map(|found| found.as_str().to_owned());
    let split = |path: String| path.split("::").map(str::to_owned).collect();
    in_uses.chain(in_code).map(split).collect()
}
