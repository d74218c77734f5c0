//! The operator's list of single keys: a CSV text of `email,group,key`.
//!
//! Read by the code that loads the configuration, searched by the key ring. For keys that follow no
//! formula; see `docs/recipes.md`.

use std::collections::HashMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::key_rows::{KeyRow, KnownKeysError};

/// Keys by the e-mail (in ASCII lower case) and package group they were given to.
#[derive(Clone, Default)]
pub struct KnownKeys {
    rows: HashMap<(String, String), Vec<SecretString>>,
    count: usize,
}

impl KnownKeys {
    /// Reads the list; [`KeyRow::read_all`] tells its form.
    pub fn parse(text: &str) -> Result<Self, KnownKeysError> {
        let mut known = Self::default();
        for KeyRow { email, group, key, .. } in KeyRow::read_all(text)? {
            known.rows.entry((email.to_ascii_lowercase(), group)).or_default().push(key);
            known.count += 1;
        }
        Ok(known)
    }

    /// How many keys the list holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether the list holds no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The keys given to this e-mail, whatever its ASCII case, for exactly this group.
    pub(super) fn of(&self, email: &str, group: &str) -> impl Iterator<Item = &[u8]> {
        let owner = (email.to_ascii_lowercase(), group.to_owned());
        self.rows.get(&owner).into_iter().flatten().map(|key| key.expose_secret().as_bytes())
    }
}

impl fmt::Debug for KnownKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownKeys").field("count", &self.count).finish_non_exhaustive()
    }
}
