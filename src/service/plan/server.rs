//! Reads the trusted proxies and the limits of requests from the `[server]` section.

use std::time::Duration;

use super::numbers::{number, seconds};
use crate::config::problem::Problem;
use crate::config::public_url::PublicUrl;
use crate::config::sections::Server;
use crate::config::values::TrustedProxy;

/// The settings of the section that a reload can change.
pub struct ServerPlan {
    /// The proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Longest time a client may be silent within a body.
    pub body_timeout: Duration,
    /// Memory that all downloads share, in bytes.
    pub download_memory: usize,
}

impl ServerPlan {
    pub(super) fn of(section: &Server) -> Self {
        Self {
            trusted_proxies: section.trusted_proxies.clone(),
            body_timeout: seconds(section.body_timeout),
            download_memory: number(section.download_memory).saturating_mul(1024 * 1024),
        }
    }
}

/// Reads the site's address. Errors do not show its text, because it may contain a password.
pub(super) fn public_url(section: &Server) -> Result<Option<PublicUrl>, Problem> {
    let url = section.public_url.as_deref().map(str::parse::<PublicUrl>).transpose();
    url.map_err(|error| {
        Problem::told("server.public_url", error)
            .named("`public_url` in `[server]`, or `live_site` in configuration.php")
    })
}
