//! A login under way, and the token of the account's budget that it holds meanwhile.
//!
//! [`Limits::try_login`] makes it; the method that checks the password says when it was wrong. It
//! knows neither accounts nor passwords.

use super::budget::{Budget, Taken};
use super::{Account, ClientAddress, Limits};

/// A login under way. Dropped, it has cost nothing: the password was right, or it was not tried.
#[must_use]
pub struct LoginTry<'l> {
    pub(super) limits: &'l Limits,
    pub(super) from: Option<ClientAddress>,
    /// Nothing where logins are not limited.
    pub(super) token: Option<Token>,
}

impl LoginTry<'_> {
    /// The password was not right.
    pub async fn failed(self) {
        if let Some(token) = self.token {
            token.spend();
        }
        self.limits.address_failed(self.from).await;
    }
}

/// A token of an account, given back when it is dropped.
pub(super) struct Token {
    budget: Budget,
    /// Nothing once it is spent.
    of: Option<(Account, Taken)>,
}

impl Token {
    /// One that was taken from this budget.
    pub(super) fn taken(budget: &Budget, of: Account, taken: Taken) -> Self {
        Self { budget: budget.clone(), of: Some((of, taken)) }
    }

    fn spend(mut self) {
        self.of = None;
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if let Some((account, taken)) = &self.of {
            self.budget.give_back(account, *taken);
        }
    }
}
