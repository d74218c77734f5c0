//! The words of a PHP file.

use std::fmt;

/// A word and where it starts.
#[derive(Clone)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Its first line, from 1.
    pub(super) line: usize,
}

/// What a word is.
#[derive(Clone, PartialEq)]
pub(super) enum Kind {
    /// A keyword or a name, with its namespace if it has one.
    Name(String),
    /// A variable, without its `$`.
    Variable(String),
    /// A text whose value is known: quoted, heredoc or nowdoc.
    Text(Vec<u8>),
    /// A value that PHP makes at run time or in a way of its own, with what makes it so.
    Refused(&'static str),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// A byte that means nothing to this reader.
    Unknown,
}

impl Kind {
    /// Whether this is the keyword `word`, in any letter case.
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Name(name) if name.eq_ignore_ascii_case(word))
    }

    /// Whether this is the operator or bracket `symbol`.
    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self, Self::Symbol(found) if *found == symbol)
    }
}

/// For messages: names what stands there, never a value.
impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(out, "`{name}`"),
            Self::Variable(name) => write!(out, "the variable `${name}`"),
            Self::Text(_) => out.write_str("a text in this place"),
            Self::Refused(what) => out.write_str(what),
            Self::Int(_) | Self::Float(_) => out.write_str("a number in this place"),
            Self::Symbol(symbol) => write!(out, "`{symbol}`"),
            Self::Unknown => out.write_str("a character that PHP does not know"),
        }
    }
}
