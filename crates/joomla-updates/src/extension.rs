//! The identity of an extension in a manifest or an update, by which Joomla looks it up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The type of an extension.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum ExtensionType {
    /// A component.
    Component,
    /// A module.
    Module,
    /// A plugin.
    Plugin,
    /// A template.
    Template,
    /// A library.
    Library,
    /// A language.
    Language,
    /// Loose files.
    File,
    /// Several extensions in one.
    Package,
}

impl ExtensionType {
    /// The type a manifest names.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Its name in manifests and update XML.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The part of Joomla an extension is installed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// The site that visitors see.
    Site,
    /// The back end.
    Administrator,
    /// The web services of Joomla 4 and later.
    Api,
}

impl Client {
    /// Reads the client that a manifest names; an empty text is the site.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Some(match name {
            "" | "site" => Self::Site,
            "administrator" => Self::Administrator,
            "api" => Self::Api,
            _ => return None,
        })
    }

    /// Returns its name in update XML. It is never left out: Joomla reads a missing one as the back
    /// end, and an empty tag breaks the whole check of a Joomla 3.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Administrator => "administrator",
            // The updater knows two names; every other client goes by its number.
            Self::Api => "3",
        }
    }
}

/// An extension as `#__extensions` has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Extension {
    /// Its type.
    pub kind: ExtensionType,
    /// Its element: `com_example`, `pkg_example`.
    pub element: String,
    /// A plugin's folder; empty for all others.
    pub folder: String,
    /// The client in which it is installed.
    pub client: Client,
}

/// For people: `plugin system/example`, `module mod_example (administrator)`.
impl fmt::Display for Extension {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ", self.kind.name())?;
        if !self.folder.is_empty() {
            write!(out, "{}/", self.folder)?;
        }
        out.write_str(&self.element)?;
        match (self.kind, self.client) {
            (ExtensionType::Component, _) | (_, Client::Site) => Ok(()),
            (_, Client::Administrator) => out.write_str(" (administrator)"),
            (_, Client::Api) => out.write_str(" (api)"),
        }
    }
}
