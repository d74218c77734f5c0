//! A running login with its two tokens: one of the name as typed, one of the account that the
//! database finds for it.
//!
//! [`Limits::try_login`] makes it. The method that checks the password tells it the account, and
//! whether the password was wrong. Must not import: `store`, `joomla_password`.

use super::token::{HeldToken, LoginAccount};
use super::{AccountName, ClientAddress, Exceeded, Limits};

/// A running login. If it is dropped, it costs no token: the password was right, or was not
/// checked.
#[must_use]
pub struct LoginTry<'l> {
    pub(super) limits: &'l Limits,
    pub(super) from: Option<ClientAddress>,
    pub(super) typed: AccountName,
    /// `None` if logins are not limited.
    pub(super) token: Option<HeldToken<AccountName>>,
    /// `None` before the account was looked up.
    pub(super) found: Option<HeldToken<LoginAccount>>,
}

impl LoginTry<'_> {
    /// Records the account with this id for the name, or that there is none. Only the first call
    /// counts.
    ///
    /// # Errors
    /// Logins to the account have failed too often, under any names.
    pub async fn found(&mut self, account: Option<i64>) -> Result<(), Exceeded> {
        if self.found.is_none() {
            let found = match account {
                Some(id) => LoginAccount::Account(id),
                None => LoginAccount::Nobody(self.typed.clone()),
            };
            self.found = self.limits.take_login(found).await?;
        }
        Ok(())
    }

    /// Spends the tokens: the password was wrong.
    pub async fn failed(self) {
        if let Some(token) = self.token {
            token.spend();
        }
        if let Some(token) = self.found {
            token.spend();
        }
        self.limits.address_failed(self.from).await;
    }
}
