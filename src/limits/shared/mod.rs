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
use super::gcra::{BucketOperation, Rate};
use crate::supervise::Task;

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
