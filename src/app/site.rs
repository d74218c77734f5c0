//! A Joomla site, read once: what the service starts from, and what the operator's commands look at.

use std::sync::Arc;

use super::database::{self, Place};
use super::endpoints::Plan;
use super::lasting::Lasting;
use super::{StartError, release};
use crate::config::Config;
use crate::jbackend::endpoint::Endpoints;
use crate::joomla::{EndpointRows, Joomla, SiteRows};
use crate::methods::Release;

/// A site as its database and the configuration have it now.
pub struct Site {
    /// The database.
    pub joomla: Arc<dyn Joomla>,
    /// What the settings are made of.
    pub rows: SiteRows,
    /// What the end-points are made of.
    pub menu: EndpointRows,
    /// The release module, as the service would run it.
    pub release: Arc<Release>,
    /// The end-points, as the service would have them.
    pub endpoints: Endpoints,
    pub(super) place: Place,
    pub(super) plan: Plan,
}

impl Site {
    /// Opens the database, reads settings and end-points. A site without any end-point is one.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`].
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let place = database::place(&config.database)?;
        let joomla = place.open().await?;
        Self::read(config, &Lasting::default(), place, joomla).await
    }

    /// [`Site::open`] of a database that is open, with what outlives a reload.
    pub(super) async fn read(
        config: &Config,
        lasting: &Lasting,
        place: Place,
        joomla: Arc<dyn Joomla>,
    ) -> Result<Self, StartError> {
        let rows = joomla.site_rows().await?;
        let release = Arc::new(release(config, Arc::clone(&joomla), &rows, lasting)?);
        release.verifier.learn(&joomla.recent_hashes().await?);
        let plan = Plan::new(config);
        let menu = joomla.endpoint_rows().await?;
        let endpoints = plan.build(&rows, &menu);
        Ok(Self { joomla, rows, menu, release, endpoints, place, plan })
    }
}
