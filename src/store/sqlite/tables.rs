//! Which of Joomla's tables a SQLite file holds.
//!
//! Called when the store is opened, to find the problem of a file.

use rusqlite::Connection;

use crate::store::{TABLES, TablePrefix};

/// The first of Joomla's tables that is not there.
pub(super) fn first_missing(connection: &Connection, prefix: &TablePrefix) -> Option<String> {
    TABLES.iter().map(|name| prefix.table(name)).find(|table| {
        let sql = "SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE";
        connection.query_row(sql, [table], |_| Ok(())).is_err()
    })
}

/// The prefixes of the sites in the file.
pub(super) fn prefixes(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?
        .query_map([], |row| row.get::<_, String>(0))?
        .filter_map(|name| {
            let prefix = name.map(|n| n.strip_suffix("user_usergroup_map").map(str::to_owned));
            prefix.transpose()
        })
        .collect()
}
