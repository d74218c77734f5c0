//! Package groups: are there people who may have them, packages in them, and keys that cannot be
//! guessed.

use std::collections::{BTreeMap, BTreeSet};

use super::database::Database;
use super::finding::without_database;
use super::finding::{FindingSink, Severity, list};
use super::plugin::PluginSettings;
use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::release::authorise::PUBLIC;
use crate::release::license::KeyRing;
use crate::release::settings::PackageGroup;
use crate::service::plan::Draft;
use crate::site::settings::seed;
use crate::site::settings::unix_now;
use crate::store::SiteRows;
use crate::store::inspection::Members;
use crate::told::Tell;
use crate::words::count;

pub(super) async fn look(
    config: &Config,
    draft: &Draft,
    settings: Option<&PluginSettings>,
    database: &Database,
    notes: &mut FindingSink<'_>,
) {
    if let Err(problems) = &draft.keys {
        formula(config, problems, notes);
    }
    let ring = draft.keys.as_ref().ok();
    let Some(settings) = settings else {
        notes.skipped("package groups: not looked at, since the settings could not be read");
        return;
    };
    let groups = settings.catalog.groups();
    match ring {
        Some(ring) => keys(config, ring, &groups, notes),
        None => {
            notes.skipped("whether keys can be made and guessed: there is no formula to try");
        }
    }
    let packages = settings.catalog.packages();
    let used: BTreeSet<_> = packages.iter().filter_map(|one| one.group.as_deref()).collect();
    for group in &groups {
        if !used.contains(group.id.as_str()) {
            notes
                .notice(format!("package group `{}` has no package", group.id))
                .advise("remove its line, or name it in the third field of a package's line");
        }
    }
    members(config, &groups, database, notes).await;
}

fn formula(config: &Config, problems: &Problems, notes: &mut FindingSink<'_>) {
    let is_missing =
        |problem: &Problem| problem.key == "license.recipe" && config.license.recipe.is_none();
    if problems.0.iter().any(is_missing) {
        notes
            .error(
                "the formula of the license keys is not set: without the one of the site's plugin \
                 every key it has issued would be refused",
            )
            .at("`license.recipe`")
            .advise(
                "copy the formula from the plugin's source into `recipe` in `[license]` (or \
                 `--recipe`), for example `recipe = 'md5($email . $group . $hash)'`; `default` on a \
                 site that has issued no keys yet; see docs/recipes.md",
            );
    }
    for problem in problems.0.iter().filter(|problem| !is_missing(problem)) {
        notes.failure(Severity::Error, problem);
    }
}

fn keys(config: &Config, ring: &KeyRing, groups: &[&PackageGroup], notes: &mut FindingSink<'_>) {
    let now = unix_now();
    let mut sound = 0;
    for group in groups {
        let seed = seed(group);
        let failures = ring.check(&seed, now);
        for failure in &failures {
            notes.failure(
                Severity::Error,
                failure.told().after("license keys that cannot be made: "),
            );
        }
        let place = format!("line of `{}` in Package groups", group.id);
        if ring.is_unservable(&seed) {
            notes
                .error(format!(
                    "package group `{}` is closed (REL_GNF): neither its hash nor Joomla's secret is \
                     set, so that strangers could compute its keys",
                    group.id
                ))
                .at(place)
                .advise("give it a hash: a random text in the third field");
            continue;
        }
        let guessable = ring.guessable(&seed, now);
        if failures.is_empty() && guessable.is_empty() {
            sound += 1;
        }
        if config.license.allow_guessable.contains(&group.id) {
            continue;
        }
        for one in guessable {
            notes
                .warning(format!(
                    "strangers can compute the keys of package group `{}`: {} with {} reads no hash \
                     and no secret",
                    group.id, one.recipe, one.seed
                ))
                .at(&place)
                .advise(
                    "give it a hash and issue new keys, or list it in `allow_guessable` in \
                     `[license]` where that is meant",
                );
        }
    }
    if sound > 0 {
        let all = count(groups.len(), "package group");
        notes.ok(format!("{sound} of {all} with keys that can be made and cannot be guessed"));
    }
}

fn unknown_groups(group: &PackageGroup, unknown: &[u32], place: &str, notes: &mut FindingSink<'_>) {
    if !unknown.is_empty() {
        notes
            .warning(format!(
                "package group `{}` names user groups that do not exist: {}",
                group.id,
                list(unknown)
            ))
            .at(place)
            .advise("correct the ids; Users, Groups in Joomla shows them");
    }
}

async fn members(
    config: &Config,
    groups: &[&PackageGroup],
    database: &Database,
    notes: &mut FindingSink<'_>,
) {
    let (Some(rows), Some(inspection)) = (&database.rows, &database.inspection) else {
        return without_database("members of user groups", notes);
    };
    let Some(members) = notes.read("members of user groups", inspection.members().await) else {
        return;
    };
    for group in groups {
        let place = format!("line of `{}` in Package groups", group.id);
        let known = |id: &&u32| rows.groups.iter().any(|row| row.id == **id);
        let (known, unknown): (Vec<u32>, Vec<u32>) =
            group.user_groups.iter().partition(|id| known(id));
        unknown_groups(group, &unknown, &place, notes);
        // Who is in no group at all counts as a member of Public.
        if known.is_empty() || known.contains(&PUBLIC) {
            continue;
        }
        let in_force = with_children(config, rows, &known);
        let (all, enabled) = sum(&members, &in_force);
        if all == 0 {
            notes
                .warning(format!(
                    "no account belongs to package group `{}`: its user groups {} have no member",
                    group.id,
                    list(&known)
                ))
                .at(&place)
                .advise(if config.release.inherit_groups {
                    "assign customers to one of them"
                } else {
                    "assign customers to one of them; only direct members count, unless \
                     `inherit_groups` in `[release]` is set"
                });
        } else if enabled == 0 {
            notes
                .warning(format!(
                    "all members of package group `{}` are blocked ({all} accounts)",
                    group.id
                ))
                .at(&place)
                .advise("unblock the customers in Joomla's user manager");
        } else {
            // Who is in two of the groups is counted twice.
            let up_to = if in_force.len() > 1 { "up to " } else { "" };
            let people = if enabled == 1 { "account" } else { "accounts" };
            notes
                .ok(format!("package group `{}`: {up_to}{enabled} {people} may have it", group.id));
        }
    }
}

/// Returns the groups and, if child groups count as their parents, all below them.
fn with_children(config: &Config, rows: &SiteRows, groups: &[u32]) -> Vec<u32> {
    if !config.release.inherit_groups {
        return groups.to_vec();
    }
    let below = |id: u32| rows.with_ancestors(id).iter().any(|above| groups.contains(above));
    rows.groups.iter().map(|row| row.id).filter(|id| below(*id)).collect()
}

fn sum(members: &BTreeMap<u32, Members>, groups: &[u32]) -> (u64, u64) {
    let counts = groups.iter().filter_map(|group| members.get(group));
    counts.fold((0, 0), |(all, enabled), one| (all + one.all, enabled + one.enabled))
}
