//! The knowledge about a value before the user is known. Used by `bounds`.

use super::value::Value;

/// `-9223372036854775808`.
const LONGEST_INT: usize = 20;

/// The knowledge about a value before the user is known.
pub(super) enum KnownValue {
    /// The value itself.
    Exactly(Value),
    /// A string of at most so many bytes.
    Text(usize),
    /// An integer of at most this value.
    Int(i64),
    /// A list of such values.
    List(Vec<KnownValue>),
    /// Pairs of such values.
    Pairs(Vec<(KnownValue, KnownValue)>),
    /// Unknown until the group is known.
    Later,
}

impl KnownValue {
    pub(super) fn exact(&self) -> Option<Value> {
        match self {
            Self::Exactly(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// Returns the most bytes of the value as a string; `None` if that is not known yet.
    pub(super) fn longest(&self) -> Option<usize> {
        match self {
            Self::Exactly(Value::Text(text)) => Some(text.len()),
            Self::Exactly(value) => Some(value.clone().into_text().map_or(0, |text| text.len())),
            Self::Text(longest) => Some(*longest),
            Self::Int(_) => Some(LONGEST_INT),
            Self::List(_) | Self::Pairs(_) => Some(0),
            Self::Later => None,
        }
    }

    /// The largest integer the value can be.
    pub(super) fn largest(&self) -> i64 {
        match self {
            Self::Exactly(value) => value.clone().into_int().unwrap_or(i64::MAX),
            Self::Int(largest) => *largest,
            _ => i64::MAX,
        }
    }

    /// The parts of a list; a single value is a list of itself.
    pub(super) fn items(&self) -> Vec<Self> {
        match self {
            Self::Exactly(Value::List(items)) => items.iter().cloned().map(Self::Exactly).collect(),
            Self::List(items) => items.iter().map(Self::copy).collect(),
            other => vec![other.copy()],
        }
    }

    /// Returns the same knowledge, without the contents of lists.
    pub(super) fn copy(&self) -> Self {
        match self {
            Self::Exactly(value) => Self::Exactly(value.clone()),
            Self::Text(longest) => Self::Text(*longest),
            Self::Int(largest) => Self::Int(*largest),
            Self::List(_) | Self::Pairs(_) => Self::Text(0),
            Self::Later => Self::Later,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Later => true,
            Self::List(items) => items.iter().any(Self::is_open),
            Self::Pairs(pairs) => pairs.iter().any(|(key, value)| key.is_open() || value.is_open()),
            _ => false,
        }
    }
}
