//! The parts of a site that packages need: no users, no license keys, no mails.
//!
//! The service and the commands that look at packages each bring one. Must not import: `service`,
//! `config`.

use std::sync::Arc;

use super::addresses::AddressPlan;
use super::rules::UpdateRules;
use crate::packages::Packages;
use crate::release::catalog::Catalog;
use crate::site::endpoint::Endpoints;

/// The packages of a site, with all that is needed to list them.
pub struct PackageIndex {
    /// Packages and package groups.
    pub catalog: Catalog,
    /// The files.
    pub folder: Arc<dyn Packages>,
    /// The end-points, as the service has them.
    pub endpoints: Endpoints,
    /// What is listed, and how.
    pub rules: Arc<UpdateRules>,
    /// What the configuration says of addresses.
    pub addresses: AddressPlan,
}
