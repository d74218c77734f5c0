//! Rows of SQLite, and accounts with the groups they are in.
//!
//! Called by the store, which holds the connection.

use std::collections::BTreeMap;

use rusqlite::{Connection, ToSql, named_params};

use super::site::SqliteSite;
use crate::store::bounds::MOST_ROWS;
use crate::store::queries::Accounts;
use crate::store::rows::Cells;
use crate::store::user::UserRow;

/// Reads accounts with their groups; if one has very many, the groups of each are read separately.
pub(super) fn accounts(
    db: &Connection,
    site: &SqliteSite,
    statement: &Accounts,
    params: &[(&str, &dyn ToSql)],
    convert: impl Fn(&mut dyn Cells) -> Option<UserRow>,
) -> rusqlite::Result<Vec<UserRow>> {
    let mut accounts = collect(db, &statement.with_groups, params, &convert)?;
    if accounts.len() > MOST_ROWS {
        accounts = collect(db, &statement.alone, params, &convert)?;
        let mut groups = BTreeMap::new();
        for account in &accounts {
            let id = account.user.id;
            let params = named_params! { ":id": id };
            groups.insert(id, collect(db, &site.queries.memberships, params, |row| row.id(0))?);
        }
        accounts = site.told.with_groups(accounts, &mut groups);
    }
    site.told.candidates(&accounts);
    Ok(accounts)
}

/// The rows of a statement, converted; those that cannot be are left out.
pub(super) fn collect<T>(
    db: &Connection,
    statement: &str,
    params: &[(&str, &dyn ToSql)],
    convert: impl Fn(&mut dyn Cells) -> Option<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(params)?;
    let mut converted = Vec::new();
    while let Some(mut row) = rows.next()? {
        converted.extend(convert(&mut row));
    }
    Ok(converted)
}
