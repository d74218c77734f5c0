//! Everything that uploads need of the service: limits, places, the ledger, and the rules that a new
//! release is compared with.
//!
//! Made by `service` for each configuration, used by `http::front::uploads`. Must not import: `http`.

use std::sync::Arc;

use super::lint::Ground;
use super::upload::UploadPlaces;
use crate::ledger::{Ledger, LedgerError};
use crate::packages::private_copies::PrivateCopies;
use crate::signing::SigningRules;
use crate::site::SiteView;
use crate::updates::addresses::{AddressPlan, Addresses};
use crate::updates::rules::UpdateRules;

/// Gives the ledger; `None` while it fails.
pub type LedgerInForce = Arc<dyn Fn() -> Option<Arc<dyn Ledger>> + Send + Sync>;

/// Accepts uploads.
pub struct UploadDesk {
    /// The folder of releases.
    pub copies: PrivateCopies,
    /// The largest file, in bytes.
    pub largest: u64,
    /// The rules of update XML.
    pub rules: Arc<UpdateRules>,
    /// The addresses of the configuration.
    pub addresses: AddressPlan,
    /// The extensions that need a signature, and the keys that count.
    pub signing: SigningRules,
    /// The uploads under way.
    pub places: Arc<UploadPlaces>,
    /// The ledger.
    pub ledger: LedgerInForce,
}

impl UploadDesk {
    /// Reads everything that a new release is compared with.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn ground(
        &self,
        ledger: &dyn Ledger,
        view: &SiteView,
    ) -> Result<Ground, LedgerError> {
        Ok(Ground {
            catalog: Arc::clone(&view.settings.catalog),
            rules: Arc::clone(&self.rules),
            addresses: Addresses::new(&self.addresses, &view.endpoints),
            signing: self.signing.clone(),
            releases: ledger.releases().await?.into_iter().map(Arc::new).collect(),
        })
    }
}
