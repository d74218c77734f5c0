//! Puts the service together and owns the order of start and stop.
//!
//! The only place that names concrete stores, mailers and folders; everything below it sees traits.

mod admin;
mod bounds;
mod core;
mod database;
pub mod demo;
mod endpoints;
mod fallback;
mod from_config;
mod impossible;
mod kept;
mod keys;
mod ledger;
mod limits;
mod mail;
mod module;
mod opened_store;
pub mod package_index;
mod package_memory;
pub mod parts;
mod process_state;
mod publisher;
mod refresh;
mod reload;
mod running_config;
mod shared_limits;
pub mod site;
mod standby;
mod start_error;
mod updates_log;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

pub use self::bounds::AFTERWARDS;
use self::bounds::MAILS_WAITING;
use self::from_config::socket_mode;
use self::ledger::LedgerWatch;
use self::opened_store::Occasion;
use self::process_state::ProcessState;
pub use self::reload::Reloader;
use self::running_config::RunningConfig;
pub use self::start_error::StartError;

use crate::config::Config;
use crate::config::sections::Server;
use crate::http::accept::{self, Guests, Limits};
use crate::http::admin::Admin;
use crate::http::admin::ready::Readiness;
use crate::http::current::Current;
use crate::http::filter::routes;
use crate::http::listen::{Listener, listen};

/// The service, ready to answer.
pub struct App {
    current: Arc<Current>,
    readiness: Arc<Readiness>,
    reloader: Reloader,
    listeners: Vec<Listener>,
    admin: Vec<Listener>,
    limits: Limits,
    ledger: Option<LedgerWatch>,
}

impl App {
    /// Opens the database, reads the settings, opens the sockets.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`].
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let server = &config.server;
        let lasting = ProcessState::default();
        lasting.shares.limit_to(share_of_an_address(server));
        // On the heap: it holds everything the service is made of.
        let starting = Box::pin(RunningConfig::start(config, &lasting, Occasion::Start));
        let (front, generation) = starting.await?;
        let listeners = listen(&server.listen, socket_mode("server", &server.socket_mode)?).await?;
        let addresses = || listeners.iter().filter_map(Listener::socket_address).collect();
        impossible::upstream_is_none_of(config, "`listen` in `[server]`", addresses)?;
        let admin = admin::open(&config.admin).await?;
        let ledger = LedgerWatch::start(&config.ledger, &lasting.metrics);
        let current = Arc::new(Current::new(front));
        let readiness = Arc::<Readiness>::default();
        let reloader = Reloader::new(
            config,
            Arc::clone(&current),
            Arc::clone(&readiness),
            lasting,
            generation,
        );
        Ok(Self { current, readiness, reloader, listeners, admin, limits: limits(server), ledger })
    }

    /// What clients connect to.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        self.listeners.iter().map(Listener::address).collect()
    }

    /// What the operator's programs connect to; `None` without an admin listener.
    #[must_use]
    pub fn admin_address(&self) -> Option<String> {
        self.admin.first().map(Listener::address)
    }

    /// Puts other configurations into force while the service runs.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// Answers until `stop` is done, then lets running answers finish within the deadline, and
    /// what they promised (mails, trace rows) leave within [`AFTERWARDS`]. The admin listener
    /// tells of it to the end.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let Self { current, readiness, reloader, listeners, admin, limits, ledger } = self;
        let metrics = Arc::clone(&reloader.lasting().metrics);
        let connections = metrics.connections.clone();
        let tasks = metrics.tasks.clone();
        let admin_routes = Arc::new(Admin {
            current: Arc::clone(&current),
            metrics,
            readiness: Arc::clone(&readiness),
        });
        let guests = Guests {
            shares: Arc::clone(&reloader.lasting().shares),
            holder: {
                let current = Arc::clone(&current);
                Arc::new(move |peer| current.front()?.proxies.connection_holder(peer))
            },
        };
        let (done, all_done) = oneshot::channel::<()>();
        let service = async {
            let stop = async {
                stop.await;
                readiness.stop();
            };
            let routes = routes(Arc::clone(&current));
            accept::serve(listeners, routes, limits, guests, connections, &tasks, stop).await;
            current.end();
            let mails_waiting = Arc::clone(&reloader.lasting().mails_waiting);
            let mails = async {
                if timeout(AFTERWARDS, mails_waiting.acquire_many(MAILS_WAITING)).await.is_err() {
                    tracing::error!(
                        "mails with license keys were still waiting at the stop: they are lost"
                    );
                }
            };
            tokio::join!(mails, reloader.finish());
            drop(ledger);
            drop(done);
        };
        let until_done = async {
            // Nothing is ever sent: the sender goes.
            let _ = all_done.await;
        };
        tokio::join!(service, admin::serve(admin, admin_routes, until_done));
    }
}

fn limits(server: &Server) -> Limits {
    Limits {
        connections: usize::try_from(server.max_connections.max(1))
            .unwrap_or(usize::MAX)
            .min(Semaphore::MAX_PERMITS),
        header_timeout: Duration::from_secs(server.header_timeout.max(1)),
        write_timeout: Duration::from_secs(server.write_timeout.max(1)),
        shutdown_deadline: Duration::from_secs(server.shutdown_deadline),
    }
}

/// Connections that may be one address's.
fn share_of_an_address(server: &Server) -> usize {
    let share = server.max_connections_per_address.unwrap_or(server.max_connections / 4);
    usize::try_from(share.max(1)).unwrap_or(usize::MAX)
}
