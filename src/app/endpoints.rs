//! The end-points: from the site's menu, and from the configuration, which adds to it and
//! overrides it.

use std::collections::HashSet;

use super::StartError;
use crate::config::Config;
use crate::config::values::{ConfiguredEndpoint, EndpointAccess};
use crate::jbackend::endpoint::{Access, Behaviour, Endpoint, Endpoints, SiteUrls};
use crate::jbackend::menu;
use crate::joomla::{EndpointRows, MenuItem, SiteRows};

/// What the configuration says about end-points, for the start and every refresh.
pub(super) struct Plan {
    configured: Vec<ConfiguredEndpoint>,
    fixed: bool,
    base: String,
    sef: bool,
    suffix: bool,
}

impl Plan {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            configured: config.endpoints.clone(),
            fixed: !config.joomla.menu,
            base: base(config),
            sef: config.joomla.sef,
            suffix: config.joomla.sef_suffix,
        }
    }

    /// The end-points of these rows.
    pub(super) fn build(&self, site: &SiteRows, rows: &EndpointRows) -> Endpoints {
        let component = site.component.as_ref();
        let component =
            component.map_or_else(Behaviour::default, |row| menu::of_component(&row.params));
        let mut home = None;
        let mut list = Vec::new();
        if !self.fixed {
            let own = || rows.menu.iter().filter(|item| !item.is_alias);
            let own: HashSet<u32> = own().map(|item| item.id).collect();
            for item in rows.menu.iter().filter(|item| site.guest_can_see(item.access)) {
                let Some(endpoint) = endpoint(item, &own, &component) else { continue };
                if item.is_home {
                    home = endpoint.item;
                }
                list.push(endpoint);
            }
        }
        let languages = rows.languages.iter();
        let urls = SiteUrls {
            base: self.base.clone(),
            sef: self.sef,
            suffix: self.suffix,
            languages: languages.map(|one| (one.prefix.clone(), one.tag.clone())).collect(),
        };
        let endpoints = Endpoints::new(list, component, urls)
            .with_home(home)
            .with_user_plugin(site.user_plugin);
        self.configured.iter().fold(endpoints, |endpoints, configured| {
            endpoints.with_access(&configured.path, access(configured.access))
        })
    }

    /// A site nobody can reach is a mistake in the set-up.
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
}

/// The end-point a menu item makes. An alias of one answers with the component's settings, not with
/// those of the item it stands for.
fn endpoint(item: &MenuItem, own: &HashSet<u32>, component: &Behaviour) -> Option<Endpoint> {
    let language = Some(item.language.clone()).filter(|tag| !matches!(tag.as_str(), "" | "*"));
    let path = item.path.clone();
    if !item.is_alias {
        let behaviour = menu::of_item(&item.params);
        return Some(Endpoint { item: Some(item.id), path, language, behaviour });
    }
    own.get(&menu::alias_target(&item.params)?)?;
    Some(Endpoint { item: None, path, language, behaviour: component.clone() })
}

fn access(access: EndpointAccess) -> Access {
    match access {
        EndpointAccess::Free => Access::Free,
        EndpointAccess::User => Access::User,
        EndpointAccess::Key => Access::Key,
    }
}

/// The path of the public URL: where a Joomla in a subdirectory lives.
pub(super) fn base(config: &Config) -> String {
    let url = config.server.public_url.as_deref().unwrap_or_default();
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split_once('/').map_or_else(String::new, |(_, path)| path.to_owned())
}
