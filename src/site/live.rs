//! The view in force. A refresh and a failover replace it as a whole.
//!
//! Called by the refresh and by the watcher of the database's copy, which publish views, and by
//! requests, which take one view each. If settings cannot be read at run time, the last good ones
//! stay in force.

use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use super::endpoint_plan::EndpointPlan;
use super::report::report;
use super::settings::{Settings, SettingsError, SettingsSource};
use super::view::{Failure, SiteView};
use crate::store::standby::{CopyState, Failover, Handover};
use crate::store::{EndpointRows, Joomla, Reads, SiteRows, StoreError};

/// Most checks of the database that one request may wait for.
const LOOKS: u8 = 2;

/// The site, kept up to date.
pub struct LiveSite {
    source: SettingsSource,
    plan: EndpointPlan,
    view: ArcSwap<SiteView>,
    /// Each view is made from the one before it: of two writers at the same time, one would lose
    /// its data.
    publishing: Mutex<()>,
    failover: Option<Arc<Failover>>,
}

/// The tries of one request, which may continue after a failure of the database.
pub struct Tries {
    looks_left: u8,
}

impl Default for Tries {
    fn default() -> Self {
        Self { looks_left: LOOKS }
    }
}

impl LiveSite {
    /// Makes the first view from its rows; requests will use its store.
    ///
    /// # Errors
    /// Rows without usable settings.
    pub fn new(
        source: SettingsSource,
        plan: EndpointPlan,
        first: Handover,
        failover: Option<Arc<Failover>>,
    ) -> Result<Self, SettingsError> {
        let Handover { store, site: rows, menu } = first;
        let settings = source.first_settings(&rows)?;
        report(&source, &settings);
        let view = SiteView {
            settings: Arc::new(settings),
            endpoints: Arc::new(plan.build(&rows, &menu)),
            store,
            rows,
            read_at: Instant::now(),
            failure: None,
        };
        let view = ArcSwap::from_pointee(view);
        Ok(Self { source, plan, view, publishing: Mutex::new(()), failover })
    }

    /// Returns the view in force. A request takes it once.
    #[must_use]
    pub fn view(&self) -> Arc<SiteView> {
        self.view.load_full()
    }

