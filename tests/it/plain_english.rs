//! Texts are in plain English: few clauses with `what` and `where`, and no `nobody`.
//!
//! It counts prose, comments, and messages (string literals with a blank), but not code spans and
//! code blocks. The rules are in CONTRIBUTING.md. Words that can be counted are only a sign of how
//! a text reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use crate::type_names::rust_files;

/// Subjects without a person, clauses with `what`, and `where`: at most so many in 1,000 words.
const CEILINGS: [f64; 3] = [0.3, 1.5, 1.5];

/// Rooms that are not rewritten yet, with ceilings of their own. They may only become lower.
const NOT_YET: &[(&str, [f64; 3])] = &[
    ("messages of crates", [0.00, 4.80, 0.69]),
    ("messages of src", [2.50, 2.26, 2.50]),
];

/// Rooms with fewer words count as this many: one `what` would be too many.
const FEWEST_WORDS: f64 = 700.0;

#[derive(Default)]
struct Room {
    words: usize,
    hits: [usize; 3],
    /// Number of hits, file, line and text.
    lines: Vec<(usize, String)>,
}

impl Room {
    fn figures(&self) -> [f64; 3] {
        let words = f64::from(u32::try_from(self.words).unwrap()).max(FEWEST_WORDS);
        self.hits.map(|hits| f64::from(u32::try_from(hits).unwrap()) * 1000.0 / words)
    }

    fn report(&self, name: &str, ceilings: [f64; 3]) -> String {
        let [nobody, what, where_] = self.figures();
        let mut worst = self.lines.clone();
        worst.sort_by_key(|(hits, _)| std::cmp::Reverse(*hits));
        let worst: Vec<_> = worst.into_iter().take(12).map(|(_, line)| line).collect();
        format!(
            "{name}, {} words: nobody {nobody:.2}, what {what:.2}, where {where_:.2} in 1,000; at \
             most {ceilings:?}\n  {}\n",
            self.words,
            worst.join("\n  ")
        )
    }
}

#[test]
fn texts_are_in_plain_english() {
    let rooms = rooms();
    assert!(rooms.len() > 15, "only {} rooms were found: is the test blind?", rooms.len());
    let mut complaints = Vec::new();
    for (name, room) in &rooms {
        let exception = NOT_YET.iter().find(|(not_yet, _)| not_yet == name);
        let ceilings = exception.map_or(CEILINGS, |(_, own)| *own);
        if !is_below(room.figures(), ceilings) {
            complaints.push(room.report(name, ceilings));
        }
        if exception.is_some() && is_below(room.figures(), CEILINGS) {
            complaints.push(format!("{name} is in plain English now: take it out of NOT_YET\n"));
        }
    }
    for (name, _) in NOT_YET {
        assert!(rooms.contains_key(*name), "NOT_YET names {name}, which does not exist");
    }
    assert!(complaints.is_empty(), "{}", complaints.concat());
}

#[test]
fn code_is_not_counted() {
    let mut room = Room::default();
    let text = "Nobody's `what`\n```\nwhat what\n```\nwhere it is {what}\n";
    count(&mut room, "a", &prose(text));
    assert_eq!((room.words, room.hits), (4, [1, 0, 1]));
    let source =
        "/// What it is.\nlet a = \"where is it\"; // somebody\n/// ```\n/// what\n/// ```\n";
    assert_eq!(comments(source).join("|"), " What it is.|somebody|||");
    assert_eq!(messages(source).join("|"), "|where is it|||");
}

fn is_below(figures: [f64; 3], ceilings: [f64; 3]) -> bool {
    figures.iter().zip(ceilings).all(|(figure, ceiling)| *figure <= ceiling + 0.005)
}

