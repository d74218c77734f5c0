//! A Joomla manifest: what the XML file in an extension's ZIP says about it.
//!
//! `archive` finds the file, and `facts` reads the document; here stands what it means.

mod facts;

use facts::Facts;
use serde::{Deserialize, Serialize};

use super::extension::{Client, Extension, Kind};
use crate::mask::printable;

/// What a manifest says.
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
    /// Where to find him; may be empty.
    pub author_url: String,
    /// The lowest PHP version it runs on.
    pub php_minimum: Option<String>,
    /// The pattern of Joomla versions it is for, in the form of update XML.
    pub target_platform: Option<String>,
}

/// Why a manifest cannot be used. The messages are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not well-formed.
    #[error("its XML is broken at byte {0}: Joomla could not install it either")]
    Broken(u64),
    /// A document type declaration.
    #[error("it has a document type (`<!DOCTYPE`), which is not read: remove it")]
    DocType,
    /// An entity that XML does not have by itself.
    #[error(
        "it uses an entity that only a document type could explain: write the character itself"
    )]
    Entity,
    /// Neither UTF-8 nor ISO-8859-1.
    #[error("it is not UTF-8 text: save it as UTF-8")]
    Encoding,
    /// A type Joomla does not have.
    #[error("its type `{0}` is none of Joomla's")]
    UnknownType(String),
    /// A client Joomla does not have.
    #[error("its client `{0}` is none of Joomla's: write `site` or `administrator`")]
    UnknownClient(String),
    /// What the element is made from is missing.
    #[error("it does not say its element: {0} is missing or holds no usable character")]
    NoElement(&'static str),
    /// A plugin without a folder.
    #[error("it is a plugin without `group=\"…\"`")]
    NoFolder,
    /// No version.
    #[error("it has no `<version>`")]
    NoVersion,
    /// What names the extension or its version is longer than Joomla's tables can hold.
    #[error("its {0} is longer than {LONGEST} characters, which Joomla could not store")]
    TooLong(&'static str),
}

impl Manifest {
    /// Reads a document; `None` when it is no manifest. `file_name` is its own, `example.xml`.
    ///
    /// # Errors
    /// A manifest that cannot be used.
    pub fn parse(document: &[u8], file_name: &str) -> Result<Option<Self>, ManifestError> {
        match Facts::read(document)? {
            None => Ok(None),
            Some(facts) => facts.into_manifest(file_name).map(Some),
        }
    }
}

/// Characters of what names an extension or a version. Joomla's own columns hold fewer.
const LONGEST: usize = 255;

impl Facts {
    fn into_manifest(self, file_name: &str) -> Result<Manifest, ManifestError> {
        for (what, text) in [("type", &self.kind), ("client", &self.client)] {
            short(what, text)?;
        }
        let kind = Kind::find(&self.kind)
            .ok_or_else(|| ManifestError::UnknownType(printable(&self.kind)))?;
        let element = self.element(kind, file_name)?;
        let folder = match kind {
            Kind::Plugin if self.group.is_empty() => return Err(ManifestError::NoFolder),
            Kind::Plugin => self.group.clone(),
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
            author_url: self.text("authorUrl").to_owned(),
            php_minimum,
            target_platform: self.target_platform.filter(|pattern| !pattern.is_empty()),
        })
    }

    /// A component counts as installed in the back end; libraries, files, packages and plugins in
    /// the site; the others where they say.
    fn client(&self, kind: Kind) -> Result<Client, ManifestError> {
        match kind {
            Kind::Component => Ok(Client::Administrator),
            Kind::Module | Kind::Template | Kind::Language => Client::find(&self.client)
                .ok_or_else(|| ManifestError::UnknownClient(printable(&self.client))),
            Kind::Plugin | Kind::Library | Kind::File | Kind::Package => Ok(Client::Site),
        }
    }

    /// Each type has its own place for the name by which Joomla knows an extension.
    fn element(&self, kind: Kind, file_name: &str) -> Result<String, ManifestError> {
        let named = [self.text("element"), self.text("name")].into_iter().find(|t| !t.is_empty());
        let (element, place) = match kind {
            Kind::Component => {
                let element = command(named.unwrap_or_default()).to_ascii_lowercase();
                let prefixed = element.is_empty() || element.starts_with("com_");
                (if prefixed { element } else { format!("com_{element}") }, "`<name>`")
            }
            Kind::Module => (self.own_or(&self.module), "`module=\"…\"` of a file in `<files>`"),
            Kind::Plugin => (self.own_or(&self.plugin), "`plugin=\"…\"` of a file in `<files>`"),
            Kind::Template => (command(named.unwrap_or_default()).to_ascii_lowercase(), "`<name>`"),
            Kind::Library => (self.text("libraryname").to_owned(), "`<libraryname>`"),
            Kind::Language => (self.text("tag").to_owned(), "`<tag>`"),
            Kind::File => {
                let name = file_name.strip_suffix(".xml").unwrap_or(file_name);
                (command(name).to_ascii_lowercase(), "its file name")
            }
            Kind::Package => match command(self.text("packagename")) {
                name if name.is_empty() => (name, "`<packagename>`"),
                name => (format!("pkg_{name}"), "`<packagename>`"),
            },
        };
        if element.is_empty() { Err(ManifestError::NoElement(place)) } else { Ok(element) }
    }

    /// Joomla 4 reads `<element>` before the attribute of a file.
    fn own_or(&self, attribute: &str) -> String {
        match self.text("element") {
            "" => attribute.to_ascii_lowercase(),
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
