//! The rest of a limit, by key: counted in this process, and together with other bridges if they
//! share it.
//!
//! The stricter of the two decides. While the server of the shared buckets answers, the local
//! buckets also count all tokens spent here. So clients get no new budget if the server is lost,
//! and a client without a local budget costs the server nothing. While the server does not answer,
//! only the local buckets decide.

use std::sync::Arc;
use std::time::Duration;

use super::buckets::Buckets;
use super::gcra::BucketOperation;
use super::shared::SharedBuckets;
use super::shared::names::BucketKey;

/// The buckets that a token was taken from, and goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Only from the local bucket.
    Here,
    /// From the local and the shared bucket.
    Shared,
}

/// The budgets of a limit.
#[derive(Clone)]
pub struct Budget {
    local: Arc<Buckets>,
    shared: Option<SharedBuckets>,
}

impl Budget {
    /// Makes the budget of this process, or a shared one.
    #[must_use]
    pub fn new(local: Arc<Buckets>, shared: Option<SharedBuckets>) -> Self {
        Self { local, shared }
    }

    /// Returns how long the key's budget stays spent; `None` if it is not spent. Takes no token.
    pub async fn wait(&self, key: &impl BucketKey) -> Option<Duration> {
        let wait = self.local.wait(key);
        match &self.shared {
            Some(shared) if wait.is_none() => {
                shared.step(key, BucketOperation::Look).await.filter(|wait| !wait.is_zero())
            }
            _ => wait,
        }
    }

    /// Takes a token if there is one.
    ///
    /// # Errors
    /// The time for which the budget stays spent. No token is taken then.
    pub async fn take(&self, key: &impl BucketKey) -> Result<Taken, Duration> {
        let here = || self.local.take(key).map(|()| Taken::Here);
        let Some(shared) = &self.shared else { return here() };
        if let Some(wait) = self.local.wait(key) {
            return Err(wait);
        }
        match shared.step_surely(key, BucketOperation::Take).await {
            Some(Duration::ZERO) => {
                self.local.charge(key);
                Ok(Taken::Shared)
            }
            Some(wait) => Err(wait),
            None => here(),
        }
    }

    /// Puts back a token that was taken, without waiting for the server.
    pub fn give_back(&self, key: &impl BucketKey, taken: Taken) {
        self.local.give_back(key);
        if let (Some(shared), Taken::Shared) = (&self.shared, taken) {
            shared.step_later(key, BucketOperation::GiveBack);
        }
    }

    /// Takes a token, even from an empty budget; see [`Buckets::charge`].
    pub async fn charge(&self, key: &impl BucketKey) {
        self.local.charge(key);
        if let Some(shared) = &self.shared {
            shared.step_surely(key, BucketOperation::Charge).await;
        }
    }

    /// Removes keys that have their whole budget again.
    pub fn tidy(&self) {
        self.local.tidy();
    }

    /// Returns how many keys have spent some of it in this process.
    #[must_use]
    pub fn len(&self) -> usize {
        self.local.len()
    }

    /// Returns whether no key has spent any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.local.is_empty()
    }
}
