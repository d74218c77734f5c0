//! What is left of a limit, by key: counted here, and by other bridges where they share it.
//!
//! The stricter of the two decides. While the server of the shared buckets answers, the local ones
//! count whatever is spent here as well: so its loss gives nobody a new budget, and who has spent a
//! local one costs the server nothing. While it does not, the local ones decide alone.

use std::sync::Arc;
use std::time::Duration;

use super::buckets::Buckets;
use super::gcra::BucketOperation;
use super::shared::SharedBuckets;
use super::shared::names::BucketKey;

/// Where a token was taken, and goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Here alone.
    Here,
    /// Here and from the shared budget.
    Shared,
}

/// The budgets of a limit.
#[derive(Clone)]
pub struct Budget {
    local: Arc<Buckets>,
    shared: Option<SharedBuckets>,
}

impl Budget {
    /// Of this process alone, or shared.
    #[must_use]
    pub fn new(local: Arc<Buckets>, shared: Option<SharedBuckets>) -> Self {
        Self { local, shared }
    }

    /// How long the key's budget stays spent; `None` for one that is not. Takes nothing.
    pub async fn wait(&self, key: &impl BucketKey) -> Option<Duration> {
        let wait = self.local.wait(key);
        match &self.shared {
            Some(shared) if wait.is_none() => {
                shared.step(key, BucketOperation::Look).await.filter(|wait| !wait.is_zero())
            }
            _ => wait,
        }
    }

    /// Takes a token where there is one.
    ///
    /// # Errors
    /// How long the budget stays spent. Nothing is taken then.
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

    /// Puts a token back that was taken. Nobody waits for it.
    pub fn give_back(&self, key: &impl BucketKey, taken: Taken) {
        self.local.give_back(key);
        if let (Some(shared), Taken::Shared) = (&self.shared, taken) {
            shared.step_later(key, BucketOperation::GiveBack);
        }
    }

    /// Takes a token, also where there is none; see [`Buckets::charge`].
    pub async fn charge(&self, key: &impl BucketKey) {
        self.local.charge(key);
        if let Some(shared) = &self.shared {
            shared.step_surely(key, BucketOperation::Charge).await;
        }
    }

    /// Forgets keys that have their whole budget again.
    pub fn tidy(&self) {
        self.local.tidy();
    }

    /// Keys that have spent some of it here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.local.len()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.local.is_empty()
    }
}
