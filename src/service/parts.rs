//! The parts of the service, opened one by one, so that one that fails does not hide the others.
//!
//! For the checks before a site goes live, which look at all of them. Each part is made as the
//! service makes it, by the same code. [`super::package_index`] opens those that packages need,
//! [`super::site`] all of them together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::database::{self, DatabaseLocation};
use super::endpoints;
use super::from_config::{
    allow_roots, extensions_table, fixed_settings, param_names, rules, socket_mode,
};
use super::process_state::ProcessState;
use super::shared_limits::{self, KeptSharing};
use super::start_error::StartError;
use super::{core, fallback, impossible, keys, mail, standby};
use crate::config::Config;
use crate::limits::shared::server::RedisServer;
use crate::mail::{Letters, MailCheck};
use crate::packages::Packages;
use crate::packages::folder::Folder;
use crate::release::catalog::SettingsText;
use crate::release::license::KeyRing;
use crate::release::params::{self, ParamsError};
use crate::site::endpoint::Endpoints;
use crate::site::endpoint_plan::{self, EndpointPlan};
use crate::site::settings::{package_folder, plugin_text};
use crate::store::inspection::Inspection;
use crate::store::standby::StandbySettings;
use crate::store::{
    EndpointRows, Joomla, MySqlSessionTimes, MySqlSettings, MySqlWriter, SiteRows, StoreError,
    inspect_mysql, inspect_sqlite,
};

/// Where the site's database is, before anything is asked of it.
pub struct DatabasePlace {
    place: DatabaseLocation,
    writer: Option<MySqlSettings>,
}

impl DatabasePlace {
    /// Reads the `[database]` section.
    ///
    /// # Errors
    /// One that names no database.
    pub fn new(config: &Config) -> Result<Self, StartError> {
        let place = database::place(&config.database)?;
        let writer = match &place {
            DatabaseLocation::MySql(settings) => {
                Some(database::writer(settings.clone(), &config.database))
            }
            DatabaseLocation::Sqlite { .. } => None,
        };
        Ok(Self { place, writer })
    }

    /// The address, socket or file.
    #[must_use]
    pub fn address(&self) -> String {
        match &self.place {
            DatabaseLocation::MySql(settings) => settings.address.to_string(),
            DatabaseLocation::Sqlite { path, .. } => path.display().to_string(),
        }
    }

    /// The name of the database on its server; nothing for a file.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.place {
            DatabaseLocation::MySql(settings) => Some(&settings.database),
            DatabaseLocation::Sqlite { .. } => None,
        }
    }

    /// Connects for the operator's questions; the tables are not looked at.
    ///
    /// # Errors
    /// A server or file that cannot be reached.
    pub async fn inspect(&self) -> Result<Inspection, StoreError> {
        match &self.place {
            DatabaseLocation::MySql(settings) => inspect_mysql(settings).await,
            DatabaseLocation::Sqlite { path, prefix, .. } => inspect_sqlite(path, prefix),
        }
    }

    /// Connects with the account that counts API keys and adds trace rows; nothing for a file, which
    /// is only read.
    ///
    /// # Errors
    /// A server that cannot be reached.
    pub async fn inspect_as_writer(&self) -> Result<Option<Inspection>, StoreError> {
        match &self.writer {
            None => Ok(None),
            Some(settings) => inspect_mysql(settings).await.map(Some),
        }
    }

    /// Opens the database as the service does.
    ///
    /// # Errors
    /// A database that does not answer as a Joomla site's would.
    pub async fn open(&self) -> Result<Arc<dyn Joomla>, StartError> {
        self.place.open().await
    }

    /// Whether jBackend's tables could be written as the service does it; nothing is written.
    ///
    /// # Errors
    /// A missing table or right.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        match &self.writer {
            None => Ok(()),
            Some(settings) => MySqlWriter::connect(settings.clone()).await.map(drop),
        }
    }

    /// Whether sessions could be renewed as the service does it; nothing is written.
    ///
    /// # Errors
    /// A missing table or right.
    pub async fn try_renewing(&self) -> Result<(), StoreError> {
        match &self.writer {
            None => Ok(()),
            Some(settings) => MySqlSessionTimes::new(settings.clone()).try_writing().await,
        }
    }
}

/// Settings that would keep the service from starting, none of which another part names.
#[must_use]
pub fn refused_settings(config: &Config) -> Vec<StartError> {
    let socket = socket_mode("server", &config.server.socket_mode).err();
    let version = rules(config).err();
    let admin_socket = socket_mode("admin", &config.admin.socket_mode).err();
    let fallback = fallback::fallback(config, ProcessState::default().shadow).err();
    let circle = impossible::upstream_is_not_the_bridge(config).err();
    [socket, admin_socket, version, fallback, circle].into_iter().flatten().collect()
}

