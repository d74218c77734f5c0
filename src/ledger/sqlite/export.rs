//! Puts a whole ledger into JSON, for other programs.

use base16ct::lower::encode_string;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value, json};

use super::{SqliteLedger, version};
use crate::ledger::LedgerError;

impl SqliteLedger {
    /// Reads every table as of one moment: an object of lists, a row an object. Bytes are written as
    /// hexadecimal digits.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] if the file cannot be read.
    pub async fn export(&self) -> Result<Value, LedgerError> {
        self.ask(|connection| {
            let read = connection.transaction()?;
            let mut tables = Map::new();
            for table in names(&read)? {
                let rows = rows(&read, &table)?;
                tables.insert(table, Value::Array(rows));
            }
            Ok(json!({ "schema": version(&read)?, "tables": tables }))
        })
        .await
    }
}

fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let tables = "SELECT name FROM sqlite_schema \
         WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    connection.prepare(tables)?.query_map([], |row| row.get(0))?.collect()
}

fn rows(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Value>> {
    // The name is the ledger's own, from the list of its tables.
    let mut select = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
    let columns: Vec<String> = select.column_names().map(str::to_owned).collect();
    select.query_map([], |row| object(&columns, row))?.collect()
}

fn object(columns: &[String], row: &Row<'_>) -> rusqlite::Result<Value> {
    let mut fields = Map::new();
    for (at, column) in columns.iter().enumerate() {
        let value = match row.get_ref(at)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => number.into(),
            ValueRef::Real(number) => number.into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
            ValueRef::Blob(bytes) => encode_string(bytes).into(),
        };
        fields.insert(column.clone(), value);
    }
    Ok(Value::Object(fields))
}
