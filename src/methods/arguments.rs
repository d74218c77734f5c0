//! A client's arguments to a method, after the parameter filter.

use super::code::ErrorCode;

/// One parameter.
#[derive(Clone, PartialEq, Eq)]
pub enum Argument {
    /// Not sent.
    Absent,
    /// Sent as an array: present, and never a valid value.
    Unusable,
    /// Sent; possibly empty, possibly not UTF-8.
    Text(Vec<u8>),
}

impl Argument {
    /// Was it sent, usable or not?
    #[must_use]
    pub fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// The value, or the code for a parameter that was not sent. An empty value is present and
    /// goes on to "not found" or "not valid".
    ///
    /// # Errors
    /// `absent` when the parameter was not sent.
    pub fn required(&self, absent: ErrorCode) -> Result<Sent<'_>, ErrorCode> {
        match self {
            Self::Absent => Err(absent),
            Self::Unusable => Ok(Sent(None)),
            Self::Text(text) => Ok(Sent(Some(text))),
        }
    }
}

/// A parameter that was sent, usable or not.
#[derive(Clone, Copy)]
pub struct Sent<'a>(Option<&'a [u8]>);

impl<'a> Sent<'a> {
    /// The bytes; `None` for an array.
    #[must_use]
    pub fn bytes(self) -> Option<&'a [u8]> {
        self.0
    }

    /// Returns the text, if a database column could hold it: UTF-8 of reasonable length.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        self.0
            .filter(|bytes| bytes.len() <= LONGEST_NAME)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

/// No e-mail, user name or id of Joomla is nearly as long (bytes); longer ones match no account and
/// are not sent to the database.
const LONGEST_NAME: usize = 2048;

/// The parameters of the release methods.
#[derive(Clone)]
pub struct Arguments {
    /// Package group or package id.
    pub id: Argument,
    /// The e-mail of a Joomla account.
    pub email: Argument,
    /// A license key.
    pub key: Argument,
    /// A one-field key: user id and license key.
    pub dlid: Argument,
    /// A Joomla user name.
    pub username: Argument,
    /// Its password.
    pub password: Argument,
    /// The password before the filter: one that holds `<` or an entity does not survive it.
    pub password_as_sent: Option<Vec<u8>>,
}
