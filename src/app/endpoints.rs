//! The end-points: from the site's menu, and from the configuration, which adds to it and
//! overrides it.

use std::collections::HashMap;

use super::StartError;
use crate::config::Config;
use crate::config::values::{ConfiguredEndpoint, EndpointAccess};
use crate::jbackend::endpoint::{Access, Behaviour, Endpoint, Endpoints, Modules, SiteUrls};
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
            let own: HashMap<u32, &MenuItem> = rows
                .menu
                .iter()
                .filter(|item| !item.is_alias)
                .map(|item| (item.id, item))
                .collect();
            for item in rows.menu.iter().filter(|item| site.guest_can_see(item.access)) {
                let Some(endpoint) = endpoint(item, &own, &component) else { continue };
                if item.is_home {
                    home = Some(endpoint.clone());
                }
                list.push(endpoint);
            }
        }
        for configured in &self.configured {
            override_by(&mut list, configured);
        }
        let urls = SiteUrls {
            base: self.base.clone(),
            sef: self.sef,
            suffix: self.suffix,
            languages: rows.language_prefixes.clone(),
        };
        Endpoints::new(list, component, urls).with_home(home).with_user_plugin(site.user_plugin)
    }

    /// A site nobody can reach is a mistake in the set-up.
    pub(super) fn check(endpoints: &Endpoints) -> Result<(), StartError> {
        if endpoints.iter().next().is_some() {
            return Ok(());
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
fn endpoint(
    item: &MenuItem,
    own: &HashMap<u32, &MenuItem>,
    component: &Behaviour,
) -> Option<Endpoint> {
    if !item.is_alias {
        let behaviour = menu::of_item(&item.params);
        return Some(Endpoint { item: Some(item.id), path: item.path.clone(), behaviour });
    }
    own.get(&menu::alias_target(&item.params)?)?;
    Some(Endpoint { item: None, path: item.path.clone(), behaviour: component.clone() })
}

/// A path of the menu keeps its id and its other settings; a new one is free of them.
fn override_by(list: &mut Vec<Endpoint>, configured: &ConfiguredEndpoint) {
    let path = configured.path.trim_matches('/');
    let access = access(configured.access);
    let known = list.iter_mut().find(|endpoint| endpoint.path.eq_ignore_ascii_case(path));
    if let Some(endpoint) = known {
        endpoint.behaviour.access = access;
    } else {
        let behaviour = Behaviour { access, modules: Modules::All, ..Behaviour::default() };
        list.push(Endpoint { item: None, path: path.to_owned(), behaviour });
    }
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
