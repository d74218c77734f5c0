//! A site that no client can reach is a mistake in the set-up.

use super::start_error::StartError;
use crate::site::endpoint::Endpoints;
use crate::store::EndpointRows;

/// Refuses a site without any end-point.
///
/// # Errors
/// Why there is none, and what to do.
pub(super) fn check(endpoints: &Endpoints, rows: &EndpointRows) -> Result<(), StartError> {
    if endpoints.iter().next().is_some() {
        return Ok(());
    }
    if rows.menu_is_hidden {
        return Err(StartError::Config(
            "no end-point: the site's menu may not be read; grant the account SELECT on the \
             table (`sql/grants.sql`), or name the end-point's path in the configuration: \
             `[[endpoints]]` with `path = \"packages\"`"
                .into(),
        ));
    }
    Err(StartError::Config(
        "no end-point: the site's menu has no published item of type jBackend that guests may \
         see; publish one in Joomla, or name its path in the configuration: \
         `[[endpoints]]` with `path = \"packages\"`"
            .into(),
    ))
}
