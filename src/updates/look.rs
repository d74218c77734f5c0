//! Opens every package and reads what there is to know of it, several at a time.

use std::io::ErrorKind;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Reason;
use super::reading;
use super::rules::Rules;
use super::shelf::Shelf;
use crate::packages::{PackageFile, Packages};
use crate::release::settings::Package;
use crate::update_site::entry::Checksums;
use crate::update_site::manifest::Manifest;

/// Is told how far the reading of the files is. Called from several threads.
pub trait Progress: Send + Sync {
    /// So many bytes are to be read in addition.
    fn ahead(&self, bytes: u64);
    /// So many bytes have been read.
    fn read(&self, bytes: u64);
}

/// What was found in a package's file.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) manifest: Option<Manifest>,
    pub(super) checksums: Option<Checksums>,
    pub(super) reason: Option<Reason>,
}

/// Looks at all packages, some at a time; in their order. Checksums are for those that are listed.
pub(super) async fn look_at_all(
    shelf: &Shelf,
    rules: &Rules,
    with_checksums: bool,
    progress: Arc<dyn Progress>,
) -> Vec<Look> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let room = Arc::new(Semaphore::new(cores));
    let mut running = JoinSet::new();
    let packages = shelf.catalog.packages();
    // What stays where a look does not come back.
    let lost = || Look { reason: Some(Reason::Storage(ErrorKind::Other)), ..Look::default() };
    let mut looks: Vec<Look> = packages.iter().map(|_| lost()).collect();
    for (index, (package, look)) in packages.iter().zip(&mut looks).enumerate() {
        let unlisted = package.group.as_ref().filter(|group| !rules.lists(group)).cloned();
        let unknown = package.group.as_ref().filter(|id| shelf.catalog.group(id).is_none());
        if let Some(group) = unknown {
            look.reason = Some(Reason::UnknownGroup(group.clone()));
            continue;
        }
        let (package, folder) = ((*package).clone(), Arc::clone(&shelf.folder));
        let (room, progress) = (Arc::clone(&room), Arc::clone(&progress));
        running.spawn(async move {
            let Ok(_permit) = room.acquire().await else { return (index, Look::default()) };
            let wanted = with_checksums && unlisted.is_none();
            let mut look = look_at(&package, folder.as_ref(), wanted, progress).await;
            if let Some(group) = unlisted {
                look.reason = Some(Reason::Paid(group));
            }
            (index, look)
        });
    }
    while let Some(done) = running.join_next().await {
        if let Ok((index, found)) = done
            && let Some(look) = looks.get_mut(index)
        {
            *look = found;
        }
    }
    looks
}

async fn look_at(
    package: &Package,
    folder: &dyn Packages,
    with_checksums: bool,
    progress: Arc<dyn Progress>,
) -> Look {
    let failed = |reason| Look { reason: Some(reason), ..Look::default() };
    let path = match &package.path {
        Ok(path) => path,
        Err(error) => return failed(Reason::Path(error.clone())),
    };
    let file = match folder.open(path).await {
        Ok(file) => file,
        Err(error) => return failed(Reason::File(error.to_string())),
    };
    let read = tokio::task::spawn_blocking(move || read(&file, with_checksums, progress.as_ref()));
    read.await.unwrap_or_else(|_| failed(Reason::Storage(ErrorKind::Other)))
}

fn read(file: &PackageFile, with_checksums: bool, progress: &dyn Progress) -> Look {
    let manifest = match reading::manifest(file) {
        Ok(found) => found.manifest,
        Err(reason) => return Look { reason: Some(reason), ..Look::default() },
    };
    let mut look = Look { manifest: Some(manifest), ..Look::default() };
    if with_checksums {
        progress.ahead(file.len());
        match reading::checksums(file, &|bytes| progress.read(bytes)) {
            Ok(checksums) => look.checksums = Some(checksums),
            Err(reason) => look.reason = Some(reason),
        }
    }
    look
}
