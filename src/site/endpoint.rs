//! End-points: the menu items on which a site answers jBackend requests.

use std::sync::Arc;

use php_compat::query::percent_encode;

use super::target::{SitePath, same_alias};
pub use crate::config::values::EndpointAccess as Access;

/// The modules an end-point publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Modules {
    /// All modules.
    All,
    /// Only these, by exact name.
    Only(Vec<String>),
}

impl Modules {
    /// Returns whether the module is published here.
    #[must_use]
    pub fn publish(&self, module: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name.as_bytes() == module),
        }
    }
}

/// The options of an end-point; `docs/protocol.md`, "Menu item params".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// The clients that may use it.
    pub access: Access,
    /// The modules that it publishes.
    pub modules: Modules,
    /// Requests add a row to jBackend's log.
    pub trace: bool,
    /// Scripts of other sites may read the answers.
    pub cors: bool,
    /// Requests without TLS are redirected to the same URL with TLS.
    pub force_ssl: bool,
}

impl Default for Behaviour {
    /// For a request without a menu item: the component's own default requires an API key.
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
    /// Its path below the site's base, as a readable text: `api/v1`.
    pub path: String,
    /// The tag of its language; `None` for all languages.
    pub language: Option<String>,
    /// Its options.
    pub behaviour: Behaviour,
}

/// The rules of a site for its URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteUrls {
    /// The path of a Joomla in a subdirectory, empty at the root.
    pub base: String,
    /// Paths lead to menu items (`sef`); otherwise only `index.php?option=…` does.
    pub sef: bool,
    /// The last segment of a path ends with the format (`sef_suffix`).
    pub suffix: bool,
    /// URL prefixes of a multilingual site, with the tags of their languages.
    pub languages: Vec<(String, String)>,
}

impl Default for SiteUrls {
    /// At the root, with paths: the defaults of a new Joomla.
    fn default() -> Self {
        Self { base: String::new(), sef: true, suffix: false, languages: Vec::new() }
    }
}

impl SiteUrls {
    /// Returns the path of an end-point below the site's base, percent-encoded and without slashes
    /// around it: the prefix of its language, if it has one, and its own path.
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

    /// Returns whether an id survives unchanged as the last segment of a path. Other ids could be
    /// read differently, with `suffix` also ids with a dot; as a parameter, each id is safe.
    #[must_use]
    pub fn carries(&self, id: &str) -> bool {
        let is_plain =
            |c: char| c.is_ascii_alphanumeric() || "-_".contains(c) || c == '.' && !self.suffix;
        !id.is_empty() && id.chars().all(is_plain) && !id.chars().all(|c| c == '.')
    }
}

/// All end-points of a site, and the rules for its URLs.
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
    /// Collects the end-points; `component` are the options for requests without a menu item.
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

    /// Sets the access of all end-points with this path; adds an end-point if there is none.
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

    /// Returns whether jBackend's plugin `user` is enabled: without it no login can be checked.
    #[must_use]
    pub fn user_plugin(&self) -> bool {
        self.user_plugin
    }

    /// Returns the end-points, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.list.iter().map(|listed| &*listed.endpoint)
    }

    /// Returns the end-point that is the site's start page.
    #[must_use]
    pub fn home(&self) -> Option<&Arc<Endpoint>> {
        self.with_item(self.home?)
    }

    /// Returns the options for requests without a menu item.
    #[must_use]
    pub fn component(&self) -> &Behaviour {
        &self.component
    }

    /// Returns the rules for the site's URLs.
    #[must_use]
    pub fn urls(&self) -> &SiteUrls {
        &self.urls
    }

    /// Cuts the site's own base off a path; `None` if the path lies outside the site.
    #[must_use]
    pub fn below_base<'p>(&self, segments: &'p [Vec<u8>]) -> Option<&'p [Vec<u8>]> {
        let same = segments.iter().zip(&self.base).all(|(one, other)| same_alias(one, other));
        segments.get(self.base.len()..).filter(|_| same)
    }

    /// Cuts a language's prefix off a path; returns the language's tag and the rest. `None` if the
    /// path does not start with one.
    #[must_use]
    pub fn below_language<'p>(&self, segments: &'p [Vec<u8>]) -> Option<(&str, &'p [Vec<u8>])> {
        let (first, rest) = segments.split_first()?;
        let mut languages = self.urls.languages.iter();
        let (_, tag) = languages.find(|(prefix, _)| same_alias(prefix.as_bytes(), first))?;
        Some((tag, rest))
    }

    /// Returns the end-point at the start of the segments, and the rest of them. The longest path
    /// wins. If several items have the same path (in different languages), the strictest access
    /// wins. If a language is given, items of other languages are skipped.
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

    /// Returns the end-point with this menu item id.
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
