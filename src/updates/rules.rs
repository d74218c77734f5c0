//! The rules of the section `[updates]` about update XML, checked.

use std::collections::BTreeMap;

use joomla_updates::security::{NoSecurity, Security};
use joomla_updates::stability::{NoStability, Stability};
use joomla_updates::target_platform::{PatternError, TargetPlatform};

use super::memory::MOST_WORKERS;
use crate::config::sections::Updates;
use crate::config::values::{UpdateFields, Versions};
use crate::release::catalog::Catalog;
use crate::release::package_path::PackagePath;
use crate::release::settings::Package;

/// A value in `[updates]` that makes no sense. The messages are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct RulesError {
    place: String,
    reason: String,
}

/// The section, checked.
#[derive(Debug, Clone)]
pub struct UpdateRules {
    /// Leave out superseded versions.
    pub newest_only: bool,
    /// Joomla versions for packages of which neither the manifest nor an override names them.
    pub target_platform: Option<TargetPlatform>,
    /// Folder of changelogs, below that of the packages.
    pub changelogs: Option<PackagePath>,
    listed: Vec<String>,
    general: PackageFields,
    packages: BTreeMap<String, PackageFields>,
    groups: BTreeMap<String, PackageFields>,
}

/// The operator's rules for a package.
#[derive(Debug, Clone, Default)]
pub struct PackageFields {
    /// Name of the XML.
    pub xml: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// A line about it.
    pub description: Option<String>,
    /// Stability.
    pub tag: Option<Stability>,
    /// Joomla versions.
    pub target_platform: Option<TargetPlatform>,
    /// How urgent an update is.
    pub security: Option<Security>,
    /// Lowest PHP version.
    pub php_minimum: Option<String>,
    /// Page about the update.
    pub info_url: Option<String>,
    /// Changelog.
    pub changelog_url: Option<String>,
    /// Lowest versions of databases.
    pub supported_databases: Option<BTreeMap<String, String>>,
    /// A word Joomla keeps.
    pub section: Option<String>,
    /// Who maintains it.
    pub maintainer: Option<String>,
    /// His site.
    pub maintainer_url: Option<String>,
}

/// Lists all package groups.
const ALL: &str = "all";
/// Joomla's names of databases in `<supported_databases>`.
const DATABASES: [&str; 3] = ["mariadb", "mysql", "postgresql"];

