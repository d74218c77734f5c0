//! Package files below the site's folder. Paid packages often lie in a folder from which the web
//! server would send them to any client that has their address. So do other files that are only for
//! the bridge.
//!
//! The code checks two things. Does the path lead into a folder of these files, or to a package's
//! real place? Is the file at that path one of them, by a link of any kind?
//!
//! A path is compared in every reading that a web server could have: decoded once or more, with `\`
//! as a separator, in any letter case. It is safer to refuse a path too many.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use php_compat::query::percent_decode;
use tokio::time::Instant;

use crate::site::Settings;

/// How long found places are valid: links on the disk may change.
const FRESH: Duration = Duration::from_secs(10);
/// Rounds of percent-decoding, at most.
const ROUNDS: usize = 3;

/// The site's folder, and the files in it that are kept back.
pub struct PackageFiles {
    root: PathBuf,
    base: Vec<String>,
    kept_back: Vec<PathBuf>,
    found: RwLock<Option<HiddenFile>>,
}

#[derive(Clone)]
struct HiddenFile {
    settings: Arc<Settings>,
    at: Instant,
    places: Arc<HiddenPlaces>,
}

/// The folders and files that are kept back.
#[derive(Default)]
struct HiddenPlaces {
    /// The paths, below the host, at which a web server could serve them.
    paths: Vec<Vec<String>>,
    /// The folders and files, by their real paths on the disk.
    folders: Vec<PathBuf>,
    /// Packages, by device and inode.
    packages: HashSet<(u64, u64)>,
}

impl PackageFiles {
    /// `root` is the site's folder, `base` the path of its address. The folders and files of
    /// `kept_back` are protected like the package folder.
    #[must_use]
    pub fn new(root: PathBuf, base: &str, kept_back: Vec<PathBuf>) -> Self {
        let base = base.split('/').filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
        Self { root, base, kept_back, found: RwLock::new(None) }
    }

    /// Could a web server read this path as one of the protected files?
    pub(super) async fn hold(&self, settings: Arc<Settings>, path: &str) -> bool {
        let places = self.places(settings).await;
        let is_below =
            |reading: &Vec<String>| places.paths.iter().any(|place| reading.starts_with(place));
        if !places.paths.is_empty() && readings(path).iter().any(is_below) {
            return true;
        }
        let files = self.files(path);
        let looking = tokio::task::spawn_blocking(move || {
            files.iter().any(|file| places.leads_there(file).unwrap_or(false))
        });
        // A check that fails lets no request pass.
        looking.await.unwrap_or(true)
    }

    /// Lists the files that the path may lead to: below the site's folder, with and without its
    /// base path.
    fn files(&self, path: &str) -> Vec<PathBuf> {
        let decoded = percent_decode(path.as_bytes(), false);
        let text = String::from_utf8_lossy(&decoded);
        let parts = resolved(text.split('/'));
        let below_base = parts.get(self.base.len()..).filter(|_| {
            parts.iter().zip(&self.base).all(|(part, base)| part.to_lowercase() == *base)
        });
        let mut files: Vec<PathBuf> = [Some(parts.as_slice()), below_base]
            .into_iter()
            .flatten()
            .map(|parts| self.root.join(parts.iter().collect::<PathBuf>()))
            .collect();
        files.dedup();
        files
    }

    async fn places(&self, settings: Arc<Settings>) -> Arc<HiddenPlaces> {
        let known = self.found.read().clone();
        if let Some(found) = known
            && Arc::ptr_eq(&found.settings, &settings)
            && found.at.elapsed() < FRESH
        {
            return found.places;
        }
        let (root, base, current) = (self.root.clone(), self.base.clone(), Arc::clone(&settings));
        let kept_back = self.kept_back.clone();
        let looking =
            tokio::task::spawn_blocking(move || places(&root, &base, &kept_back, &current));
        let places = Arc::new(looking.await.unwrap_or_default());
        let found = HiddenFile { settings, at: Instant::now(), places: Arc::clone(&places) };
        *self.found.write() = Some(found);
        places
    }
}

