//! Package files below the site's folder: paid packages often lie where the web server would hand
//! them to everybody who knows their address.
//!
//! A path is compared in every reading a web server could have: decoded once or more, with `\` as
//! a separator, in any letter case. Refusing one too many is the smaller evil.

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::methods::settings::Snapshot;
use crate::php::query::percent_decode;

/// How long found places count: links on the disk may be switched.
const FRESH: Duration = Duration::from_secs(10);
/// Rounds of percent-decoding.
const ROUNDS: usize = 3;

/// Where a site's files are, and its package folder among them.
pub struct PackageFiles {
    root: PathBuf,
    base: Vec<String>,
    found: RwLock<Option<Found>>,
}

#[derive(Clone)]
struct Found {
    settings: Arc<Snapshot>,
    at: Instant,
    places: Arc<Vec<Vec<String>>>,
}

impl PackageFiles {
    /// `root` is the site's folder, `base` the path of its address.
    #[must_use]
    pub fn new(root: PathBuf, base: &str) -> Self {
        let base = base.split('/').filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
        Self { root, base, found: RwLock::new(None) }
    }

    /// Does a web server take this path for one in the package folder?
    pub(super) async fn hold(&self, settings: Arc<Snapshot>, path: &str) -> bool {
        let places = self.places(settings).await;
        !places.is_empty()
            && readings(path)
                .iter()
                .any(|reading| places.iter().any(|place| reading.starts_with(place)))
    }

    async fn places(&self, settings: Arc<Snapshot>) -> Arc<Vec<Vec<String>>> {
        let known = self.found.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(found) = known
            && Arc::ptr_eq(&found.settings, &settings)
            && found.at.elapsed() < FRESH
        {
            return found.places;
        }
        let (root, base, current) = (self.root.clone(), self.base.clone(), Arc::clone(&settings));
        let looking = tokio::task::spawn_blocking(move || places(&root, &base, &current));
        let places = Arc::new(looking.await.unwrap_or_default());
        let found = Found { settings, at: Instant::now(), places: Arc::clone(&places) };
        *self.found.write().unwrap_or_else(PoisonError::into_inner) = Some(found);
        places
    }
}

/// The paths, below the host, under which package files could be had.
fn places(root: &Path, base: &[String], settings: &Snapshot) -> Vec<Vec<String>> {
    let mut places = Vec::new();
    for root in as_written_and_found(root) {
        for folder in as_written_and_found(&settings.folder_path) {
            for (below, prefix) in web_roots(&root, base) {
                let Ok(inside) = folder.strip_prefix(&below) else { continue };
                let inside = names(inside);
                let is_whole_site = inside.is_empty();
                for start in [Vec::new(), prefix] {
                    let place: Vec<_> = start.into_iter().chain(inside.clone()).collect();
                    if is_whole_site {
                        places.extend(each_package(&place, settings));
                    } else {
                        places.push(place);
                    }
                }
            }
        }
    }
    places.sort();
    places.dedup();
    places
}

/// The site's folder, and the web server's where the site's address shows how far up that is; each
/// with the path it may have in addresses besides none.
fn web_roots(root: &Path, base: &[String]) -> Vec<(PathBuf, Vec<String>)> {
    let mut roots = vec![(root.to_owned(), base.to_vec())];
    let parts = names(root);
    if !base.is_empty() && parts.ends_with(base) {
        let above = root.ancestors().nth(base.len());
        roots.extend(above.map(|above| (above.to_owned(), Vec::new())));
    }
    roots
}

/// A package folder that is the whole site: its files alone are kept back.
fn each_package(start: &[String], settings: &Snapshot) -> Vec<Vec<String>> {
    let packages = settings.catalog.packages().into_iter();
    let paths = packages.filter_map(|package| package.path.as_ref().ok());
    paths
        .map(|path| start.iter().cloned().chain(names(Path::new(path.as_str()))).collect())
        .collect()
}

/// A path as it is configured, without its dots, and where it leads on the disk.
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

/// What web servers make of a path.
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
