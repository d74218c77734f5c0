//! Reads a Joomla site once, for the service's start and for the operator's commands.

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

/// A site with the current state of its database and configuration.
pub struct OpenSite {
    /// The database.
    pub joomla: Arc<dyn Joomla>,
    /// The rows that the settings are made from.
    pub rows: SiteRows,
    /// The rows that the end-points are made from.
    pub menu: EndpointRows,
    /// The release module, as in the service.
    pub release: Arc<Release>,
    /// The site, as in the service.
    pub live: Arc<LiveSite>,
    /// The view of the site at the moment of reading.
    pub view: Arc<SiteView>,
    /// The plan of the configuration.
    pub plan: Arc<Plan>,
}

impl OpenSite {
    /// Opens the database, reads settings and end-points. A site without end-points is accepted.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`].
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let plan = Arc::new(Plan::of(config)?);
        let joomla = database::open_place(&plan.database.place).await?;
        Self::read(plan, &ProcessState::default(), joomla, None).await
    }

    /// [`OpenSite::open`] for an open database, with the state that outlives a reload.
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