/// How snapshots of the database are taken; nothing where none are.
///
/// # Errors
/// Settings that contradict each other. A section that names no database is no matter of this.
pub fn snapshot(config: &Config) -> Result<Option<StandbySettings>, StartError> {
    match database::place(&config.database) {
        Ok(place) => standby::settings(&config.database, &place),
        Err(_) => Ok(None),
    }
}

/// The server through which limits are shared, not connected yet; nothing where none is.
///
/// # Errors
/// Settings that the service would not start with.
pub fn shared_limits(config: &Config) -> Result<Option<Arc<RedisServer>>, StartError> {
    let sharing = shared_limits::sharing(config, &KeptSharing::default())?;
    Ok(sharing.map(|sharing| sharing.server))
}

/// Whether folder, package groups and packages stand in the configuration, in place of the plugin's.
///
/// # Errors
/// Some of them do and some do not.
pub fn settings_are_fixed(config: &Config) -> Result<bool, StartError> {
    Ok(fixed_settings(config)?.is_some())
}

/// The settings' text: the configuration's or the plugin's; nothing where the plugin's are needed and
/// the database gave no rows.
///
/// # Errors
/// No settings, or such as cannot be read.
pub fn settings_text(
    config: &Config,
    rows: Option<&SiteRows>,
) -> Result<Option<SettingsText>, StartError> {
    match rows {
        Some(rows) => settings_of(config, rows).map(Some),
        None => fixed_settings(config),
    }
}

/// [`settings_text`] of a site whose rows are there.
pub(super) fn settings_of(config: &Config, rows: &SiteRows) -> Result<SettingsText, StartError> {
    match fixed_settings(config)? {
        Some(text) => Ok(text),
        None => Ok(plugin_text(rows, &param_names(config), &extensions_table(config))?),
    }
}

/// The JSON names under which the plugin's row holds the three settings, each with the option's label.
///
/// # Errors
/// A row that cannot be read, or without one of them.
pub fn settings_names(
    config: &Config,
    params: &str,
) -> Result<Vec<(&'static str, String)>, ParamsError> {
    params::names(params, &param_names(config))
}

/// The table the plugin's row is in.
#[must_use]
pub fn plugin_table(config: &Config) -> String {
    extensions_table(config)
}

/// Whether params of the plugin, the component or a menu item are about to be cut off by the width of
/// their column.
#[must_use]
pub fn params_fill_their_column(params: &str) -> bool {
    params::is_nearly_full(params)
}

/// Whether they have been.
#[must_use]
pub fn params_are_cut_off(params: &str) -> bool {
    params::is_cut_off(params)
}

/// The package folder and where it is.
///
/// # Errors
/// A relative one, and no site's folder.
pub fn packages(
    config: &Config,
    text: &SettingsText,
) -> Result<(PathBuf, Arc<dyn Packages>), StartError> {
    let path = package_folder(config.joomla.root.as_deref(), &text.folder)?;
    let folder = Folder::new(path.clone(), allow_roots(config));
    Ok((path, Arc::new(folder)))
}

/// What makes and accepts license keys.
///
/// # Errors
/// No formula, or one that cannot be read.
pub fn key_ring(config: &Config) -> Result<KeyRing, StartError> {
    keys::ring(config, fixed_settings(config)?.is_none())
}

/// The end-points of these rows.
#[must_use]
pub fn endpoints(config: &Config, site: &SiteRows, menu: &EndpointRows) -> Endpoints {
    EndpointPlan::new(config).build(site, menu)
}

/// Whether there is any end-point to serve.
///
/// # Errors
/// There is none.
pub fn some_endpoint(endpoints: &Endpoints, menu: &EndpointRows) -> Result<(), StartError> {
    endpoints::check(endpoints, menu)
}

/// Whether an end-point counts API keys or keeps trace rows.
#[must_use]
pub fn endpoints_write(endpoints: &Endpoints) -> bool {
    core::writes(endpoints)
}

/// The path of the public URL: where a Joomla in a subdirectory lives; without slashes around it.
#[must_use]
pub fn base_path(config: &Config) -> String {
    endpoint_plan::base(config).trim_matches('/').to_owned()
}

/// The way out for mails, to be tried.
///
/// # Errors
/// Settings that cannot be used.
pub fn mail_check(config: &Config) -> Result<Arc<dyn MailCheck>, StartError> {
    mail::check(config)
}

/// The letter with a license key, to be tried.
///
/// # Errors
/// A broken template.
pub fn letters(templates: Option<&Path>) -> Result<Letters, StartError> {
    Ok(Letters::load(templates)?)
}