impl HiddenPlaces {
    /// Is this file, after all its links, one of the protected ones?
    fn leads_there(&self, file: &Path) -> Option<bool> {
        let found = file.canonicalize().ok()?;
        if self.folders.iter().any(|folder| found.starts_with(folder)) {
            return Some(true);
        }
        let file = fs::metadata(&found).ok().filter(fs::Metadata::is_file)?;
        Some(self.packages.contains(&(file.dev(), file.ino())))
    }
}

fn places(
    root: &Path,
    base: &[String],
    kept_back: &[PathBuf],
    settings: &Settings,
) -> HiddenPlaces {
    let named = settings.folder_path.as_path();
    let packages = package_paths(settings);
    let files: Vec<PathBuf> = packages
        .iter()
        .filter_map(|path| settings.folder_path.join(path).canonicalize().ok())
        .collect();
    let mut places = HiddenPlaces::default();
    let roots = as_written_and_found(root);
    for root in &roots {
        // The site's own folder is not protected, and neither is a folder above it.
        let folders: Vec<PathBuf> = [named]
            .into_iter()
            .chain(kept_back.iter().map(PathBuf::as_path))
            .flat_map(as_written_and_found)
            .filter(|folder| !roots.iter().any(|root| root.starts_with(folder)))
            .collect();
        let elsewhere = packages
            .iter()
            .flat_map(|path| as_written_and_found(&named.join(path)))
            .filter(|file| !folders.iter().any(|folder| file.starts_with(folder)));
        for kept in folders.iter().cloned().chain(elsewhere) {
            for (below, prefix) in web_roots(root, base) {
                let Ok(inside) = kept.strip_prefix(&below) else { continue };
                let inside = names(inside);
                if inside.is_empty() {
                    continue;
                }
                for start in [Vec::new(), prefix] {
                    places.paths.push(start.into_iter().chain(inside.clone()).collect());
                }
            }
        }
        places.folders.extend(folders);
    }
    places.paths.sort();
    places.paths.dedup();
    places.folders.sort();
    places.folders.dedup();
    let metadata = files.iter().filter_map(|file| fs::metadata(file).ok());
    places.packages = metadata.map(|file| (file.dev(), file.ino())).collect();
    places
}

fn package_paths(settings: &Settings) -> Vec<PathBuf> {
    let packages = settings.catalog.packages().into_iter();
    packages.filter_map(|package| Some(package.path.as_ref().ok()?.as_str().into())).collect()
}

/// Lists the site's folder and, if the site's address shows how far up it is, the web server's.
/// Each has the path that addresses may begin with there.
fn web_roots(root: &Path, base: &[String]) -> Vec<(PathBuf, Vec<String>)> {
    let mut roots = vec![(root.to_owned(), base.to_vec())];
    let parts = names(root);
    if !base.is_empty() && parts.ends_with(base) {
        let above = root.ancestors().nth(base.len());
        roots.extend(above.map(|above| (above.to_owned(), Vec::new())));
    }
    roots
}

/// Returns a path as it is configured, without its dots, and its real path on the disk.
fn as_written_and_found(path: &Path) -> Vec<PathBuf> {
    let mut written = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                written.pop();
            }
            Component::CurDir => {}
            part => written.push(part),
        }
    }
    let found = [path.canonicalize(), written.canonicalize()];
    found.into_iter().flatten().chain([written]).collect()
}

fn names(path: &Path) -> Vec<String> {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().to_lowercase()),
        _ => None,
    });
    parts.collect()
}

/// Lists the readings of a path that web servers may have.
fn readings(path: &str) -> Vec<Vec<String>> {
    let mut readings = Vec::new();
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..ROUNDS {
        let decoded = percent_decode(&bytes, false);
        let is_last = decoded == bytes;
        let text = String::from_utf8_lossy(&decoded).to_lowercase();
        readings.push(resolved(text.split('/')));
        if text.contains('\\') {
            readings.push(resolved(text.split(['/', '\\'])));
        }
        if is_last {
            break;
        }
        bytes = decoded;
    }
    readings
}

fn resolved<'t>(parts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            part => kept.push(part.to_owned()),
        }
    }
    kept
}
