//! Opens every package and collects its data, several at a time. Unknown manifests are read at
//! once; checksums are left to the memory.

use std::collections::{BTreeMap, HashSet};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::SystemTime;

use joomla_updates::archive::ArchiveError;
use joomla_updates::extension::Extension;
use joomla_updates::manifest::Manifest;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Reason;
use super::candidate::Checked;
use super::changelogs::Changelogs;
use super::memory::{Memory, Sums, WantedChecksums};
use super::reading;
use super::rules::{UpdateRules, is_xml_name};
use super::vouched_entry::Vouched;
use crate::packages::{PackageFile, Packages};
use crate::release::catalog::Catalog;
use crate::release::package_path::PackagePath;
use crate::release::record::{ReleaseRecord, ReleaseState};
use crate::release::settings::Package;

/// The data of the files of a catalog's packages.
#[derive(Debug, PartialEq)]
pub struct Scan {
    /// In the order of the packages.
    pub(super) packages: Vec<ScannedPackage>,
    pub(super) changelogs: Changelogs,
}

/// The data of a package's file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ScannedPackage {
    pub(super) manifest: Option<Manifest>,
    /// The file, if its checksums are known.
    pub(super) file: Option<Checked>,
    pub(super) reason: Option<Reason>,
    /// The former XML entries of its line, the newest first.
    pub(super) kept: Vec<Vouched>,
}

/// Scans all packages, some at a time. Requests checksums only for listed packages, and only if
/// they are needed; the memory has files read whose checksums are missing. Unchanged changelogs are
/// taken from `former`.
#[expect(
    clippy::too_many_arguments,
    reason = "a scan reads the catalog by the rules from a folder, with two memories of earlier ones"
)]
pub async fn look(
    catalog: &Catalog,
    folder: &Arc<dyn Packages>,
    rules: &UpdateRules,
    with_checksums: bool,
    memory: &Memory,
    former: Option<&Scan>,
) -> Scan {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let room = Arc::new(Semaphore::new(cores));
    let mut running = JoinSet::new();
    let packages = catalog.packages();
    // The data to use if a scan of one package fails.
    let lost = || ScannedPackage {
        reason: Some(Reason::Storage(ErrorKind::Other)),
        ..ScannedPackage::default()
    };
    let mut wanted = Vec::new();
    let mut looks: Vec<ScannedPackage> = packages.iter().map(|_| lost()).collect();
    for (index, (package, look)) in packages.iter().zip(&mut looks).enumerate() {
        let unlisted = unlisted(package, rules);
        let unknown = package.group.as_ref().filter(|id| catalog.group(id).is_none());
        if let Some(group) = unknown {
            look.reason = Some(Reason::UnknownGroup(group.clone()));
            continue;
        }
        let (package, folder) = ((*package).clone(), Arc::clone(folder));
        let (room, memory) = (Arc::clone(&room), memory.clone());
        running.spawn(async move {
            let Ok(_permit) = room.acquire().await else { return (index, lost(), None) };
            let sums = with_checksums && unlisted.is_none();
            let (mut look, wanted) = look_at(&package, folder.as_ref(), sums, &memory).await;
            if unlisted.is_some() {
                look.reason = unlisted;
            }
            (index, look, wanted)
        });
    }
    while let Some(done) = running.join_next().await {
        if let Ok((index, found, unread)) = done
            && let Some(look) = looks.get_mut(index)
        {
            *look = found;
            wanted.extend(unread);
        }
    }
    for (package, look) in packages.iter().zip(&mut looks) {
        look.kept = memory.vouched(&package.id);
    }
    let listed: HashSet<_> =
        packages.iter().filter_map(|package| package.path.as_ref().ok()).collect();
    memory.keep(&listed);
    memory.want(folder, &wanted);
    let former = former.map(|looks| &looks.changelogs);
    let mut changelogs = match &rules.changelogs {
        None => Changelogs::default(),
        Some(place) => {
            let names = changelog_names(&packages, &looks, rules);
            let former = former.cloned().unwrap_or_default();
            Changelogs::read(names, place, folder.as_ref(), &former).await
        }
    };
    changelogs.add_released(released_changelogs(&packages, rules), former);
    Scan { packages: looks, changelogs }
}

/// Returns the listed releases that have a changelog, by the names of their XML.
fn released_changelogs(
    packages: &[&Package],
    rules: &UpdateRules,
) -> BTreeMap<String, Vec<Arc<ReleaseRecord>>> {
    let mut found = BTreeMap::<String, Vec<Arc<ReleaseRecord>>>::new();
    for package in packages.iter().filter(|package| unlisted(package, rules).is_none()) {
        let Some(record) = &package.release else { continue };
        let name = rules.fields(package).xml.unwrap_or_else(|| record.extension.element.clone());
        if record.changelog.is_some() && is_xml_name(&name) {
            found.entry(name).or_default().push(Arc::clone(record));
        }
    }
    found
}

