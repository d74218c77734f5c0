//! The prefix of a site's table names, checked, since it is spliced into SQL.
//!
//! The configuration parses it; the stores turn the statements under `sql/` into those of one
//! site with it.

use crate::told::{tells, told};
use std::{fmt, str::FromStr};

/// The longest prefix: MySQL's names have 64 characters, the longest table's own name 18.
const LONGEST: usize = 46;

/// The prefix of a site's tables, as `jos_`; ASCII letters, digits and `_` only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePrefix(String);

/// A table prefix that Joomla could not have made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidPrefix(String);

tells!(InvalidPrefix {
    Self(prefix) => told!(
        "the table prefix `{prefix}` is not valid" =>
        "use at most {LONGEST} ASCII letters, digits and `_`, as in `$dbprefix` of the site's \
         configuration.php"
    )
});

impl TablePrefix {
    /// The prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A table's full name.
    pub(super) fn table(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }

    /// A file under `sql/` for this site: `#__` replaced, comment lines and indentation left out, since
    /// drivers look for parameters in them, at each query.
    pub(super) fn statement(&self, sql: &str) -> String {
        sql.lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("--"))
            .collect::<Vec<_>>()
            .join("\n")
            .replace("#__", &self.0)
    }
}

impl FromStr for TablePrefix {
    type Err = InvalidPrefix;

    fn from_str(text: &str) -> Result<Self, InvalidPrefix> {
        let legal = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if legal && text.len() <= LONGEST {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPrefix(text.escape_debug().take(2 * LONGEST).collect()))
        }
    }
}

impl fmt::Display for TablePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
