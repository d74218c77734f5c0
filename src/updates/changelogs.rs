//! The changelogs beside the packages: a file for each extension, called by its XML. `NAME.xml` is
//! Joomla's form and served as it is; `NAME.md` is how makers write.
//!
//! A release brings its own changelog, in Markdown; a file of the same name comes before it.
//!
//! Read by `look` with the packages, put into the survey by `survey`. Must not import:
//! `pulldown_cmark`, `quick_xml`.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use joomla_updates::changelog::{Changelog, Problem, markdown, written};
use joomla_updates::extension::Extension;
use php_compat::version_compare::version_compare;

use crate::packages::{PackageError, PackageFile, Packages};
use crate::release::package_path::PackagePath;
use crate::release::record::ReleaseRecord;

/// The largest changelog, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// Problems of a changelog that are told one by one.
const TOLD: usize = 10;

/// The changelogs found, by the file's name without its ending.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Changelogs {
    found: BTreeMap<String, ChangelogFile>,
    /// Those that releases were published with, for names without a file.
    released: BTreeMap<String, ReleasedChangelog>,
    /// The folder, if it does not exist.
    missing: Option<PackagePath>,
}

#[derive(Debug, Clone, PartialEq)]
struct ChangelogFile {
    path: PackagePath,
    /// The extension that it must describe.
    extension: Extension,
    /// Its identity, from `PackageFile::identity`; empty if it could not be opened.
    version: String,
    /// Or why it cannot be read.
    changelog: Result<Arc<Changelog>, String>,
}

/// The changelog of an extension's releases.
#[derive(Debug, Clone, PartialEq)]
struct ReleasedChangelog {
    sources: Vec<Arc<ReleaseRecord>>,
    changelog: Arc<Changelog>,
}

impl ReleasedChangelog {
    /// Reads the changelogs of releases as one, the highest version first. A text without a heading
    /// of its version is about the version of its release. For each version its own release's text
    /// counts, then that of the highest release that describes it.
    fn of(sources: Vec<Arc<ReleaseRecord>>) -> Self {
        let texts = sources.iter().map(|source| {
            let text = source.changelog.as_deref().unwrap_or_default();
            let read = markdown::read(text);
            if read.knows(&source.version) {
                return read.versions;
            }
            markdown::read(&format!("## {}\n\n{text}", source.version)).versions
        });
        let texts: Vec<_> = texts.collect();
        let mut whole = Changelog::default();
        let own = sources.iter().zip(&texts).filter_map(|(source, versions)| {
            versions.iter().find(|version| version.number == source.version)
        });
        for version in own.chain(texts.iter().flatten()) {
            if !whole.knows(&version.number) {
                whole.versions.push(version.clone());
            }
        }
        whole.versions.sort_by(|one, other| version_compare(&other.number, &one.number));
        Self { sources, changelog: Arc::new(whole) }
    }
}

impl Changelogs {
    /// Reads those of these names that exist in `folder`, a folder below that of the packages.
    /// Unchanged files are taken from `former`.
    pub(super) async fn read(
        names: BTreeMap<String, Extension>,
        folder: &PackagePath,
        packages: &dyn Packages,
        former: &Self,
    ) -> Self {
        let mut found = BTreeMap::new();
        for (name, extension) in names {
            let mut changelog = None;
            for ending in ["xml", "md"] {
                let place = format!("{}/{name}.{ending}", folder.as_str());
                if changelog.is_none()
                    && let Ok(path) = PackagePath::parse(&place)
                {
                    let known = former.found.get(&name);
                    changelog = ChangelogFile::at(path, &extension, packages, known).await;
                }
            }
            if let Some(changelog) = changelog {
                found.insert(name, changelog);
            }
        }
        // A folder is no file that could be opened; one that is not there is told from it.
        let is_missing = found.is_empty()
            && matches!(packages.open(folder).await, Err(PackageError::NotFound { .. }));
        let released = BTreeMap::new();
        Self { found, released, missing: is_missing.then(|| folder.clone()) }
    }

    /// Adds the changelogs of releases: for each name, that of its releases, the highest version
    /// first. Unchanged ones are taken from `former`.
    pub(super) fn add_released(
        &mut self,
        releases: BTreeMap<String, Vec<Arc<ReleaseRecord>>>,
        former: Option<&Self>,
    ) {
        for (name, mut sources) in releases {
            sources.sort_by(|one, other| other.compare_versions(one));
            let known = former.and_then(|former| former.released.get(&name));
            let known = known.filter(|known| known.sources == sources).cloned();
            let changelog = known.unwrap_or_else(|| ReleasedChangelog::of(sources));
            self.released.insert(name, changelog);
        }
    }

    /// Returns the changelog of this name, if it can be read.
    pub(super) fn get(&self, name: &str) -> Option<&Arc<Changelog>> {
        match self.found.get(name) {
            Some(file) => file.changelog.as_ref().ok(),
            None => self.released.get(name).map(|released| &released.changelog),
        }
    }

    /// Returns notes about them for the operator.
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
                Ok(changelog) => told(changelog),
            };
            lines.into_iter().map(|line| format!("changelog `{}`: {line}", found.path))
        });
        missing.chain(found)
    }
}

/// Returns the problems for the operator: the first lines, and how many more there are.
fn told(changelog: &Changelog) -> Vec<String> {
    let problems: &[Problem] = &changelog.problems;
    let mut lines = Vec::new();
    if changelog.versions.is_empty() {
        lines.push(
            "it names no version, so Joomla shows nothing of it: write `## 1.2.3` above the changes of \
             a version"
                .to_owned(),
        );
    }
    lines.extend(problems.iter().take(TOLD).map(ToString::to_string));
    if problems.len() > TOLD {
        lines.push(format!("{} more headings mean nothing", problems.len() - TOLD));
    }
    lines
}

impl ChangelogFile {
    /// Reads one changelog; `None` if there is no such file.
    async fn at(
        path: PackagePath,
        extension: &Extension,
        packages: &dyn Packages,
        known: Option<&Self>,
    ) -> Option<Self> {
        let extension = extension.clone();
        let file = match packages.open(&path).await {
            Ok(file) => file,
            Err(PackageError::NotFound { .. }) => return None,
            Err(error) => {
                return Some(Self {
                    path,
                    extension,
                    version: String::new(),
                    changelog: Err(error.to_string()),
                });
            }
        };
        let version = file.identity();
        let is_same = |known: &&Self| {
            known.version == version && known.path == path && known.extension == extension
        };
        if let Some(known) = known.filter(is_same) {
            return Some(known.clone());
        }
        let settled = file.settles_in(std::time::SystemTime::now()).is_zero();
        let wanted = path.as_str().strip_suffix(".xml").is_some().then(|| extension.clone());
        let reading = tokio::task::spawn_blocking(move || read(&file, wanted.as_ref()));
        let changelog = reading.await.unwrap_or_else(|_| Err("it could not be read".into()));
        // The file was written this very moment: its identity is not yet reliable.
        let version = if settled { version } else { String::new() };
        Some(Self { path, extension, version, changelog: changelog.map(Arc::new) })
    }
}

/// Reads a file: as XML about this extension, or as its maker writes it.
fn read(file: &PackageFile, extension: Option<&Extension>) -> Result<Changelog, String> {
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
    let text = text.trim_start_matches('\u{feff}');
    match extension {
        Some(extension) => written::read(text, extension).map_err(|error| error.to_string()),
        None => Ok(markdown::read(text)),
    }
}
