//! End-points: the menu items on which a site answers jBackend requests.

use std::sync::Arc;

use php_compat::query::percent_encode;

use super::target::{SitePath, same_alias};
pub use crate::config::values::EndpointAccess as Access;

/// The modules an end-point publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Modules {
    /// Every module.
    All,
    /// These alone, by exact name.
    Only(Vec<String>),
}

impl Modules {
    /// Is the module published here?
    #[must_use]
    pub fn publish(&self, module: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name.as_bytes() == module),
        }
    }
}

/// How an end-point behaves; `docs/protocol.md`, "Menu item params".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// Who may use it.
    pub access: Access,
    /// Which modules it publishes.
    pub modules: Modules,
    /// Requests leave a row in jBackend's log.
    pub trace: bool,
    /// Answers may be read by scripts of other sites.
    pub cors: bool,
    /// Requests without TLS are sent to the same URL with it.
    pub force_ssl: bool,
}

impl Default for Behaviour {
    /// A request without a menu item: the component's own default is an API key.
    fn default() -> Self {
        Self {
            access: Access::Key,
            modules: Modules::All,
            trace: false,
            cors: false,
            force_ssl: false,
        }
    }
}

/// One end-point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The menu item's id (`Itemid`); `None` for one that is only in the configuration.
    pub item: Option<u32>,
    /// Its path below the site's base, for people: `api/v1`.
    pub path: String,
    /// The tag of the language it is for; `None` for all.
    pub language: Option<String>,
    /// How it behaves.
    pub behaviour: Behaviour,
}

/// How a site makes its URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrls {
    /// The path of a Joomla in a subdirectory, empty at the root.
    pub base: String,
    /// Paths name menu items (`sef`); else only `index.php?option=…` does.
    pub sef: bool,
    /// The last segment ends in the format (`sef_suffix`).
    pub suffix: bool,
    /// URL prefixes of a multilingual site, with the tags of their languages.
    pub languages: Vec<(String, String)>,
}

impl Default for SiteUrls {
    /// At the root, with paths, as Joomla installs itself.
    fn default() -> Self {
        Self { base: String::new(), sef: true, suffix: false, languages: Vec::new() }
    }
}

impl SiteUrls {
    /// The path of an end-point below the site's base, percent-encoded and without slashes around it:
    /// the prefix of its language, where it has one, and its own path.
    #[must_use]
    pub fn path_of(&self, endpoint: &Endpoint) -> String {
        let prefix = endpoint.language.as_deref().and_then(|own| {
            let mut languages = self.languages.iter();
            languages.find(|(_, tag)| tag.eq_ignore_ascii_case(own)).map(|(prefix, _)| prefix)
        });
        let path = endpoint.path.trim_matches('/').split('/');
        let segments = prefix.map(String::as_str).into_iter().chain(path);
        segments.map(percent_encode).collect::<Vec<_>>().join("/")
    }

    /// Whether the last segment of a path carries an id as it is. Another one could be read as
    /// something else, with `suffix` also one with a dot; a parameter never is.
    #[must_use]
    pub fn carries(&self, id: &str) -> bool {
        let is_plain =
            |c: char| c.is_ascii_alphanumeric() || "-_".contains(c) || c == '.' && !self.suffix;
        !id.is_empty() && id.chars().all(is_plain) && !id.chars().all(|c| c == '.')
    }
}

/// All end-points of a site, and how its URLs are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    list: Vec<EndpointEntry>,
    home: Option<u32>,
    user_plugin: bool,
    component: Behaviour,
    base: Vec<Vec<u8>>,
    urls: SiteUrls,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct EndpointEntry {
    segments: Vec<Vec<u8>>,
    endpoint: Arc<Endpoint>,
}

impl Endpoints {
    /// `component` is what requests without a menu item get.
    #[must_use]
    pub fn new(list: Vec<Endpoint>, component: Behaviour, urls: SiteUrls) -> Self {
        let base = segments(&urls.base);
        let list = list
            .into_iter()
            .map(|endpoint| EndpointEntry {
                segments: segments(&endpoint.path),
                endpoint: Arc::new(endpoint),
            })
            .collect();
        Self { list, home: None, user_plugin: false, component, base, urls }
    }

