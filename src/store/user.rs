//! Accounts as the database holds them, and the order in which several are judged.
//!
//! Both stores hand their rows to [`users`] and [`accounts`], so that the order is one rule in
//! one place. Whether an account may do something is not known here.

use std::{cmp::Reverse, collections::BTreeMap, fmt};

/// How many accounts one name may stand for (`docs/release.md`, "Who is authorised").
pub(super) const MOST_CANDIDATES: usize = 20;

/// The longest name, in bytes, that is looked up. Columns hold 150 characters; the rest is room
/// for the characters that a collation ignores.
pub(super) const LONGEST_NAME: usize = 16 * 1024;

/// A row of `#__users` with the groups it is assigned to. `Debug` shows no name and no address.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// `#__users.id`.
    pub id: i64,
    /// The person's name.
    pub name: String,
    /// The name to log in with, as stored.
    pub username: String,
    /// The e-mail address, as stored.
    pub email: String,
    /// `#__users.block`; 1 denies a login, every other value does not.
    pub block: i64,
    /// The groups of `#__user_usergroup_map`, ascending; no ancestors, and none if there are no
    /// rows.
    pub groups: Vec<u32>,
}

impl User {
    /// Whether Joomla's own login would refuse the account: only for `block` = 1
    /// (`docs/joomla.md`, "Logins").
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.block == 1
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("block", &self.block)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

/// An account with all data for a login beside the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub user: User,
    /// `#__users.password`, of any kind Joomla knows.
    pub password: StoredHash,
    /// Whether Joomla requires more than a password.
    pub two_factor: TwoFactor,
}

/// Whether an account has a second factor, and when Joomla asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TwoFactor {
    /// The account has none.
    Off,
    /// Joomla 3.2 to 4.1 (`otpKey`): the login itself fails without it, as long as a plugin of the
    /// folder `twofactorauth` is enabled (`SiteRows::login_plugins`). Later versions leave the
    /// column behind unused: it does not count if `SiteRows::version` is 4.2 or more.
    AtLogin,
    /// Joomla 4.2 and later (`#__user_mfa`): asked for on a page after the login.
    AfterLogin,
}

/// A stored password hash. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash(Vec<u8>);

impl StoredHash {
    /// A hash as it stands in the database.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes of the column, for verification only.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredHash(REDACTED)")
    }
}

/// One row of the account queries: an account and one of its groups. Whatever was NULL in a
/// nullable or damaged column is its column's empty value.
pub(super) struct UserRow {
    pub(super) user: User,
    pub(super) group: Option<u32>,
    /// Whether the name matched in the form it was sent in.
    pub(super) as_sent: bool,
    pub(super) password: Vec<u8>,
    pub(super) two_factor: TwoFactor,
}

/// `email` with `+` for its blanks, which a query string may have turned into blanks.
pub(super) fn with_plus(email: &str) -> String {
    email.replace(' ', "+")
}

/// The candidates for an e-mail address. Rows of the form with `+` count only when no row
/// matched as sent.
pub(super) fn users(rows: Vec<UserRow>, email: &str) -> Vec<User> {
    let sent_form_matched = rows.iter().any(|row| row.as_sent);
    let rows = rows.into_iter().filter(|row| row.as_sent || !sent_form_matched);
    let wanted = if sent_form_matched { email.to_owned() } else { with_plus(email) };
    ranked(rows, &wanted, |user| &user.email).into_iter().map(|account| account.user).collect()
}

/// Accounts in the order of their ids.
pub(super) fn by_id(rows: Vec<UserRow>) -> Vec<User> {
    ranked(rows.into_iter(), "", |_| "").into_iter().map(|account| account.user).collect()
}

/// The candidates for a user name.
pub(super) fn accounts(rows: Vec<UserRow>, username: &str) -> Vec<Account> {
    ranked(rows.into_iter(), username, |user| &user.username)
}

/// One account per id with all its groups, best first.
fn ranked(
    rows: impl Iterator<Item = UserRow>,
    wanted: &str,
    stored: impl Fn(&User) -> &str,
) -> Vec<Account> {
    let mut by_id = BTreeMap::new();
    for row in rows {
        let account = by_id.entry(row.user.id).or_insert_with(|| Account {
            user: row.user,
            password: StoredHash(row.password),
            two_factor: row.two_factor,
        });
        account.user.groups.extend(row.group);
    }
    let mut candidates: Vec<Account> = by_id.into_values().collect();
    for candidate in &mut candidates {
        candidate.user.groups.sort_unstable();
        candidate.user.groups.dedup();
    }
    candidates.sort_by_key(|candidate| {
        let text = stored(&candidate.user);
        let rank = (text == wanted, text.eq_ignore_ascii_case(wanted));
        (Reverse(rank), candidate.user.id)
    });
    candidates.truncate(MOST_CANDIDATES);
    candidates
}
