//! Token buckets that several bridges share, in Redis or Valkey.
//!
//! Made by `service` from the configuration, called by [`Budget`](super::Budget), which has local
//! buckets beside them: they decide if the server does not answer.
//!
//! - [`server`]: the connection, and its repair when the server is gone.
//! - [`names`]: names of buckets on the server that do not show their owners.
//! - `bucket.lua`: the steps on a bucket.

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
    /// The buckets of a limit with this rate. Bridges with other numbers use other buckets.
    #[must_use]
    pub fn new(
        server: Arc<RedisServer>,
        names: Arc<BucketNames>,
        limit: Limit,
        rate: Rate,
    ) -> Self {
        Self { server, names, limit, rate }
    }

    /// Does a step; returns for how long the key's bucket would have stayed empty without it, zero
    /// if it was not empty. `None`: the server does not answer, and the local buckets must decide.
    pub async fn step(&self, key: &impl BucketKey, step: BucketOperation) -> Option<Duration> {
        self.begin(self.name(key), step).await
    }

    /// As [`SharedBuckets::step`], but finishes even if the caller is dropped. It is sent at once,
    /// so later steps come after it.
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

    /// As [`SharedBuckets::step`], but without an answer, for example in a destructor. It is sent
    /// at once, too. If the service stops, it may be left undone.
    pub fn step_later(&self, key: &impl BucketKey, step: BucketOperation) {
        let Ok(runtime) = Handle::try_current() else { return };
        let mut asked = Box::pin(self.begin(self.name(key), step));
        if (&mut asked).now_or_never().is_none() {
            runtime.spawn(self.watched(asked));
        }
    }

    /// Runs a step in the background; a panic in it counts as no answer.
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
