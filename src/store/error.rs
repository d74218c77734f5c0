//! Why the database gave no answer, in words for the operator.
//!
//! The application prints these at start, the web layer logs them and answers `REL_RGE`. They
//! name servers, accounts, databases and tables, but never a password or a value from a request.

use std::{net::IpAddr, time::Duration};

use super::{TABLES, account_fault::AccountFault};
use crate::told::{tells, told};

/// A failure of the Joomla store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No server answers at the address, or it is not a database.
    Unreachable {
        /// Host and port, or socket.
        place: String,
        /// The system's error.
        reason: String,
        /// Advice to the operator.
        advice: &'static str,
    },

    /// A server answers, and has no place for the bridge now.
    Busy {
        /// Host and port, or socket.
        place: String,
        /// Which limit is reached.
        reason: String,
        /// How to make room.
        advice: &'static str,
    },

    /// The file of an SQLite database cannot be opened, or holds something else.
    NoFile {
        /// The file.
        place: String,
        /// SQLite's error.
        reason: String,
    },

    /// The connection could not be encrypted as configured.
    Tls {
        /// Host and port.
        place: String,
        /// The problem.
        reason: String,
    },

    /// The server refuses the account.
    Denied {
        /// Host and port, or socket.
        place: String,
        /// The account.
        user: String,
        /// This machine as the server sees it, if the server reports it.
        host: Option<String>,
        /// Whether the connection is to be encrypted.
        with_tls: bool,
    },

    /// The server refuses the account for another reason than its password.
    Account {
        /// Host and port, or socket.
        place: String,
        /// The account.
        user: String,
        /// Why.
        fault: AccountFault,
    },

    /// There is no such database, or the account has no right on it, which servers do not tell
    /// apart.
    NoDatabase {
        /// Host and port, or socket.
        place: String,
        /// The database.
        database: String,
        /// The account.
        user: String,
    },

    /// A table is missing: mostly the prefix is wrong.
    NoTable {
        /// Host and port, socket or file.
        place: String,
        /// The database.
        database: String,
        /// The full name of the table.
        table: String,
        /// Prefixes of Joomla sites that the database does hold.
        prefixes: Vec<String>,
    },

    /// The account may not read a table or a column of it.
    NotGranted {
        /// Host and port, or socket.
        place: String,
        /// The database.
        database: String,
        /// The account.
        user: String,
        /// The server's words, which name the table or column.
        reason: String,
    },

    /// The tables are there, but not as any Joomla has them.
    NotJoomla {
        /// Host and port, socket or file.
        place: String,
        /// The database.
        database: String,
        /// The server's words, which name the column.
        reason: String,
    },

    /// No answer within the time limit.
    Timeout {
        /// Host and port, socket or file.
        place: String,
        /// The expected event: a connection, an answer, a greeting, a sign of life.
        awaited: &'static str,
        /// The limit that passed.
        limit: Duration,
    },

    /// The database answered with an error, or with an unexpected answer.
    Broken {
        /// Host and port, socket or file.
        place: String,
        /// The error's number, or the cause of the break.
        reason: String,
    },

    /// A table that is only written takes none of some rows, and the connection stands.
    TakesNoRows {
        /// The full name of the table.
        table: String,
        /// The server's answer.
        cause: Box<StoreError>,
    },
}

