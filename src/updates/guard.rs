//! Never a checksum of something else than what is served: before each answer the files it is about
//! are opened as a download would open them, and one that is not the one whose checksums are known is
//! left out.
//!
//! What an answer promises, with `t0` the moment its check began, after its request was there, and
//! `t1` the moment it ended: each package in it had, at one moment between `t0` and `t1`, the file of
//! these checksums, and a download that opened it at that moment gets that file. So when a client reads
//! an XML, downloads and reads the XML again, and the download does not match the first XML, the file was
//! replaced in between: the second XML shows other checksums, or does not list the package.
//!
//! Requests that come during a check wait for the next one and share it: however many there are, a
//! document is checked by one at a time.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::documents::{Document, Listed, Text};
use crate::packages::Packages;
use crate::release::catalog::Catalog;

/// Files that are opened together.
const AT_ONCE: usize = 4;
/// A file system that hangs is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The checks of a document, numbered.
#[derive(Debug, Default)]
pub(super) struct Guard {
    begun: AtomicU64,
    last: Mutex<Option<(u64, Found)>>,
}

/// What a check has found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The document, without what is not as it was.
    pub text: Arc<Text>,
    /// Is all of it as it was?
    pub is_whole: bool,
}

/// The storage has not answered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the package folder does not answer")]
pub struct Hung;

impl Document {
    /// Its text with those packages alone whose files are as they were when their checksums were
    /// computed.
    ///
    /// `catalog` and `folder` are those in force: a package with another path, or of another package
    /// group, is not as it was either.
    ///
    /// # Errors
    /// Storage that hangs.
    pub async fn checked(&self, catalog: &Catalog, folder: &dyn Packages) -> Result<Found, Hung> {
        let begun_before = self.guard.begun.load(Ordering::SeqCst);
        let check = async {
            let mut last = self.guard.last.lock().await;
            if let Some((number, found)) = &*last
                && *number > begun_before
            {
                return found.clone();
            }
            let number = self.guard.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let looks: Vec<Look<'_>> =
                self.listed().iter().map(|one| is_as_it_was(one, catalog, folder)).collect();
            let is_there: Vec<bool> = stream::iter(looks).buffered(AT_ONCE).collect().await;
            let text = self.without_others(&is_there);
            let found = Found { text, is_whole: is_there.iter().all(|there| *there) };
            *last = Some((number, found.clone()));
            found
        };
        timeout(PATIENCE, check).await.map_err(|_| Hung)
    }
}

type Look<'a> = Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

fn is_as_it_was<'a>(
    listed: &'a Listed,
    catalog: &'a Catalog,
    folder: &'a dyn Packages,
) -> Look<'a> {
    let path = &listed.file.path;
    let now = catalog.package(&listed.package);
    let same = now.is_some_and(|now| now.path.as_ref() == Ok(path) && now.group == listed.group);
    Box::pin(async move {
        same && folder.open(path).await.is_ok_and(|file| file.identity() == listed.file.version)
    })
}
