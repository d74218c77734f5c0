//! The addresses an update XML holds: below the public URL, never below the host that a request
//! names.

use php_compat::query::percent_encode;

use crate::config::public_url::PublicUrl;
use crate::jbackend::update_path::CHANGELOGS;
use crate::site::endpoint::{Access, Endpoint, Endpoints, SiteUrls};
use crate::told::{tells, told};

/// The module that serves packages.
const MODULE: &[u8] = b"release";

/// What the configuration says of addresses.
#[derive(Debug, Clone)]
pub struct AddressPlan {
    /// Update XML is made at all.
    pub is_on: bool,
    /// The site's address, if it is set.
    pub public_url: Option<PublicUrl>,
    /// The end-point downloads lead to, if one was chosen.
    pub endpoint: Option<String>,
}

/// The end-point downloads lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// Without a slash at the end.
    endpoint: String,
    /// All end-points that serve the XML, likewise.
    all: Vec<String>,
    urls: SiteUrls,
}

/// The meaning of an address of this site, by its name without the ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateAddress {
    /// An update XML, or the list of all.
    Xml(String),
    /// A changelog.
    Changelog(String),
}

/// Why there is no update XML at all. The messages are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// Switched off.
    Disabled,
    /// The site's address is not known.
    NoPublicUrl,
    /// Paths name no end-point.
    NoPaths,
    /// No end-point is public.
    NoEndpoint,
    /// The configured end-point does not exist, or is not public.
    OtherEndpoint(String, String),
}

tells!(NoAddress {
    Self::Disabled => told!("update XML is switched off: `enabled = false` in `[updates]`"),
    Self::NoPublicUrl => told!(
        "`public_url` in `[server]` is not set, so no download address can be made" =>
        "set it to the site's address, like `https://www.example.com`"
    ),
    Self::NoPaths => told!(
        "the site has no search engine friendly URLs (`sef` in `[joomla]`), so a download has no \
         address that Joomla's updater could use" =>
        "switch them on in Joomla"
    ),
    Self::NoEndpoint => told!(
        "no end-point serves the module `release` without a login" =>
        "publish a menu item of type jBackend with free access, or name one under `[[endpoints]]`"
    ),
    Self::OtherEndpoint(path, others) => told!(
        "`endpoint` in `[updates]`: no end-point `{path}` serves the module `release` without a login";
        "those that do: {others}"
    ),
});

impl Addresses {
    /// The addresses of a site.
    ///
    /// # Errors
    /// Why there are none.
    pub fn new(plan: &AddressPlan, endpoints: &Endpoints) -> Result<Self, NoAddress> {
        if !plan.is_on {
            return Err(NoAddress::Disabled);
        }
        let public = plan.public_url.as_ref().ok_or(NoAddress::NoPublicUrl)?;
        let urls = endpoints.urls();
        if !urls.sef {
            return Err(NoAddress::NoPaths);
        }
        let path = match &plan.endpoint {
            None => open(endpoints).next().map(|one| urls.path_of(one)),
            Some(wanted) => Some(configured(endpoints, wanted)?),
        };
        let path = path.ok_or(NoAddress::NoEndpoint)?;
        let all = open(endpoints).map(|one| format!("{public}/{}", urls.path_of(one))).collect();
        Ok(Self { endpoint: format!("{public}/{path}"), all, urls: urls.clone() })
    }

    /// Returns a text that tells this site's XML from another's.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.endpoint
    }

    /// Returns the address at which a package is downloaded.
    #[must_use]
    pub fn download(&self, package: &str) -> String {
        let endpoint = &self.endpoint;
        let id = percent_encode(package);
        if self.urls.carries(package) {
            format!("{endpoint}/get/release/download/{id}")
        } else {
            format!("{endpoint}/get/release/download?id={id}")
        }
    }

    /// Returns the address of an update XML.
    #[must_use]
    pub fn xml(&self, name: &str) -> String {
        format!("{}/updates/{}.xml", self.endpoint, percent_encode(name))
    }

    /// Returns the address of an extension's changelog.
    #[must_use]
    pub fn changelog(&self, name: &str) -> String {
        format!("{}/updates/{CHANGELOGS}/{}.xml", self.endpoint, percent_encode(name))
    }

    /// Returns the meaning of an address that a manifest names; `None` if it leads elsewhere. The
    /// name need not exist.
    #[must_use]
    pub fn place(&self, url: &str) -> Option<UpdateAddress> {
        let url = url.split(['?', '#']).next().map(comparable)?;
        let below =
            |endpoint: &String| url.strip_prefix(&comparable(endpoint))?.strip_prefix("/updates/");
        let path = self.all.iter().find_map(below)?;
        let path = path.strip_suffix("/extension.xml").unwrap_or(path);
        let name = path.strip_suffix(".xml").unwrap_or(path);
        match name.split_once('/') {
            None => Some(UpdateAddress::Xml(name.to_owned())),
            Some((CHANGELOGS, name)) => Some(UpdateAddress::Changelog(name.to_owned())),
            Some(_) => None,
        }
    }
}

/// An address in the form in which two can be compared: scheme and host in small letters, without the
/// port that goes without saying.
fn comparable(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let scheme = scheme.to_ascii_lowercase();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(usual).unwrap_or(host).to_ascii_lowercase();
    format!("{scheme}://{host}{path}")
}

/// Returns the end-points that allow downloads without a login.
fn open(endpoints: &Endpoints) -> impl Iterator<Item = &Endpoint> {
    endpoints.iter().filter(|endpoint| {
        let behaviour = &endpoint.behaviour;
        behaviour.access == Access::Free && behaviour.modules.publish(MODULE)
    })
}

fn configured(endpoints: &Endpoints, wanted: &str) -> Result<String, NoAddress> {
    let trimmed = wanted.trim_matches('/');
    let found = open(endpoints).find(|endpoint| endpoint.path.trim_matches('/') == trimmed);
    found.map(|endpoint| endpoints.urls().path_of(endpoint)).ok_or_else(|| {
        let known: Vec<_> = open(endpoints).map(|one| format!("`{}`", one.path)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        NoAddress::OtherEndpoint(wanted.to_owned(), known)
    })
}
