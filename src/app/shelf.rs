//! The packages of a site, without users, license keys and mails: for commands that look at packages.
//!
//! Needs no recipe.

use std::sync::Arc;

use super::{StartError, database, parts};
use crate::config::Config;
use crate::jbackend::endpoint::Endpoints;
use crate::packages::Packages;
use crate::release::catalog::Catalog;

/// What a site has to give away.
pub struct Shelf {
    /// Packages and package groups.
    pub catalog: Catalog,
    /// The files.
    pub folder: Arc<dyn Packages>,
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
        let text = parts::settings_of(config, &rows)?;
        let (_, folder) = parts::packages(config, &text)?;
        let endpoints = parts::endpoints(config, &rows, &joomla.endpoint_rows().await?);
        Ok(Self { catalog: Catalog::new(&text), folder, endpoints })
    }
}
