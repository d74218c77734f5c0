//! The values PHP can store in a field, and PHP's conversions between them.

use std::fmt;

use php_compat::number;

/// A value of a field. Its `Debug` form tells the kind only: texts may be passwords.
#[derive(Clone, PartialEq)]
pub enum PhpValue {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or too large for [`PhpValue::Int`].
    Float(f64),
    /// A text; PHP's are bytes.
    Text(Vec<u8>),
    /// An array, in order.
    Array(Vec<(PhpKey, PhpValue)>),
}

/// A key of an array.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum PhpKey {
    /// A number; PHP makes one of a text such as `'5'`, too.
    Int(i64),
    /// Any other text.
    Text(Vec<u8>),
}

impl PhpValue {
    /// Returns PHP's text of the value: numbers in decimal, `true` as `1`, `false` and `null` as an
    /// empty text. `None` for an array, which has none.
    #[must_use]
    pub fn to_text(&self) -> Option<Vec<u8>> {
        match self {
            Self::Null | Self::Bool(false) => Some(Vec::new()),
            Self::Bool(true) => Some(b"1".to_vec()),
            Self::Int(value) => Some(value.to_string().into_bytes()),
            Self::Float(value) => Some(number::float_to_text(*value).into_bytes()),
            Self::Text(text) => Some(text.clone()),
            Self::Array(_) => None,
        }
    }

    /// PHP's `(int)` of the value. `None` for an array, and for a float that no [`i64`] holds.
    #[must_use]
    pub fn to_int(&self) -> Option<i64> {
        match self {
            Self::Null => Some(0),
            Self::Bool(value) => Some(i64::from(*value)),
            Self::Int(value) => Some(*value),
            Self::Float(value) => number::float_to_int(*value),
            Self::Text(text) => Some(number::text_to_int(text)),
            Self::Array(_) => None,
        }
    }

    /// Whether PHP takes the value for true: all but `null`, `false`, 0, 0.0, the empty text, the
    /// text `0` and the empty array.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !matches!(text.as_slice(), b"" | b"0"),
            Self::Array(members) => !members.is_empty(),
        }
    }
}

impl fmt::Debug for PhpValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool(..)",
            Self::Int(_) => "Int(..)",
            Self::Float(_) => "Float(..)",
            Self::Text(_) => "Text(..)",
            Self::Array(_) => "Array(..)",
        })
    }
}

impl fmt::Debug for PhpKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Int(_) => "Int(..)",
            Self::Text(_) => "Text(..)",
        })
    }
}
