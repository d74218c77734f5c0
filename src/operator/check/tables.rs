//! The tables and columns the bridge reads: which of them are there, and may be read.

use super::finding::{FindingSink, list};
use crate::store::JoomlaVersion;
use crate::store::inspection::{Inspection, TableState};

/// A table with the columns that are read.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    /// The part that does not work without it; empty if nothing works without it.
    without: &'static str,
}

const ALWAYS: [Table; 8] = [
    Table {
        name: "users",
        columns: &["id", "name", "username", "email", "password", "block"],
        without: "",
    },
    Table { name: "user_usergroup_map", columns: &["user_id", "group_id"], without: "" },
    Table { name: "usergroups", columns: &["id", "parent_id", "lft", "rgt"], without: "" },
    Table { name: "viewlevels", columns: &["id", "rules"], without: "" },
    Table {
        name: "extensions",
        columns: &[
            "extension_id",
            "type",
            "element",
            "folder",
            "enabled",
            "access",
            "params",
            "manifest_cache",
        ],
        without: "",
    },
    Table {
        name: "menu",
        columns: &[
            "id",
            "path",
            "link",
            "type",
            "access",
            "params",
            "home",
            "language",
            "client_id",
            "published",
        ],
        without: "end-points come from the configuration alone",
    },
    Table {
        name: "languages",
        columns: &["sef", "lang_code", "published"],
        without: "URLs with a language's prefix are not known",
    },
    Table {
        name: "session",
        columns: &["session_id", "client_id", "guest", "userid", "time"],
        without: "end-points for users answer REQ_UCA",
    },
];

const MENU_DATES: Table = Table {
    name: "menu",
    columns: &["publish_up", "publish_down"],
    without: "menu items are never too early or too late",
};
const OTP_KEY: Table =
    Table { name: "users", columns: &["otpKey"], without: "second factors are not known" };
const MFA: Table =
    Table { name: "user_mfa", columns: &["user_id"], without: "second factors are not known" };

pub(super) async fn look(
    inspection: &Inspection,
    version: Option<JoomlaVersion>,
    notes: &mut FindingSink<'_>,
) {
    let at_least = |major, minor| version >= Some(JoomlaVersion { major, minor });
    let mut tables: Vec<&Table> = ALWAYS.iter().collect();
    if at_least(4, 0) {
        tables.push(&MENU_DATES);
    }
    if at_least(4, 2) {
        tables.push(&MFA);
    } else if at_least(3, 2) {
        tables.push(&OTP_KEY);
    }
    let mut states = Vec::new();
    for table in tables {
        match inspection.table(table.name, table.columns).await {
            Ok(state) => states.push((table, state)),
            Err(error) => {
                notes.skipped(format!("tables: {error}"));
                return;
            }
        }
    }
    // A wrong prefix or database has been told already, in one sentence.
    if states.iter().all(|(_, state)| *state == TableState::Missing) {
        return;
    }
    let columns: usize = states.iter().map(|(table, _)| table.columns.len()).sum();
    let before = states.len();
    states.retain(|(_, state)| *state != TableState::Readable);
    if states.is_empty() {
        notes.ok(format!("all {columns} columns that are read are there"));
    }
    let whole = before > states.len();
    for (table, state) in states {
        report(inspection, table, state, whole, notes);
    }
}

fn report(
    inspection: &Inspection,
    table: &Table,
    state: TableState,
    others_are_there: bool,
    notes: &mut FindingSink<'_>,
) {
    let place = format!("table `{}`", inspection.table_name(table.name));
    let grant = "grant SELECT on it as sql/grants.sql does";
    let restore = if others_are_there {
        "restore it from a backup, or run Joomla's database fix"
    } else {
        "correct `prefix` in `[database]`"
    };
    let (what, advice) = match state {
        TableState::Readable => return,
        TableState::Missing => ("the table is missing".to_owned(), restore),
        TableState::Denied => ("the account may not read the table".to_owned(), grant),
        TableState::Incomplete { missing, denied } if denied.is_empty() => {
            (format!("columns are missing: {}", list(&missing)), restore)
        }
        TableState::Incomplete { denied, .. } => {
            (format!("the account may not read the columns {}", list(&denied)), grant)
        }
    };
    if table.without.is_empty() {
        notes.error(what).at(place).advise(advice);
    } else {
        notes.warning(format!("{what}: {}", table.without)).at(place).advise(advice);
    }
}
