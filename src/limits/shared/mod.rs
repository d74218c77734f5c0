//! Token buckets that several bridges share, in Redis or Valkey.
//!
//! Made by `service` from the configuration, asked by [`Budget`](super::Budget), which has local buckets
//! beside them: what is asked here may have no answer, and then those decide.
//!
//! - [`server`]: the connection, and what becomes of it when the server is gone.
//! - [`names`]: what a bucket is called there, so that nobody can read whose it is.
//! - `bucket.lua`: what is done to a bucket.

pub mod names;
pub mod server;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;

use self::names::{BucketKey, BucketNames};
use self::server::RedisServer;
use super::Limit;
use super::buckets::Rate;
use crate::supervise::Task;

/// What is done to a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketOperation {
    /// Nothing: it is only looked at.
    Look,
    /// A token is taken where there is one.
    Take,
    /// A token is taken, also from an empty bucket.
    Charge,
    /// A token that was taken is put back.
    GiveBack,
}

impl BucketOperation {
    /// As the script knows it.
    fn word(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Take => "take",
            Self::Charge => "charge",
            Self::GiveBack => "give_back",
        }
    }
}

/// How a bucket refills, in microseconds: whole numbers of them are exact in the server's arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time in which a token comes back.
    pub interval: u64,
    /// Time a full bucket stands for, but for one token.
    pub tolerance: u64,
}

impl Pace {
    /// No bucket stays empty for longer, in microseconds: 10,000 tokens that were asked for at the same
    /// time and were not there, and one more.
    #[must_use]
    pub fn longest_wait(self) -> u64 {
        self.interval.saturating_mul(10_001)
    }
}

impl From<Rate> for Pace {
    fn from(rate: Rate) -> Self {
        let interval = (rate.per.as_nanos() / u128::from(rate.tokens.get())).div_ceil(1000).max(1);
        let interval = u64::try_from(interval).unwrap_or(u64::MAX);
        // Beyond it the server's numbers have gaps: some hundred years.
        let most = 1 << 52;
        let tolerance = interval.saturating_mul(u64::from(rate.burst.get()) - 1).min(most);
        Self { interval: interval.min(most), tolerance }
    }
}

/// The shared buckets of a limit.
#[derive(Clone)]
pub struct SharedBuckets {
    server: Arc<RedisServer>,
    names: Arc<BucketNames>,
    limit: Limit,
    rate: Rate,
}

impl SharedBuckets {
    /// Those of a limit that has this rate. Bridges with other numbers have other buckets.
    #[must_use]
    pub fn new(
        server: Arc<RedisServer>,
        names: Arc<BucketNames>,
        limit: Limit,
        rate: Rate,
    ) -> Self {
        Self { server, names, limit, rate }
    }

    /// How long the key's bucket was empty before this step; zero where it was not. `None`: the
    /// server does not answer, others have to decide.
    pub async fn step(&self, key: &impl BucketKey, step: BucketOperation) -> Option<Duration> {
        self.begin(self.name(key), step).await
    }

    /// The same to the end, also where whoever asks goes away meanwhile. It is sent at once: what is
    /// asked later comes later.
    pub async fn step_surely(
        &self,
        key: &impl BucketKey,
        step: BucketOperation,
    ) -> Option<Duration> {
        let mut asked = Box::pin(self.begin(self.name(key), step));
        match (&mut asked).now_or_never() {
            Some(wait) => wait,
            None => tokio::spawn(self.watched(asked)).await.ok().flatten(),
        }
    }

    /// The same where nobody waits for the end, as when something is dropped. It is sent at once, too.
    /// When the service stops meanwhile, it is left undone.
    pub fn step_later(&self, key: &impl BucketKey, step: BucketOperation) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut asked = Box::pin(self.begin(self.name(key), step));
        if (&mut asked).now_or_never().is_none() {
            runtime.spawn(self.watched(asked));
        }
    }

    /// What is under way, also where it panics: then there is no answer.
    fn watched<A>(&self, asked: A) -> impl Future<Output = Option<Duration>> + Send + use<A>
    where
        A: Future<Output = Option<Duration>> + Send + 'static,
    {
        let tasks = self.server.tasks();
        async move { tasks.once(Task::SharedLimits, asked).await.ok().flatten() }
    }

    fn name(&self, key: &impl BucketKey) -> String {
        self.names.name(self.limit, self.rate, key)
    }

    fn begin(
        &self,
        name: String,
        step: BucketOperation,
    ) -> impl Future<Output = Option<Duration>> + Send + use<> {
        Arc::clone(&self.server).step(name, step, self.rate.into())
    }
}
