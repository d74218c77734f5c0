//! SQLite's row as the rows' conversion wants it.

use rusqlite::{Row, types::ValueRef};

use crate::store::rows::Cells;

impl Cells for &Row<'_> {
    fn number(&mut self, column: usize) -> Option<i64> {
        match self.get_ref(column).ok()? {
            ValueRef::Integer(number) => Some(number),
            // Any column may hold text here, whatever its type.
            ValueRef::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
            _ => None,
        }
    }

    fn bytes(&mut self, column: usize) -> Vec<u8> {
        match self.get_ref(column) {
            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes.to_vec(),
            Ok(ValueRef::Integer(number)) => number.to_string().into_bytes(),
            _ => Vec::new(),
        }
    }
}
