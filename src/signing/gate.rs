//! Opens only package files that pass, each from a private copy.
//!
//! `service` puts it around the package folder if a rule requires signatures. The signature is
//! judged by the copy, so a file that is swapped or written to afterwards changes nothing. A release
//! has a copy already; it is copied onto itself. Must not import: `http`, `site`.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Mutex as AsyncMutex;

use super::judge::{self, FileFacts};
use super::seen::SeenSigned;
use super::signature::LARGEST_SIGNATURE;
use super::{SignatureError, SigningRules};
use crate::packages::private_copies::PrivateCopies;
use crate::packages::{Opening, PackageError, PackageFile, Packages};
use crate::release::package_path::PackagePath;
use crate::release::settings::Package;
use crate::supervise::blocking;
use crate::told::Tell;

/// The end of the name of a signature file.
const SIGNATURE: &str = ".minisig";

/// A refusal counts until the package was not asked for during this time: its line may be gone.
const FORGOTTEN: Duration = Duration::from_mins(10);

/// The packages that are refused now, with the reason, for the log and the metric. Clones share it.
#[derive(Clone, Default)]
pub struct RefusedPackages {
    refused: Arc<Mutex<HashMap<(String, PackagePath), Refused>>>,
    count: Gauge,
}

struct Refused {
    identity: String,
    reason: SignatureError,
    last: Instant,
}

/// Package files behind the rules.
pub struct Gate {
    inner: Arc<GateState>,
}

struct GateState {
    files: Arc<dyn Packages>,
    copies: PrivateCopies,
    rules: SigningRules,
    seen: SeenSigned,
    refused: RefusedPackages,
    known: Mutex<HashMap<PackagePath, Arc<AsyncMutex<Option<KnownFile>>>>>,
}

/// The facts about a file as it was when it was opened.
struct KnownFile {
    identity: String,
    signature: Option<String>,
    facts: Arc<FileFacts>,
}

impl RefusedPackages {
    /// Counts into a metric.
    #[must_use]
    pub fn counted_by(count: Gauge) -> Self {
        Self { refused: Arc::default(), count }
    }

    /// Notes a decision, and logs a refusal the first time.
    fn note(
        &self,
        package: &Package,
        path: &PackagePath,
        identity: &str,
        error: Option<&SignatureError>,
    ) {
        let mut refused = self.refused.lock();
        if error.is_none() && refused.is_empty() {
            return;
        }
        let (now, key) = (Instant::now(), (package.id.clone(), path.clone()));
        refused.retain(|_, one| now.duration_since(one.last) < FORGOTTEN);
        if let Some(reason) = error {
            let new = Refused { identity: identity.to_owned(), reason: reason.clone(), last: now };
            let former = refused.insert(key, new);
            let is_known = former
                .is_some_and(|former| former.identity == identity && former.reason == *reason);
            if !is_known {
                tracing::error!(package = package.id, %path, %reason, "a package is refused for its signature");
            }
        } else if refused.remove(&key).is_some() {
            tracing::info!(package = package.id, %path, "the signature of the package is good again");
        }
        self.count.set(i64::try_from(refused.len()).unwrap_or(i64::MAX));
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl Gate {
    /// Puts rules in front of files. `files` must open private copies, too.
    #[must_use]
    pub fn new(
        files: Arc<dyn Packages>,
        copies: PrivateCopies,
        rules: SigningRules,
        seen: SeenSigned,
        refused: RefusedPackages,
    ) -> Self {
        let known = Mutex::default();
        Self { inner: Arc::new(GateState { files, copies, rules, seen, refused, known }) }
    }
}

impl Packages for Gate {
    /// Opens a file that is not sent, such as a changelog; a file that was judged from its copy, so
    /// that its checksums are those of the copy.
    fn open<'a>(&'a self, path: &'a PackagePath) -> Opening<'a> {
        Box::pin(async move {
            let file = self.inner.files.open(path).await?;
            let known = self.inner.known_file(path);
            let known = known.lock().await;
            let copy = known.as_ref().filter(|known| known.identity == file.identity());
            let copy = copy
                .and_then(|known| known.facts.copy())
                .and_then(|sha256| PackagePath::of_release(sha256, path.file_name()));
            match copy {
                Some(copy) => self.inner.files.open(&copy).await,
                None => Ok(file),
            }
        })
    }

    fn open_package<'a>(&'a self, package: &'a Package, path: &'a PackagePath) -> Opening<'a> {
        Box::pin(async move {
            let state = Arc::clone(&self.inner);
            let (package, path) = (package.clone(), path.clone());
            let lost = PackageError::Storage {
                path: path.clone(),
                source: io::Error::other("the check of the signature ended early"),
            };
            // A large file may take longer than the caller waits; the facts are needed again.
            let opening = tokio::spawn(async move { state.open_package(&package, &path).await });
            opening.await.unwrap_or(Err(lost))
        })
    }

