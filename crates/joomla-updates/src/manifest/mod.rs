//! A Joomla manifest: the XML file in an extension's ZIP that describes it.
//!
//! `archive` finds the file, and `facts` reads the document; this file interprets it.

mod document_type;
mod encoding;
mod error;
mod facts;
mod web_address;
mod xml_names;

use error::LONGEST;
pub use error::ManifestError;

use facts::ManifestFacts;
use serde::{Deserialize, Serialize};

use super::extension::{Client, Extension, ExtensionType};
use crate::printable::printable;

/// The contents of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The extension.
    pub extension: Extension,
    /// Its version, never empty.
    pub version: String,
    /// Its name, often a key of a language file: `COM_EXAMPLE`.
    pub name: String,
    /// Its description, often such a key too; may be empty.
    pub description: String,
    /// Who made it; may be empty.
    pub author: String,
    /// The maker's web address, with its scheme; may be empty.
    pub author_url: String,
    /// The lowest PHP version it runs on.
    pub php_minimum: Option<String>,
    /// The pattern of Joomla versions it is for, in the form of update XML.
    pub target_platform: Option<String>,
    /// The addresses that installed copies check for updates.
    #[serde(skip)]
    pub update_servers: Vec<UpdateServer>,
    /// The address of its changelog; may be empty.
    #[serde(skip)]
    pub changelog_url: String,
    /// The requirements of its install script. They are not in the document: `archive` adds them.
    #[serde(skip)]
    pub wants: Requirements,
}

/// An address at which Joomla asks for updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateServer {
    /// Its type: `extension`, `collection`, or another word.
    pub kind: String,
    /// Its address, as written.
    pub url: String,
}

/// The lowest versions on which an install script goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements {
    /// Of Joomla.
    pub joomla: Option<String>,
    /// Of PHP.
    pub php: Option<String>,
}

/// The files to which a manifest leads, relative to its own folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Inside {
    /// The install script.
    pub(super) script: Option<String>,
    /// The English language files.
    pub(super) languages: Vec<String>,
}

impl Manifest {
    /// Reads a document; `None` when it is no manifest. `file_name` is its own, `example.xml`.
    ///
    /// # Errors
    /// A manifest that cannot be used.
    pub fn parse(document: &[u8], file_name: &str) -> Result<Option<Self>, ManifestError> {
        Ok(Self::read(document, file_name)?.map(|(manifest, _)| manifest))
    }

    /// Reads a document, and to which files it leads.
    ///
    /// # Errors
    /// A manifest that cannot be used.
    pub(super) fn read(
        document: &[u8],
        file_name: &str,
    ) -> Result<Option<(Self, Inside)>, ManifestError> {
        let Some(mut facts) = ManifestFacts::read(document)? else { return Ok(None) };
        let script = Some(facts.text("scriptfile").to_owned()).filter(|path| !path.is_empty());
        let inside = Inside { script, languages: std::mem::take(&mut facts.languages) };
        Ok(Some((facts.into_manifest(file_name)?, inside)))
    }
}

impl ManifestFacts {
    fn into_manifest(self, file_name: &str) -> Result<Manifest, ManifestError> {
        for (what, text) in [("type", &self.kind), ("client", &self.client)] {
            short(what, text)?;
        }
        let kind = ExtensionType::find(&self.kind)
            .ok_or_else(|| ManifestError::UnknownType(printable(&self.kind)))?;
        let element = self.element(kind, file_name)?;
        let folder = match kind {
            ExtensionType::Plugin if self.group.is_empty() => return Err(ManifestError::NoFolder),
            ExtensionType::Plugin => self.group.clone(),
            _ => String::new(),
        };
        let version = self.text("version").to_owned();
        if version.is_empty() {
            return Err(ManifestError::NoVersion);
        }
        for (what, text) in [
            ("element", element.as_str()),
            ("folder", &folder),
            ("version", &version),
            ("`<php_minimum>`", self.text("php_minimum")),
        ] {
            short(what, text)?;
        }
        let php_minimum = Some(self.text("php_minimum").to_owned()).filter(|text| !text.is_empty());
        let name = match self.text("name") {
            "" => element.clone(),
            name => name.to_owned(),
        };
        Ok(Manifest {
            extension: Extension { kind, element, folder, client: self.client(kind)? },
            version,
            name,
            description: self.text("description").to_owned(),
            author: self.text("author").to_owned(),
            author_url: web_address::read(self.text("authorUrl")).unwrap_or_default(),
            php_minimum,
            changelog_url: self.text("changelogurl").to_owned(),
            target_platform: self.target_platform.filter(|pattern| !pattern.is_empty()),
            update_servers: self
                .servers
                .into_iter()
                .map(|(kind, url)| UpdateServer { kind, url })
                .collect(),
            wants: Requirements::default(),
        })
    }

    /// Returns the client. A component counts as installed in the back end; libraries, files,
    /// packages and plugins in the site; the others name theirs.
    fn client(&self, kind: ExtensionType) -> Result<Client, ManifestError> {
        match kind {
            ExtensionType::Component => Ok(Client::Administrator),
            ExtensionType::Module | ExtensionType::Template | ExtensionType::Language => {
                Client::find(&self.client)
                    .ok_or_else(|| ManifestError::UnknownClient(printable(&self.client)))
            }
            ExtensionType::Plugin
            | ExtensionType::Library
            | ExtensionType::File
            | ExtensionType::Package => Ok(Client::Site),
        }
    }

    /// Each type has its own place for the name by which Joomla knows an extension.
    fn element(&self, kind: ExtensionType, file_name: &str) -> Result<String, ManifestError> {
        let named = [self.text("element"), self.text("name")].into_iter().find(|t| !t.is_empty());
        let (element, place) = match kind {
            ExtensionType::Component => {
                let element = command(named.unwrap_or_default()).to_ascii_lowercase();
                let prefixed = element.is_empty() || element.starts_with("com_");
                (if prefixed { element } else { format!("com_{element}") }, "`<name>`")
            }
            ExtensionType::Module => (self.module(), "`module=\"…\"` of a file in `<files>`"),
            ExtensionType::Plugin => (self.plugin.clone(), "`plugin=\"…\"` of a file in `<files>`"),
            ExtensionType::Template => {
                (command(named.unwrap_or_default()).to_ascii_lowercase(), "`<name>`")
            }
            ExtensionType::Library => (self.text("libraryname").to_owned(), "`<libraryname>`"),
            ExtensionType::Language => (self.text("tag").to_owned(), "`<tag>`"),
            ExtensionType::File => (file_name.replace(".xml", ""), "its file name"),
            ExtensionType::Package => match command(self.text("packagename")) {
                name if name.is_empty() => (name, "`<packagename>`"),
                name => (format!("pkg_{name}"), "`<packagename>`"),
            },
        };
        if element.is_empty() { Err(ManifestError::NoElement(place)) } else { Ok(element) }
    }

    /// Joomla 4 reads a module's `<element>` before the attribute of a file.
    fn module(&self) -> String {
        match self.text("element") {
            "" => self.module.to_ascii_lowercase(),
            element => element.to_owned(),
        }
    }
}

fn short(what: &'static str, text: &str) -> Result<(), ManifestError> {
    if text.chars().nth(LONGEST).is_some() { Err(ManifestError::TooLong(what)) } else { Ok(()) }
}

/// The letters Joomla keeps in the name of a command.
fn command(text: &str) -> String {
    let kept = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
    let text: String = text.chars().filter(kept).collect();
    text.trim_start_matches('.').to_owned()
}