impl UpdateRules {
    /// Reads the section.
    ///
    /// # Errors
    /// The first value that makes no sense.
    pub fn new(config: &Updates) -> Result<Self, RulesError> {
        let workers = usize::try_from(config.checksum_workers).unwrap_or(usize::MAX);
        if !(1..=MOST_WORKERS).contains(&workers) {
            let reason = format!(
                "{} is no number of packages to read at the same time: use 1 to {MOST_WORKERS}",
                config.checksum_workers
            );
            return Err(wrong("`updates.checksum_workers`", reason));
        }
        let general = UpdateFields {
            infourl: config.infourl.clone(),
            maintainer: config.maintainer.clone(),
            maintainerurl: config.maintainerurl.clone(),
            section: config.section.clone(),
            ..UpdateFields::default()
        };
        let mut rules = Self {
            newest_only: config.versions == Versions::Newest,
            target_platform: pattern("`updates.targetplatform`", config.targetplatform.as_ref())?,
            changelogs: config.changelogs.as_deref().map(changelogs).transpose()?,
            listed: config.listed.clone(),
            general: PackageFields::new("`updates`", &general)?,
            packages: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        for (index, fields) in config.packages.iter().enumerate() {
            let place = format!("`updates.packages`, number {}", index + 1);
            let (map, id) = match (&fields.package, &fields.group) {
                (Some(package), None) => (&mut rules.packages, package),
                (None, Some(group)) => (&mut rules.groups, group),
                (both, _) => {
                    let what = if both.is_some() {
                        "it names a `package` and a `group`: name one of them"
                    } else {
                        "name the `package` or the `group` it is for"
                    };
                    return Err(wrong(&place, what.into()));
                }
            };
            if map.insert(id.clone(), PackageFields::new(&place, fields)?).is_some() {
                return Err(wrong(&place, format!("`{id}` has one already: put both together")));
            }
        }
        Ok(rules)
    }

    /// Returns whether update XML is in use: the section holds a value that only matters with it.
    #[must_use]
    pub fn are_wanted(config: &Updates) -> bool {
        !config.listed.is_empty()
            || !config.packages.is_empty()
            || config.endpoint.is_some()
            || config.targetplatform.is_some()
            || config.infourl.is_some()
            || config.versions == Versions::Newest
    }

    /// May a package of this group be listed?
    #[must_use]
    pub fn lists(&self, group: &str) -> bool {
        self.listed.iter().any(|listed| listed == ALL || listed == group)
    }

    /// Returns the rules of a package: its own fields, then those of its package group, then those
    /// for all.
    #[must_use]
    pub fn fields(&self, package: &Package) -> PackageFields {
        let group = package.group.as_ref().and_then(|group| self.groups.get(group));
        let own = self.packages.get(&package.id).cloned().unwrap_or_default();
        own.or(&group.cloned().unwrap_or_default()).or(&self.general)
    }

    /// Packages and package groups that are named in the section and do not exist.
    #[must_use]
    pub fn unknown(&self, catalog: &Catalog) -> Vec<String> {
        let packages = self.packages.keys().filter(|id| catalog.package(id).is_none());
        let groups = self.groups.keys().chain(self.listed.iter().filter(|id| *id != ALL));
        let groups = groups.filter(|id| catalog.group(id).is_none());
        packages
            .map(|id| format!("`[updates]` names the package `{id}`, which does not exist"))
            .chain(groups.map(|id| {
                format!("`[updates]` names the package group `{id}`, which does not exist")
            }))
            .collect()
    }
}

fn databases_are_known(place: &str, from: &UpdateFields) -> Result<(), RulesError> {
    for (name, version) in from.supported_databases.iter().flatten() {
        if !DATABASES.contains(&name.as_str()) || !begins_with_digit(version) {
            let known = DATABASES.map(|name| format!("`{name}`")).join(", ");
            let reason = format!(
                "`supported_databases`: `{name} = \"{version}\"` is no database with a version; \
                 Joomla knows {known}: write `{{ mysql = \"8.0\" }}`"
            );
            return Err(wrong(place, reason));
        }
    }
    Ok(())
}

impl PackageFields {
    fn new(place: &str, from: &UpdateFields) -> Result<Self, RulesError> {
        let from = from.clone();
        for (key, url) in [
            ("infourl", &from.infourl),
            ("changelogurl", &from.changelogurl),
            ("maintainerurl", &from.maintainerurl),
        ] {
            if let Some(url) = url.as_ref().filter(|url| !is_address(url)) {
                let reason =
                    format!("`{key}`: `{url}` is no address: write `https://…`, without blanks");
                return Err(wrong(place, reason));
            }
        }
        if let Some(php) = from.php_minimum.as_ref().filter(|php| !begins_with_digit(php)) {
            return Err(wrong(
                place,
                format!("`php_minimum`: `{php}` is no PHP version: write `8.1`"),
            ));
        }
        databases_are_known(place, &from)?;
        if let Some(xml) = from.xml.as_ref().filter(|xml| !is_xml_name(xml)) {
            if xml == COLLECTION {
                let reason =
                    "`xml`: `collection` is the name of the list of all XML: choose another";
                return Err(wrong(place, reason.to_owned()));
            }
            let reason = format!(
                "`xml`: `{xml}` is no name for an XML: use letters, digits, `.`, `_` and `-`, without \
                 the ending `.xml`"
            );
            return Err(wrong(place, reason));
        }
        Ok(Self {
            xml: from.xml,
            name: from.name,
            description: from.description,
            tag: from
                .tag
                .map(|tag| tag.parse())
                .transpose()
                .map_err(|error: NoStability| wrong(place, format!("`tag`: {error}")))?,
            target_platform: pattern(place, from.targetplatform.as_ref())?,
            security: from
                .security
                .map(|level| level.to_string().parse())
                .transpose()
                .map_err(|error: NoSecurity| wrong(place, format!("`security`: {error}")))?,
            php_minimum: from.php_minimum,
            info_url: from.infourl,
            changelog_url: from.changelogurl,
            supported_databases: from.supported_databases,
            section: from.section,
            maintainer: from.maintainer,
            maintainer_url: from.maintainerurl,
        })
    }

    /// Takes missing values from `other`.
    fn or(self, other: &Self) -> Self {
        let other = other.clone();
        Self {
            xml: self.xml.or(other.xml),
            name: self.name.or(other.name),
            description: self.description.or(other.description),
            tag: self.tag.or(other.tag),
            target_platform: self.target_platform.or(other.target_platform),
            security: self.security.or(other.security),
            php_minimum: self.php_minimum.or(other.php_minimum),
            info_url: self.info_url.or(other.info_url),
            changelog_url: self.changelog_url.or(other.changelog_url),
            supported_databases: self.supported_databases.or(other.supported_databases),
            section: self.section.or(other.section),
            maintainer: self.maintainer.or(other.maintainer),
            maintainer_url: self.maintainer_url.or(other.maintainer_url),
        }
    }
}

/// The name of the list of all XML.
pub const COLLECTION: &str = "collection";

/// Can an XML be called that? [`COLLECTION`] cannot be anything else.
#[must_use]
pub fn is_xml_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty()
        && name.bytes().all(plain)
        && !name.starts_with('.')
        && name.strip_suffix(".xml").is_none()
        && name != COLLECTION
}

fn pattern(place: &str, text: Option<&String>) -> Result<Option<TargetPlatform>, RulesError> {
    text.map(|text| TargetPlatform::configured(text)).transpose().map_err(|error: PatternError| {
        let key = if place.contains("targetplatform") { "" } else { "`targetplatform`: " };
        wrong(place, format!("{key}{error}"))
    })
}

fn changelogs(folder: &str) -> Result<PackagePath, RulesError> {
    PackagePath::parse(folder.trim().trim_end_matches('/')).map_err(|error| {
        let reason = format!("{error}; write the name of a folder below that of the packages");
        wrong("`updates.changelogs`", reason)
    })
}

fn is_address(url: &str) -> bool {
    let odd = |letter: char| letter.is_whitespace() || letter.is_control();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(odd))
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

fn wrong(place: &str, reason: String) -> RulesError {
    RulesError { place: place.to_owned(), reason }
}