    fn check(&self) -> Result<(), PackageError> {
        self.inner.files.check()
    }
}

impl GateState {
    async fn open_package(
        &self,
        package: &Package,
        path: &PackagePath,
    ) -> Result<PackageFile, PackageError> {
        let file = self.files.open(path).await?;
        let identity = file.identity();
        let facts = self.facts(package, path, file).await?;
        let decided = facts.decide(package, &self.rules, &self.seen);
        self.refused.note(package, path, &identity, decided.as_ref().err());
        let passed = decided
            .map_err(|error| PackageError::Unsigned { path: path.clone(), reason: error.told() })?;
        let copy = PackagePath::of_release(passed.sha256, path.file_name())
            .ok_or_else(|| PackageError::NotFound { path: path.clone() })?;
        let opened = self.files.open(&copy).await;
        if opened.is_err() {
            // The copy is made again.
            *self.known_file(path).lock().await = None;
        } else if let Some(manifest) = passed.signed {
            self.seen.learn(&package.id, manifest);
        }
        opened
    }

    fn known_file(&self, path: &PackagePath) -> Arc<AsyncMutex<Option<KnownFile>>> {
        let mut known = self.known.lock();
        Arc::clone(known.entry(path.clone()).or_default())
    }

    /// Returns the facts about an open file; reads it if they are not known. One reader at a time
    /// reads a file.
    async fn facts(
        &self,
        package: &Package,
        path: &PackagePath,
        file: PackageFile,
    ) -> Result<Arc<FileFacts>, PackageError> {
        let storage = |source| PackageError::Storage { path: path.clone(), source };
        let known = self.known_file(path);
        let mut known = known.lock().await;
        let identity = file.identity();
        let same = known.as_ref().filter(|known| known.identity == identity);
        if let Some(same) = same
            && package.release.is_none()
            && same.facts.is_signed()
        {
            return Ok(Arc::clone(&same.facts));
        }
        let signature = match &package.release {
            Some(record) => record.signature.clone(),
            None => self.signature(path).await?,
        };
        if let Some(same) = same.filter(|same| same.signature == signature) {
            return Ok(Arc::clone(&same.facts));
        }
        let (rules, copies) = (self.rules.clone(), self.copies.clone());
        let read = blocking(move || {
            let facts = judge::read(&file, signature.as_deref(), &rules, &copies);
            facts.map(|facts| (Arc::new(facts), signature))
        });
        let stopped = |_| storage(io::Error::other("the service is shutting down"));
        let (facts, signature) = read.await.map_err(stopped)?.map_err(storage)?;
        *known = Some(KnownFile { identity, signature, facts: Arc::clone(&facts) });
        Ok(facts)
    }

    /// Reads the signature beside a file; `None` if there is none.
    async fn signature(&self, path: &PackagePath) -> Result<Option<String>, PackageError> {
        let Ok(beside) = PackagePath::parse(&format!("{}{SIGNATURE}", path.as_str())) else {
            return Ok(None);
        };
        let file = match self.files.open(&beside).await {
            Ok(file) => file,
            Err(error) if error.is_storage_failure() => return Err(error),
            Err(_) => return Ok(None),
        };
        let read = blocking(move || {
            let mut bytes = Vec::new();
            file.reader().take(LARGEST_SIGNATURE).read_to_end(&mut bytes).map(|_| bytes)
        });
        let storage = |source| PackageError::Storage { path: beside.clone(), source };
        let stopped = |_| storage(io::Error::other("the service is shutting down"));
        let bytes = read.await.map_err(stopped)?.map_err(storage)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}
