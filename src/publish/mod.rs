//! Publishing: a ZIP becomes a release, and releases change their states.
//!
//! Called by the commands `publish` and `releases`, and by uploads. A file is copied into the private
//! copies first; everything else is judged by that copy. A release is stored in one transaction, so
//! either all of it is there or nothing. See `docs/releases.md`. Must not import: `http`, `service`.
//!
//! - [`request`]: the wishes of the maker.
//! - [`lint`]: everything that speaks against it, found at once.
//! - [`states`]: promote, hold, withdraw, roll back.
//! - [`token`]: upload tokens, and whether one counts.
//! - [`desk`]: everything that uploads need of the service.
//! - [`upload`]: the bytes of an upload on their way to the disk.
//! - [`content_digest`], [`statement`]: the head of an upload.

pub mod content_digest;
pub mod desk;
pub mod lint;
pub mod request;
pub mod statement;
pub mod states;
pub mod token;
pub mod upload;

use std::io::{self, Seek as _};
use std::sync::Arc;

use joomla_updates::archive;
use joomla_updates::manifest::Manifest;
use joomla_updates::stability::Stability;
use serde::Serialize;

use self::lint::{Finding, Findings, Ground};
use self::request::{PublishGoal, PublishRequest, ReleaseFileName, ReleaseScope};
use crate::ledger::{Added, Ledger, LedgerError};
use crate::mask::printable;
use crate::packages::private_copies::{KeptCopy, WholeCopy};
use crate::release::record::{ReleaseRecord, ReleaseState};
use crate::signing::signature;
use crate::signing::trusted_comment::TrustedComment;
use crate::signing::{SignatureError, SigningRules};
use crate::supervise::blocking;
use crate::told::{tells, told};

/// The result of publishing.
#[derive(Debug, Serialize)]
pub struct Published {
    /// The release, as it is stored.
    pub release: ReleaseRecord,
    /// Whether it was stored now; `false` if the same file was there already.
    pub is_new: bool,
    /// The addresses of the update XML in which sites find it, once it is published and listed.
    pub xml: Vec<String>,
    /// Findings that did not keep it from being published.
    pub warnings: Vec<Finding>,
}

/// Why a file did not become a release. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The lint has errors.
    Refused(Findings),
    /// The version is there with another content.
    Conflict {
        /// The identifier.
        id: String,
        /// The version.
        version: String,
    },
    /// The extension belongs to another package group.
    OtherOwner {
        /// The extension.
        extension: String,
        /// The package group that it belongs to; `None` if it is free.
        owner: Option<String>,
    },
    /// The token that publishes is for other extensions.
    OutOfScope {
        /// The element of the extension.
        element: String,
    },
    /// The private copy could not be kept.
    Storage(io::Error),
    /// The ledger failed.
    Ledger(LedgerError),
    /// The service is shutting down.
    Stopping,
}

tells!(PublishError {
    Self::Refused(findings) => told!("the release is refused: {}", findings.errors_in_a_line()),
    Self::Conflict { id, version } => told!(
        "version {version} of `{id}` exists with another file" => "give the new file a new version"
    ),
    Self::OtherOwner { extension, owner: Some(group) } => told!(
        "{extension} belongs to the package group `{group}`" =>
        "publish it there, or give it away with `releases adopt` on the server"
    ),
    Self::OtherOwner { extension, owner: None } => told!(
        "{extension} is free" =>
        "publish it as free, or change that with `releases adopt` on the server"
    ),
    Self::OutOfScope { element } => told!(
        "the upload token is not for the extension `{}`", printable(element) =>
        "use the token of that extension, or make one with `--extension`"
    ),
    Self::Storage(reason) => told!(
        "the file cannot be stored: {reason}" =>
        "look whether the disk of `folder` in `[releases]` is full, and who may write there"
    ),
    Self::Ledger(error) => error.told(),
    Self::Stopping => told!("the service is shutting down" => "try again in a moment"),
});

/// Publishes a file that was copied. With `dry_run` in the request it stops before the last step.
///
/// # Errors
/// [`PublishError`]; the copy is removed then.
pub async fn publish(
    ledger: &dyn Ledger,
    ground: &Ground,
    copy: WholeCopy,
    request: PublishRequest,
) -> Result<Published, PublishError> {
    let reading = blocking(move || {
        let found = archive::manifest(copy.file());
        (copy, found)
    });
    let (copy, found) = reading.await.map_err(|_| PublishError::Stopping)?;
    let manifest = found.map_err(|error| PublishError::Refused(Findings::of_archive(&error)))?;
    let manifest = manifest.manifest;
    let element = &manifest.extension.element;
    if request.limited_to.as_ref().is_some_and(|scope| !scope.covers(element)) {
        return Err(PublishError::OutOfScope { element: element.clone() });
    }
    let release = record(&manifest, &copy, &request, ground)?;
    if let Some(known) = known(&release, ground, &request)? {
        let xml = ground.xml(&known);
        return Ok(Published { xml, release: known, is_new: false, warnings: Vec::new() });
    }
    let mut findings = lint::lint(&release, &manifest, ground, request.is_forced);
    if let Err(error) = &request.file_name {
        findings.error(error);
    }
    let (copy, judged) = judged(copy, manifest, &release, &ground.signing).await?;
    if let Err(error) = &judged {
        findings.error(error);
    }
    let warnings = findings.without_errors().map_err(PublishError::Refused)?;
    let xml = ground.xml(&release);
    if request.goal == PublishGoal::DryRun {
        return Ok(Published { release, is_new: true, xml, warnings });
    }
    let kept = blocking(move || copy.keep())
        .await
        .map_err(|_| PublishError::Stopping)?
        .map_err(PublishError::Storage)?;
    let refused = match ledger.add_release(release.clone(), request.is_adopted).await {
        Ok(Added::New) => return Ok(Published { release, is_new: true, xml, warnings }),
        Ok(Added::Same(known)) => {
            return Ok(Published { release: *known, is_new: false, xml, warnings });
        }
        Ok(Added::Conflict) => PublishError::Conflict { id: release.id, version: release.version },
        Ok(Added::OtherOwner(owner)) => {
            PublishError::OtherOwner { extension: release.extension.to_string(), owner }
        }
        Err(error) => PublishError::Ledger(error),
    };
    take_back(kept).await;
    Err(refused)
}

