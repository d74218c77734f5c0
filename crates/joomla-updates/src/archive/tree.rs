//! The files of an archive as they lie once Joomla has unpacked it, and the places that it
//! searches.
//!
//! Called by `archive`. It handles only names, which are as hostile as the archive: each part of a
//! path is checked, and none is ever used on a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use zip::ZipArchive;

/// Names Joomla's installer does not see, besides those with a dot in front or a `~` in them.
const UNSEEN: [&str; 4] = [".svn", "CVS", ".DS_Store", "__MACOSX"];

/// Files by their paths, with their place in the archive.
pub(super) struct Tree(BTreeMap<String, usize>);

impl Tree {
    /// The files of an archive. Folders without files do not exist: they are not unpacked.
    pub(super) fn of<R: Read + Seek>(archive: &ZipArchive<R>) -> Self {
        let mut files = BTreeMap::new();
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).and_then(Result::ok);
            if let Some(path) = name.and_then(|name| path(&name)) {
                // Of two with one path the later one is written over the earlier one.
                files.insert(path, index);
            }
        }
        Self(files)
    }

    /// The XML files among which Joomla looks for the manifest, in its order: those of the first level,
    /// then those one folder down. An only folder is entered first.
    #[allow(clippy::case_sensitive_file_extension_comparisons, reason = "so Joomla looks for them")]
    pub(super) fn documents(&self) -> impl Iterator<Item = (&str, usize)> {
        let root = self.root();
        let level = move |wanted: usize| {
            self.below(root).filter(move |(path, _)| {
                let path = path.get(root.len()..).unwrap_or_default();
                path.split('/').count() == wanted
                    && path.ends_with(".xml")
                    && path.split('/').all(is_seen)
            })
        };
        level(1).chain(level(2))
    }

    /// The files below a folder, which ends with a slash or is empty, in the order of their paths.
    pub(super) fn below<'t>(&'t self, folder: &'t str) -> impl Iterator<Item = (&'t str, usize)> {
        let files = self.0.range(folder.to_owned()..);
        files
            .map(|(path, index)| (path.as_str(), *index))
            .take_while(move |(path, _)| path.starts_with(folder))
    }

    /// Returns the place of a file whose path a manifest in `folder` names.
    pub(super) fn find(&self, folder: &str, name: &str) -> Option<usize> {
        self.0.get(&path(&format!("{folder}{name}"))?).copied()
    }

    /// The folder in which the installer begins.
    fn root(&self) -> &str {
        let mut folder = None;
        let mut seen = BTreeSet::new();
        for path in self.0.keys() {
            let (first, is_folder) = match path.split_once('/') {
                Some((first, _)) => (first, true),
                None => (path.as_str(), false),
            };
            if is_seen(first) {
                seen.insert(first);
                folder = path.get(..=first.len()).filter(|_| is_folder);
            }
            if seen.len() > 1 {
                return "";
            }
        }
        folder.unwrap_or_default()
    }
}

/// Returns the path of an entry, with plain slashes; `None` for a folder, or if it leads elsewhere.
fn path(name: &str) -> Option<String> {
    let is_slash = |letter: char| matches!(letter, '/' | '\\');
    let mut parts = Vec::new();
    for part in name.split(is_slash) {
        match part {
            "" | "." => {}
            ".." => return None,
            part => parts.push(part),
        }
    }
    (!parts.is_empty() && !name.ends_with(is_slash)).then(|| parts.join("/"))
}

fn is_seen(name: &str) -> bool {
    !name.starts_with('.') && !name.contains('~') && !UNSEEN.contains(&name)
}
