//! A login under way, and the tokens of two budgets that it holds meanwhile: that of the name as
//! typed, and that of the account which the database finds by it.
//!
//! [`Limits::try_login`] makes it; the method that checks the password says whose account it is and
//! when the password was wrong. Must not import: `store`, `joomla_password`.

use super::token::{HeldToken, LoginAccount};
use super::{AccountName, ClientAddress, Exceeded, Limits};

/// A login under way. Dropped, it has cost nothing: the password was right, or it was not tried.
#[must_use]
pub struct LoginTry<'l> {
    pub(super) limits: &'l Limits,
    pub(super) from: Option<ClientAddress>,
    pub(super) typed: AccountName,
    /// Nothing where logins are not limited.
    pub(super) token: Option<HeldToken<AccountName>>,
    /// Nothing before the account was looked for.
    pub(super) found: Option<HeldToken<LoginAccount>>,
}

impl LoginTry<'_> {
    /// The name is that of the account with this id, or of none. The first answer counts.
    ///
    /// # Errors
    /// Logins to the account have failed too often, by whatever names.
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

    /// The password was not right.
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
