//! The values of a recipe and PHP's silent conversions between them.
//!
//! Used by `eval`, `call` and `bounds`.

use php_compat::number;

/// One value, as PHP types it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A string: bytes, in no particular encoding.
    Text(Vec<u8>),
    /// An integer.
    Int(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A list; it only occurs as an argument.
    List(Vec<Value>),
    /// Keys and values as strings, in order; it only occurs as an argument.
    Pairs(Vec<(Vec<u8>, Vec<u8>)>),
}

impl Value {
    /// Pairs of single values; `None` when one of them is a list.
    pub(super) fn pairs(pairs: impl IntoIterator<Item = (Self, Self)>) -> Option<Self> {
        let pair = |(key, value): (Self, Self)| {
            // PHP makes a number of a key, so that `false` is 0.
            let key = if let Self::Bool(flag) = key { Self::Int(i64::from(flag)) } else { key };
            Some((key.into_text()?, value.into_text()?))
        };
        pairs.into_iter().map(pair).collect::<Option<_>>().map(Self::Pairs)
    }

    /// The value as a string; `None` for a list.
    pub(super) fn into_text(self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Int(number) => Some(number.to_string().into_bytes()),
            Self::Bool(true) => Some(b"1".to_vec()),
            Self::Bool(false) => Some(Vec::new()),
            Self::List(_) | Self::Pairs(_) => None,
        }
    }

    /// Returns the value for an integer parameter; `None` if PHP throws a `TypeError`.
    pub(super) fn into_int(self) -> Option<i64> {
        match self {
            Self::Text(text) => number::whole_number(&text),
            Self::Int(number) => Some(number),
            Self::Bool(flag) => Some(i64::from(flag)),
            Self::List(_) | Self::Pairs(_) => None,
        }
    }

    /// The value for a boolean parameter; `None` for a list.
    pub(super) fn into_bool(self) -> Option<bool> {
        match self {
            Self::Text(text) => Some(!(text.is_empty() || text == b"0")),
            Self::Int(number) => Some(number != 0),
            Self::Bool(flag) => Some(flag),
            Self::List(_) | Self::Pairs(_) => None,
        }
    }

    /// Returns the result of an `(int)` cast: never fails, reads the number a string starts with.
    pub(super) fn cast_int(&self) -> i64 {
        match self {
            Self::Text(text) => number::text_to_int(text),
            Self::Int(number) => *number,
            Self::Bool(flag) => i64::from(*flag),
            Self::List(items) => i64::from(!items.is_empty()),
            Self::Pairs(pairs) => i64::from(!pairs.is_empty()),
        }
    }
}
