//! The plugin's row, and each line of its settings.

use super::finding::{FindingSink, Severity, list, without_database};
use crate::release::catalog::{Catalog, PlacedFlaw as Bad, Setting, SettingsText};
use crate::release::params;
use crate::release::settings::{Flaw, Package};
use crate::service::parts;
use crate::service::plan::Draft;
use crate::service::plan::database::DatabaseLocation;
use crate::service::plan::release::ReleasePlan;
use crate::store::SiteRows;
use crate::told::Tell;
use crate::words::count;

/// The settings, for the checks that need them.
pub(super) struct PluginSettings {
    pub(super) text: SettingsText,
    pub(super) catalog: Catalog,
}

pub(super) fn look(
    draft: &Draft,
    rows: Option<&SiteRows>,
    has_width: bool,
    notes: &mut FindingSink<'_>,
) -> Option<PluginSettings> {
    let plan = notes.part(&draft.release, Some("`[release]`"))?;
    let place = draft.database.as_ref().ok().map(|database| &database.place);
    let table = place.map(DatabaseLocation::extensions_table).unwrap_or_default();
    let fixed = plan.fixed.is_some();
    if fixed {
        notes.ok("folder, package groups and packages stand in `[release]`, not in the plugin");
    } else if let Some(rows) = rows {
        row(plan, &table, rows, has_width, notes);
    }
    let text = match parts::settings_text(plan, &table, rows) {
        Ok(Some(text)) => text,
        Ok(None) => {
            without_database("settings lines", notes);
            return None;
        }
        Err(error) => {
            notes.failure(Severity::Error, error);
            return None;
        }
    };
    let catalog = Catalog::new(&text);
    sum_up(&catalog, notes);
    for bad in catalog.findings() {
        line(&text, bad, fixed, notes);
    }
    Some(PluginSettings { text, catalog })
}

fn row(
    plan: &ReleasePlan,
    table: &str,
    rows: &SiteRows,
    has_width: bool,
    notes: &mut FindingSink<'_>,
) {
    if rows.component.is_none() {
        notes
            .warning(
                "the component jBackend is not installed: are these the right database and prefix?",
            )
            .advise("correct `name` and `prefix` in `[database]`, or install jBackend again");
    }
    let Some(row) = rows.release_plugins.first() else { return };
    let place = format!("extension id {}", row.id);
    if rows.release_plugins.len() > 1 {
        let ids: Vec<_> = rows.release_plugins.iter().map(|row| row.id).collect();
        notes
            .warning(format!("the plugin is installed {} times; the first one counts", ids.len()))
            .at(format!("extension ids {}", list(&ids)))
            .advise("uninstall the others in Joomla's extension manager");
    }
    let is_required = plan.require_enabled;
    if !row.enabled && is_required {
        notes
            .error("the plugin is disabled in Joomla, so every request is answered REQ_MNF")
            .at(&place)
            .advise("enable it, or remove `require_enabled` from `[release]`");
    } else if !row.enabled {
        notes
            .notice("the plugin is disabled in Joomla; the bridge serves it all the same")
            .at(&place)
            .advise("nothing, if PHP is not to answer any more");
    } else if is_required && !rows.guest_can_see(row.access) {
        notes
            .error("the plugin is hidden from guests by its access level: REQ_MNF")
            .at(&place)
            .advise("set its access level to Public, or remove `require_enabled` from `[release]`");
    }
    match params::names(&row.params, &plan.param_names) {
        // Told with the settings themselves.
        Err(_) => {}
        Ok(names) if names.is_empty() => {
            notes
                .warning("the plugin's settings have never been saved: there are no packages")
                .at(&place)
                .advise("open the plugin in Joomla, fill in its options and save it");
        }
        Ok(names) => {
            let names: Vec<_> =
                names.iter().map(|(label, name)| format!("{label} in `{name}`")).collect();
            notes.ok(format!("plugin jBackend Release System, {place}: {}", names.join(", ")));
            // A file's columns have no width.
            if has_width && params::is_nearly_full(&row.params) {
                notes
                    .warning(format!(
                        "the plugin's settings nearly fill their column: {} of 65,535 bytes",
                        row.params.len()
                    ))
                    .at(&place)
                    .advise(format!(
                        "before they are cut off, run `ALTER TABLE {table} MODIFY params MEDIUMTEXT NOT \
                         NULL`, or put `folder`, `groups` and `packages` into `[release]`"
                    ));
            }
        }
    }
}

