//! The changelogs beside the packages: a Markdown file for each extension, called by its XML.
//!
//! Read by `look` with the packages, put into the survey by `survey`. It must not know how a changelog
//! is written: that is `update_site`'s business.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use crate::packages::{PackageError, PackageFile, Packages};
use crate::release::package_path::PackagePath;
use crate::update_site::changelog::{Changelog, Problem, markdown};

/// The largest changelog, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// Problems of a changelog that are told one by one.
const TOLD: usize = 10;

/// What was found, by the file's name without its ending.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Changelogs {
    found: BTreeMap<String, Found>,
    /// The folder, where there is none.
    missing: Option<PackagePath>,
}

#[derive(Debug, Clone, PartialEq)]
struct Found {
    path: PackagePath,
    /// What was in the file, as `PackageFile::identity` tells; empty where it could not be opened.
    version: String,
    /// Or why it cannot be read.
    changelog: Result<Arc<Changelog>, String>,
}

impl Changelogs {
    /// Reads those of these names that exist in `folder`, a folder below that of the packages. What
    /// is in `former` and has not changed is taken from there.
    pub(super) async fn read(
        names: BTreeSet<String>,
        folder: &PackagePath,
        packages: &dyn Packages,
        former: &Self,
    ) -> Self {
        let mut found = BTreeMap::new();
        for name in names {
            let Ok(path) = PackagePath::parse(&format!("{}/{name}.md", folder.as_str())) else {
                continue;
            };
            let known = former.found.get(&name);
            if let Some(changelog) = Found::at(path, packages, known).await {
                found.insert(name, changelog);
            }
        }
        // A folder is no file that could be opened; one that is not there is told from it.
        let is_missing = found.is_empty()
            && matches!(packages.open(folder).await, Err(PackageError::NotFound { .. }));
        Self { found, missing: is_missing.then(|| folder.clone()) }
    }

    /// The one of this name, where it can be read.
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Changelog>> {
        self.found.get(name)?.changelog.as_ref().ok()
    }

    /// What the operator should know of them.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let missing = self.missing.iter().map(|folder| {
            format!(
                "the folder `{folder}` of `changelogs` in `[updates]` does not exist below the package \
                 folder"
            )
        });
        let found = self.found.values().flat_map(|found| {
            let lines: Vec<String> = match &found.changelog {
                Err(error) => vec![error.clone()],
                Ok(changelog) => told(&changelog.problems),
            };
            lines.into_iter().map(|line| format!("changelog `{}`: {line}", found.path))
        });
        missing.chain(found)
    }
}

/// The first of them, and how many more there are.
fn told(problems: &[Problem]) -> Vec<String> {
    let mut lines: Vec<_> = problems.iter().take(TOLD).map(ToString::to_string).collect();
    if problems.len() > TOLD {
        lines.push(format!("{} more headings mean nothing", problems.len() - TOLD));
    }
    lines
}

impl Found {
    /// Nothing where there is no such file.
    async fn at(path: PackagePath, packages: &dyn Packages, known: Option<&Self>) -> Option<Self> {
        let file = match packages.open(&path).await {
            Ok(file) => file,
            Err(PackageError::NotFound { .. }) => return None,
            Err(error) => {
                return Some(Self {
                    path,
                    version: String::new(),
                    changelog: Err(error.to_string()),
                });
            }
        };
        let version = file.identity();
        if let Some(known) = known.filter(|known| known.version == version) {
            return Some(known.clone());
        }
        let settled = file.settles_in(std::time::SystemTime::now()).is_zero();
        let reading = tokio::task::spawn_blocking(move || read(&file));
        let changelog = reading.await.unwrap_or_else(|_| Err("it could not be read".into()));
        // Written to this very moment: what was read does not last.
        let version = if settled { version } else { String::new() };
        Some(Self { path, version, changelog: changelog.map(Arc::new) })
    }
}

fn read(file: &PackageFile) -> Result<Changelog, String> {
    if file.len() > LARGEST {
        return Err(format!(
            "it is larger than {} MiB: drop its oldest versions",
            LARGEST / 1024 / 1024
        ));
    }
    let failed = |error: io::Error| format!("reading it failed ({}): try again", error.kind());
    let mut bytes = vec![0; usize::try_from(file.len()).unwrap_or_default()];
    match file.file().read_exact_at(&mut bytes, 0) {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(failed(error)),
        read => {
            if read.is_err() || !file.untouched().map_err(failed)? {
                return Err("it changed while it was read: it is read again".into());
            }
        }
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        format!("line {line} is not UTF-8: save it in that encoding")
    })?;
    Ok(markdown::read(text.trim_start_matches('\u{feff}')))
}
