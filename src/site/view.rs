//! The site as of one moment: what a request is judged by, from its path to its answer.
//!
//! A view never changes. A refresh and a failover put whole new views into force (`site::live`), so that
//! settings of one moment, or of the database's copy, never meet accounts of another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::endpoint::Endpoints;
use super::settings::Settings;
use crate::store::{Joomla, Reads, SiteRows};

/// The site as of one moment.
#[derive(Clone)]
pub struct SiteView {
    /// The plugin's settings.
    pub settings: Arc<Settings>,
    /// The end-points.
    pub endpoints: Arc<Endpoints>,
    /// What is asked for accounts: the database, or its copy.
    pub store: Arc<dyn Joomla>,
    /// What the settings were made of, or would have been.
    pub(super) rows: SiteRows,
    pub(super) read_at: Instant,
    /// Why the rows are not in force.
    pub(super) failure: Option<Failure>,
}

/// Why the rows that were read last are not in force.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) plugin_is_gone: bool,
}

impl SiteView {
    /// Time since the rows were read, changed or not.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.read_at.elapsed()
    }

    /// Are the rows that were read last in force? Not if they make no settings.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.failure.is_none()
    }

    /// Was the plugin's row missing when the rows were read last? Its last settings are in force.
    #[must_use]
    pub fn plugin_is_gone(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.plugin_is_gone)
    }

    /// The age of the database's copy, if that answers.
    #[must_use]
    pub fn copy_age(&self) -> Option<Duration> {
        match self.store.reads() {
            Reads::Database => None,
            Reads::Copy { age } => age,
        }
    }
}
