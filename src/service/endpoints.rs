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
        Ok(())
    } else if rows.menu_is_hidden {
        Err(StartError::MenuIsHidden)
    } else {
        Err(StartError::NoEndpoint)
    }
}
