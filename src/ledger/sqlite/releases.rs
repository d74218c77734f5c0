//! The rows of releases, and of the extensions they are of.

use std::collections::BTreeMap;

use joomla_updates::entry::Checksums;
use joomla_updates::extension::{Client, Extension, ExtensionType};
use joomla_updates::security::Security;
use joomla_updates::stability::Stability;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::ledger::Added;
use crate::release::record::{ReleaseRecord, ReleaseState};

const SELECT: &str = include_str!("../../../sql/ledger/sqlite/releases.sql");
const INSERT: &str = include_str!("../../../sql/ledger/sqlite/add_release.sql");
const EXTENSION: &str = include_str!("../../../sql/ledger/sqlite/add_extension.sql");

/// A column whose text is one of a few words.
struct Word<T>(T);

impl<T: std::str::FromStr> FromSql for Word<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Word).map_err(|error: T::Err| FromSqlError::Other(error.into()))
    }
}

impl<T: std::fmt::Display> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

/// Reads all releases, in the order of their ids and of their storing.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<ReleaseRecord>> {
    connection.prepare_cached(SELECT)?.query_map([], record)?.collect()
}

/// Adds a release, unless its id and version are taken. Its extension belongs to its package group from
/// then on, if it has no owner.
pub(super) fn add(
    connection: &Connection,
    new: &ReleaseRecord,
    is_adopted: bool,
) -> rusqlite::Result<Added> {
    let known = all(connection)?.into_iter();
    let mut known = known.filter(|one| one.id == new.id && one.version == new.version);
    if let Some(known) = known.next() {
        let is_same = known.checksums == new.checksums;
        return Ok(if is_same { Added::Same(Box::new(known)) } else { Added::Conflict });
    }
    let owner = owner(connection, &new.extension)?;
    if let Some(Owner(other)) = owner.filter(|Owner(owner)| *owner != new.group) {
        if !is_adopted {
            return Ok(Added::OtherOwner(other));
        }
        give(connection, &new.extension, new.group.as_deref())?;
    }
    insert(connection, new)?;
    Ok(Added::New)
}

/// Gives an extension to a package group; `None` makes it free.
fn give(connection: &Connection, of: &Extension, to: Option<&str>) -> rusqlite::Result<()> {
    let update = "UPDATE extensions SET owner_group = ?5 \
         WHERE type = ?1 AND element = ?2 AND client = ?3 AND folder = ?4";
    let values = (of.kind.name(), &of.element, client_name(of.client), &of.folder, to);
    connection.prepare_cached(update)?.execute(values).map(drop)
}

fn insert(connection: &Connection, new: &ReleaseRecord) -> rusqlite::Result<()> {
    let Extension { kind, element, folder, client } = &new.extension;
    connection.prepare_cached(EXTENSION)?.execute(named_params! {
        ":type": kind.name(), ":element": element, ":client": client_name(*client),
        ":folder": folder, ":owner_group": new.group,
    })?;
    let databases = (!new.supported_databases.is_empty())
        .then(|| serde_json::to_string(&new.supported_databases).unwrap_or_default());
    connection.prepare_cached(INSERT)?.execute(named_params! {
        ":id": new.id, ":version": new.version,
        ":type": kind.name(), ":element": element, ":client": client_name(*client),
        ":folder": folder, ":package_group": new.group,
        ":channel": Word(new.channel), ":state": Word(new.state), ":file_name": new.file_name,
        ":size": i64::try_from(new.size).unwrap_or(i64::MAX),
        ":sha256": new.checksums.sha256, ":sha384": new.checksums.sha384,
        ":sha512": new.checksums.sha512, ":signature": new.signature,
        ":target_platform": new.target_platform, ":php_minimum": new.php_minimum,
        ":supported_databases": databases, ":security": new.security.map(Security::number),
        ":changelog": new.changelog, ":stored_at": new.stored_at, ":stored_by": new.stored_by,
    })?;
    Ok(())
}

/// Sets the state of a release that still has the state `before`; `false` if it has another one.
pub(super) fn set_state(
    connection: &Connection,
    changed: &ReleaseRecord,
    before: ReleaseState,
) -> rusqlite::Result<bool> {
    let set = "UPDATE releases SET state = ?3 WHERE id = ?1 AND version = ?2 AND state = ?4";
    let values = (&changed.id, &changed.version, Word(changed.state), Word(before));
    Ok(connection.prepare_cached(set)?.execute(values)? > 0)
}

/// The package group that an extension belongs to; `None` if it is free.
struct Owner(Option<String>);

/// Reads the owner of an extension; `None` if it has none yet.
fn owner(connection: &Connection, of: &Extension) -> rusqlite::Result<Option<Owner>> {
    let select = "SELECT owner_group FROM extensions \
         WHERE type = ?1 AND element = ?2 AND client = ?3 AND folder = ?4";
    let key = (of.kind.name(), &of.element, client_name(of.client), &of.folder);
    connection.prepare_cached(select)?.query_row(key, |row| row.get(0).map(Owner)).optional()
}

/// The client's name in the ledger. In update XML the API has a number.
fn client_name(client: Client) -> &'static str {
    match client {
        Client::Site => "site",
        Client::Administrator => "administrator",
        Client::Api => "api",
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<ReleaseRecord> {
    let text = |name: &str| row.get::<_, String>(name);
    let databases: Option<String> = row.get("supported_databases")?;
    let databases = databases.map(|json| {
        let read: serde_json::Result<BTreeMap<String, String>> = serde_json::from_str(&json);
        read.map_err(|error| unreadable("supported_databases", error))
    });
    let kind = text("type")?;
    let client = text("client")?;
    let unknown = |name: &'static str| unreadable(name, "an unknown word");
    Ok(ReleaseRecord {
        id: text("id")?,
        version: text("version")?,
        extension: Extension {
            kind: ExtensionType::find(&kind).ok_or_else(|| unknown("type"))?,
            element: text("element")?,
            folder: text("folder")?,
            client: Client::find(&client).ok_or_else(|| unknown("client"))?,
        },
        group: row.get("package_group")?,
        channel: row.get::<_, Word<Stability>>("channel")?.0,
        state: row.get::<_, Word<ReleaseState>>("state")?.0,
        file_name: text("file_name")?,
        size: row.get::<_, i64>("size")?.unsigned_abs(),
        checksums: Checksums {
            sha256: text("sha256")?,
            sha384: text("sha384")?,
            sha512: text("sha512")?,
        },
        signature: row.get("signature")?,
        target_platform: row.get("target_platform")?,
        php_minimum: row.get("php_minimum")?,
        supported_databases: databases.transpose()?.unwrap_or_default(),
        security: row.get::<_, Option<u8>>("security")?.and_then(Security::of_number),
        changelog: row.get("changelog")?,
        stored_at: row.get("stored_at")?,
        stored_by: text("stored_by")?,
    })
}

fn unreadable(
    column: &str,
    reason: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    let reason = format!("column `{column}`: {}", reason.into());
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, reason.into())
}
