//! How people log in to the site, as far as `keybyauth` cannot follow: it knows passwords only.

use super::database::Database;
use super::finding::without_database;
use super::finding::{FindingSink, list};
use crate::config::Config;
use crate::config::values::TwoFactor;
use crate::store::{JoomlaVersion, SiteRows};

/// Login plugins that accept no other password than Joomla's.
const HARMLESS: [&str; 2] = ["joomla", "cookie"];

pub(super) async fn look(config: &Config, database: &Database, notes: &mut FindingSink<'_>) {
    let Some(rows) = &database.rows else { return without_database("login plugins", notes) };
    let of = |folder: &str| {
        let plugins = rows.login_plugins.iter().filter(|plugin| plugin.folder == folder);
        plugins.map(|plugin| plugin.element.as_str()).collect::<Vec<_>>()
    };
    let all = of("authentication");
    let others: Vec<&str> =
        all.iter().copied().filter(|plugin| !HARMLESS.contains(plugin)).collect();
    if !others.is_empty() {
        notes
            .warning(format!(
                "other ways to log in are enabled: {}; customers without a Joomla password of their \
                 own get REL_LIF from keybyauth",
                list(&others)
            ))
            .at("plugins of the type authentication")
            .advise("tell these customers to have their key mailed (keybyemail)");
    }
    if !all.contains(&"joomla") {
        notes
            .warning(
                "Joomla's own login plugin is disabled: no one can log in to the site by password, \
                 yet keybyauth accepts the passwords that are stored",
            )
            .at("plugin `joomla` of the type authentication")
            .advise("enable it, or leave `keybyauth` with PHP");
    } else if others.is_empty() {
        notes.ok("people log in by Joomla's own passwords");
    }
    let methods: Vec<&str> = of("twofactorauth").into_iter().chain(of("multifactorauth")).collect();
    second_factor(config, rows, database, &methods, notes).await;
}

async fn second_factor(
    config: &Config,
    rows: &SiteRows,
    database: &Database,
    methods: &[&str],
    notes: &mut FindingSink<'_>,
) {
    if methods.is_empty() {
        notes.ok("no second factor is enabled");
        return;
    }
    let after_login = rows.version >= Some(JoomlaVersion { major: 4, minor: 2 });
    let Some(inspection) = &database.inspection else { return };
    let Some(accounts) =
        notes.read("accounts with a second factor", inspection.second_factors(after_login).await)
    else {
        return;
    };
    let people = if accounts == 1 {
        "1 account uses".to_owned()
    } else {
        format!("{accounts} accounts use")
    };
    let used = format!("second factors are enabled ({}), {people} one", list(methods));
    match (accounts, after_login, config.release.two_factor) {
        (0, ..) => notes.ok(used),
        (_, true, TwoFactor::Joomla) => {
            notes
                .notice(format!(
                    "{used}: their password alone gets them a key, since this Joomla asks for the \
                     second factor only after the login"
                ))
                .at("`release.two_factor`")
                .advise("set `two_factor = \"refuse\"` in `[release]` to refuse them");
        }
        _ => {
            notes
                .notice(format!("{used}: keybyauth answers them REL_LIF"))
                .at("`release.two_factor`")
                .advise("tell these customers to have their key mailed (keybyemail)");
        }
    }
}
