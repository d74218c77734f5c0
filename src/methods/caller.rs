//! The client that asks, and what a request costs it once the answer stands.
//!
//! The core makes one for each request and settles it; the methods note in it how a try ended. An
//! answer that is thrown away, since the database failed and another store is asked, costs nothing:
//! the next one does. It keeps whose account was found, for the log. Must not import: `license`,
//! `license_recipe`.

use super::{DecisionLog, Refusal, Unlogged};
use crate::limits::{ClientAddress, Exceeded, Limits, LoginTry, Proof};
use crate::store::User;

/// A client, as far as limits care, and the log of what is decided for it.
pub struct Caller<'a, L = Unlogged> {
    pub(super) log: L,
    /// The address, where it stands for one client.
    pub(super) from: Option<ClientAddress>,
    pub(super) limits: &'a Limits,
    /// The login under way, which keeps its token from one answer to the next.
    login: Option<LoginTry<'a>>,
    /// The request for a mail has been counted.
    asked_for_mail: bool,
    end: TryEnd<'a>,
    /// The e-mail of the account that was found, as stored.
    customer: Option<String>,
}

/// How a try ended.
enum TryEnd<'a> {
    Nothing,
    KeyRight(Proof<'a>, i64),
    KeyFailed(Option<Proof<'a>>),
    LoginFailed,
}

impl<'a> Caller<'a> {
    /// A client at this address, under these limits.
    #[must_use]
    pub fn new(from: Option<ClientAddress>, limits: &'a Limits) -> Self {
        Self::logged(from, limits, Unlogged)
    }
}

impl<'a, L: DecisionLog> Caller<'a, L> {
    /// The same, with a log of the decisions.
    #[must_use]
    pub fn logged(from: Option<ClientAddress>, limits: &'a Limits, log: L) -> Self {
        let end = TryEnd::Nothing;
        Self { log, from, limits, login: None, asked_for_mail: false, end, customer: None }
    }

    /// Returns the log.
    pub fn into_log(self) -> L {
        self.log
    }

    /// May the client try a password of this account?
    ///
    /// # Errors
    /// As [`Limits::try_login`].
    pub(super) async fn try_login(&mut self, to: Option<&str>) -> Result<(), Exceeded> {
        if self.login.is_none() {
            self.login = Some(self.limits.try_login(self.from, to).await?);
        }
        Ok(())
    }

    /// May the client ask for a mail to this address?
    ///
    /// # Errors
    /// As [`Limits::try_mail_request`].
    pub(super) async fn try_mail_request(&mut self, to: Option<&str>) -> Result<(), Exceeded> {
        if !self.asked_for_mail {
            self.limits.try_mail_request(self.from, to).await?;
            self.asked_for_mail = true;
        }
        Ok(())
    }

    /// May the client try a password of the account that was found, by whatever name it was typed?
    ///
    /// # Errors
    /// As [`LoginTry::found`].
    pub(super) async fn account_found(&mut self, account: Option<i64>) -> Result<(), Exceeded> {
        match &mut self.login {
            Some(login) => login.found(account).await,
            None => Ok(()),
        }
    }

    /// The password was not right.
    pub(super) fn login_failed(&mut self) {
        self.end = TryEnd::LoginFailed;
    }

    /// May the client try this key?
    ///
    /// # Errors
    /// As [`Limits::try_key`].
    pub(super) async fn try_key(&self, proof: Option<Proof<'_>>) -> Result<(), Exceeded> {
        self.limits.try_key(self.from, proof).await
    }

    /// The key was right, for the account with this id.
    pub(super) fn key_was_right(&mut self, proof: Proof<'a>, account: i64) {
        self.end = TryEnd::KeyRight(proof, account);
    }

    /// The key was not right, or its owner may not have what he asked for.
    pub(super) fn key_failed(&mut self, proof: Option<Proof<'a>>) {
        self.end = TryEnd::KeyFailed(proof);
    }

    /// Too many logins are being checked.
    pub(super) fn queue_is_full(&self) -> Refusal {
        self.limits.queue_is_full().into()
    }

    /// Notes that the request is about this account, whatever becomes of it.
    pub(super) fn is_about(&mut self, user: &User) {
        self.customer = Some(user.email.clone());
    }

    /// Takes the e-mail of the account that the request is about, if one was found.
    pub fn take_customer(&mut self) -> Option<String> {
        self.customer.take()
    }

    /// Throws the answer away.
    pub fn begin_anew(&mut self) {
        self.end = TryEnd::Nothing;
        self.customer = None;
    }

    /// Counts what the answer costs, now that it stands.
    pub async fn settle(self) {
        match self.end {
            TryEnd::Nothing => {}
            TryEnd::KeyRight(proof, account) => self.limits.key_was_right(proof, account),
            TryEnd::KeyFailed(proof) => self.limits.key_failed(self.from, proof).await,
            TryEnd::LoginFailed => {
                if let Some(login) = self.login {
                    login.failed().await;
                }
            }
        }
    }
}
