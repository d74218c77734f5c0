//! The end-points: from the configuration, and from the site's menu.

use crate::config::Config;
use crate::config::values::EndpointAccess;
use crate::jbackend::endpoint::{Access, Behaviour, Endpoint, Endpoints, Modules};
use crate::joomla::SiteRows;

use super::StartError;

/// Where the configuration and the rows put the end-points.
pub(super) fn build(config: &Config, _rows: &SiteRows) -> Result<Endpoints, StartError> {
    let mut list = Vec::new();
    for configured in &config.endpoints {
        list.push(Endpoint {
            item: None,
            path: configured.path.trim_matches('/').to_owned(),
            behaviour: Behaviour { access: access(configured.access), modules: Modules::All },
        });
    }
    Ok(Endpoints::new(list, Behaviour::default(), &base(config)))
}

/// The path of the public URL: where a Joomla in a subdirectory lives.
fn base(config: &Config) -> String {
    let url = config.server.public_url.as_deref().unwrap_or_default();
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split_once('/').map_or_else(String::new, |(_, path)| path.to_owned())
}

fn access(access: EndpointAccess) -> Access {
    match access {
        EndpointAccess::Free => Access::Free,
        EndpointAccess::User => Access::User,
        EndpointAccess::Key => Access::Key,
    }
}
