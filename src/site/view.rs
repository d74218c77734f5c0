//! The site at one moment, used for a request from its path to its answer.
//!
//! A view never changes. A refresh and a failover put whole new views into force (`site::live`), so
//! settings of one moment, or of the database's copy, are never mixed with accounts of another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::endpoint::Endpoints;
use super::settings::Settings;
use crate::store::{Joomla, Reads, SiteRows};

/// The site at one moment.
#[derive(Clone)]
pub struct SiteView {
    /// The plugin's settings.
    pub settings: Arc<Settings>,
    /// The end-points.
    pub endpoints: Arc<Endpoints>,
    /// The store for accounts: the database, or its copy.
    pub store: Arc<dyn Joomla>,
    /// The rows that were read last: the settings are made from them, unless there is a `failure`.
    pub(super) rows: SiteRows,
    pub(super) read_at: Instant,
    /// The reason why the rows are not in force.
    pub(super) failure: Option<Failure>,
}

/// The reason why the rows that were read last are not in force.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) plugin_is_gone: bool,
}

impl SiteView {
    /// Returns the time since the rows were read, changed or not.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.read_at.elapsed()
    }

    /// Returns whether the rows that were read last are in force. They are not if they give no
    /// settings.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.failure.is_none()
    }

    /// Returns whether the plugin's row was missing when the rows were read last. Its last settings
    /// stay in force.
    #[must_use]
    pub fn plugin_is_gone(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.plugin_is_gone)
    }

    /// Returns the age of the database's copy, if the copy answers.
    #[must_use]
    pub fn copy_age(&self) -> Option<Duration> {
        match self.store.reads() {
            Reads::Database => None,
            Reads::Copy { age } => age,
        }
    }
}
