//! The requested thing: a package or a package group of the plugin's settings.
//!
//! The first step of an explanation. It is independent of the account.

use crate::methods::{Decision, Recorded, find_group, find_package};
use crate::release::catalog::{Catalog, Setting};
use crate::release::settings::{Package, PackageGroup};
use crate::site::Settings;
use crate::words::{choice, list};

use super::people::{GroupNames, as_received};
use super::step::Step;

/// Most ids named if one is unknown.
const MOST_IDS: usize = 8;

/// How alike two ids must be, from 0 to 1, for one to be the other misspelt.
const ALIKE: f64 = 0.85;

/// The meaning of the name.
pub(super) enum WantedThing {
    /// A package.
    Package { package: Package, group: Group },
    /// A package group.
    Group(Group),
    /// No meaning.
    Unknown,
}

/// The package group whose key is needed.
pub(super) enum Group {
    /// None: the package is free.
    Free,
    /// This one.
    There(PackageGroup),
    /// One that answers as if it did not exist.
    Missing {
        /// It exists, but anyone could compute its keys.
        closed: bool,
    },
}

impl WantedThing {
    /// Packages first: an id that names both is mostly asked for as a package.
    pub(super) fn find(settings: &Settings, name: &str) -> Self {
        let name = as_received(name);
        let mut log = Recorded::default();
        // The decisions hold the result.
        let _ = find_package(settings, Some(&name), &mut log);
        if log.0.is_empty() {
            let _ = find_group(settings, Some(&name), &mut log);
        }
        let (mut package, mut group) = (None, None);
        for decision in log.0 {
            match decision {
                Decision::Package(found) => package = Some(found),
                Decision::Group(found) => group = Some(Group::There(found)),
                Decision::NoGroup { closed } => group = Some(Group::Missing { closed }),
                _ => {}
            }
        }
        match (package, group) {
            (Some(package), group) => {
                Self::Package { package, group: group.unwrap_or(Group::Free) }
            }
            (None, None | Some(Group::Missing { closed: false })) => Self::Unknown,
            (None, Some(group)) => Self::Group(group),
        }
    }

    /// The package group in force whose key is needed.
    pub(super) fn group(&self) -> Option<&PackageGroup> {
        match self {
            Self::Package { group: Group::There(group), .. } | Self::Group(Group::There(group)) => {
                Some(group)
            }
            _ => None,
        }
    }

    /// The id of the package group that a package names, there or not.
    pub(super) fn group_id(&self) -> Option<&str> {
        match self {
            Self::Package { package, .. } => package.group.as_deref(),
            Self::Group(_) | Self::Unknown => None,
        }
    }

    /// Returns its kind, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Package { .. } => "package",
            Self::Group(_) => "package group",
            Self::Unknown => "unknown",
        }
    }

    /// Returns whether no key is needed.
    pub(super) fn is_free(&self) -> bool {
        matches!(self, Self::Package { group: Group::Free, .. })
    }

    /// Returns the steps that show the result.
    pub(super) fn steps(&self, settings: &Settings, name: &str, names: &GroupNames) -> Vec<Step> {
        let mut steps = Vec::new();
        match self {
            Self::Package { package, group } => {
                steps.push(package_step(settings, package));
                match (group, &package.group) {
                    (Group::There(group), _) => steps.push(group_step(settings, group, names)),
                    (Group::Missing { closed }, Some(id)) => {
                        steps.push(no_group(settings, id, *closed));
                    }
                    _ => {}
                }
            }
            Self::Group(Group::There(group)) => steps.push(group_step(settings, group, names)),
            Self::Group(group) => {
                let closed = matches!(group, Group::Missing { closed: true });
                steps.push(no_group(settings, &as_received(name), closed));
            }
            Self::Unknown => {
                let title = format!("there is neither a package nor a package group `{name}`");
                steps.push(Step::refused("package", title).with_all(known(settings, name)));
            }
        }
        let received = as_received(name);
        if let Some(first) = steps.first_mut()
            && received != name
        {
            first.details.push(format!(
                "Joomla's filter removes tags and decodes entities: the service sees `{received}`"
            ));
        }
        steps
    }
}

