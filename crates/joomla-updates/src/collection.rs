//! The text of a collection: one `<extensionset>` that leads to the update XML of several
//! extensions.
//!
//! Joomla offers an update from this text and reads the XML behind it only when it is applied. A
//! collection has no stability and no PHP version, so only stable entries are in it.

use std::cmp::Ordering;

use php_compat::version_compare::version_compare;

use crate::entry::Entry;
use crate::extension::ExtensionType;
use crate::stability::Stability;
use crate::xml::{XmlText, escape};

/// An update XML: its address and its entries.
pub struct Part<'a> {
    /// Its address.
    pub url: &'a str,
    /// Its entries.
    pub entries: Vec<&'a Entry>,
}

/// The whole document.
#[must_use]
pub fn collection(name: &str, parts: &[Part<'_>]) -> String {
    let mut out = XmlText::document();
    let name = escape(name);
    out.line(0, &format!("<extensionset name=\"{name}\" description=\"{name}\">"));
    for part in parts {
        let stable = || part.entries.iter().filter(|entry| entry.stability == Stability::Stable);
        for entry in stable().filter(|entry| !stable().any(|other| is_newer(other, entry))) {
            out.line(1, &extension(entry, part.url));
        }
    }
    out.line(0, "</extensionset>");
    out.0
}

fn is_newer(other: &Entry, entry: &Entry) -> bool {
    other.target_platform == entry.target_platform
        && version_compare(&other.version, &entry.version) == Ordering::Greater
}

fn extension(entry: &Entry, url: &str) -> String {
    let extension = &entry.extension;
    let mut attributes = vec![
        ("name", entry.name.as_str()),
        ("element", &extension.element),
        ("type", extension.kind.name()),
        ("client", extension.client.name()),
        ("version", &entry.version),
        ("detailsurl", url),
        ("targetplatform", "joomla"),
        ("targetplatformversion", entry.target_platform.as_str()),
    ];
    if extension.kind == ExtensionType::Plugin {
        attributes.insert(4, ("folder", &extension.folder));
    }
    let attributes: Vec<_> =
        attributes.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
    format!("<extension {}/>", attributes.join(" "))
}
