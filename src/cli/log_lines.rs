//! Escapes a line of the log: text from the database, packages or clients cannot break it into two
//! lines or control a terminal.
//!
//! Called only by `logging`. The libraries escape some control characters, not line ends or marks
//! of the writing direction.

use std::fmt;
use std::io;

use jiff::Timestamp;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;

use crate::mask::{is_unprintable, printable, printable_lines};

/// The fields of a line of text: the message, then `name=value`.
pub(super) struct TextFields;

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, out: Writer<'w>, fields: R) -> fmt::Result {
        let mut line = LogLine { out, is_empty: true, result: Ok(()) };
        fields.record(&mut line);
        line.result
    }
}

/// A line under way.
struct LogLine<'w> {
    out: Writer<'w>,
    is_empty: bool,
    result: fmt::Result,
}

impl LogLine<'_> {
    fn field(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_ok() {
            self.result = self.name(field).and_then(|()| write(&mut self.out));
        }
    }

    fn name(&mut self, field: &Field) -> fmt::Result {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.write_char(' ')?;
        }
        if field.name() != "message" {
            self.out.write_str(field.name())?;
            self.out.write_char('=')?;
        }
        Ok(())
    }
}

impl Visit for LogLine<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        self.field(field, |out| out.write_str(&printable(&value)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // As `Debug` writes it, which looks at each character.
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        if value.bytes().all(is_plain) {
            self.field(field, |out| {
                out.write_char('"')?;
                out.write_str(value)?;
                out.write_char('"')
            });
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |out| write!(out, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, |out| write!(out, "{value}"));
    }
}

/// Tells that lines were lost, as a line of text.
pub(super) fn lost_as_text(lines: u64) -> String {
    format!("{:.6}  WARN {}", Timestamp::now(), lost(lines))
}

/// The same as a line of JSON.
pub(super) fn lost_as_json(lines: u64) -> String {
    let time = format!("{:.6}", Timestamp::now());
    json!({ "timestamp": time, "level": "WARN", "message": lost(lines) }).to_string()
}

fn lost(lines: u64) -> String {
    format!(
        "{lines} lines of the log were lost: it could not be written, or its reader was too slow"
    )
}

/// Lines of JSON on their way to a writer: JSON escapes line ends by itself.
#[derive(Debug)]
pub(super) struct JsonLines<W>(pub(super) W);

impl<W: io::Write> io::Write for JsonLines<W> {
    /// Takes a whole line, as the log hands it over.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if text.contains(|c| is_unprintable(c) && c != '\n') {
            self.0.write_all(printable_lines(&text).as_bytes())?;
        } else {
            self.0.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