fn package_step(settings: &Settings, package: &Package) -> Step {
    let catalog = &settings.catalog;
    let (id, line) = (&package.id, catalog.package_line(&package.id));
    let title = match &package.group {
        None => format!("package `{id}` is free: no account or key is needed for it"),
        Some(group) => format!("package `{id}` needs the key of package group `{group}`"),
    };
    let mut step = Step::ok("package", title).with(place(Setting::Packages, line));
    if catalog.group(id).is_some() {
        step = step.with(format!("`{id}` is also a package group; this is about the package"));
    }
    step.with_all(flaws(catalog, Setting::Packages, line))
}

fn group_step(settings: &Settings, group: &PackageGroup, names: &GroupNames) -> Step {
    let catalog = &settings.catalog;
    let (id, line) = (&group.id, catalog.group_line(&group.id));
    let quoted =
        if group.name.is_empty() { String::new() } else { format!(" (\"{}\")", group.name) };
    let title = match group.user_groups.as_slice() {
        [] => format!("package group `{id}`{quoted} is for no one: no user group is named"),
        some => format!("package group `{id}`{quoted} is for user group {}", names.or(some)),
    };
    let step = if group.user_groups.is_empty() {
        Step::refused("package group", title)
    } else {
        Step::ok("package group", title)
    };
    let packages = catalog.packages();
    let packages = packages.iter().filter(|package| package.group.as_ref() == Some(id));
    let packages = list(packages.map(|package| &package.id));
    let packages = if packages.is_empty() { "none".to_owned() } else { packages };
    step.with(place(Setting::PackageGroups, line))
        .with(format!("its packages: {packages}"))
        .with_all(flaws(catalog, Setting::PackageGroups, line))
}

fn no_group(settings: &Settings, id: &str, closed: bool) -> Step {
    if closed {
        let title = format!("package group `{id}` is closed: strangers could compute its keys");
        return Step::refused("package group", title)
            .with(
                "neither its hash nor Joomla's secret is set, so the default recipe has no secret",
            )
            .with("give it a hash in the plugin's option \"Package groups\": `id;groups;hash`");
    }
    let near = near(id, settings.catalog.groups().iter().map(|group| group.id.as_str()));
    let step = Step::refused("package group", format!("there is no package group `{id}`"))
        .with("a package of a missing package group is never given away: REL_GNF");
    let advice = "correct the third field of the package's line, or add the package group's line";
    match near.as_slice() {
        [] => step.with(advice),
        near => step.with(format!("{advice}; near: {}", list(near))),
    }
}

fn place(setting: Setting, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("line {line} of the plugin's option \"{setting}\""),
        None => format!("the plugin's option \"{setting}\""),
    }
}

/// Returns the problems of the line.
fn flaws(catalog: &Catalog, setting: Setting, line: Option<usize>) -> Vec<String> {
    catalog
        .findings()
        .iter()
        .filter(|finding| finding.setting == setting && Some(finding.line) == line)
        .map(|finding| format!("look at that line: {}", finding.flaw))
        .collect()
}

/// Returns the likely ids; all, if there are few.
fn known(settings: &Settings, name: &str) -> Vec<String> {
    let packages = settings.catalog.packages();
    let packages: Vec<_> = packages.iter().map(|package| package.id.as_str()).collect();
    let groups = settings.catalog.groups();
    let groups: Vec<_> = groups.iter().map(|group| group.id.as_str()).collect();
    let near = near(name, packages.iter().chain(&groups).copied());
    let mut details = Vec::new();
    if !near.is_empty() {
        details.push(format!("did you mean {}?", choice(near)));
    } else if packages.len() + groups.len() <= MOST_IDS {
        for (what, ids) in [("packages", &packages), ("package groups", &groups)] {
            details.push(match ids.as_slice() {
                [] => format!("the settings have no {what}"),
                ids => format!("{what}: {}", list(ids)),
            });
        }
    } else {
        details.push(format!(
            "the settings have {} packages and {} package groups, none of them is spelt alike",
            packages.len(),
            groups.len()
        ));
    }
    details.push("upper and lower case count".to_owned());
    details
}

/// The ids that are nearly `name`, best first.
pub(super) fn near<'i>(name: &str, ids: impl Iterator<Item = &'i str>) -> Vec<&'i str> {
    let wanted = name.trim().to_lowercase();
    let mut alike: Vec<_> = ids
        .map(|id| (strsim::jaro_winkler(&wanted, &id.to_lowercase()), id))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    alike.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    alike.dedup_by_key(|(_, id)| *id);
    alike.into_iter().map(|(_, id)| id).take(3).collect()
}