/// Returns why a package that is served must not be listed.
fn unlisted(package: &Package, rules: &UpdateRules) -> Option<Reason> {
    if package.release.as_ref().is_some_and(|release| release.state == ReleaseState::Held) {
        return Some(Reason::Held);
    }
    let group = package.group.as_ref().filter(|group| !rules.lists(group));
    group.map(|group| Reason::Paid(group.clone()))
}

/// Returns the remembered data of all packages, before any file is opened: all are still to be
/// scanned.
pub(super) fn remembered(catalog: &Catalog, rules: &UpdateRules, memory: &Memory) -> Scan {
    let look = |package: &&Package| {
        let reason = match (&package.path, &package.group) {
            (_, Some(group)) if catalog.group(group).is_none() => {
                Reason::UnknownGroup(group.clone())
            }
            (path, _) => unlisted(package, rules).unwrap_or_else(|| match path {
                Err(error) => Reason::Path(error.clone()),
                Ok(_) => Reason::Computing,
            }),
        };
        ScannedPackage {
            reason: Some(reason),
            kept: memory.vouched(&package.id),
            ..ScannedPackage::default()
        }
    };
    let packages = catalog.packages().iter().map(look).collect();
    Scan { packages, changelogs: Changelogs::default() }
}

/// Returns the names that the changelogs of packages that may be listed would have, each with its
/// extension.
fn changelog_names(
    packages: &[&Package],
    looks: &[ScannedPackage],
    rules: &UpdateRules,
) -> BTreeMap<String, Extension> {
    let name = |(package, look): (&&Package, &ScannedPackage)| {
        let manifest = match &look.reason {
            None | Some(Reason::Computing) => look.manifest.as_ref(),
            Some(_) => None,
        };
        let is_listed = !look.reason.as_ref().is_some_and(Reason::is_of_line);
        let kept = look.kept.first().filter(|_| is_listed).map(|kept| &kept.manifest);
        let extension = &manifest.or(kept)?.extension;
        let name = rules.fields(package).xml.unwrap_or_else(|| extension.element.clone());
        Some((name, extension.clone()))
    };
    let looked = packages.iter().zip(looks);
    looked.filter_map(name).filter(|(name, _)| is_xml_name(name)).collect()
}

async fn look_at(
    package: &Package,
    folder: &dyn Packages,
    with_checksums: bool,
    memory: &Memory,
) -> (ScannedPackage, Option<WantedChecksums>) {
    let failed =
        |reason| (ScannedPackage { reason: Some(reason), ..ScannedPackage::default() }, None);
    let path = match &package.path {
        Ok(path) => path,
        Err(error) => return failed(Reason::Path(error.clone())),
    };
    let file = match folder.open_package(package, path).await {
        Ok(file) => file,
        Err(error) => return failed(Reason::File(error.to_string())),
    };
    // A private copy does not change: its checksums were computed when it was written.
    let sums = match &package.release {
        Some(release) => Sums::Known(release.checksums.clone()),
        None => memory.checksums(path, &file),
    };
    let (bytes, version) = (file.len(), file.identity());
    let mut look = match manifest(path, file, memory).await {
        Ok(manifest) => ScannedPackage { manifest: Some(manifest), ..ScannedPackage::default() },
        Err(reason) => return failed(reason),
    };
    let mut wanted = None;
    if with_checksums {
        match sums {
            Sums::Known(checksums) => {
                look.file = Some(Checked { path: path.clone(), version, checksums });
            }
            Sums::Failed(reason) => look.reason = Some(reason),
            Sums::Unknown => {
                look.reason = Some(Reason::Computing);
                wanted = Some(WantedChecksums { path: path.clone(), version, bytes });
            }
        }
    }
    (look, wanted)
}

async fn manifest(
    path: &PackagePath,
    file: PackageFile,
    memory: &Memory,
) -> Result<Manifest, Reason> {
    if let Some(known) = memory.manifest(path, &file) {
        return known;
    }
    let reading = tokio::task::spawn_blocking(move || {
        let is_settled = file.settles_in(SystemTime::now()).is_zero();
        let found = reading::manifest(&file).map(|found| found.manifest);
        (file, is_settled, found)
    });
    let Ok((file, is_settled, found)) = reading.await else {
        return Err(Reason::Storage(ErrorKind::Other));
    };
    // Temporary results are not remembered.
    let lasts = match &found {
        Ok(_) => true,
        Err(Reason::Archive(ArchiveError::Storage(_))) => false,
        Err(reason) => matches!(reason, Reason::Archive(_)),
    };
    if is_settled && lasts {
        memory.learn_manifest(path, &file, found.clone());
    }
    found
}
