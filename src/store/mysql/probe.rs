//! The look at a database before it is served: are the tables there, may they be read, and
//! which of Joomla's variants are they.
//!
//! Statements are prepared, not run: the server then checks tables, columns and rights. Only the
//! extensions are read, for Joomla's version.

use mysql_async::{Conn, Error, Row, prelude::Queryable};

use super::{
    asking::converted,
    failure::{During, explain, is_absent, is_hidden, is_hidden_column},
    live_store::site_queries,
    settings::MySqlSettings,
};
use crate::store::{
    JoomlaVersion, StoreError, TABLES, plugin_row,
    queries::{self, shape_probes},
    rows::{self, Cells},
    version::{MenuTable, SecondFactor, Shape},
};

/// Prefixes named to the operator at most.
const MOST_PREFIXES: usize = 5;

const NO_SUCH_TABLE: u16 = 1146;

/// Every database that holds this table holds a Joomla site.
const SITES: &str = "SELECT table_name FROM information_schema.tables \
    WHERE table_schema = DATABASE() AND table_name LIKE '%user\\_usergroup\\_map' \
    ORDER BY table_name";

/// Checks the tables and every statement the store will run; gives the tables' shape.
pub(super) async fn check(conn: &mut Conn, settings: &MySqlSettings) -> Result<Shape, StoreError> {
    for name in TABLES {
        let table = settings.prefix.table(name);
        if let Err(error) = conn.prep(format!("SELECT 1 FROM `{table}`")).await {
            return Err(refused(conn, settings, table, &error).await);
        }
    }
    let version = version(conn, settings).await?;
    let shape = shape(conn, settings, version).await?;
    for statement in site_queries(settings, shape).all() {
        let prepared = conn.prep(statement).await;
        prepared.map_err(|error| explain(&error, During::Probe, settings))?;
    }
    Ok(shape)
}

/// Which of the columns and tables that differ between Joomla's versions are there.
pub(super) async fn shape(
    conn: &mut Conn,
    settings: &MySqlSettings,
    version: Option<JoomlaVersion>,
) -> Result<Shape, StoreError> {
    let mut shape = Shape::default();
    for probe in shape_probes(&settings.prefix) {
        let found = prepares(conn, &probe.statement).await;
        if found.map_err(|error| explain(&error, During::Probe, settings))? {
            (probe.note)(&mut shape);
        }
    }
    let shape = shape.at(version);
    if shape.second_factor == SecondFactor::Unknown {
        two_factor_is_not_hidden(conn, settings, version).await?;
    }
    if shape.menu == MenuTable::Plain && version.is_some_and(JoomlaVersion::has_menu_dates) {
        menu_dates_are_not_hidden(conn, settings).await?;
    }
    Ok(shape)
}

/// Returns the version in Joomla's own row, if it holds one.
async fn version(
    conn: &mut Conn,
    settings: &MySqlSettings,
) -> Result<Option<JoomlaVersion>, StoreError> {
    let found = conn.query::<Row, _>(settings.prefix.statement(queries::EXTENSIONS)).await;
    let found = found.map_err(|error| explain(&error, During::Probe, settings))?;
    Ok(plugin_row::version(converted(found, rows::extension)))
}

/// Refuses an account that may not read the table of second factors: all of them would seem to be
/// missing. If the version has `#__user_mfa`, every refusal to read it is an error; else a refused
/// table may as well be a missing one, and only `otpKey` can be judged.
async fn two_factor_is_not_hidden(
    conn: &mut Conn,
    settings: &MySqlSettings,
    version: Option<JoomlaVersion>,
) -> Result<(), StoreError> {
    let has_table = version.is_some_and(JoomlaVersion::has_multi_factor_table);
    let statement = if has_table { queries::MFA } else { queries::OTP_KEY };
    match conn.prep(settings.prefix.statement(statement)).await {
        Err(error) if is_hidden_column(&error) || has_table && is_hidden(&error) => {
            Err(explain(&error, During::Probe, settings))
        }
        _ => Ok(()),
    }
}

/// Without their dates menu items would never begin and never end.
async fn menu_dates_are_not_hidden(
    conn: &mut Conn,
    settings: &MySqlSettings,
) -> Result<(), StoreError> {
    match conn.prep(settings.prefix.statement(queries::MENU_DATES)).await {
        Err(error) if is_hidden_column(&error) => Err(explain(&error, During::Probe, settings)),
        _ => Ok(()),
    }
}

/// Whether a statement can be prepared; it is forgotten at once, to be asked anew next time.
async fn prepares(conn: &mut Conn, statement: &str) -> Result<bool, Error> {
    match conn.prep(statement).await {
        Ok(prepared) => conn.close(prepared).await.map(|()| true),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Why a table cannot be read.
async fn refused(
    conn: &mut Conn,
    settings: &MySqlSettings,
    table: String,
    error: &Error,
) -> StoreError {
    match error {
        Error::Server(server) if server.code == NO_SUCH_TABLE => StoreError::NoTable {
            prefixes: prefixes(conn).await,
            place: settings.address.to_string(),
            database: settings.database.clone(),
            table,
        },
        _ => explain(error, During::Probe, settings),
    }
}

/// The prefixes of the sites in the database, as far as the account may see them; none when the
/// question fails, since this is only advice.
async fn prefixes(conn: &mut Conn) -> Vec<String> {
    let found: Vec<Row> = conn.query(SITES).await.unwrap_or_default();
    found
        .into_iter()
        .filter_map(|mut row| {
            let table = row.text(0);
            table.strip_suffix("user_usergroup_map").map(str::to_owned)
        })
        .take(MOST_PREFIXES)
        .collect()
}