fn rooms() -> BTreeMap<String, Room> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rooms = BTreeMap::<String, Room>::new();
    let mut add = |room: String, file: &Path, lines: &[String]| {
        let name = file.strip_prefix(repository).unwrap().display().to_string();
        count(rooms.entry(room).or_default(), &name, lines);
    };
    for place in ["docs", "contrib", "README.md", "SECURITY.md", "CONTRIBUTING.md"] {
        for file in files(&repository.join(place)) {
            let room = if place == "contrib" { "contrib" } else { "docs" };
            let text = fs::read_to_string(&file).unwrap();
            add(room.to_owned(), &file, &prose(&text));
        }
    }
    for file in files(&repository.join("src/mail/letters")) {
        add("docs".to_owned(), &file, &prose(&fs::read_to_string(&file).unwrap()));
    }
    for place in ["src", "crates", "tests", "benches"] {
        for file in rust_files(&repository.join(place)) {
            let text = fs::read_to_string(&file).unwrap();
            let inside = file.strip_prefix(repository.join(place)).unwrap();
            let first = inside.iter().next().unwrap().to_string_lossy();
            let is_folder = inside.iter().count() > 1 && ["src", "crates"].contains(&place);
            let room = if is_folder { format!("{place}/{first}") } else { place.to_owned() };
            add(room, &file, &comments(&text));
            if place == "src" || (place == "crates" && inside.iter().any(|part| part == "src")) {
                let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
                add(format!("messages of {place}"), &file, &messages(text));
            }
        }
    }
    for readme in fs::read_dir(repository.join("crates")).unwrap() {
        let readme = readme.unwrap().path().join("README.md");
        add("docs".to_owned(), &readme, &prose(&fs::read_to_string(&readme).unwrap()));
    }
    rooms
}

/// Lists the files below a path.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        return entries.flat_map(|entry| files(&entry.unwrap().path())).collect();
    }
    vec![path.to_owned()]
}

/// Returns the lines of a text, with code blocks as empty lines.
fn prose(text: &str) -> Vec<String> {
    let mut in_code = false;
    let lines = text.lines().map(|line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        if is_fence || in_code { String::new() } else { line.to_owned() }
    });
    lines.collect()
}

/// Returns the comment of each line of Rust.
fn comments(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| {
        let whole = line.trim_start().strip_prefix("//");
        let whole = whole.map(|comment| comment.trim_start_matches(['/', '!']));
        whole.or_else(|| line.split_once(" // ").map(|(_, comment)| comment)).unwrap_or_default()
    });
    prose(&lines.collect::<Vec<_>>().join("\n"))
}

/// Returns the string literals with a blank of each line of Rust.
fn messages(text: &str) -> Vec<String> {
    static LITERAL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""((?:[^"\\]|\\.)*)(?:"|\\$|$)"#).unwrap());
    let lines = text.lines().map(|line| {
        if line.trim_start().starts_with("//") {
            return String::new();
        }
        let literals = LITERAL.captures_iter(line).map(|found| found[1].to_owned());
        literals.filter(|literal| literal.contains(' ')).collect::<Vec<_>>().join(" ")
    });
    lines.collect()
}

fn count(room: &mut Room, file: &str, lines: &[String]) {
    static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"`[^`]*`|\{[^}]*\}").unwrap());
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z][A-Za-z'’-]*").unwrap());
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let text = CODE.replace_all(line, "");
        let mut all = 0;
        for word in WORD.find_iter(&text) {
            room.words += 1;
            let stem = word.as_str().split(['\'', '’', '-']).next().unwrap();
            let kind = match stem.to_ascii_lowercase().as_str() {
                "nobody" | "somebody" | "whoever" | "anybody" | "everybody" => 0,
                "what" => 1,
                "where" => 2,
                _ => continue,
            };
            *room.hits.get_mut(kind).unwrap() += 1;
            all += 1;
        }
        if all > 0 {
            let start: String = text.trim().chars().take(100).collect();
            room.lines.push((all, format!("{file}:{}: {start}", number + 1)));
        }
    }
}