    /// Checks whether the database answers; after a failure the watcher checks it, too.
    ///
    /// # Errors
    /// The database's own error, if no other view can answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut view = self.view();
        let mut tries = Tries::default();
        loop {
            let Err(error) = view.store.ping().await else { return Ok(()) };
            match self.after_failure(&view, &error, &mut tries).await {
                Some(next) => view = next,
                None => return Err(error),
            }
        }
    }

    /// Returns the state of the standby copy, if copies are taken.
    #[must_use]
    pub fn copy_state(&self) -> Option<CopyState> {
        self.failover().map(Failover::state)
    }

    /// Returns the pair of database and copy, if copies are taken.
    #[must_use]
    pub fn failover(&self) -> Option<&Failover> {
        self.failover.as_deref()
    }

    /// Puts rows into force that were read from the store of `seen`, unless another store answers
    /// by now. Without `menu` the end-points stay the same.
    pub fn refresh(&self, seen: &SiteView, rows: SiteRows, menu: Option<&EndpointRows>) {
        let _publishing = self.publishing.lock();
        let last = self.view();
        if Arc::ptr_eq(&last.store, &seen.store) {
            self.publish(&last, Arc::clone(&seen.store), rows, menu);
        }
    }

    /// Returns the view in force, with the releases that the ledger has now.
    pub async fn view_now(&self) -> Arc<SiteView> {
        self.source.releases.bring_up_to_date().await;
        let view = self.view();
        // Another request may have read them, and not put them into force yet.
        let is_behind = !Arc::ptr_eq(&view.settings.releases, &self.source.releases.all());
        if is_behind && view.is_current() {
            self.refresh_releases();
            return self.view();
        }
        view
    }

    /// Puts the releases of the ledger into force as they were read last.
    pub fn refresh_releases(&self) {
        let _publishing = self.publishing.lock();
        let last = self.view();
        if Arc::ptr_eq(&last.settings.releases, &self.source.releases.all()) {
            return;
        }
        match self.source.settings(&last.rows, Some(&last.settings)) {
            Ok(settings) => {
                tracing::info!("the releases have changed: the new ones are in force");
                let settings = Arc::new(settings);
                self.view.store(Arc::new(SiteView { settings, ..SiteView::clone(&last) }));
            }
            // The rows are not in force either: the next refresh says so, and tries both again.
            Err(error) => tracing::warn!(%error, "the changed releases are not in force yet"),
        }
    }

    /// Puts a store into force that starts to answer, with its own settings and end-points.
    pub fn hand_over(&self, to: Handover) {
        let _publishing = self.publishing.lock();
        let Handover { store, site, menu } = to;
        self.publish(&self.view(), store, site, Some(&menu));
    }

    /// Returns the view for another try of a request, after the store of `failed` has failed;
    /// `None` if the request must fail.
    ///
    /// A slow answer is not a failure of the database: the watcher is told, and the request fails.
    /// After any other failure, the request waits for the watcher's next check. Then the copy
    /// answers, or the database does, which may have been away only for a moment.
    pub async fn after_failure(
        &self,
        failed: &SiteView,
        error: &StoreError,
        tries: &mut Tries,
    ) -> Option<Arc<SiteView>> {
        let failover = self.failover.as_deref()?;
        if let Some(next) = self.of_another_store(failed) {
            return Some(next);
        }
        if failed.store.reads() != Reads::Database {
            return None;
        }
        if matches!(error, StoreError::Timeout { .. }) {
            failover.doubt();
            return None;
        }
        if tries.looks_left == 0 || failover.has_failed() {
            return self.of_another_store(failed);
        }
        tries.looks_left -= 1;
        failover.next_look().await;
        Some(self.view())
    }

    fn of_another_store(&self, failed: &SiteView) -> Option<Arc<SiteView>> {
        let view = self.view();
        (!Arc::ptr_eq(&view.store, &failed.store)).then_some(view)
    }

    fn publish(
        &self,
        last: &SiteView,
        store: Arc<dyn Joomla>,
        rows: SiteRows,
        menu: Option<&EndpointRows>,
    ) {
        let (settings, failure) = self.settings(last, &rows);
        let endpoints = menu.map(|menu| self.plan.build(&rows, menu));
        // Equal end-points stay the same value, so data made from them can be kept.
        let changed = endpoints.filter(|endpoints| *endpoints != *last.endpoints);
        let endpoints = changed.map_or_else(|| Arc::clone(&last.endpoints), Arc::new);
        let read_at = Instant::now();
        self.view.store(Arc::new(SiteView { settings, endpoints, store, rows, read_at, failure }));
    }

    /// Returns the settings of these rows, or the last good ones and the reason for keeping them.
    /// Logs each change once.
    fn settings(&self, last: &SiteView, rows: &SiteRows) -> (Arc<Settings>, Option<Failure>) {
        if last.rows == *rows {
            return (Arc::clone(&last.settings), last.failure.clone());
        }
        match self.source.settings(rows, Some(&last.settings)) {
            Ok(settings) => {
                tracing::info!("the settings in Joomla have changed: the new ones are in force");
                report(&self.source, &settings);
                (Arc::new(settings), None)
            }
            Err(error) => {
                let plugin_is_gone = matches!(error, SettingsError::NoPlugin { .. });
                let failure = Some(Failure { message: error.to_string(), plugin_is_gone });
                if last.failure != failure {
                    tracing::error!(%error, "the settings in Joomla cannot be read: the last good ones stay in force");
                }
                (Arc::clone(&last.settings), failure)
            }
        }
    }
}