    /// Opens or closes the end-points of a path, all of them; adds one where there is none.
    #[must_use]
    pub fn with_access(mut self, path: &str, access: Access) -> Self {
        let segments = segments(path);
        let same = |listed: &&mut EndpointEntry| {
            listed.segments.len() == segments.len() && listed.is_prefix_of(&segments)
        };
        let mut known = false;
        for listed in self.list.iter_mut().filter(same) {
            Arc::make_mut(&mut listed.endpoint).behaviour.access = access;
            known = true;
        }
        if !known {
            let behaviour = Behaviour { access, ..Behaviour::default() };
            let path = path.trim_matches('/').to_owned();
            let endpoint = Endpoint { item: None, path, language: None, behaviour };
            self.list.push(EndpointEntry { segments, endpoint: Arc::new(endpoint) });
        }
        self
    }

    /// Makes the end-point with this menu item the site's start page.
    #[must_use]
    pub fn with_home(mut self, item: Option<u32>) -> Self {
        self.home = item;
        self
    }

    /// Notes whether jBackend's plugin `user` is enabled.
    #[must_use]
    pub fn with_user_plugin(mut self, enabled: bool) -> Self {
        self.user_plugin = enabled;
        self
    }

    /// Whether jBackend's plugin `user` is enabled: without it no login can be checked.
    #[must_use]
    pub fn user_plugin(&self) -> bool {
        self.user_plugin
    }

    /// The end-points, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.list.iter().map(|listed| &*listed.endpoint)
    }

    /// The end-point that is the site's start page.
    #[must_use]
    pub fn home(&self) -> Option<&Arc<Endpoint>> {
        self.with_item(self.home?)
    }

    /// What requests without a menu item get.
    #[must_use]
    pub fn component(&self) -> &Behaviour {
        &self.component
    }

    /// How the site makes its URLs.
    #[must_use]
    pub fn urls(&self) -> &SiteUrls {
        &self.urls
    }

    /// Cuts the site's own base off a path; `None` when the path lies outside the site.
    #[must_use]
    pub fn below_base<'p>(&self, segments: &'p [Vec<u8>]) -> Option<&'p [Vec<u8>]> {
        let same = segments.iter().zip(&self.base).all(|(one, other)| same_alias(one, other));
        segments.get(self.base.len()..).filter(|_| same)
    }

    /// Cuts a language's prefix off a path, where it starts with one; the language's tag.
    #[must_use]
    pub fn below_language<'p>(&self, segments: &'p [Vec<u8>]) -> Option<(&str, &'p [Vec<u8>])> {
        let (first, rest) = segments.split_first()?;
        let mut languages = self.urls.languages.iter();
        let (_, tag) = languages.find(|(prefix, _)| same_alias(prefix.as_bytes(), first))?;
        Some((tag, rest))
    }

    /// The end-point whose path the segments start with, and what follows: the longest path, and
    /// of several with one path (items of different languages) the strictest. With a language, items
    /// of others are passed over.
    #[must_use]
    pub fn at<'p>(
        &self,
        segments: &'p [Vec<u8>],
        language: Option<&str>,
    ) -> Option<(&Arc<Endpoint>, &'p [Vec<u8>])> {
        let speaks = |endpoint: &Endpoint| match (language, &endpoint.language) {
            (Some(asked), Some(own)) => asked.eq_ignore_ascii_case(own),
            _ => true,
        };
        self.list
            .iter()
            .filter(|listed| !listed.segments.is_empty() && listed.is_prefix_of(segments))
            .filter(|listed| speaks(&listed.endpoint))
            .max_by_key(|listed| (listed.segments.len(), listed.endpoint.behaviour.access))
            .and_then(|listed| Some((&listed.endpoint, segments.get(listed.segments.len()..)?)))
    }

    /// The end-point with this menu item id.
    #[must_use]
    pub fn with_item(&self, item: u32) -> Option<&Arc<Endpoint>> {
        self.list.iter().map(|listed| &listed.endpoint).find(|endpoint| endpoint.item == Some(item))
    }
}

fn segments(path: &str) -> Vec<Vec<u8>> {
    SitePath::parse(path.as_bytes()).unwrap_or_default().segments
}

impl EndpointEntry {
    fn is_prefix_of(&self, segments: &[Vec<u8>]) -> bool {
        segments.len() >= self.segments.len()
            && segments.iter().zip(&self.segments).all(|(one, other)| same_alias(one, other))
    }
}
