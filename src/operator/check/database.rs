//! The database: can it be reached and read, is it a Joomla site's, does the account have the rights
//! it needs and no others.

use std::sync::Arc;

use super::finding::{FindingSink, Severity, list};
use super::rights::{self, BridgeAccount};
use super::tables;
use crate::config::Config;
use crate::config::values::{StandbyRule, Tls};
use crate::service::parts::DatabasePlace;
use crate::service::plan::Draft;
use crate::site::settings::unix_now;
use crate::store::inspection::{Inspection, Rights, ServerFacts};
use crate::store::{EndpointRows, Joomla, JoomlaVersion, SiteRows};

/// The facts about the database, for the checks that need them.
#[derive(Default)]
pub(super) struct Database {
    pub(super) place: Option<DatabasePlace>,
    pub(super) inspection: Option<Inspection>,
    pub(super) joomla: Option<Arc<dyn Joomla>>,
    pub(super) rows: Option<SiteRows>,
    pub(super) menu: Option<EndpointRows>,
    /// The variable that keeps its server from writing.
    pub(super) read_only: Option<String>,
    /// Seconds its clock is ahead of ours; nothing where it has none of its own.
    pub(super) ahead: Option<i64>,
}

pub(super) async fn look(config: &Config, draft: &Draft, notes: &mut FindingSink<'_>) -> Database {
    let mut database = Database::default();
    let Some(plan) = notes.part(&draft.database, None) else { return database };
    let place = DatabasePlace(plan.clone());
    if let Some(inspection) = notes.sort(Severity::Error, place.inspect().await) {
        server(config, &place, &inspection, &mut database, notes).await;
        let writer = rights(config, &place, &inspection, notes).await;
        only_reads(writer.as_ref(), &place, &mut database, notes);
        open(draft, &place, &mut database, notes).await;
        let version = database.rows.as_ref().and_then(|rows| rows.version);
        tables::look(&inspection, version, notes).await;
        database.inspection = Some(inspection);
    }
    database.place = Some(place);
    database
}

async fn server(
    config: &Config,
    place: &DatabasePlace,
    inspection: &Inspection,
    database: &mut Database,
    notes: &mut FindingSink<'_>,
) {
    let Some(facts) = notes.sort(Severity::Warning, inspection.server().await) else { return };
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
    database.read_only.clone_from(&facts.read_only);
    database.ahead = facts.now.map(|now| now - unix_now());
    connections(config, &facts, notes);
    collations(&facts, notes);
}

fn is_elsewhere(address: &str) -> bool {
    let local = ["/", "127.", "localhost", "[::1]", "::1"];
    !local.iter().any(|start| address.starts_with(start))
}

/// Connections that read, at most.
const MOST_READING: u64 = 8;
/// Two for API keys and trace rows, one for the times of sessions.
const WRITING: u64 = 3;

/// The bridge's connections come out of the same number as Joomla's.
fn connections(config: &Config, facts: &ServerFacts, notes: &mut FindingSink<'_>) {
    let (limit, whose) = match facts.max_user_connections {
        0 => (facts.max_connections, "from everybody together (`max_connections`)"),
        own => (own, "from this account (`max_user_connections`)"),
    };
    let section = &config.database;
    let reading =
        section.pool_size.clamp(1, MOST_READING) + u64::from(section.snapshot == StandbyRule::On);
    // Another account's connections do not count as this one's.
    let is_apart = section.writer_user.is_some() && facts.max_user_connections != 0;
    let writing = if section.read_only || is_apart { 0 } else { WRITING };
    let wanted = reading + writing;
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

fn collations(facts: &ServerFacts, notes: &mut FindingSink<'_>) {
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

/// Looks at the account that reads, and at the one that writes where it is another; gives the rights
/// of that which writes.
async fn rights(
    config: &Config,
    place: &DatabasePlace,
    inspection: &Inspection,
    notes: &mut FindingSink<'_>,
) -> Option<Rights> {
    let name = place.name()?;
    let reader = rights::look(inspection, name, BridgeAccount::Reader, notes).await;
    if config.database.writer_user.is_none() || config.database.read_only {
        return reader;
    }
    match place.inspect_as_writer().await {
        Ok(writer) => rights::look(&writer?, name, BridgeAccount::Writer, notes).await,
        Err(error) => {
            rights::unknown(BridgeAccount::Writer, &error, notes);
            None
        }
    }
}

/// What a server that only reads means for the account that writes.
fn only_reads(
    writer: Option<&Rights>,
    place: &DatabasePlace,
    database: &mut Database,
    notes: &mut FindingSink<'_>,
) {
    let Some(variable) = &database.read_only else { return };
    if variable == "read_only" && writer.is_some_and(Rights::pass_read_only) {
        database.read_only = None;
        return;
    }
    notes
        .notice(format!(
            "the server only reads (`{variable}` is on): it refuses the counts of API keys, trace rows, \
             and the times of sessions"
        ))
        .at(format!("`{}`", place.address()))
        .advise(
            "see the subject end-points for what that stops; end-points for everybody need nothing \
             written",
        );
}

async fn open(
    draft: &Draft,
    place: &DatabasePlace,
    database: &mut Database,
    notes: &mut FindingSink<'_>,
) {
    let Some(joomla) = notes.sort(Severity::Error, place.open().await) else { return };
    if let Some(rows) = notes.sort(Severity::Error, joomla.site_rows().await) {
        version(draft, rows.version, notes);
        database.rows = Some(rows);
    }
    database.menu = notes.sort(Severity::Error, joomla.endpoint_rows().await);
    database.joomla = Some(joomla);
}

fn version(draft: &Draft, found: Option<JoomlaVersion>, notes: &mut FindingSink<'_>) {
    let set = draft.site.as_ref().ok().and_then(|site| site.version);
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
