//! Why a `configuration.php` cannot be used: the whole class, or one of its fields.
//!
//! No message holds a value: values may be passwords. A message names no file either: a caller that
//! read one puts its name before.

use php_compat::expression::Refusal;

/// Why no field of the class `JConfig` is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassError {
    /// There is no class `JConfig`.
    #[error("has no class `JConfig`")]
    Missing,

    /// The text is not PHP, as far as this crate knows PHP.
    #[error("line {line}: {construct} is not understood")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The construct that was found, in words.
        construct: String,
    },

    /// Something in the class can change any field when PHP runs it.
    #[error(
        "line {line}: {construct} can change every field of `JConfig`, and PHP code is not run here"
    )]
    Dynamic {
        /// The line, from 1.
        line: usize,
        /// The construct that was found, in words.
        construct: String,
    },
}

impl ClassError {
    pub(crate) fn dynamic(line: usize, construct: &str) -> Self {
        Self::Dynamic { line, construct: construct.to_owned() }
    }
}

impl From<Refusal> for ClassError {
    fn from(Refusal { line, construct }: Refusal) -> Self {
        Self::Syntax { line, construct }
    }
}

/// Why the value of one field is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// Only PHP can tell the value.
    #[error("line {line}: the value of `${field}` needs PHP to be run ({construct})")]
    NotLiteral {
        /// The line, from 1.
        line: usize,
        /// The field asked for.
        field: String,
        /// The construct that its value uses.
        construct: String,
    },

    /// The value is not of the kind asked for.
    #[error("line {line}: `${field}` {problem}")]
    WrongKind {
        /// The line, from 1.
        line: usize,
        /// The field asked for.
        field: String,
        /// The problem with it.
        problem: &'static str,
    },
}
