//! Opens the parts of the service one by one, so that a part that fails does not hide the others.
//!
//! Called by the checks before a site goes live, which examine all parts. Each part is made by the
//! same code as in the service. [`super::package_index`] opens only the parts that packages need;
//! [`super::site`] opens all of them together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::database;
use super::module;
use super::plan::database::{DatabaseLocation, DatabasePlan};
use super::plan::release::ReleasePlan;
use super::plan::site::SitePlan;
use super::start_error::StartError;
use crate::packages::Packages;
use crate::packages::folder::Folder;
use crate::packages::private_copies::PrivateCopies;
use crate::release::catalog::SettingsText;
use crate::signing::SigningRules;
use crate::signing::gate::RefusedPackages;
use crate::signing::seen::SeenSigned;
use crate::site::endpoint::{Access, Endpoints};
use crate::site::settings::{package_folder, plugin_text};
use crate::store::inspection::Inspection;
use crate::store::{
    EndpointRows, Joomla, MySqlSessionTimes, MySqlWriter, SiteRows, StoreError, inspect_mysql,
    inspect_sqlite,
};

/// The site's database, not connected yet.
#[derive(Clone)]
pub struct DatabasePlace(pub DatabasePlan);

impl DatabasePlace {
    /// Returns the address, socket or file.
    #[must_use]
    pub fn address(&self) -> String {
        self.0.place.address()
    }

    /// Returns the name of the database on its server; `None` for a file.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.place.name()
    }

    /// Connects for the operator's questions; the tables are not read yet.
    ///
    /// # Errors
    /// A server or file that cannot be reached.
    pub async fn inspect(&self) -> Result<Inspection, StoreError> {
        match &self.0.place {
            DatabaseLocation::MySql(settings) => inspect_mysql(settings).await,
            DatabaseLocation::Sqlite { path, prefix, .. } => inspect_sqlite(path, prefix),
        }
    }

    /// Connects with the account that counts API keys and adds trace rows; `None` for a file, which
    /// is only read.
    ///
    /// # Errors
    /// A server that cannot be reached.
    pub async fn inspect_as_writer(&self) -> Result<Option<Inspection>, StoreError> {
        match &self.0.writer {
            None => Ok(None),
            Some(settings) => inspect_mysql(settings).await.map(Some),
        }
    }

    /// Opens the database as the service does.
    ///
    /// # Errors
    /// A database that cannot be reached or does not answer as a Joomla site's database.
    pub async fn open(&self) -> Result<Arc<dyn Joomla>, StartError> {
        database::open_place(&self.0.place).await
    }

    /// Checks whether jBackend's tables can be written as the service does it; writes nothing.
    ///
    /// # Errors
    /// A missing table or right.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        match &self.0.writer {
            None => Ok(()),
            Some(settings) => MySqlWriter::connect(settings.clone()).await.map(drop),
        }
    }

    /// Checks whether sessions can be renewed as the service does it; writes nothing.
    ///
    /// # Errors
    /// A missing table or right.
    pub async fn try_renewing(&self) -> Result<(), StoreError> {
        match &self.0.writer {
            None => Ok(()),
            Some(settings) => MySqlSessionTimes::new(settings.clone()).try_writing().await,
        }
    }
}

/// Returns the text of the settings, from the configuration or from the plugin; `None` if the
/// plugin's settings are needed but the database gave no rows.
///
/// # Errors
/// Settings that cannot be read.
pub fn settings_text(
    plan: &ReleasePlan,
    table: &str,
    rows: Option<&SiteRows>,
) -> Result<Option<SettingsText>, StartError> {
    match rows {
        Some(rows) => settings_of(plan, table, rows).map(Some),
        None => Ok(plan.fixed.clone()),
    }
}

/// [`settings_text`] of a site whose rows were read.
pub(super) fn settings_of(
    plan: &ReleasePlan,
    table: &str,
    rows: &SiteRows,
) -> Result<SettingsText, StartError> {
    match &plan.fixed {
        Some(text) => Ok(text.clone()),
        None => Ok(plugin_text(rows, &plan.param_names, table)?),
    }
}

/// Returns the path of the package folder, and the folder itself.
///
/// # Errors
/// A relative path without a known site folder.
pub fn packages(
    site: &SitePlan,
    release: &ReleasePlan,
    text: &SettingsText,
) -> Result<(PathBuf, Arc<dyn Packages>), StartError> {
    let path = package_folder(site.root.as_deref(), &text.folder)?;
    let folder = Folder::new(path.clone(), release.allow_roots.clone());
    Ok((path, Arc::new(folder)))
}

/// Puts the rules of signatures in front of package files, for a look: copies go to `place`.
#[must_use]
pub fn behind_signatures(
    files: Arc<dyn Packages>,
    rules: &SigningRules,
    place: &Path,
) -> Arc<dyn Packages> {
    let copies = PrivateCopies::new(place.to_owned());
    let (seen, refused) = (SeenSigned::default(), RefusedPackages::default());
    module::served(files, Some(&copies), rules, &seen, &refused)
}

/// Checks that there is an end-point to serve. A site that no client can reach is a mistake in the
/// set-up.
///
/// # Errors
/// A site without any end-point.
pub fn some_endpoint(endpoints: &Endpoints, menu: &EndpointRows) -> Result<(), StartError> {
    if endpoints.iter().next().is_some() {
        Ok(())
    } else if menu.menu_is_hidden {
        Err(StartError::MenuIsHidden)
    } else {
        Err(StartError::NoEndpoint)
    }
}

/// Returns whether an end-point counts API keys or keeps trace rows.
#[must_use]
pub fn endpoints_write(endpoints: &Endpoints) -> bool {
    let mut behaviours = endpoints.iter().map(|endpoint| &endpoint.behaviour);
    endpoints.component().trace
        || behaviours.any(|behaviour| behaviour.trace || behaviour.access == Access::Key)
}
