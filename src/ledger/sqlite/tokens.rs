//! The rows of upload tokens, and of the extensions they are for.

use rusqlite::types::Type;
use rusqlite::{Connection, Row, named_params};

use crate::ledger::KnownToken;
use crate::release::upload_token::{ClientNetwork, TokenHash, UploadScope, UploadToken};

const SELECT: &str = include_str!("../../../sql/ledger/sqlite/tokens.sql");
const INSERT: &str = include_str!("../../../sql/ledger/sqlite/add_token.sql");
const LATEST_TIME: &str = include_str!("../../../sql/ledger/sqlite/latest_time.sql");

/// Reads all tokens, in the order of their making.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<UploadToken>> {
    let none: Option<&[u8]> = None;
    connection.prepare_cached(SELECT)?.query_map(named_params! { ":hash": none }, token)?.collect()
}

/// Finds the token with this hash.
pub(super) fn find(
    connection: &mut Connection,
    hash: TokenHash,
) -> rusqlite::Result<Option<KnownToken>> {
    // Both are of one moment.
    let read = connection.transaction()?;
    let mut select = read.prepare_cached(SELECT)?;
    let mut found = select.query_map(named_params! { ":hash": hash.as_bytes() }, token)?;
    let Some(token) = found.next().transpose()? else { return Ok(None) };
    let latest_time = read.query_row(LATEST_TIME, [], |row| row.get(0))?;
    Ok(Some(KnownToken { token, latest_time }))
}

/// Adds a token with its extensions, and gives it its number.
pub(super) fn add(
    connection: &Connection,
    hash: TokenHash,
    new: &UploadToken,
) -> rusqlite::Result<i64> {
    let networks: Vec<_> = new.networks.iter().map(ToString::to_string).collect();
    connection.prepare_cached(INSERT)?.execute(named_params! {
        ":hash": hash.as_bytes(), ":may": new.may.name(), ":package_group": new.scope.group(),
        ":networks": (!networks.is_empty()).then(|| networks.join(" ")),
        ":created_at": new.created_at, ":created_by": new.created_by,
        ":expires_at": new.expires_at,
    })?;
    let id = connection.last_insert_rowid();
    let mut insert = connection
        .prepare_cached("INSERT INTO token_extensions (token, element) VALUES (?1, ?2)")?;
    for element in new.scope.extensions() {
        insert.execute((id, element))?;
    }
    Ok(id)
}

/// Revokes a token. `None` if there is none of this number, `false` if it was revoked before.
pub(super) fn revoke(connection: &Connection, id: i64, at: i64) -> rusqlite::Result<Option<bool>> {
    let update = "UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    if connection.execute(update, (id, at))? > 0 {
        return Ok(Some(true));
    }
    let exists = "SELECT EXISTS (SELECT 1 FROM tokens WHERE id = ?1)";
    let exists: bool = connection.query_row(exists, [id], |row| row.get(0))?;
    Ok(exists.then_some(false))
}

/// Notes a use. The time never goes back.
pub(super) fn note_use(connection: &Connection, id: i64, at: i64) -> rusqlite::Result<()> {
    let update =
        "UPDATE tokens SET last_used_at = MAX(COALESCE(last_used_at, 0), ?2) WHERE id = ?1";
    connection.prepare_cached(update)?.execute((id, at)).map(drop)
}

fn token(row: &Row<'_>) -> rusqlite::Result<UploadToken> {
    let elements: String = row.get("elements")?;
    let elements: Vec<String> =
        serde_json::from_str(&elements).map_err(|error| unreadable("elements", error))?;
    let may: String = row.get("may")?;
    let networks: Option<String> = row.get("networks")?;
    let networks = networks.unwrap_or_default();
    let networks: Result<Vec<ClientNetwork>, _> =
        networks.split_whitespace().map(str::parse).collect();
    let scope = UploadScope::new(elements, row.get("package_group")?);
    Ok(UploadToken {
        id: row.get("id")?,
        scope: scope.map_err(|error| unreadable("element", error))?,
        may: may.parse().map_err(|error| unreadable("may", error))?,
        networks: networks.map_err(|error| unreadable("networks", error))?,
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
        expires_at: row.get("expires_at")?,
        last_used_at: row.get("last_used_at")?,
        revoked_at: row.get("revoked_at")?,
        is_suspended: row.get("is_suspended")?,
    })
}

fn unreadable(column: &str, reason: impl std::error::Error) -> rusqlite::Error {
    let reason = format!("`{column}` of a token: {reason}");
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, reason.into())
}
