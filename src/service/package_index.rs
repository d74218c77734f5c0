//! Opens the packages of a site for commands that need nothing else of it.
//!
//! It works without a recipe.

use std::sync::Arc;

use super::plan::Draft;
use super::plan::updates::UpdatesPlan;
use super::start_error::StartError;
use super::{database, parts};
use crate::config::Config;
use crate::config::problem::Problems;
use crate::release::catalog::Catalog;
use crate::updates::package_index::PackageIndex;

/// Reads settings and end-points from the database; returns the packages and the plan of update
/// XML.
///
/// # Errors
/// One clear sentence, see [`StartError`].
pub async fn open(config: &Config) -> Result<(PackageIndex, UpdatesPlan), StartError> {
    let Draft { public_url, site, endpoints, database, release, updates, .. } = Draft::of(config);
    let mut problems = Problems::default();
    problems.sort(public_url);
    let parts = (
        problems.sort(site),
        problems.sort(endpoints),
        problems.sort(database),
        problems.sort(release),
        problems.sort(updates),
    );
    let (true, (Some(site), Some(endpoints), Some(database), Some(release), Some(updates))) =
        (problems.0.is_empty(), parts)
    else {
        return Err(problems.into());
    };
    let joomla = database::open_place(&database.place).await?;
    let rows = joomla.site_rows().await?;
    let text = parts::settings_of(&release, &database.place.extensions_table(), &rows)?;
    let (_, folder) = parts::packages(&site, &release, &text)?;
    let shelf = PackageIndex {
        catalog: Catalog::new(&text),
        folder,
        endpoints: endpoints.build(&rows, &joomla.endpoint_rows().await?),
        rules: Arc::clone(&updates.rules),
        addresses: updates.addresses.clone(),
    };
    Ok((shelf, updates))
}
