//! The driver's row as the rows' conversion wants it.

use mysql_async::{Row, prelude::FromValue};

use crate::store::rows::Cells;

impl Cells for Row {
    fn number(&mut self, column: usize) -> Option<i64> {
        take(self, column)
    }

    fn bytes(&mut self, column: usize) -> Vec<u8> {
        take(self, column).unwrap_or_default()
    }
}

/// The only way to a value: the driver's other ones panic on NULL.
fn take<T: FromValue>(row: &mut Row, column: usize) -> Option<T> {
    row.take_opt::<Option<T>, _>(column)?.ok()?
}
