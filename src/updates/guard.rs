//! Checks whether a document is still up to date: packages that the settings withdraw are left out
//! of the answer, and a changed file makes the publisher scan again.
//!
//! The promise of an answer: each entry was the last one read of its line, at most a second before
//! or since its file was found changed. A file that is replaced, gone or broken does not remove an
//! entry from an XML: that would make sites install an older version. Its checksums are there as
//! soon as it was read.
//!
//! Answers wait for no file. A document's files are looked at once a second at most, beside the
//! answers, however many there are.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::timeout;

use super::documents::{Document, ListedUpdate};
use super::guarded::Guard;
pub use super::guarded::GuardedDocument;
use super::publication::Publication;
use crate::packages::Packages;
use crate::release::catalog::Catalog;

/// Files that are opened together.
const AT_ONCE: usize = 4;
/// A file system that hangs is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// From one look to the next.
const PAUSE: Duration = Duration::from_secs(1);

impl Document {
    /// Returns its text with only those packages whose settings lines are in force, with the same
    /// package group.
    #[must_use]
    pub fn under(&self, catalog: &Arc<Catalog>) -> GuardedDocument {
        let mut standing = self.guard.standing.lock();
        match &*standing {
            Some((known, found)) if std::ptr::eq(known.as_ptr(), Arc::as_ptr(catalog)) => {
                found.clone()
            }
            _ => {
                let in_force: Vec<bool> =
                    self.listed().iter().map(|one| is_in_force(one, catalog)).collect();
                let is_whole = in_force.iter().all(|is| *is);
                let found = GuardedDocument { text: self.without_others(&in_force), is_whole };
                *standing = Some((Arc::downgrade(catalog), found.clone()));
                found
            }
        }
    }

    /// Checks its files beside the caller, unless that was done within the last second. If one has
    /// changed, the publisher scans again.
    pub fn look(
        self: &Arc<Self>,
        catalog: &Arc<Catalog>,
        folder: &Arc<dyn Packages>,
        publication: &Arc<Publication>,
    ) {
        if !self.guard.is_due() {
            return;
        }
        let (document, catalog) = (Arc::clone(self), Arc::clone(catalog));
        let (folder, publication) = (Arc::clone(folder), Arc::clone(publication));
        tokio::spawn(async move {
            let looking = document.is_as_it_was(&catalog, &*folder);
            // Storage that hangs shows no change.
            if timeout(PATIENCE, looking).await == Ok(false) {
                publication.wake();
            }
        });
    }

    async fn is_as_it_was(&self, catalog: &Catalog, folder: &dyn Packages) -> bool {
        let there = self.listed().iter().filter(|one| one.is_there);
        let looks: Vec<LastCheck<'_>> = there
            .map(|one| -> LastCheck<'_> { Box::pin(is_as_it_was(one, catalog, folder)) })
            .collect();
        stream::iter(looks).buffered(AT_ONCE).all(std::future::ready).await
    }
}

impl Guard {
    fn is_due(&self) -> bool {
        let mut looked = self.looked.lock();
        let is_due = looked.is_none_or(|looked| looked.elapsed() >= PAUSE);
        if is_due {
            *looked = Some(Instant::now());
        }
        is_due
    }
}

type LastCheck<'a> = Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

fn is_in_force(listed: &ListedUpdate, catalog: &Catalog) -> bool {
    catalog.package(&listed.package).is_some_and(|now| now.group == listed.group)
}

async fn is_as_it_was(listed: &ListedUpdate, catalog: &Catalog, folder: &dyn Packages) -> bool {
    let path = &listed.file.path;
    let now = catalog.package(&listed.package);
    let Some(now) = now.filter(|now| now.path.as_ref() == Ok(path)) else { return false };
    let opened = folder.open_package(now, path).await;
    opened.is_ok_and(|file| file.identity() == listed.file.version)
}
