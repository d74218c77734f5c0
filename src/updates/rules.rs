//! The rules of the section `[updates]` about update XML, checked.

use std::collections::BTreeMap;
use std::fmt::Display;

use joomla_updates::security::{NoSecurity, Security};
use joomla_updates::stability::{NoStability, Stability};
use joomla_updates::target_platform::{PatternError, TargetPlatform};

use super::memory::MOST_WORKERS;
use crate::config::problem::{Problem, Problems};
use crate::config::sections::Updates;
use crate::config::values::{UpdateFields, Versions};
use crate::release::catalog::Catalog;
use crate::release::package_path::PackagePath;
use crate::release::record::ReleaseRecord;
use crate::release::settings::Package;
use crate::told::told;

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
    /// All values that make no sense.
    pub fn new(config: &Updates) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let workers = usize::try_from(config.checksum_workers).unwrap_or(usize::MAX);
        if !(1..=MOST_WORKERS).contains(&workers) {
            let what = "is no number of packages to read at the same time";
            problems.0.push(Problem::new(
                "updates.checksum_workers",
                format!("{} {what}", config.checksum_workers),
                format!("use 1 to {MOST_WORKERS}"),
            ));
        }
        let general = UpdateFields {
            infourl: config.infourl.clone(),
            maintainer: config.maintainer.clone(),
            maintainerurl: config.maintainerurl.clone(),
            section: config.section.clone(),
            ..UpdateFields::default()
        };
        let target_platform = config.targetplatform.as_deref().map(TargetPlatform::configured);
        let target_platform = target_platform.transpose();
        let target_platform = target_platform
            .map_err(|error| Problem::new("updates.targetplatform", &error, error.advice()));
        let changelogs = config.changelogs.as_deref().map(changelogs).transpose();
        let mut rules = Self {
            newest_only: config.versions == Versions::Newest,
            target_platform: problems.sort(target_platform).flatten(),
            changelogs: problems.sort(changelogs).flatten(),
            listed: config.listed.clone(),
            general: Place::of_section().fields(&general, &mut problems),
            packages: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        for (number, fields) in (1..).zip(&config.packages) {
            problems.sort(rules.add(&Place::of_entry(number), fields));
        }
        if problems.0.is_empty() { Ok(rules) } else { Err(problems) }
    }

    fn add(&mut self, place: &Place, from: &UpdateFields) -> Result<(), Problems> {
        let (map, id) = match (&from.package, &from.group) {
            (Some(package), None) => (&mut self.packages, package),
            (None, Some(group)) => (&mut self.groups, group),
            (Some(_), Some(_)) => {
                let what = "it names a `package` and a `group`";
                return Err(place.wrong("package", what, "name one of them").into());
            }
            (None, None) => {
                let advice = "name the `package` or the `group` it is for";
                return Err(Problem::new(PACKAGES, &place.shown, advice).as_sentence().into());
            }
        };
        let mut problems = Problems::default();
        let fields = place.fields(from, &mut problems);
        if map.insert(id.clone(), fields).is_some() {
            let what = format!("`{id}` has one already");
            problems.0.push(place.wrong("package", &what, "put both together"));
        }
        if problems.0.is_empty() { Ok(()) } else { Err(problems) }
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
        let released =
            package.release.as_deref().map(PackageFields::of_release).unwrap_or_default();
        own.or(&released).or(&group.cloned().unwrap_or_default()).or(&self.general)
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

impl PackageFields {
    /// Takes the data that a release was published with.
    fn of_release(record: &ReleaseRecord) -> Self {
        let databases = Some(record.supported_databases.clone());
        Self {
            tag: Some(record.channel),
            security: record.security,
            php_minimum: record.php_minimum.clone(),
            supported_databases: databases.filter(|databases| !databases.is_empty()),
            ..Self::default()
        }
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

/// The key of the entries.
const PACKAGES: &str = "updates.packages";

/// Where fields stand.
struct Place {
    shown: String,
    is_entry: bool,
}

impl Place {
    fn of_section() -> Self {
        Self { shown: "`updates`".to_owned(), is_entry: false }
    }

    fn of_entry(number: usize) -> Self {
        Self { shown: format!("`{PACKAGES}`, number {number}"), is_entry: true }
    }

    fn wrong(&self, field: &str, what: &str, advice: &str) -> Problem {
        let what = format!("{}: {what}", self.shown);
        Problem::new(self.key(field), what, advice).as_sentence()
    }

    /// Gives the value of a field; a problem is told with what `advice` says.
    fn value<T, E: Display>(
        &self,
        field: &str,
        read: Option<Result<T, E>>,
        advice: impl Fn(&E) -> String,
        problems: &mut Problems,
    ) -> Option<T> {
        let wrong = |error: E| self.wrong(field, &format!("`{field}`: {error}"), &advice(&error));
        problems.sort(read.transpose().map_err(wrong)).flatten()
    }

    fn key(&self, field: &str) -> String {
        if self.is_entry { PACKAGES.to_owned() } else { format!("updates.{field}") }
    }

    /// Reads the fields; one that makes no sense is left out.
    fn fields(&self, from: &UpdateFields, problems: &mut Problems) -> PackageFields {
        let from = from.clone();
        problems.0.extend(self.flaws(&from));
        let tag = from.tag.map(|tag| tag.parse::<Stability>());
        let platform = from.targetplatform.as_deref().map(TargetPlatform::configured);
        let level = from.security.map(|level| level.to_string().parse::<Security>());
        PackageFields {
            xml: from.xml,
            name: from.name,
            description: from.description,
            tag: self.value("tag", tag, |_| NoStability::ADVICE.into(), problems),
            target_platform: self.value("targetplatform", platform, PatternError::advice, problems),
            security: self.value("security", level, |_| NoSecurity::ADVICE.into(), problems),
            php_minimum: from.php_minimum,
            info_url: from.infourl,
            changelog_url: from.changelogurl,
            supported_databases: from.supported_databases,
            section: from.section,
            maintainer: from.maintainer,
            maintainer_url: from.maintainerurl,
        }
    }

    /// What is wrong with the fields that stay text.
    fn flaws(&self, from: &UpdateFields) -> Vec<Problem> {
        let mut flaws = Vec::new();
        for (key, url) in [
            ("infourl", &from.infourl),
            ("changelogurl", &from.changelogurl),
            ("maintainerurl", &from.maintainerurl),
        ] {
            if let Some(url) = url.as_ref().filter(|url| !is_address(url)) {
                let what = format!("`{key}`: `{url}` is no address");
                flaws.push(self.wrong(key, &what, "write `https://…`, without blanks"));
            }
        }
        if let Some(php) = from.php_minimum.as_ref().filter(|php| !begins_with_digit(php)) {
            let what = format!("`php_minimum`: `{php}` is no PHP version");
            flaws.push(self.wrong("php_minimum", &what, "write `8.1`"));
        }
        for (name, version) in from.supported_databases.iter().flatten() {
            if !DATABASES.contains(&name.as_str()) || !begins_with_digit(version) {
                let known = DATABASES.map(|name| format!("`{name}`")).join(", ");
                let what = format!(
                    "`supported_databases`: `{name} = \"{version}\"` is no database with a version; \
                     Joomla knows {known}"
                );
                let advice = "write `{ mysql = \"8.0\" }`";
                flaws.push(self.wrong("supported_databases", &what, advice));
            }
        }
        if let Some(xml) = from.xml.as_ref().filter(|xml| !is_xml_name(xml)) {
            let (what, advice) = if xml == COLLECTION {
                ("`collection` is the name of the list of all XML".to_owned(), "choose another")
            } else {
                let advice = "use letters, digits, `.`, `_` and `-`, without the ending `.xml`";
                (format!("`{xml}` is no name for an XML"), advice)
            };
            flaws.push(self.wrong("xml", &format!("`xml`: {what}"), advice));
        }
        flaws
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

fn changelogs(folder: &str) -> Result<PackagePath, Problem> {
    PackagePath::parse(folder.trim().trim_end_matches('/')).map_err(|error| {
        let told = told!("{error}"; "write the name of a folder below that of the packages");
        Problem::told("updates.changelogs", told)
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
