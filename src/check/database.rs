//! The database: can it be reached and read, is it a Joomla site's, does the account have the rights
//! it needs and no others.

use std::sync::Arc;

use super::finding::{Notes, Severity, list};
use super::tables;
use crate::app::parts::DatabasePlace;
use crate::config::Config;
use crate::config::values::Tls;
use crate::joomla::inspection::{Grant, Inspection, ServerFacts};
use crate::joomla::{EndpointRows, Joomla, JoomlaVersion, SiteRows};
use crate::site::settings::unix_now;

/// What was found of the database, for the checks that need it.
#[derive(Default)]
pub(super) struct Database {
    pub(super) place: Option<DatabasePlace>,
    pub(super) inspection: Option<Inspection>,
    pub(super) joomla: Option<Arc<dyn Joomla>>,
    pub(super) rows: Option<SiteRows>,
    pub(super) menu: Option<EndpointRows>,
    /// Seconds its clock is ahead of ours; nothing where it has none of its own.
    pub(super) ahead: Option<i64>,
}

/// jBackend's own tables, which the bridge writes as the original does.
const OWN_TABLES: [&str; 2] = ["jbackend_keys", "jbackend_logs"];

pub(super) async fn look(config: &Config, notes: &mut Notes<'_>) -> Database {
    let mut database = Database::default();
    let place = match DatabasePlace::new(config) {
        Ok(place) => place,
        Err(error) => {
            notes.failure(Severity::Error, error);
            return database;
        }
    };
    match place.inspect().await {
        Ok(inspection) => {
            server(config, &place, &inspection, &mut database, notes).await;
            rights(&inspection, notes).await;
            open(config, &place, &mut database, notes).await;
            let version = database.rows.as_ref().and_then(|rows| rows.version);
            tables::look(&inspection, version, notes).await;
            database.inspection = Some(inspection);
        }
        Err(error) => {
            notes.failure(Severity::Error, error);
        }
    }
    database.place = Some(place);
    database
}

async fn server(
    config: &Config,
    place: &DatabasePlace,
    inspection: &Inspection,
    database: &mut Database,
    notes: &mut Notes<'_>,
) {
    let facts = match inspection.server().await {
        Ok(facts) => facts,
        Err(error) => {
            notes.failure(Severity::Warning, error);
            return;
        }
    };
    let address = place.address();
    let name = place.name().map_or_else(String::new, |name| format!(", database `{name}`"));
    let account = if facts.account.is_empty() {
        String::new()
    } else {
        format!(", account `{}`", facts.account)
    };
    let encrypted = if facts.is_encrypted { ", encrypted" } else { "" };
    notes.ok(format!("{} at `{address}`{name}{account}{encrypted}", facts.version));
    if !facts.is_encrypted && config.database.tls == Tls::Off && is_elsewhere(&address) {
        notes
            .notice("the connection to the database is not encrypted")
            .at(format!("`{address}`"))
            .advise("set `tls` in `[database]` unless the network between is your own");
    }
    database.ahead = facts.now.map(|now| now - unix_now());
    connections(config, &facts, notes);
    collations(&facts, notes);
}

fn is_elsewhere(address: &str) -> bool {
    let local = ["/", "127.", "localhost", "[::1]", "::1"];
    !local.iter().any(|start| address.starts_with(start))
}

/// The bridge's connections come out of the same number as Joomla's.
fn connections(config: &Config, facts: &ServerFacts, notes: &mut Notes<'_>) {
    let wanted = config.database.pool_size.clamp(1, 8) + 2;
    let (limit, whose) = match facts.max_user_connections {
        0 => (facts.max_connections, "from everybody together (`max_connections`)"),
        own => (own, "from this account (`max_user_connections`)"),
    };
    if limit != 0 && wanted * 2 > limit {
        notes
            .warning(format!(
                "the server takes {limit} connections {whose}, and the bridge wants up to {wanted} \
                 of them: visitors of the site may find none"
            ))
            .at("`database.pool_size`")
            .advise("raise the server's limit, or lower `pool_size` in `[database]`");
    }
}

