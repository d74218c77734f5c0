//! The words of PHP source.

use std::fmt;

/// A word and its place.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: Place,
    /// The offset behind its last byte.
    pub end: usize,
}

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The offset in bytes.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
}

/// The kind of a word. Its `Debug` form shows names and symbols only: texts may be passwords.
#[derive(Clone, PartialEq)]
pub enum TokenKind {
    /// A keyword or a name, with its namespace if it has one.
    Name(String),
    /// A variable, without its `$`.
    Variable(String),
    /// A text whose value is known: quoted, heredoc or nowdoc.
    Text(Vec<u8>),
    /// A text with variables in it; of a heredoc only up to the first.
    Template(Vec<TemplatePart>),
    /// A value that PHP makes in a way of its own, and the name of that way.
    Refused(&'static str),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// A byte without a meaning to the lexer.
    Unknown,
}

/// A part of a [`TokenKind::Template`].
#[derive(Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Bytes.
    Text(Vec<u8>),
    /// A variable, without its `$`; empty for code in braces.
    Variable(String),
}

impl TokenKind {
    /// Whether this is the keyword `word`, in any letter case.
    #[must_use]
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Name(name) if name.eq_ignore_ascii_case(word))
    }

    /// Whether this is the operator or bracket `symbol`.
    #[must_use]
    pub fn is(&self, symbol: &str) -> bool {
        matches!(self, Self::Symbol(found) if *found == symbol)
    }
}

/// For messages: names the word, never a value.
impl fmt::Display for TokenKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(out, "`{name}`"),
            Self::Variable(name) => write!(out, "the variable `${name}`"),
            Self::Text(_) => out.write_str("a text in this place"),
            Self::Template(_) => out.write_str("a variable within a text"),
            Self::Refused(what) => out.write_str(what),
            Self::Int(_) | Self::Float(_) => out.write_str("a number in this place"),
            Self::Symbol(symbol) => write!(out, "`{symbol}`"),
            Self::Unknown => out.write_str("a character that PHP does not know"),
        }
    }
}

impl fmt::Debug for TokenKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A construct whose value, or whose end, is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The line, from 1.
    pub line: usize,
    /// The construct, never with its value.
    pub construct: String,
}

impl Refusal {
    /// A construct at this line.
    pub fn new(line: usize, construct: impl Into<String>) -> Self {
        let construct = construct.into();
        Self { line, construct }
    }

    /// A word that does not belong in its place, or the end of the file.
    #[must_use]
    pub fn unexpected(line: usize, word: Option<&TokenKind>) -> Self {
        Self::new(line, word.map_or_else(|| "the end of the file".to_owned(), TokenKind::to_string))
    }
}
