//! Ledger, private copies and rules, opened for the commands that change releases.
//!
//! A command writes the ledger itself, as its owner, beside a service that runs; the service follows.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::package_index;
use super::plan::releases::ReleasesPlan;
use super::start_error::StartError;
use crate::config::Config;
use crate::config::problem::Problem;
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{Ledger as _, LedgerError};
use crate::packages::private_copies::PrivateCopies;
use crate::publish::lint::Ground;
use crate::release::record::ReleaseRecord;
use crate::signing::SigningRules;
use crate::updates::addresses::Addresses;
use crate::updates::package_index::PackageIndex;

/// The ledger that the configuration names, and where copies are.
pub struct ReleaseStore {
    /// The ledger.
    pub ledger: SqliteLedger,
    /// The private copies.
    pub copies: PrivateCopies,
    signing: SigningRules,
}

impl ReleaseStore {
    /// Opens both.
    ///
    /// # Errors
    /// A configuration that names no ledger or no folder, and a ledger that cannot be opened.
    pub async fn open(config: &Config) -> Result<Self, StoreOpenError> {
        let plan = ReleasesPlan::of(config).map_err(StartError::from)?;
        let ledger = ledger_path(config)?;
        let copies = plan.copies.ok_or_else(|| {
            StartError::from(Problem::missing(
                "releases.folder",
                "a folder for the files, like `/var/lib/jbackend-bridge/releases`",
            ))
        })?;
        Ok(Self { ledger: SqliteLedger::open(ledger).await?, copies, signing: plan.signing })
    }

    /// Reads all releases.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn releases(&self) -> Result<Vec<Arc<ReleaseRecord>>, LedgerError> {
        Ok(self.ledger.releases().await?.into_iter().map(Arc::new).collect())
    }

    /// Reads everything that a new release is compared with, from the site's database and the
    /// ledger.
    ///
    /// # Errors
    /// One clear sentence, see [`StoreOpenError`].
    pub async fn ground(&self, config: &Config) -> Result<(Ground, PackageIndex), StoreOpenError> {
        let (mut index, _) = package_index::open(config).await?;
        let catalog = Arc::new(std::mem::take(&mut index.catalog));
        let ground = Ground {
            catalog,
            rules: Arc::clone(&index.rules),
            addresses: Addresses::new(&index.addresses, &index.endpoints),
            signing: self.signing.clone(),
            releases: self.releases().await?,
        };
        Ok((ground, index))
    }
}

/// Opens the ledger that the configuration names.
///
/// # Errors
/// A configuration that names none, and a ledger that cannot be opened.
pub async fn open_ledger(config: &Config) -> Result<SqliteLedger, StoreOpenError> {
    Ok(SqliteLedger::open(ledger_path(config)?).await?)
}

fn ledger_path(config: &Config) -> Result<&Path, StartError> {
    config.ledger.url.as_ref().and_then(|url| url.path()).ok_or_else(|| {
        StartError::from(Problem::missing(
            "ledger.url",
            "a file for the ledger, like `sqlite:/var/lib/jbackend-bridge/bridge.db`",
        ))
    })
}

/// Why releases cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreOpenError {
    /// The configuration, or the site's database.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The private copies.
    #[error("the folder of private copies cannot be used: {0}")]
    Copies(#[from] io::Error),
}
