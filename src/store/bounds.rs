//! Limits the rows of each kind that are read from a table of any size, and logs an excess.
//!
//! The statements hold the same limits, plus one row that shows that there are more: further rows
//! never leave the database. Both stores cut and log here.

use std::collections::{BTreeMap, BTreeSet};

use parking_lot::Mutex;

use super::user::{MOST_CANDIDATES, UserRow};

/// Accounts with their groups, in rows: above, each account's groups are asked for by themselves.
pub(super) const MOST_ROWS: usize = 2_000;
/// Groups of one account.
const MOST_MEMBERSHIPS: usize = 1_000;
/// User groups, access levels, menu items.
const MOST_OF_A_SITE: usize = 10_000;
/// Languages.
const MOST_LANGUAGES: usize = 1_000;
/// Extensions that matter.
const MOST_EXTENSIONS: usize = 500;

/// Rows of which a site can have too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BoundedRows {
    UserGroups,
    ViewLevels,
    MenuItems,
    Languages,
    Extensions,
}

/// The excesses logged so far.
#[derive(Default)]
pub(super) struct Told(Mutex<BTreeSet<Matter>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Matter {
    Site(BoundedRows),
    Memberships,
    Candidates,
}

impl BoundedRows {
    fn bound(self) -> (usize, &'static str) {
        match self {
            Self::UserGroups => (MOST_OF_A_SITE, "usergroups"),
            Self::ViewLevels => (MOST_OF_A_SITE, "viewlevels"),
            Self::MenuItems => (MOST_OF_A_SITE, "menu"),
            Self::Languages => (MOST_LANGUAGES, "languages"),
            Self::Extensions => (MOST_EXTENSIONS, "extensions"),
        }
    }
}

impl Told {
    /// Cuts a site's rows to as many as are looked at.
    pub(super) fn cut<T>(&self, kind: BoundedRows, mut rows: Vec<T>) -> Vec<T> {
        let (most, table) = kind.bound();
        if rows.len() > most {
            rows.truncate(most);
            if self.is_news(Matter::Site(kind)) {
                tracing::warn!(
                    table,
                    most,
                    "a table of the site holds more rows than are looked at: the others count for \
                     nothing"
                );
            }
        }
        rows
    }

    /// Gives accounts the groups that were asked for by themselves.
    pub(super) fn with_groups(
        &self,
        mut accounts: Vec<UserRow>,
        groups: &mut BTreeMap<i64, Vec<u32>>,
    ) -> Vec<UserRow> {
        for account in &mut accounts {
            account.user.groups =
                self.memberships(account.user.id, groups.remove(&account.user.id));
        }
        accounts
    }

    fn memberships(&self, id: i64, groups: Option<Vec<u32>>) -> Vec<u32> {
        let mut groups = groups.unwrap_or_default();
        if groups.len() > MOST_MEMBERSHIPS {
            groups.truncate(MOST_MEMBERSHIPS);
            if self.is_news(Matter::Memberships) {
                tracing::warn!(
                    account = id,
                    most = MOST_MEMBERSHIPS,
                    "an account has more user groups than are looked at: the lowest count"
                );
            }
        }
        groups
    }

    /// Tells when a name stands for more accounts than are looked at.
    pub(super) fn candidates(&self, rows: &[UserRow]) {
        let ids: BTreeSet<i64> = rows.iter().map(|row| row.user.id).collect();
        if ids.len() > MOST_CANDIDATES
            && let Some(account) = ids.first()
            && self.is_news(Matter::Candidates)
        {
            tracing::warn!(
                account,
                most = MOST_CANDIDATES,
                "one e-mail or user name stands for more accounts than are looked at: the best count"
            );
        }
    }

    fn is_news(&self, matter: Matter) -> bool {
        self.0.lock().insert(matter)
    }
}
