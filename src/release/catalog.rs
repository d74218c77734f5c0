//! Which packages and package groups a site has: the settings lines, put together.
//!
//! Built anew whenever the settings change; requests read it behind an `Arc`. A bad line never
//! disables a good one: it becomes a [`PlacedFlaw`], which the log shows.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use super::record::{ReleaseRecord, ReleaseState};
use super::settings::{self, Flaw, Package, PackageGroup};

/// The three options of the plugin, as text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SettingsText {
    /// Package folder, relative to the Joomla root or absolute.
    pub folder: String,
    /// Lines of package groups.
    pub groups: String,
    /// Lines of packages.
    pub packages: String,
}

/// The lines hold the seeds of license keys: they are not shown.
impl fmt::Debug for SettingsText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SettingsText").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// The option a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The option "Package groups".
    PackageGroups,
    /// The option "Packages".
    Packages,
}

impl fmt::Display for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::PackageGroups => "Package groups",
            Self::Packages => "Packages",
        })
    }
}

/// A flaw and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFlaw {
    /// The option.
    pub setting: Setting,
    /// Line number, from 1.
    pub line: usize,
    /// The flaw, and how the bridge treats the line.
    pub flaw: Flaw,
}

impl fmt::Display for PlacedFlaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "plugin setting \"{}\", line {}: {}", self.setting, self.line, self.flaw)
    }
}

/// The packages and package groups in force.
#[derive(Debug, Default)]
pub struct Catalog {
    groups: HashMap<String, FirstOfEach<PackageGroup>>,
    packages: HashMap<String, FirstOfEach<Package>>,
    /// The releases that no line replaces, by their ids.
    releases: BTreeMap<String, Package>,
    findings: Vec<PlacedFlaw>,
}

#[derive(Debug)]
struct FirstOfEach<T> {
    line: usize,
    item: T,
}

impl Catalog {
    /// Reads both lists.
    #[must_use]
    pub fn new(text: &SettingsText) -> Self {
        Self::with_releases(text, &[])
    }

    /// Reads both lists, and adds the releases that are served. A line comes before a release of
    /// the same id, unless that is signed. Of several releases of one id the highest version counts.
    #[must_use]
    pub fn with_releases(text: &SettingsText, releases: &[Arc<ReleaseRecord>]) -> Self {
        let mut catalog = Self::default();
        catalog.read_groups(&text.groups);
        catalog.read_packages(&text.packages);
        catalog.add_releases(releases);
        catalog.look_for_unknown_groups();
        catalog
    }

    /// The package group with exactly this id.
    #[must_use]
    pub fn group(&self, id: &str) -> Option<&PackageGroup> {
        self.groups.get(id).map(|listed| &listed.item)
    }

    /// The package with exactly this id.
    #[must_use]
    pub fn package(&self, id: &str) -> Option<&Package> {
        self.packages.get(id).map(|listed| &listed.item).or_else(|| self.releases.get(id))
    }

    /// The line of the option "Package groups" that describes the group, from 1.
    #[must_use]
    pub fn group_line(&self, id: &str) -> Option<usize> {
        self.groups.get(id).map(|listed| listed.line)
    }

    /// The line of the option "Packages" that describes the package, from 1.
    #[must_use]
    pub fn package_line(&self, id: &str) -> Option<usize> {
        self.packages.get(id).map(|listed| listed.line)
    }

    /// All package groups, in the order of their lines.
    #[must_use]
    pub fn groups(&self) -> Vec<&PackageGroup> {
        in_order(&self.groups)
    }

    /// All packages: those of lines in the order of their lines, then the releases.
    #[must_use]
    pub fn packages(&self) -> Vec<&Package> {
        let mut packages = in_order(&self.packages);
        packages.extend(self.releases.values());
        packages
    }

    /// Returns the flaws for the operator to fix, groups first, in the order of the lines.
    #[must_use]
    pub fn findings(&self) -> &[PlacedFlaw] {
        &self.findings
    }

