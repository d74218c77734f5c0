//! What is known of package files, by path and identity.
//!
//! Called by the memory, under a lock. Must not import: `std::fs`, `rustix`.

use std::collections::{HashMap, HashSet};

use joomla_updates::entry::Checksums;
use joomla_updates::manifest::Manifest;

use super::format::ChecksumLine;
use crate::release::package_path::PackagePath;
use crate::updates::Reason;

/// Files that are kept beyond those the site lists: settings lines may be away for a moment, while
/// somebody edits them.
const SPARE: usize = 2_000;

/// All there is to know; of each path the last.
#[derive(Default)]
pub(super) struct KnownFiles {
    files: HashMap<PackagePath, FileFacts>,
    /// Counts the looks at the site's list.
    turn: u64,
}

#[derive(Default)]
struct FileFacts {
    checksums: Option<Of<Checksums>>,
    manifest: Option<Of<Result<Manifest, Reason>>>,
    /// The look at which the site still listed it.
    listed: u64,
}

/// Something about a file of this identity.
struct Of<T> {
    identity: String,
    what: T,
}

fn of<'a, T>(known: Option<&'a Of<T>>, identity: &str) -> Option<&'a T> {
    known.filter(|known| known.identity == identity).map(|known| &known.what)
}

impl KnownFiles {
    pub(super) fn checksums(&self, path: &PackagePath, identity: &str) -> Option<&Checksums> {
        of(self.files.get(path)?.checksums.as_ref(), identity)
    }

    pub(super) fn manifest(
        &self,
        path: &PackagePath,
        identity: &str,
    ) -> Option<&Result<Manifest, Reason>> {
        of(self.files.get(path)?.manifest.as_ref(), identity)
    }

    pub(super) fn learn_checksums(&mut self, path: &PackagePath, identity: &str, what: Checksums) {
        let identity = identity.to_owned();
        self.facts(path).checksums = Some(Of { identity, what });
    }

    pub(super) fn learn_manifest(
        &mut self,
        path: &PackagePath,
        identity: &str,
        what: Result<Manifest, Reason>,
    ) {
        let identity = identity.to_owned();
        self.facts(path).manifest = Some(Of { identity, what });
    }

    fn facts(&mut self, path: &PackagePath) -> &mut FileFacts {
        let facts = self.files.entry(path.clone()).or_default();
        facts.listed = self.turn;
        facts
    }

    /// Forgets what is not listed, beyond [`SPARE`] and as many as are listed: what was listed last
    /// goes last. `true` where checksums were forgotten.
    pub(super) fn keep(&mut self, listed: &HashSet<&PackagePath>) -> bool {
        self.turn += 1;
        let mut others = Vec::new();
        for (path, facts) in &mut self.files {
            if listed.contains(path) {
                facts.listed = self.turn;
            } else {
                others.push((facts.listed, path.clone()));
            }
        }
        let surplus = others.len().saturating_sub(SPARE.max(listed.len()));
        others.sort_unstable_by(|one, other| {
            (one.0, one.1.as_str()).cmp(&(other.0, other.1.as_str()))
        });
        let mut lost = false;
        for (_, path) in others.into_iter().take(surplus) {
            let facts = self.files.remove(&path);
            lost |= facts.is_some_and(|facts| facts.checksums.is_some());
        }
        lost
    }

    /// The checksums, for the disk, in the order of the paths.
    pub(super) fn lines(&self) -> Vec<ChecksumLine> {
        let line = |(path, facts): (&PackagePath, &FileFacts)| {
            let Of { identity, what } = facts.checksums.as_ref()?;
            Some(ChecksumLine {
                path: path.as_str().to_owned(),
                version: identity.clone(),
                sha256: what.sha256.clone(),
                sha384: what.sha384.clone(),
                sha512: what.sha512.clone(),
            })
        };
        let mut lines: Vec<_> = self.files.iter().filter_map(line).collect();
        lines.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        lines
    }
}
