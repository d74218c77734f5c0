//! The packages of a site, without users, license keys and mails: for commands that look at packages.
//!
//! Needs no recipe.

use std::path::PathBuf;
use std::sync::Arc;

use super::endpoints::Plan;
use super::{StartError, allow_roots, database, extensions_table, fixed_settings, param_names};
use crate::config::Config;
use crate::jbackend::endpoint::Endpoints;
use crate::methods::settings::{package_folder, plugin_text};
use crate::packages::Packages;
use crate::packages::folder::Folder;
use crate::release::catalog::Catalog;

/// What a site has to give away.
pub struct Shelf {
    /// Packages and package groups.
    pub catalog: Catalog,
    /// The files.
    pub folder: Arc<dyn Packages>,
    /// Where they are.
    pub folder_path: PathBuf,
    /// The end-points, as the service would have them.
    pub endpoints: Endpoints,
}

impl Shelf {
    /// Reads settings and end-points from the database.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`].
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let joomla = database::place(&config.database)?.open().await?;
        let rows = joomla.site_rows().await?;
        let text = match fixed_settings(config)? {
            Some(text) => text,
            None => plugin_text(&rows, &param_names(config), &extensions_table(config))?,
        };
        let folder_path = package_folder(config.joomla.root.as_deref(), &text.folder)?;
        Ok(Self {
            catalog: Catalog::new(&text),
            folder: Arc::new(Folder::new(folder_path.clone(), allow_roots(config))),
            folder_path,
            endpoints: Plan::new(config).build(&rows, &joomla.endpoint_rows().await?),
        })
    }
}
