//! What a line of the log may hold: whatever texts of the database, of packages or of clients get
//! into it, it stays one line and steers no terminal.
//!
//! Called by `logging` alone. The libraries escape some control characters, not line ends or marks
//! of the writing direction.

use std::fmt;
use std::io::{self, Write};

use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::mask::{is_unprintable, printable, printable_lines};

/// The fields of a line of text: the message, then `name=value`.
pub(super) fn fields() -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    let field = |out: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug| {
        let value = printable(&format!("{value:?}"));
        match field.name() {
            "message" => out.write_str(&value),
            name => write!(out, "{name}={value}"),
        }
    };
    debug_fn(field).delimited(" ")
}

/// Standard error for lines of JSON, which escapes line ends by itself.
#[derive(Debug, Default)]
pub(super) struct JsonLines;

impl Write for JsonLines {
    /// Takes a whole line, as the log hands it over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let mut error = io::stderr().lock();
        if text.contains(|c| is_unprintable(c) && c != '\n') {
            error.write_all(printable_lines(&text).as_bytes())?;
        } else {
            error.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
