//! Package files: each is opened as a download would open it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::timeout;

use super::finding::{Finding, FindingSink, Severity};
use super::forbidden::{self, Forbidden};
use super::plugin::PluginSettings;
use crate::packages::{PackageError, PackageFile, Packages};
use crate::release::package_path::PackagePath;
use crate::service::parts;
use crate::service::plan::Draft;
use crate::words::{count, size};

/// Files that are looked at together.
const AT_ONCE: usize = 8;
/// A file system that hangs is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// The permission for all users of the machine to write.
const WORLD_WRITABLE: u32 = 0o002;
/// The first bytes of every ZIP file.
const ZIP: &[u8] = b"PK";

/// The package folder with the files found in it.
pub(super) struct PackageFiles {
    pub(super) folder: PathBuf,
    /// Sizes in bytes, by path.
    pub(super) sizes: BTreeMap<String, u64>,
}

pub(super) async fn look(
    draft: &Draft,
    settings: Option<&PluginSettings>,
    notes: &mut FindingSink<'_>,
) -> Option<PackageFiles> {
    let Some(settings) = settings else {
        notes.skipped("package files: not looked at, since the settings could not be read");
        return None;
    };
    let (Ok(site), Ok(release)) = (&draft.site, &draft.release) else {
        notes.skipped("package files: not looked at, since the site's settings make no sense");
        return None;
    };
    let found = parts::packages(site, release, &settings.text);
    let (folder, packages) = notes.sort(Severity::Error, found)?;
    let mut files = PackageFiles { folder, sizes: BTreeMap::new() };
    if !folder_opens(&files.folder, &packages, notes).await {
        return Some(files);
    }
    allowed_folders(&release.allow_roots, notes);
    let mut wanted: BTreeMap<&str, (&PackagePath, Vec<&str>)> = BTreeMap::new();
    let listed = settings.catalog.packages();
    for package in &listed {
        if let Ok(path) = &package.path {
            wanted.entry(path.as_str()).or_insert((path, Vec::new())).1.push(&package.id);
        }
    }
    let looks = stream::iter(wanted.into_values()).map(async |(path, ids)| {
        let opened = timeout(PATIENCE, packages.open(path)).await;
        (path, ids, opened)
    });
    let mut looks = looks.buffered(AT_ONCE);
    let mut bytes = 0;
    while let Some((path, ids, opened)) = looks.next().await {
        let package = format!("package `{}`", ids.join("`, `"));
        match opened {
            Ok(Ok(file)) => {
                bytes += file.len();
                content(&file, path, &package, notes);
                files.sizes.insert(path.as_str().to_owned(), file.len());
            }
            Ok(Err(error)) => refused(&error, &files.folder, &package, notes),
            Err(_) => {
                let place = format!("{package}, file `{path}`");
                notes
                    .error(format!("the file does not open within {} s", PATIENCE.as_secs()))
                    .at(place)
                    .advise("see whether the file system it is on hangs");
            }
        }
    }
    if !files.sizes.is_empty() {
        let number = count(files.sizes.len(), "file");
        notes.ok(format!("{number} can be read, {} in all", size(bytes)));
    }
    Some(files)
}

fn allowed_folders(roots: &[PathBuf], notes: &mut FindingSink<'_>) {
    for root in roots.iter().filter(|root| !root.is_dir()) {
        notes
            .warning(format!("the allowed folder `{}` does not exist", root.display()))
            .at("`release.allow_roots`")
            .advise("correct it, or remove it");
    }
}

async fn folder_opens(
    folder: &Path,
    packages: &Arc<dyn Packages>,
    notes: &mut FindingSink<'_>,
) -> bool {
    let packages = Arc::clone(packages);
    let looking = tokio::task::spawn_blocking(move || packages.check());
    match timeout(PATIENCE, looking).await {
        Ok(Ok(Ok(()))) => {
            let mode = fs::metadata(folder).map_or(0, |metadata| metadata.permissions().mode());
            if mode & WORLD_WRITABLE != 0 {
                notes
                    .warning("all users of this machine may put files into the package folder")
                    .at(format!("folder `{}`", folder.display()))
                    .advise(format!("run `chmod o-w {}`", folder.display()));
            }
            if is_root() {
                notes
                    .notice("run as root, which may read everything: the service may not")
                    .advise("run this command as the service's user, with `sudo -u USER`");
            }
            true
        }
        Ok(Ok(Err(PackageError::NoFolder { folder, source }))) => {
            let forbidden = forbidden::first(&folder);
            let finding = notes
                .error(format!(
                    "the package folder cannot be opened ({source}): downloads answer REL_FNF"
                ))
                .at(format!("folder `{}`", folder.display()));
            match forbidden {
                Some(forbidden) => allow(finding, &forbidden),
                None => {
                    finding.advise("create it, or correct the option Folder of the plugin");
                }
            }
            false
        }
        _ => {
            notes
                .error(format!("the package folder does not open within {} s", PATIENCE.as_secs()))
                .at(format!("folder `{}`", folder.display()))
                .advise("see whether the file system it is on hangs");
            false
        }
    }
}

fn content(file: &PackageFile, path: &PackagePath, package: &str, notes: &mut FindingSink<'_>) {
    let place = format!("{package}, file `{path}`");
    let mut start = [0; ZIP.len()];
    if file.is_empty() {
        notes.warning("the file is empty").at(place).advise("upload it again");
    } else if let Err(error) = file.file().read_exact_at(&mut start, 0) {
        notes
            .error(format!("the file cannot be read: {error}"))
            .at(place)
            .advise("check the storage, and upload the file again");
    } else if start != ZIP {
        notes
            .notice("the file is no ZIP file: Joomla's updater cannot install it")
            .at(place)
            .advise("nothing, unless customers are to install it in Joomla");
    }
}

fn refused(error: &PackageError, folder: &Path, package: &str, notes: &mut FindingSink<'_>) {
    let finding = notes.failure(Severity::Error, error);
    match std::error::Error::source(error) {
        Some(reason) => finding.at(format!("{package} ({reason})")),
        None => finding.at(package),
    };
    let PackageError::Unreadable { path, .. } = error else { return };
    let named = folder.join(path.as_str().trim_start_matches('/'));
    // A link leads by other folders than its own.
    let real = named.canonicalize().ok();
    let forbidden = forbidden::first(&named).or_else(|| forbidden::first(&real?));
    if let Some(forbidden) = forbidden {
        allow(finding, &forbidden);
    }
}

/// Names the part that forbids it, and the command that allows it.
fn allow(finding: &mut Finding, forbidden: &Forbidden) {
    finding.advise(format!(
        "{}; run one of the lines below, of which the first opens it to this account alone",
        forbidden.what()
    ));
    for command in forbidden.commands() {
        finding.line(command);
    }
}

/// Whose rights this process has.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
