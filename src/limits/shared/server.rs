//! The server that holds shared buckets: one connection for all requests, and its repair.
//!
//! No request connects, or waits for a connection: while there is none, it gets no answer at once.
//! A task checks the connection every second, so it often finds a lost server before a request
//! does. The log has a line when the server is gone, and one when it is back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, RedisError, RedisResult, Script};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::names::PREFIX;
use crate::config::shared_limits::RedisUrl;
use crate::limits::gcra::{BucketOperation, Pace};
use crate::supervise::{Rounds, Task, Tasks};
use crate::tls;

/// Time between two checks of the connection: for about this long, requests may wait for a server
/// that has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Longest time for a new connection, with TLS and login. Only the start waits for it.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// The task takes a token that comes back after a millisecond, from a bucket for one token. So the
/// check uses everything that requests need, including a write, and the server forgets the bucket
/// at once.
const PROBE: Pace = Pace { interval: 1000, tolerance: 0 };

const SCRIPT: &str = include_str!("bucket.lua");

/// The reason for no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The server refused, or the connection failed.
    #[error("{}", told(.0))]
    Failed(#[from] RedisError),
    /// No answer came in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Silent(Duration),
    /// Another kind of server answered.
    #[error("its answer is none of the script's")]
    Nonsense,
}

/// Returns the server's message, cut to a length for the log.
fn told(error: &RedisError) -> String {
    let said = match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        _ => error.to_string(),
    };
    said.chars().take(LONGEST_REASON).collect()
}

/// Most characters of the message in the log.
const LONGEST_REASON: usize = 300;

/// A server, connected or not.
pub struct RedisServer {
    client: Client,
    tls: Option<tls::Client>,
    connecting: AsyncConnectionConfig,
    shown: String,
    limit: Duration,
    script: Script,
    link: Mutex<Link>,
    has_keeper: AtomicBool,
    tasks: OnceLock<Tasks>,
}

enum Link {
    /// No connection was tried yet.
    New,
    /// The n-th connection.
    Up(u64, MultiplexedConnection),
    /// The n-th connection is lost, and the log says so.
    Down(u64),
}

