//! Refuses a site without end-points: clients cannot reach it, so its set-up is wrong.

use super::start_error::StartError;
use crate::site::endpoint::Endpoints;
use crate::store::EndpointRows;

/// Refuses a site without any end-point.
///
/// # Errors
/// The reason why there is no end-point, and the remedy.
pub(super) fn check(endpoints: &Endpoints, rows: &EndpointRows) -> Result<(), StartError> {
    if endpoints.iter().next().is_some() {
        Ok(())
    } else if rows.menu_is_hidden {
        Err(StartError::MenuIsHidden)
    } else {
        Err(StartError::NoEndpoint)
    }
}
