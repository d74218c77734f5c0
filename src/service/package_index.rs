//! The packages of a site, opened for commands that look at nothing else.
//!
//! Needs no recipe.

use super::{StartError, database, parts};
use crate::config::Config;
use crate::release::catalog::Catalog;
use crate::updates::package_index::PackageIndex;

/// Reads settings and end-points from the database.
///
/// # Errors
/// One clear sentence, see [`StartError`].
pub async fn open(config: &Config) -> Result<PackageIndex, StartError> {
    let joomla = database::place(&config.database)?.open().await?;
    let rows = joomla.site_rows().await?;
    let text = parts::settings_of(config, &rows)?;
    let (_, folder) = parts::packages(config, &text)?;
    let endpoints = parts::endpoints(config, &rows, &joomla.endpoint_rows().await?);
    Ok(PackageIndex { catalog: Catalog::new(&text), folder, endpoints })
}
