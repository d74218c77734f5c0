//! Rows of `email,group,key`: the CSV form in which an operator writes down known keys.
//!
//! Read by [`KnownKeys`](super::KnownKeys), which accepts them, and by the commands that try recipes
//! on them. The form is described in `docs/recipes.md`, "Accepted keys".

use std::fmt;

use secrecy::SecretString;

use super::key_heading::Heading;
use crate::told::{tells, told};

/// One row: a key and its owner. `Debug` shows only the line.
#[derive(Clone)]
pub struct KeyRow {
    /// The line of the file the row starts in, from 1.
    pub line: usize,
    /// The e-mail, as written.
    pub email: String,
    /// The id of the package group.
    pub group: String,
    /// The key.
    pub key: SecretString,
}

/// Why the list was refused. The message names a line, never a key or an e-mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KnownKeysError {
    /// Not three fields.
    Fields {
        /// The line the row starts in, from 1.
        line: usize,
        /// How many fields it has.
        found: usize,
    },
    /// Another number of fields than the heading has.
    Columns {
        /// The line the row starts in, from 1.
        line: usize,
        /// How many fields it has.
        found: usize,
        /// How many the heading has.
        wanted: usize,
    },
    /// A field without content.
    Empty {
        /// The line the row starts in, from 1.
        line: usize,
        /// `email`, `group` or `key`.
        field: &'static str,
    },
    /// A quote inside a field, or text behind a closing quote.
    Quote {
        /// The line the quote stands in, from 1.
        line: usize,
    },
    /// A quoted field that never ends.
    Unclosed {
        /// The line the field starts in, from 1.
        line: usize,
    },
}

tells!(KnownKeysError {
    Self::Fields { line, found } => told!(
        "line {line}: {found} {} and there must be 3", if *found == 1 { "field" } else { "fields" } =>
        "write `email,group,key`"
    ),
    Self::Columns { line, found, wanted } => told!(
        "line {line}: {found} {} and the heading has {wanted}", if *found == 1 { "field" } else { "fields" } =>
        "write one for each, empty or not"
    ),
    Self::Empty { line, field } => told!(
        "line {line}: the {field} is empty" =>
        "fill it in or delete the line"
    ),
    Self::Quote { line } => told!(
        "line {line}: a quote in the wrong place" =>
        "quote the whole field and double quotes in it"
    ),
    Self::Unclosed { line } => told!(
        "line {line}: the quoted field that starts here has no end" =>
        "close its quote"
    ),
});

impl fmt::Debug for KeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRow").field("line", &self.line).finish_non_exhaustive()
    }
}

impl KeyRow {
    /// Reads all rows.
    ///
    /// A first line that names the three columns gives their order; other columns are skipped. A
    /// byte order mark, blank lines, lines that start with `#` and a first line that begins with
    /// `email` or `e-mail` are skipped; lines end with LF or CRLF; blanks around fields are
    /// ignored; a field in double quotes may hold separators, line ends and doubled quotes. Fields
    /// are separated by commas, or all of them by the other separators of spreadsheets: semicolons
    /// or tabs.
    pub fn read_all(text: &str) -> Result<Vec<Self>, KnownKeysError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = FieldReader::new(text, separator(text));
        let mut rows = Vec::new();
        let mut first = true;
        let mut heading = None;
        while let Some((line, fields)) = reader.row()? {
            let is_first = std::mem::take(&mut first);
            if is_first {
                heading = Heading::read(&fields);
                if heading.is_some() {
                    continue;
                }
            }
            let found = fields.len();
            let row = match heading {
                Some(heading) => heading.pick(fields).ok_or(KnownKeysError::Columns {
                    line,
                    found,
                    wanted: heading.width,
                }),
                None => <[String; 3]>::try_from(fields)
                    .map_err(|_| KnownKeysError::Fields { line, found }),
            };
            let [email, group, key] = row?;
            let is_header = ["email", "e-mail"].iter().any(|name| email.eq_ignore_ascii_case(name));
            if !(is_first && is_header) {
                rows.push(Self::new(line, email, group, key)?);
            }
        }
        Ok(rows)
    }

    fn new(line: usize, email: String, group: String, key: String) -> Result<Self, KnownKeysError> {
        for (field, value) in [("email", &email), ("group", &group), ("key", &key)] {
            if value.trim_matches(|c: char| c.is_ascii_whitespace()).is_empty() {
                return Err(KnownKeysError::Empty { line, field });
            }
        }
        Ok(Self { line, email, group, key: key.into() })
    }
}

