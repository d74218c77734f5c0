//! A Joomla site, read once: what the service starts from, and what the operator's commands look at.

use std::sync::Arc;

use super::database;
use super::module::{release, settings_source};
use super::plan::Plan;
use super::process_state::ProcessState;
use super::start_error::StartError;
use crate::config::Config;
use crate::methods::Release;
use crate::site::{LiveSite, SiteView};
use crate::store::standby::{Failover, Handover};
use crate::store::{EndpointRows, Joomla, SiteRows};

/// A site as its database and the configuration have it now.
pub struct OpenSite {
    /// The database.
    pub joomla: Arc<dyn Joomla>,
    /// What the settings are made of.
    pub rows: SiteRows,
    /// What the end-points are made of.
    pub menu: EndpointRows,
    /// The release module, as the service would run it.
    pub release: Arc<Release>,
    /// The site as the service would have it.
    pub live: Arc<LiveSite>,
    /// Its view, as it was read.
    pub view: Arc<SiteView>,
    /// What the configuration says.
    pub plan: Arc<Plan>,
}

impl OpenSite {
    /// Opens the database, reads settings and end-points. A site without any end-point is one.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`].
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let plan = Arc::new(Plan::of(config)?);
        let joomla = database::open_place(&plan.database.place).await?;
        Self::read(plan, &ProcessState::default(), joomla, None).await
    }

    /// [`OpenSite::open`] of a database that is open, with what outlives a reload.
    pub(super) async fn read(
        plan: Arc<Plan>,
        lasting: &ProcessState,
        joomla: Arc<dyn Joomla>,
        failover: Option<Arc<Failover>>,
    ) -> Result<Self, StartError> {
        let rows = joomla.site_rows().await?;
        let source = settings_source(&plan, lasting);
        let release = Arc::new(release(&plan, lasting));
        release.verifier.learn(&joomla.recent_hashes().await?);
        let menu = joomla.endpoint_rows().await?;
        let first = Handover { store: Arc::clone(&joomla), site: rows.clone(), menu: menu.clone() };
        let live = Arc::new(LiveSite::new(source, plan.endpoints.clone(), first, failover)?);
        Ok(Self { joomla, rows, menu, release, view: live.view(), live, plan })
    }
}
