//! How often clients may fail, log in, or request mails: `docs/release.md`, "Limits".
//!
//! Called by the methods once a request names an existing package or package group, and before they
//! query the database or check a password. So a request that is refused here costs almost nothing.
//! Addresses, names and keys are only remembered as keyed hashes. Must not import: `store`,
//! `methods`, `http`.

pub mod account;
pub mod address;
pub mod buckets;
pub mod budget;
pub mod gcra;
mod login_try;
mod mail_place;
pub mod proven;
pub mod shared;
mod token;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;

pub use self::account::AccountName;
pub use self::address::ClientAddress;
pub use self::budget::Budget;
pub use self::login_try::LoginTry;
pub use self::mail_place::MailPlace;
pub use self::proven::Proof;
use self::proven::Proven;
use self::shared::server::RedisServer;
use self::token::{HeldToken, LoginAccount, Refused};

/// The kinds of limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Limit {
    /// Failures of a client's address.
    AddressFailures,
    /// Failed logins to an account.
    LoginFailures,
    /// Requests for the key mail of an e-mail.
    MailRequests,
    /// Mails to an account.
    Mails,
    /// Logins at the same time.
    LoginQueue,
}

impl Limit {
    /// All limits.
    pub const ALL: [Self; 5] = [
        Self::AddressFailures,
        Self::LoginFailures,
        Self::MailRequests,
        Self::Mails,
        Self::LoginQueue,
    ];

    /// Returns its key in the configuration, which is also its name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// Time until another try can succeed.
    pub wait: Duration,
}

impl Exceeded {
    /// Returns the time for the header `Retry-After`: whole seconds, at least one.
    #[must_use]
    pub fn seconds(self) -> u64 {
        let begun = u64::from(self.wait.subsec_nanos() > 0);
        self.wait.as_secs().saturating_add(begun).max(1)
    }
}

/// The limits in force. A limit outlives a reload that does not change its numbers; `None` is off.
#[derive(Clone, Default)]
pub struct Limits {
    /// Failures by client address.
    pub address_failures: Option<Budget>,
    /// Failed logins by account.
    pub login_failures: Option<Budget>,
    /// Requests for key mails by e-mail.
    pub mail_requests: Option<Budget>,
    /// Mails by account.
    pub mails: Option<Budget>,
    /// License keys that were right lately.
    pub proven: Arc<Proven>,
    /// The counters of refusals.
    pub refusals: Refusals,
    /// The server through which the limits are shared with other bridges.
    pub shared: Option<Arc<RedisServer>>,
}

/// Counts refusals by limit.
#[derive(Clone, Default)]
pub struct Refusals([Counter; Limit::ALL.len()]);

impl Refusals {
    /// Counts with these counters, one for each limit.
    #[must_use]
    pub fn new(counter: impl FnMut(Limit) -> Counter) -> Self {
        Self(Limit::ALL.map(counter))
    }

    fn count(&self, limit: Limit) {
        for (counter, of) in self.0.iter().zip(Limit::ALL) {
            if of == limit {
                counter.inc();
            }
        }
    }
}

impl Limits {
    /// Checks whether the address may try a key. A key that was right lately may always be tried:
    /// one client must not block an address for all customers who share it. `proof` is `None` if
    /// the text cannot be a key.
    ///
    /// # Errors
    /// The address has failed too often.
    pub async fn try_key(
        &self,
        from: Option<ClientAddress>,
        proof: Option<Proof<'_>>,
    ) -> Result<(), Exceeded> {
        if proof.is_some_and(|proof| self.proven.knows(proof)) {
            return Ok(());
        }
        self.refuse([(Limit::AddressFailures, self.address_wait(from).await)])
    }

    /// Remembers a right key of the account with this id.
    pub fn key_was_right(&self, proof: Proof<'_>, account: i64) {
        if self.address_failures.is_some() {
            self.proven.add(proof, account);
        }
    }

    /// Counts a key that was wrong, or whose owner may not have the requested package.
    pub async fn key_failed(&self, from: Option<ClientAddress>, proof: Option<Proof<'_>>) {
        if let Some(proof) = proof.filter(|_| self.address_failures.is_some()) {
            self.proven.forget(proof);
        }
        self.address_failed(from).await;
    }

