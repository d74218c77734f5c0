//! Examines a server, and sets up every session with it.
//!
//! The limit on running statements has other names and units on each kind of server, and old
//! servers have none: a query reads the server's variant.

use std::{collections::HashMap, fmt, time::Duration};

use mysql_async::{Conn, Row, prelude::Queryable};

use crate::store::rows::Cells;

/// The variables that tell a server's kind and its limits.
const ASK: &str = "SHOW SESSION VARIABLES WHERE Variable_name IN ('version', \
    'max_statement_time', 'max_execution_time', 'lock_wait_timeout', \
    'innodb_lock_wait_timeout', 'transaction_read_only', 'tx_read_only')";

/// The kind and version of a server, for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVersion {
    /// Whether it is MariaDB; else MySQL or one made from it.
    pub is_mariadb: bool,
    /// As the server writes it.
    pub version: String,
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_mariadb { "MariaDB" } else { "MySQL" };
        write!(f, "{kind} {}", self.version)
    }
}

/// A server, and how to set up sessions with it: committing by themselves (or the settings would
/// for ever be seen as of the first read), no statement longer than the limit.
pub(super) struct Examined {
    pub(super) server: ServerVersion,
    /// Sets up a session that may only read.
    pub(super) reading: String,
    /// Sets up a session that may write.
    pub(super) writing: String,
}

/// Reads the kind and the limits of a server.
pub(super) async fn examine(conn: &mut Conn, limit: Duration) -> mysql_async::Result<Examined> {
    let variables: HashMap<String, String> = conn
        .query::<Row, _>(ASK)
        .await?
        .into_iter()
        .map(|mut row| (row.text(0), row.text(1)))
        .collect();
    let version = variables.get("version").cloned().unwrap_or_default();
    let is_mariadb = version.contains("MariaDB");

    let mut assignments = vec!["NAMES utf8mb4".to_owned()];
    let mut assign = |name: &str, value: String| {
        if variables.contains_key(name) {
            assignments.push(format!("SESSION {name} = {value}"));
        }
    };
    if is_mariadb {
        assign("max_statement_time", format!("{:.3}", limit.as_secs_f64()));
    } else {
        assign("max_statement_time", limit.as_millis().to_string());
        assign("max_execution_time", limit.as_millis().to_string());
    }
    // MySQL limits reading statements only: one that writes waits for locks as long as these say,
    // and would count a request that has been refused long ago.
    for name in ["lock_wait_timeout", "innodb_lock_wait_timeout"] {
        assign(name, limit.as_secs_f64().ceil().to_string());
    }
    assignments.push("SESSION autocommit = 1, SESSION sql_mode = ''".to_owned());
    let writing = format!("SET {}", assignments.join(", "));
    // Old servers know the variable under another name, the oldest not at all.
    let read_only = ["transaction_read_only", "tx_read_only"];
    if let Some(name) = read_only.into_iter().find(|name| variables.contains_key(*name)) {
        assignments.push(format!("SESSION {name} = 1"));
    }
    let reading = format!("SET {}", assignments.join(", "));
    Ok(Examined { server: ServerVersion { is_mariadb, version }, reading, writing })
}
