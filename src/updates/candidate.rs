//! From a package, its manifest and the operator's wishes to an update.

use std::collections::HashMap;

use joomla_updates::entry::{Checksums, Entry};
use joomla_updates::manifest::Manifest;
use joomla_updates::stability::Stability;
use joomla_updates::target_platform::{PatternError, TargetPlatform};

use super::Reason;
use super::addresses::Addresses;
use super::rules::{PackageFields, UpdateRules};
use crate::release::package_path::PackagePath;
use crate::release::settings::Package;

/// A package file as it was when its checksums were computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its path in the package folder.
    pub path: PackagePath,
    /// Its identity, from `PackageFile::identity`.
    pub version: String,
    /// Of its content.
    pub checksums: Checksums,
}

/// The source of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryBasis {
    /// The file that is there.
    Live,
    /// The file that was there when its line was last read.
    Last,
    /// A file before that, which was for more sites than the one that replaced it.
    Former,
}

/// A package that can stand in an update XML.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The package's id.
    pub package: String,
    /// Its package group, if it is paid.
    pub group: Option<String>,
    /// Name of the XML the operator wants in place of the element.
    pub xml: Option<String>,
    /// The update. Without `file` its checksums are empty.
    pub entry: Entry,
    /// The file of the checksums; `None` while they are being computed. Until then it stands in no
    /// XML.
    pub file: Option<Checked>,
    /// The source of the entry.
    pub standing: EntryBasis,
}

impl Candidate {
    /// Returns whether the entry describes the former content of the line's file, not the present
    /// one.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.standing != EntryBasis::Live
    }

    /// Makes the candidate. Without `file` it takes part in the decisions of each XML, but is not
    /// listed.
    ///
    /// # Errors
    /// Returns the reason if it cannot be listed.
    #[expect(
        clippy::too_many_arguments,
        reason = "an entry is made of a line, its manifest and its file by rules, addresses and platforms"
    )]
    pub fn new(
        package: &Package,
        manifest: &Manifest,
        file: Option<Checked>,
        rules: &UpdateRules,
        addresses: &Addresses,
        platforms: &mut Platforms,
    ) -> Result<Self, Reason> {
        let fields = rules.fields(package);
        if !manifest.version.starts_with(|letter: char| letter.is_ascii_digit()) {
            return Err(Reason::Version(manifest.version.clone()));
        }
        let target_platform = target_platform(&fields, manifest, rules, platforms)?;
        let name =
            fields.name.unwrap_or_else(|| readable(&manifest.name, &manifest.extension.element));
        let description =
            fields.description.unwrap_or_else(|| readable(&manifest.description, &name));
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let entry = Entry {
            extension: manifest.extension.clone(),
            name,
            description,
            version: manifest.version.clone(),
            target_platform,
            stability: fields.tag.unwrap_or_else(|| Stability::of_version(&manifest.version)),
            security: fields.security,
            php_minimum: fields.php_minimum.or_else(|| manifest.php_minimum.clone()),
            supported_databases: fields.supported_databases.unwrap_or_default(),
            download_url: addresses.download(&package.id),
            checksums: file.as_ref().map(|file| file.checksums.clone()).unwrap_or_default(),
            info_url: fields.info_url,
            changelog_url: fields.changelog_url,
            maintainer: fields.maintainer.or_else(|| some(&manifest.author)),
            maintainer_url: fields.maintainer_url.or_else(|| some(&manifest.author_url)),
            section: fields.section,
        };
        Ok(Self {
            package: package.id.clone(),
            group: package.group.clone(),
            xml: fields.xml,
            entry,
            file,
            standing: EntryBasis::Live,
        })
    }
}

impl Candidate {
    /// Returns the name of its extension's XML.
    #[must_use]
    pub fn xml_name(&self) -> &str {
        self.xml.as_ref().unwrap_or(&self.entry.extension.element)
    }
}

/// The patterns of manifests: most packages of a site have one and the same, and reading one is dear.
#[derive(Debug, Default)]
pub struct Platforms(HashMap<String, Result<TargetPlatform, PatternError>>);

impl Platforms {
    fn read(&mut self, pattern: &str) -> Result<TargetPlatform, PatternError> {
        if let Some(known) = self.0.get(pattern) {
            return known.clone();
        }
        let read = TargetPlatform::parse(pattern);
        self.0.insert(pattern.to_owned(), read.clone());
        read
    }
}

/// Takes the override, else the manifest's value, else the value for all.
fn target_platform(
    fields: &PackageFields,
    manifest: &Manifest,
    rules: &UpdateRules,
    platforms: &mut Platforms,
) -> Result<TargetPlatform, Reason> {
    if let Some(pattern) = &fields.target_platform {
        return Ok(pattern.clone());
    }
    if let Some(pattern) = &manifest.target_platform {
        return platforms.read(pattern).map_err(Reason::TargetPlatform);
    }
    rules.target_platform.clone().ok_or(Reason::NoTargetPlatform)
}

/// Returns a text of the manifest, unless it is useless in a list of updates: a key of a language
/// file, a page of HTML.
fn readable(text: &str, otherwise: &str) -> String {
    let may_stand =
        |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
    let is_key = text.contains('_')
        && text.starts_with(|letter: char| letter.is_ascii_uppercase())
        && text.bytes().all(may_stand);
    if text.is_empty() || is_key || text.contains('<') {
        return otherwise.to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