fn collations(facts: &ServerFacts, notes: &mut Notes<'_>) {
    for (column, collation) in &facts.collations {
        if collation.ends_with("_bin") || collation.contains("_cs") {
            notes
                .warning(format!(
                    "the collation `{collation}` tells `{column}`s apart by upper and lower case: \
                     a customer who types his differently is not found"
                ))
                .at(format!("column `{column}` of the table of users"))
                .advise("give the column Joomla's own collation, `utf8mb4_unicode_ci`");
        } else if !collation.starts_with("utf8") {
            notes
                .notice(format!("`{column}` is stored as `{collation}`, not as Unicode"))
                .at(format!("column `{column}` of the table of users"))
                .advise("convert the table to utf8mb4 as Joomla's database fix does");
        }
    }
}

async fn rights(inspection: &Inspection, notes: &mut Notes<'_>) {
    let rights = match inspection.rights().await {
        Ok(Some(rights)) => rights,
        Ok(None) => return,
        Err(error) => {
            notes.skipped(format!("the account's rights: {error}"));
            return;
        }
    };
    let own = OWN_TABLES.map(|table| format!(".{}", inspection.table_name(table)));
    let sessions = format!(".{}", inspection.table_name("session"));
    // The right to renew sessions is one to change them.
    let renews = |grant: &Grant| grant.on.ends_with(&sessions) && grant.rights == ["UPDATE"];
    let beyond = |grant: &Grant| {
        !renews(grant) && !own.iter().any(|table| grant.on.ends_with(table.as_str()))
    };
    let writing: Vec<Grant> = rights.writing().into_iter().filter(beyond).collect();
    if writing.is_empty() {
        notes.ok("the account may only read the site's tables");
        return;
    }
    let all: Vec<String> = writing
        .iter()
        .map(|grant| format!("{} on `{}`", grant.rights.join(", "), grant.on))
        .collect();
    notes
        .warning(format!("the account has more rights than needed: {}", all.join("; ")))
        .at("`database.user`")
        .advise(
            "make an account that can only read what is needed with sql/grants.sql, and name it in \
             `user` and `password` in `[database]`",
        );
}

async fn open(
    config: &Config,
    place: &DatabasePlace,
    database: &mut Database,
    notes: &mut Notes<'_>,
) {
    let joomla = match place.open().await {
        Ok(joomla) => joomla,
        Err(error) => {
            notes.failure(Severity::Error, error);
            return;
        }
    };
    match joomla.site_rows().await {
        Ok(rows) => {
            version(config, rows.version, notes);
            database.rows = Some(rows);
        }
        Err(error) => {
            notes.failure(Severity::Error, error);
        }
    }
    match joomla.endpoint_rows().await {
        Ok(menu) => database.menu = Some(menu),
        Err(error) => {
            notes.failure(Severity::Error, error);
        }
    }
    database.joomla = Some(joomla);
}

fn version(config: &Config, found: Option<JoomlaVersion>, notes: &mut Notes<'_>) {
    let set = config.joomla.version.as_deref().and_then(|text| text.parse::<JoomlaVersion>().ok());
    match (found, set) {
        (None, None) => {
            notes
                .warning("the database does not tell which Joomla this is: it is taken for a current one")
                .at("`joomla.version`")
                .advise("set `version` in `[joomla]`, so that the right password hashes log in");
        }
        (Some(found), Some(set)) if found.major != set.major => {
            notes
                .warning(format!(
                    "the configuration says Joomla {set}, the database Joomla {found}: other \
                     password hashes log in there"
                ))
                .at("`joomla.version`")
                .advise("remove `version` from `[joomla]` unless you know better");
        }
        (Some(found), _) if !(3..=6).contains(&found.major) => {
            notes
                .warning(format!("Joomla {found} is not known to this program"))
                .advise(format!("try all methods; known are {}", list(&["3", "4", "5", "6"])));
        }
        (Some(version), _) | (None, Some(version)) => notes.ok(format!("Joomla {version}")),
    }
}