tells!(StoreError {
    Self::Unreachable { place, reason, advice } => told!(
        "cannot reach the database at `{place}`: {reason}" =>
        "{advice}"
    ),
    Self::Busy { place, reason, advice } => told!(
        "the database at `{place}` runs, but takes no more from the bridge now: {reason}" =>
        "{advice}"
    ),
    Self::NoFile { place, reason } => told!(
        "cannot open the SQLite database `{place}`: {reason}" =>
        "correct its path"
    ),
    Self::Tls { place, reason } => told!(
        "no secure connection to the database at `{place}`: {reason}" =>
        "correct the certificates and the TLS settings in `[database]`"
    ),
    Self::Denied { place, user, host, with_tls } => told!(
        "the database at `{place}` refuses the account `{user}`" =>
        "correct `user` and `password` in `[database]` or configuration.php, and check that the \
         account may log in {} and {}", from_here(host.as_deref()), secured(*with_tls)
    ),
    Self::Account { place, user, fault } => fault
        .told()
        .after(format_args!("the database at `{place}` refuses the account `{user}`: ")),
    Self::NoDatabase { place, database, user } => told!(
        "there is no database `{database}` at `{place}` for the account `{user}`" =>
        "correct `name` in `[database]` or `db` in configuration.php, or grant SELECT on it"
    ),
    Self::NoTable { place, database, table, prefixes } => told!(
        "there is no table `{table}` in the database `{database}` at `{place}`" =>
        "{}", prefix_advice(table, prefixes)
    ),
    Self::NotGranted { place, database, user, reason } => told!(
        "the account `{user}` may not read all it has to in the database `{database}` at `{place}`: \
         {reason}" =>
        "grant SELECT on it, or correct `prefix` in `[database]`"
    ),
    Self::NotJoomla { place, database, reason } => told!(
        "the tables in the database `{database}` at `{place}` are not those of a Joomla 3 to 6 site: \
         {reason}" =>
        "correct `name` or `prefix` in `[database]`"
    ),
    Self::Timeout { place, awaited, limit } => told!(
        "no {awaited} from the database at `{place}` within {} ms", limit.as_millis() =>
        "{}", silence_advice(awaited)
    ),
    Self::Broken { place, reason } => told!(
        "the database at `{place}` failed: {reason}" =>
        "see the database server's log"
    ),
    Self::TakesNoRows { table, cause } => cause.told().after(format_args!("`{table}` takes no rows: ")),
});

impl StoreError {
    /// Returns whether there was no answer, in contrast to an answer that refuses.
    #[must_use]
    pub fn is_out_of_reach(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Busy { .. }
                | Self::Timeout { .. }
                | Self::Broken { .. }
        )
    }
}

/// Expected in vain if the port accepts connections but sends no greeting.
pub(super) const GREETING: &str = "greeting";
/// Expected in vain if not even the port answers.
pub(super) const SIGN_OF_LIFE: &str = "sign of life";

fn silence_advice(awaited: &str) -> &'static str {
    match awaited {
        GREETING => {
            "its port takes connections, so look for the cause that keeps the server busy or has stopped it"
        }
        SIGN_OF_LIFE => {
            "see whether that machine is up and no firewall between drops the packets, or correct \
             `host` and `port` in `[database]` or configuration.php"
        }
        _ => "look for the cause that keeps it busy",
    }
}

/// Some servers refuse an unencrypted login as they refuse a wrong password.
fn secured(with_tls: bool) -> &'static str {
    if with_tls {
        "with these TLS settings"
    } else {
        "without encryption (else set `tls` in `[database]`)"
    }
}

/// Names the host from which the account must be allowed: an address, if the server looks up no
/// names.
fn from_here(host: Option<&str>) -> String {
    match host {
        None | Some("localhost") => "from this machine".to_owned(),
        Some(host) if host.parse::<IpAddr>().is_ok() => format!(
            "from `{host}`, as the server sees this machine (an account made for a host name, like \
             `localhost`, may not where `skip_name_resolve` is on),"
        ),
        Some(host) => format!("from `{host}`, as the server sees this machine,"),
    }
}

fn prefix_advice(table: &str, prefixes: &[String]) -> String {
    let is_here = |prefix: &&String| TABLES.iter().any(|name| table == format!("{prefix}{name}"));
    if let Some(prefix) = prefixes.iter().find(is_here) {
        return format!("other tables with the prefix `{prefix}` are there, so restore it");
    }
    match prefixes {
        [] => "it holds no Joomla site; correct `name` in `[database]`".to_owned(),
        [only] => format!("set `prefix` in `[database]` to `{only}`, the only one it holds"),
        several => {
            format!("set `prefix` in `[database]` to one it holds: `{}`", several.join("`, `"))
        }
    }
}