fn sum_up(catalog: &Catalog, notes: &mut FindingSink<'_>) {
    let packages = catalog.packages();
    let paid = packages.iter().filter(|package| package.group.is_some()).count();
    if packages.is_empty() {
        notes.warning("there is no package: every request is answered REL_PNF").advise(
            "fill in the option Packages of the plugin: `package id;package path[;package group]`",
        );
        return;
    }
    let can_be_had = |package: &&Package| {
        let group = package.group.as_deref().and_then(|id| catalog.group(id));
        group.is_some_and(|group| !group.user_groups.is_empty())
    };
    if paid > 0 && !packages.iter().any(can_be_had) {
        notes
            .error("no paid package can be had: their package groups are missing or name no user group")
            .advise(
                "give each package group a line `package group;user groups` that names user groups \
                 of the site",
            );
    }
    let groups = count(catalog.groups().len(), "package group");
    notes.ok(format!("{} ({paid} paid), {groups}", count(packages.len(), "package")));
}

fn line(text: &SettingsText, bad: &Bad, fixed: bool, notes: &mut FindingSink<'_>) {
    let (whole, key) = match bad.setting {
        Setting::PackageGroups => (&text.groups, "groups"),
        Setting::Packages => (&text.packages, "packages"),
    };
    let content = whole.lines().nth(bad.line.saturating_sub(1)).unwrap_or_default();
    let content = match bad.setting {
        Setting::PackageGroups => veiled(content),
        Setting::Packages => content.to_owned(),
    };
    let place = if fixed {
        format!("`release.{key}`, entry {}", bad.line)
    } else {
        format!("option {}, line {}", bad.setting, bad.line)
    };
    let (severity, advice) = verdict(&bad.flaw);
    let what = match &bad.flaw {
        // Its own advice is ours in other words.
        Flaw::BadPath { id, reason } => {
            format!("package `{id}`: {}; downloads answer REL_FNF", reason.told().what)
        }
        Flaw::NoPath(id) => format!("package `{id}` has no path: the line is ignored"),
        flaw => flaw.to_string(),
    };
    notes.add(severity, what).at(place).advise(advice).line(content);
}

fn verdict(flaw: &Flaw) -> (Severity, &'static str) {
    match flaw {
        Flaw::NoId => (Severity::Error, "write the id before the first `;`, or remove the line"),
        Flaw::NoPath(_) => (Severity::Error, "write `package id;package path[;package group]`"),
        Flaw::BadPath { .. } => (
            Severity::Error,
            "write the path of a file below the package folder, with `/` and without `..`",
        ),
        Flaw::UnknownGroup { .. } => {
            (Severity::Error, "correct the third field, or add the package group's line")
        }
        Flaw::NotAUserGroup { .. } => (
            Severity::Warning,
            "write the ids of user groups, as in `9,12`; the hash is the third field",
        ),
        Flaw::NobodyAuthorised(_) => {
            (Severity::Warning, "name the user groups in the second field, as in `9,12`")
        }
        Flaw::ExtraFields(_) => (Severity::Warning, "remove the fields; a path must not hold `;`"),
        Flaw::Replaced { .. } => (Severity::Warning, "remove one of the two lines"),
        Flaw::BeforeRelease(_) => {
            (Severity::Warning, "remove the line, or withdraw the release with `releases withdraw`")
        }
        Flaw::SignedRelease(_) => (
            Severity::Error,
            "find out who wrote the line, and remove it; a file of your own needs an id of its own",
        ),
        Flaw::StaysPaid { .. } => {
            (Severity::Warning, "remove one of the two lines; the paid one counts")
        }
    }
}

/// Returns a line of a package group without its seed: without the third field, and without
/// everything in the second that is not a number.
fn veiled(line: &str) -> String {
    const VEIL: &str = "…";
    let mut fields: Vec<String> = line.splitn(4, ';').map(str::to_owned).collect();
    if let Some(groups) = fields.get_mut(1) {
        let is_list = |piece: &str| piece.chars().all(|c| c.is_ascii_digit() || c.is_whitespace());
        let pieces = groups.split(',').map(|piece| if is_list(piece) { piece } else { VEIL });
        *groups = pieces.collect::<Vec<_>>().join(",");
    }
    if let Some(hash) = fields.get_mut(2)
        && !hash.trim().is_empty()
    {
        VEIL.clone_into(hash);
    }
    fields.join(";")
}

#[cfg(test)]
mod tests {
    use super::veiled;

    #[test]
    fn seeds_are_not_shown() {
        for (line, shown) in [
            ("group;9,12;HASH;Name; and more", "group;9,12;…;Name; and more"),
            ("group;9, HASH ,12", "group;9,…,12"),
            (";;HASH", ";;…"),
            ("group;9;;Name", "group;9;;Name"),
        ] {
            assert_eq!(veiled(line), shown);
        }
    }
}
