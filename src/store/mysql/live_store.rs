//! The store's connections and its remembered facts about the site.
//!
//! Used by the files of this folder, each of which has its own queries.

use std::sync::Arc;

use mysql_async::Pool;
use parking_lot::Mutex;

use super::session::ServerVersion;
use super::settings::MySqlSettings;
use crate::store::JoomlaVersion;
use crate::store::bounds::Told;
use crate::store::queries::{self, Queries};
use crate::store::version::Shape;

/// A Joomla database on MySQL or MariaDB.
pub struct MySqlStore {
    pub(super) settings: MySqlSettings,
    pub(super) pool: Pool,
    pub(super) server: ServerVersion,
    /// Sets up a session that may only read.
    pub(super) reading: String,
    pub(super) name_charsets: String,
    pub(super) told: Told,
    pub(super) site: Mutex<SiteShape>,
}

/// A column of names, by its place in the answer to `name_charsets`.
#[derive(Clone, Copy)]
pub(super) enum NameColumn {
    Email = 0,
    Username = 1,
}

/// The facts that an update of Joomla changes while the service runs.
#[derive(Clone)]
pub(super) struct SiteShape {
    pub(super) queries: Arc<Queries>,
    /// The version when the tables were examined; `None` before the first time.
    pub(super) version: Option<JoomlaVersion>,
}

pub(super) fn site_queries(settings: &MySqlSettings, shape: Shape) -> Queries {
    Queries::new(&settings.prefix, &queries::MYSQL, shape)
}
