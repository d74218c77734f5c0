//! What packages need of a site: no users, no license keys, no mails.
//!
//! The service and the commands that look at packages each bring one. Must not import: `service`,
//! `config`.

use std::sync::Arc;

use crate::packages::Packages;
use crate::release::catalog::Catalog;
use crate::site::endpoint::Endpoints;

/// What a site has to give away.
pub struct PackageIndex {
    /// Packages and package groups.
    pub catalog: Catalog,
    /// The files.
    pub folder: Arc<dyn Packages>,
    /// The end-points, as the service has them.
    pub endpoints: Endpoints,
}