    fn read_groups(&mut self, text: &str) {
        for (line, content) in numbered(text) {
            let Some((group, flaws)) = settings::package_group(content) else { continue };
            self.report(Setting::PackageGroups, line, flaws);
            match group {
                Err(flaw) => self.report(Setting::PackageGroups, line, [flaw]),
                Ok(item) => {
                    let id = item.id.clone();
                    if let Some(earlier) =
                        self.groups.insert(id.clone(), FirstOfEach { line, item })
                    {
                        let flaw = Flaw::Replaced { id, first: earlier.line };
                        self.report(Setting::PackageGroups, line, [flaw]);
                    }
                }
            }
        }
    }

    fn read_packages(&mut self, text: &str) {
        for (line, content) in numbered(text) {
            let Some((package, flaws)) = settings::package(content) else { continue };
            self.report(Setting::Packages, line, flaws);
            match package {
                Err(flaw) => self.report(Setting::Packages, line, [flaw]),
                Ok(item) => self.list_package(line, item),
            }
        }
    }

    fn list_package(&mut self, line: usize, item: Package) {
        let id = item.id.clone();
        if let Some(earlier) = self.packages.get(&id) {
            let first = earlier.line;
            if earlier.item.group.is_some() && item.group.is_none() {
                return self.report(Setting::Packages, line, [Flaw::StaysPaid { id, first }]);
            }
            self.report(Setting::Packages, line, [Flaw::Replaced { id: id.clone(), first }]);
        }
        self.packages.insert(id, FirstOfEach { line, item });
    }

    fn add_releases(&mut self, releases: &[Arc<ReleaseRecord>]) {
        // Lines are written in Joomla: one of them must not replace what its maker has signed.
        let was_signed = |record: &&Arc<ReleaseRecord>| {
            record.signature.is_some() && record.state != ReleaseState::Staged
        };
        for record in releases.iter().filter(was_signed) {
            if let Some(FirstOfEach { line, .. }) = self.packages.remove(&record.id) {
                self.report(Setting::Packages, line, [Flaw::SignedRelease(record.id.clone())]);
            }
        }
        for record in releases.iter().filter(|record| record.state.is_served()) {
            if let Some(line) = self.package_line(&record.id) {
                let flaw = Flaw::BeforeRelease(record.id.clone());
                let is_told = self.findings.iter().any(|finding| finding.flaw == flaw);
                if !is_told {
                    self.report(Setting::Packages, line, [flaw]);
                }
                continue;
            }
            let known = self.releases.get(&record.id).and_then(|known| known.release.as_ref());
            let is_higher = known.is_none_or(|known| record.compare_versions(known).is_gt());
            if is_higher && let Some(package) = Package::of_release(record) {
                self.releases.insert(record.id.clone(), package);
            }
        }
    }

    fn look_for_unknown_groups(&mut self) {
        let mut unknown: Vec<PlacedFlaw> = self
            .packages
            .values()
            .filter_map(|FirstOfEach { line, item }| {
                let group = item.group.as_ref()?;
                (!self.groups.contains_key(group)).then(|| PlacedFlaw {
                    setting: Setting::Packages,
                    line: *line,
                    flaw: Flaw::UnknownGroup { id: item.id.clone(), group: group.clone() },
                })
            })
            .collect();
        self.findings.append(&mut unknown);
        self.findings.sort_by_key(|finding| (finding.setting == Setting::Packages, finding.line));
    }

    fn report(&mut self, setting: Setting, line: usize, flaws: impl IntoIterator<Item = Flaw>) {
        self.findings.extend(flaws.into_iter().map(|flaw| PlacedFlaw { setting, line, flaw }));
    }
}

/// Lines with their numbers; `str::lines` ends them at LF and at CRLF.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn in_order<T>(listed: &HashMap<String, FirstOfEach<T>>) -> Vec<&T> {
    let mut all: Vec<_> = listed.values().collect();
    all.sort_by_key(|listed| listed.line);
    all.into_iter().map(|listed| &listed.item).collect()
}
