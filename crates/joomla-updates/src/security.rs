//! How urgent an update is: the `<security>` that Joomla 5.4 and 6.2 show in the list of updates.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::printable::printable;

/// A level, from 0 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Security(u8);

impl Security {
    /// Returns the level of a number; `None` above 4.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        (usize::from(number) < NAMES.len()).then_some(Self(number))
    }

    /// Returns the number of the level.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

/// The levels' names, from 0 on.
const NAMES: [&str; 5] = ["none", "low", "medium", "high", "critical"];

/// As it stands in update XML.
impl fmt::Display for Security {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// The text is not a level. The message tells the valid ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no level")]
pub struct NoSecurity(String);

impl NoSecurity {
    /// What to write instead.
    pub const ADVICE: &str = "write 0 to 4, or `none`, `low`, `medium`, `high` or `critical`";
}

impl FromStr for Security {
    type Err = NoSecurity;

    /// Reads a number or a name.
    fn from_str(text: &str) -> Result<Self, NoSecurity> {
        let levels = (0..).zip(NAMES);
        let mut levels = levels.map(|(number, name)| (Self(number), name));
        let found = levels.find(|(level, name)| *name == text || level.to_string() == text);
        found.map(|(level, _)| level).ok_or_else(|| NoSecurity(printable(text)))
    }
}