    /// Checks whether the address may try a password for the account with this user name, as typed.
    /// The try holds a token of the account until its result is known, so at most a burst of wrong
    /// passwords is tried at the same time. A refused address takes no token from the account.
    ///
    /// # Errors
    /// The address has failed too often, or logins to the account have.
    pub async fn try_login(
        &self,
        from: Option<ClientAddress>,
        to: Option<&str>,
    ) -> Result<LoginTry<'_>, Exceeded> {
        let account = AccountName::typed(to);
        let address_wait = self.address_wait(from).await;
        let (mut account_wait, mut token) = (None, None);
        if let Some(budget) = &self.login_failures {
            if address_wait.is_some() {
                account_wait = budget.wait(&account).await;
            } else {
                match budget.take(&account).await {
                    Ok(place) => token = Some(HeldToken::taken(budget, account, place)),
                    Err(wait) => account_wait = Some(wait),
                }
            }
        }
        self.refuse([
            (Limit::AddressFailures, address_wait),
            (Limit::LoginFailures, account_wait),
        ])?;
        Ok(LoginTry { limits: self, from, token, typed: AccountName::typed(to), found: None })
    }

    /// Checks whether the address may request the mail with the key of the account with this e-mail
    /// address, as typed. The request counts for the name even if there is no such account. A
    /// refused address takes no token from it.
    ///
    /// # Errors
    /// The address has failed too often, or the mail was requested too often.
    pub async fn try_mail_request(
        &self,
        from: Option<ClientAddress>,
        of: Option<&str>,
    ) -> Result<(), Exceeded> {
        self.refuse([(Limit::AddressFailures, self.address_wait(from).await)])?;
        let Some(budget) = &self.mail_requests else { return Ok(()) };
        let wait = budget.take(&AccountName::typed(of)).await.err();
        self.refuse([(Limit::MailRequests, wait)])
    }

    /// Takes a place for a mail to the account with this id.
    ///
    /// # Errors
    /// The account has got too many mails.
    pub async fn take_mail(&self, user: i64) -> Result<MailPlace, Exceeded> {
        let Some(budget) = &self.mails else { return Ok(MailPlace::unlimited()) };
        match budget.take(&user).await {
            Ok(taken) => Ok(MailPlace::taken(budget, user, taken)),
            Err(wait) => Err(self.exceeded(Limit::Mails, wait)),
        }
    }

    /// Counts a request of the address that is answered with an error and has no other cost: a
    /// wrong API key, or a request that only fills jBackend's log. The numbers of the limit are
    /// those of failures that reveal something about accounts, but these requests have a count of
    /// their own.
    ///
    /// # Errors
    /// The address has failed too often. No token is taken then.
    pub async fn take_failure(&self, from: Option<ClientAddress>) -> Result<(), Exceeded> {
        let (Some(budget), Some(address)) = (&self.address_failures, from) else { return Ok(()) };
        let taken = budget.take(&Refused::of(address)).await;
        taken.map(drop).map_err(|wait| self.exceeded(Limit::AddressFailures, wait))
    }

    /// Takes a token of the account that was found for a login, so that other spellings of its name
    /// do not give another budget. A name without an account takes a token of its own: then calls
    /// to the budgets do not reveal whether there is an account.
    async fn take_login(
        &self,
        found: LoginAccount,
    ) -> Result<Option<HeldToken<LoginAccount>>, Exceeded> {
        let Some(budget) = &self.login_failures else { return Ok(None) };
        match budget.take(&found).await {
            Ok(taken) => Ok(Some(HeldToken::taken(budget, found, taken))),
            Err(wait) => Err(self.exceeded(Limit::LoginFailures, wait)),
        }
    }

    /// Returns the refusal for too many logins at the same time. The time they take is not known,
    /// so the wait is one second.
    #[must_use]
    pub fn queue_is_full(&self) -> Exceeded {
        self.refusals.count(Limit::LoginQueue);
        Exceeded { limit: Limit::LoginQueue, wait: Duration::from_secs(1) }
    }

    /// Counts a failure of the address that revealed something about an account, or could have.
    pub async fn address_failed(&self, from: Option<ClientAddress>) {
        if let (Some(budget), Some(address)) = (&self.address_failures, from) {
            budget.charge(&address).await;
        }
    }

    /// Removes the entries of clients that have their whole budget again.
    pub fn tidy(&self) {
        for budget in self.all().into_iter().filter_map(|(_, budget)| budget) {
            budget.tidy();
        }
    }

    /// Returns how many addresses and accounts have spent some of their budget, by limit.
    #[must_use]
    pub fn entries(&self) -> [(Limit, usize); 4] {
        self.all().map(|(limit, budget)| (limit, budget.map_or(0, Budget::len)))
    }

    fn all(&self) -> [(Limit, Option<&Budget>); 4] {
        [
            (Limit::AddressFailures, self.address_failures.as_ref()),
            (Limit::LoginFailures, self.login_failures.as_ref()),
            (Limit::MailRequests, self.mail_requests.as_ref()),
            (Limit::Mails, self.mails.as_ref()),
        ]
    }

    async fn address_wait(&self, from: Option<ClientAddress>) -> Option<Duration> {
        self.address_failures.as_ref()?.wait(&from?).await
    }

    /// Refuses if a limit is reached; the one with the longest wait decides.
    fn refuse<const N: usize>(
        &self,
        waits: [(Limit, Option<Duration>); N],
    ) -> Result<(), Exceeded> {
        let reached =
            waits.into_iter().filter_map(|(limit, wait)| Some(Exceeded { limit, wait: wait? }));
        let Some(longest) = reached.max_by_key(|exceeded| exceeded.wait) else { return Ok(()) };
        self.refusals.count(longest.limit);
        Err(longest)
    }

    fn exceeded(&self, limit: Limit, wait: Duration) -> Exceeded {
        self.refusals.count(limit);
        Exceeded { limit, wait }
    }
}