/// Returns the separator by which the first row has three fields, or is a heading. A comma if none
/// does: then the error about that row names the usual form.
fn separator(text: &str) -> char {
    let makes_three = |separator: &char| {
        let first = FieldReader::new(text, *separator).row();
        matches!(first, Ok(Some((_, fields))) if fields.len() == 3 || Heading::read(&fields).is_some())
    };
    [',', ';', '\t'].into_iter().find(makes_three).unwrap_or(',')
}

/// Walks over the text, field by field.
struct FieldReader<'t> {
    rest: &'t str,
    /// The text between fields.
    separator: char,
    /// The line `rest` starts in, from 1.
    line: usize,
}

/// How a field ended.
#[derive(PartialEq, Eq)]
enum FieldEnd {
    Field,
    Row,
}

impl<'t> FieldReader<'t> {
    fn new(text: &'t str, separator: char) -> Self {
        Self { rest: text, separator, line: 1 }
    }

    /// The next row and the line it starts in; `None` at the end.
    fn row(&mut self) -> Result<Option<(usize, Vec<String>)>, KnownKeysError> {
        while let Some(line) = self.rest.split('\n').next().filter(|_| !self.rest.is_empty()) {
            let content = line.trim();
            if !(content.is_empty() || content.starts_with('#')) {
                let start = self.line;
                let mut fields = Vec::new();
                loop {
                    let (field, end) = self.field()?;
                    fields.push(field);
                    if end == FieldEnd::Row {
                        return Ok(Some((start, fields)));
                    }
                }
            }
            self.skip(line.len());
            self.skip_line_end();
        }
        Ok(None)
    }

    fn field(&mut self) -> Result<(String, FieldEnd), KnownKeysError> {
        self.skip_blanks();
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let length = self.rest.find([self.separator, '\n']).unwrap_or(self.rest.len());
        let field = self.rest.get(..length).unwrap_or_default().trim_end();
        if field.contains('"') {
            return Err(KnownKeysError::Quote { line: self.line });
        }
        let field = field.to_owned();
        self.skip(length);
        let end = self.end()?;
        Ok((field, end))
    }

    fn quoted(&mut self) -> Result<(String, FieldEnd), KnownKeysError> {
        let start = self.line;
        let mut field = String::new();
        self.skip(1);
        loop {
            let length = self.rest.find('"').ok_or(KnownKeysError::Unclosed { line: start })?;
            let part = self.rest.get(..length).unwrap_or_default();
            field.push_str(part);
            self.line += part.matches('\n').count();
            self.skip(length + 1);
            if !self.rest.starts_with('"') {
                break;
            }
            field.push('"');
            self.skip(1);
        }
        self.skip_blanks();
        let end = self.end()?;
        Ok((field.trim().to_owned(), end))
    }

    /// Takes the separator or line end behind a field.
    fn end(&mut self) -> Result<FieldEnd, KnownKeysError> {
        match self.rest.chars().next() {
            Some(next) if next == self.separator => {
                self.skip(1);
                Ok(FieldEnd::Field)
            }
            None | Some('\n') => {
                self.skip_line_end();
                Ok(FieldEnd::Row)
            }
            Some(_) => Err(KnownKeysError::Quote { line: self.line }),
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_blanks(&mut self) {
        let separator = self.separator;
        let is_blank = |c: char| c != separator && matches!(c, ' ' | '\t' | '\r');
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    fn skip_line_end(&mut self) {
        if let Some(rest) = self.rest.strip_prefix('\n') {
            self.rest = rest;
            self.line += 1;
        }
    }
}