impl RedisServer {
    /// Prepares the server without connecting. `tls` is for an address that needs it; `limit` is
    /// the longest time that a request waits.
    ///
    /// # Errors
    /// An address that cannot be used.
    pub fn new(
        url: &RedisUrl,
        tls: Option<tls::Client>,
        limit: Duration,
    ) -> Result<Self, RedisError> {
        let client = Client::open(url.connection())?;
        let connecting = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_LIMIT))
            // The timeout around the call is our own.
            .set_response_timeout(None);
        Ok(Self {
            client,
            tls,
            connecting,
            shown: url.to_string(),
            limit,
            script: Script::new(SCRIPT),
            link: Mutex::new(Link::New),
            has_keeper: AtomicBool::new(false),
            tasks: OnceLock::new(),
        })
    }

    /// Connects, and keeps the connection until the last user is dropped. If the server cannot be
    /// reached, the log says so.
    pub async fn open(self: &Arc<Self>, tasks: &Tasks) {
        if self.has_keeper.swap(true, Ordering::Relaxed) {
            return;
        }
        let tasks = self.tasks.get_or_init(|| tasks.clone()).clone();
        self.look_after().await;
        let server = Arc::downgrade(self);
        let keep = move |rounds| keep(Weak::clone(&server), rounds);
        tokio::spawn(tasks.keep(Task::SharedLimits, keep));
    }

    /// Returns the supervision for background calls.
    pub(super) fn tasks(&self) -> Tasks {
        self.tasks.get().cloned().unwrap_or_default()
    }

    /// Checks that the server answers all calls that requests need.
    ///
    /// # Errors
    /// The reason why it does not.
    pub async fn reach(&self) -> Result<(), NoAnswer> {
        self.connect().await.map(drop)
    }

    /// Returns whether the server answers; `false` before [`RedisServer::open`].
    #[must_use]
    pub fn is_up(&self) -> bool {
        matches!(*self.link.lock(), Link::Up(..))
    }

    /// Returns the address without name and password.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.shown
    }

    /// Does a step on a bucket; returns for how long it would have stayed empty without the step.
    /// `None`: there is no answer.
    pub(super) async fn step(
        self: Arc<Self>,
        bucket: String,
        step: BucketOperation,
        pace: Pace,
    ) -> Option<Duration> {
        let (nth, mut connection) = match &*self.link.lock() {
            Link::Up(nth, connection) => (*nth, connection.clone()),
            Link::New | Link::Down(_) => return None,
        };
        match self.ask(&mut connection, &bucket, step, pace).await {
            Ok(wait) => Some(wait),
            Err(error) => {
                self.lost(nth, &error);
                None
            }
        }
    }

    async fn ask(
        &self,
        connection: &mut MultiplexedConnection,
        bucket: &str,
        step: BucketOperation,
        pace: Pace,
    ) -> Result<Duration, NoAnswer> {
        let mut script = self.script.key(bucket);
        script.arg(step.word()).arg(pace.interval).arg(pace.tolerance);
        match timeout(self.limit, script.invoke_async(connection)).await {
            Ok(micros) => {
                let micros: i64 = micros?;
                let micros =
                    u64::try_from(micros).ok().filter(|micros| *micros <= pace.longest_wait());
                micros.map(Duration::from_micros).ok_or(NoAnswer::Nonsense)
            }
            Err(_) => Err(NoAnswer::Silent(self.limit)),
        }
    }

    async fn probe(&self, connection: &mut MultiplexedConnection) -> Result<(), NoAnswer> {
        self.ask(connection, &format!("{PREFIX}:probe"), BucketOperation::Charge, PROBE)
            .await
            .map(drop)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, NoAnswer> {
        let connected = timeout(CONNECT_LIMIT, self.log_in()).await;
        let mut connection = connected.map_err(|_| NoAnswer::Silent(CONNECT_LIMIT))??;
        self.probe(&mut connection).await?;
        Ok(connection)
    }

    async fn log_in(&self) -> RedisResult<MultiplexedConnection> {
        let info = self.client.get_connection_info();
        let (Some(tls), ConnectionAddr::Tcp(host, port)) = (&self.tls, info.addr()) else {
            let connecting = &self.connecting;
            return self.client.get_multiplexed_async_connection_with_config(connecting).await;
        };
        let stream = TcpStream::connect((host.as_str(), *port)).await?;
        stream.set_nodelay(true)?;
        let stream = tls.connect(host, stream).await?;
        let (settings, connecting) = (info.redis_settings(), self.connecting.clone());
        let (connection, driving) =
            MultiplexedConnection::new_with_config(settings, stream, connecting).await?;
        // It ends when the last copy of the connection is dropped.
        tokio::spawn(driving);
        Ok(connection)
    }

    async fn look_after(&self) {
        let (nth, connection) = match &*self.link.lock() {
            Link::New => (0, None),
            Link::Down(nth) => (*nth, None),
            Link::Up(nth, connection) => (*nth, Some(connection.clone())),
        };
        match connection {
            Some(mut connection) => {
                if let Err(error) = self.probe(&mut connection).await {
                    self.lost(nth, &error);
                }
            }
            None => match self.connect().await {
                Ok(connection) => self.found(nth + 1, connection),
                Err(error) => self.lost(nth, &error),
            },
        }
    }

    fn found(&self, nth: u64, connection: MultiplexedConnection) {
        *self.link.lock() = Link::Up(nth, connection);
        tracing::info!(server = self.shown, "limits are shared: the server of `shared` answers");
    }

    /// Requests at the same time lose the same connection, so only the first loss is logged.
    fn lost(&self, nth: u64, error: &NoAnswer) {
        let mut link = self.link.lock();
        let is_news = match &*link {
            Link::New => true,
            Link::Up(present, _) => *present == nth,
            Link::Down(_) => false,
        };
        if is_news {
            *link = Link::Down(nth);
            drop(link);
            tracing::warn!(
                server = self.shown,
                %error,
                "limits are not shared: the server of `shared` in `[limits]` does not answer; until it \
                 does this bridge counts for itself"
            );
        }
    }
}

/// Checks the connection regularly; ends when the last user of the server is dropped.
async fn keep(server: Weak<RedisServer>, rounds: Rounds) {
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once.
    ticks.tick().await;
    loop {
        rounds.begin();
        ticks.tick().await;
        let Some(server) = server.upgrade() else { return };
        server.look_after().await;
    }
}
