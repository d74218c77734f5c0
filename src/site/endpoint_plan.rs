//! Builds the end-points from the site's menu and from the configuration, which adds to the menu
//! and overrides it.

use std::collections::HashSet;

use super::endpoint::{Behaviour, Endpoint, Endpoints, SiteUrls};
use super::menu;
use crate::config::public_url::PublicUrl;
use crate::config::sections::Joomla;
use crate::config::values::ConfiguredEndpoint;
use crate::store::{EndpointRows, MenuItem, SiteRows};

/// The configuration of end-points, for the start and every refresh.
#[derive(Clone)]
pub struct EndpointPlan {
    configured: Vec<ConfiguredEndpoint>,
    fixed: bool,
    base: String,
    sef: bool,
    suffix: bool,
}

impl EndpointPlan {
    /// Reads the configuration.
    #[must_use]
    pub fn new(site: &Joomla, configured: &[ConfiguredEndpoint], url: Option<&PublicUrl>) -> Self {
        Self {
            configured: configured.to_vec(),
            fixed: !site.menu,
            base: url.map(PublicUrl::base).unwrap_or_default(),
            sef: site.sef,
            suffix: site.sef_suffix,
        }
    }

    /// Builds the end-points from these rows.
    #[must_use]
    pub fn build(&self, site: &SiteRows, rows: &EndpointRows) -> Endpoints {
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
            endpoints.with_access(&configured.path, configured.access)
        })
    }
}

/// Returns the end-point of a menu item. An alias of an end-point answers with the component's
/// options, not with those of the other item.
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