/// Judges the signature of a release as the gate will do when it is served.
async fn judged(
    copy: WholeCopy,
    manifest: Manifest,
    release: &ReleaseRecord,
    rules: &SigningRules,
) -> Result<(WholeCopy, Result<(), SignatureError>), PublishError> {
    if !rules.require(&release.extension) {
        return Ok((copy, Ok(())));
    }
    let Some(signature) = release.signature.clone() else {
        let comment = TrustedComment::of(&manifest, release.group.as_deref());
        return Ok((copy, Err(SignatureError::Missing { comment })));
    };
    let (rules, group) = (rules.clone(), release.group.clone());
    let judging = blocking(move || {
        let mut file = copy.file();
        let judged = file.rewind().and_then(|()| {
            signature::verify(&rules, &signature, &mut file, &manifest, group.as_deref())
        });
        (copy, judged)
    });
    let (copy, judged) = judging.await.map_err(|_| PublishError::Stopping)?;
    Ok((copy, judged.map_err(PublishError::Storage)?.map(drop)))
}

/// Removes a copy whose release was not stored.
async fn take_back(kept: KeptCopy) {
    if let Ok(Err(error)) = blocking(move || kept.take_back()).await {
        tracing::warn!(%error, "the copy of a release that was refused could not be removed");
    }
}

/// Finds the release of the same id and version; it must be the same file for the same customers.
fn known(
    release: &ReleaseRecord,
    ground: &Ground,
    request: &PublishRequest,
) -> Result<Option<ReleaseRecord>, PublishError> {
    let same = |one: &&Arc<ReleaseRecord>| one.id == release.id && one.version == release.version;
    let Some(known) = ground.releases.iter().find(same) else { return Ok(None) };
    if known.checksums != release.checksums {
        let (id, version) = (release.id.clone(), release.version.clone());
        return Err(PublishError::Conflict { id, version });
    }
    if known.group != release.group && !request.is_adopted {
        let extension = known.extension.to_string();
        return Err(PublishError::OtherOwner { extension, owner: known.group.clone() });
    }
    Ok(Some(ReleaseRecord::clone(known)))
}

/// Makes the record of a release from its manifest, its file and the wishes of the maker.
fn record(
    manifest: &Manifest,
    copy: &WholeCopy,
    request: &PublishRequest,
    ground: &Ground,
) -> Result<ReleaseRecord, PublishError> {
    let group = match &request.scope {
        ReleaseScope::Free => None,
        ReleaseScope::Group(group) => Some(group.clone()),
        ReleaseScope::AsBefore => ground
            .latest(&manifest.extension)
            .map(|latest| latest.group.clone())
            .ok_or_else(|| PublishError::Refused(Findings::of_unknown_scope(manifest)))?,
    };
    let state = match request.goal {
        PublishGoal::Stage => ReleaseState::Staged,
        PublishGoal::DryRun | PublishGoal::Publish => ReleaseState::Published,
    };
    let file_name = request.file_name.as_ref().map(ReleaseFileName::as_str).unwrap_or_default();
    Ok(ReleaseRecord {
        id: request.id.clone().unwrap_or_else(|| default_id(manifest)),
        version: manifest.version.clone(),
        extension: manifest.extension.clone(),
        group,
        channel: request.channel.unwrap_or_else(|| Stability::of_version(&manifest.version)),
        state,
        file_name: file_name.to_owned(),
        size: copy.size,
        checksums: copy.checksums.clone(),
        signature: request.signature.clone(),
        target_platform: manifest.target_platform.clone(),
        php_minimum: manifest.php_minimum.clone(),
        supported_databases: request.supported_databases.clone(),
        security: request.security,
        changelog: request.changelog.clone(),
        stored_at: request.now,
        stored_by: request.actor.clone(),
    })
}

/// Makes the identifier of a release: the element and the version.
fn default_id(manifest: &Manifest) -> String {
    format!("{}-{}", manifest.extension.element, manifest.version)
}
