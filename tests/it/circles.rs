//! No circles: among the files of one folder, `mod.rs` and `lib.rs` included, no two import each
//! other, directly or through others. An import counts for the file that defines the name, not for
//! one that re-exports it. Unit tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// A module's path: `["methods", "code"]`.
type Module = Vec<String>;

#[test]
fn no_files_of_a_folder_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut roots = vec![root.join("src")];
    let crates = fs::read_dir(root.join("crates")).unwrap();
    roots.extend(crates.map(|entry| entry.unwrap().path().join("src")));
    let mut found = Vec::new();
    let mut seen = 0;
    for source in &roots {
        let tree = Tree::read(source);
        seen += tree.files.len();
        for (folder, circle) in tree.circles() {
            let folder = folder.strip_prefix(root).unwrap().display().to_string();
            found.push(format!("{folder}: {}", circle.join(", ")));
        }
    }
    assert!(seen > 300, "only {seen} files were read: does the test still look right?");
    assert!(found.is_empty(), "files that import each other:\n{}", found.join("\n"));
}

/// The modules of a crate, with their imports of each other.
struct Tree {
    files: BTreeMap<Module, PathBuf>,
    imports: BTreeMap<Module, BTreeSet<Module>>,
    /// The re-exports of a module: the name, and the path it stands for.
    exports: BTreeMap<Module, BTreeMap<String, Module>>,
}

impl Tree {
    fn read(source: &Path) -> Self {
        let mut files = BTreeMap::new();
        collect(source, &mut Vec::new(), &mut files);
        let mut tree = Self { files, imports: BTreeMap::new(), exports: BTreeMap::new() };
        for (module, file) in &tree.files {
            let text = bare(&fs::read_to_string(file).unwrap());
            let (imports, exports) = tree.named_by(module, &text);
            tree.imports.insert(module.clone(), imports);
            tree.exports.insert(module.clone(), exports);
        }
        tree
    }

    /// Finds the paths that a file names: in `use` lines, which may re-export them, and in its
    /// code.
    fn named_by(
        &self,
        module: &Module,
        text: &str,
    ) -> (BTreeSet<Module>, BTreeMap<String, Module>) {
        let uses = Regex::new(r"(pub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);").unwrap();
        let (mut imports, mut exports) = (BTreeSet::new(), BTreeMap::new());
        for line in uses.captures_iter(text) {
            for path in expanded(&line[2]) {
                let Some(path) = self.absolute(module, &path) else { continue };
                match (line.get(1), path.last()) {
                    (Some(_), Some(name)) => drop(exports.insert(name.clone(), path)),
                    _ => drop(imports.insert(path)),
                }
            }
        }
        let code = uses.replace_all(text, "");
        let paths = Regex::new(r"\b[a-z_][a-z_0-9]*(?:::\w+)+").unwrap();
        for path in paths.find_iter(&code) {
            imports.extend(self.absolute(module, path.as_str()));
        }
        (imports, exports)
    }

    /// Makes a path absolute, from the crate's root; `None` if it is in another crate.
    fn absolute(&self, module: &Module, path: &str) -> Option<Module> {
        let mut segments = path.split("::").map(|segment| segment.trim().to_owned()).peekable();
        let mut at = module.clone();
        match segments.peek()?.as_str() {
            "crate" => {
                segments.next();
                at.clear();
            }
            "self" => drop(segments.next()),
            "super" => {
                while segments.next_if(|segment| segment == "super").is_some() {
                    at.pop();
                }
            }
            child => {
                at.push(child.to_owned());
                if !self.files.contains_key(&at) {
                    return None;
                }
                at.pop();
            }
        }
        at.extend(segments);
        Some(at)
    }

    /// Finds the file that defines the item of a path.
    fn home(&self, path: &[String], depth: usize) -> Option<Module> {
        let length = (0..=path.len())
            .rev()
            .find(|length| self.files.contains_key(path.get(..*length).unwrap_or_default()))?;
        let (module, rest) = path.split_at(length);
        let exported = rest.first().and_then(|name| self.exports.get(module)?.get(name));
        match exported {
            Some(real) if depth < 8 => {
                let real: Module = real.iter().chain(&rest[1..]).cloned().collect();
                self.home(&real, depth + 1)
            }
            _ => Some(module.to_vec()),
        }
    }

    /// Finds the circles, each with its folder.
    fn circles(&self) -> Vec<(PathBuf, Vec<String>)> {
        let mut folders: BTreeMap<&Path, Vec<&Module>> = BTreeMap::new();
        for (module, file) in &self.files {
            folders.entry(file.parent().unwrap()).or_default().push(module);
        }
        let mut circles = Vec::new();
        for (folder, modules) in folders {
            let mut left: BTreeSet<_> = modules.iter().copied().collect();
            while let Some(first) = left.pop_first() {
                let reached = self.reached(first, &modules);
                let circle: Vec<_> = left
                    .iter()
                    .copied()
                    .filter(|other| reached.contains(*other))
                    .filter(|other| self.reached(other, &modules).contains(first))
                    .collect();
                if !circle.is_empty() {
                    left.retain(|module| !circle.contains(module));
                    let names = std::iter::once(first).chain(circle);
                    let names = names.map(|module| {
                        self.files[module].file_name().unwrap().to_string_lossy().into_owned()
                    });
                    circles.push((folder.to_owned(), names.collect()));
                }
            }
        }
        circles
    }

    /// Finds the files among these that one imports, directly or through others.
    fn reached(&self, from: &Module, among: &[&Module]) -> BTreeSet<Module> {
        let mut reached = BTreeSet::new();
        let mut open = vec![from.clone()];
        while let Some(module) = open.pop() {
            for path in self.imports.get(&module).into_iter().flatten() {
                let Some(home) = self.home(path, 0) else { continue };
                if home != module && among.contains(&&home) && reached.insert(home.clone()) {
                    open.push(home);
                }
            }
        }
        reached
    }
}

/// Removes unit tests, comments and string literals, which may hold names too.
pub(crate) fn bare(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let comments = Regex::new(r"//[^\n]*").unwrap();
    let texts = Regex::new(r#""(?:[^"\\]|\\.)*""#).unwrap();
    texts.replace_all(&comments.replace_all(text, ""), "\"\"").into_owned()
}

/// Splits a `use` into single paths: `a::{b, c::{d}}` is `a::b` and `a::c::d`.
pub(crate) fn expanded(path: &str) -> Vec<String> {
    let path = path.trim();
    let Some((before, list)) = path.split_once('{') else {
        return vec![path.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let list = list.strip_suffix('}').unwrap_or(list);
    let (mut paths, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in list.char_indices().chain([(list.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let one = &list[start..at];
                if !one.trim().is_empty() {
                    paths.extend(expanded(one).iter().map(|one| format!("{}{one}", before.trim())));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    paths
}

fn collect(folder: &Path, module: &mut Module, files: &mut BTreeMap<Module, PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            module.push(name);
            collect(&path, module, files);
            module.pop();
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let mut own = module.clone();
            match name.as_str() {
                "mod" | "lib" => {}
                "main" => continue,
                _ => own.push(name),
            }
            files.insert(own, path);
        }
    }
}
