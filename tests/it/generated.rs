//! Files made from the code must match it.
//!
//! `just generate` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use jbackend_bridge::config::example;
use jbackend_bridge::jbackend;
use jbackend_bridge::methods::code;

#[test]
fn example_configuration_is_made_from_the_types() {
    compare("config.example.toml", &example::text());
}

#[test]
fn example_configuration_is_valid_when_every_key_is_set() {
    let uncommented: String = example::text()
        .lines()
        .filter_map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(' ') || rest.is_empty() => None,
            Some(rest) => Some(format!("{rest}\n")),
            None => Some(format!("{line}\n")),
        })
        // With this line, a site's folder would be read.
        .filter(|line| !line.starts_with("root ="))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.toml");
    std::fs::write(&file, uncommented).unwrap();
    let flags = jbackend_bridge::config::Flags::default();
    jbackend_bridge::config::load(Some(&file), std::iter::empty(), &flags).unwrap();
}

#[test]
fn readme_lists_every_code() {
    let mut table = String::from("| code | text | real status |\n|---|---|---|\n");
    for code in code::ALL.iter().chain(jbackend::code::ALL) {
        writeln!(table, "| `{}` | {} | {} |", code.name, code.text, code.status).unwrap();
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (before, rest) = readme.split_once("<!-- codes -->\n").expect("a place for the codes");
    let (_, after) = rest.split_once("<!-- /codes -->").expect("an end of the codes");
    let wanted = format!("{before}<!-- codes -->\n{table}<!-- /codes -->{after}");
    compare("README.md", &wanted);
}

fn compare(name: &str, wanted: &str) {
    let path = root().join(name);
    if std::env::var_os("BRIDGE_GENERATE").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "`{name}` is not what the code says: run `just generate`");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
