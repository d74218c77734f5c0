//! Puts the service together and owns the order of start and stop.
//!
//! The only place that names concrete stores, mailers and folders; everything below it sees traits.

mod admin;
mod bounds;
mod core;
mod database;
pub mod demo;
mod fallback;
mod kept;
mod ledger;
mod limits;
mod mail;
mod module;
mod opened_store;
pub mod package_index;
mod package_memory;
pub mod parts;
pub mod plan;
mod process_state;
mod publisher;
mod refresh;
mod reload;
mod running_config;
pub mod site;
mod start_error;
mod updates_log;

use std::future::Future;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::timeout;

pub use self::bounds::AFTERWARDS;
use self::bounds::MAILS_WAITING;
use self::ledger::LedgerWatch;
use self::opened_store::Occasion;
use self::plan::{Plan, circle};
use self::process_state::ProcessState;
pub use self::reload::Reloader;
use self::running_config::RunningConfig;
pub use self::start_error::StartError;

use crate::config::Config;
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
        Self::start_by(Arc::new(Plan::of(config)?)).await
    }

    /// [`App::start`] by a plan.
    ///
    /// # Errors
    /// One clear sentence, see [`StartError`].
    pub async fn start_by(plan: Arc<Plan>) -> Result<Self, StartError> {
        let fixed = plan.fixed.clone();
        let lasting = ProcessState::default();
        lasting.shares.limit_to(fixed.connections_per_address());
        // On the heap: it holds everything the service is made of.
        let starting = Box::pin(RunningConfig::start(Arc::clone(&plan), &lasting, Occasion::Start));
        let (front, generation) = starting.await?;
        let listeners = listen(&fixed.listen, fixed.socket_mode.0).await?;
        let addresses = || listeners.iter().filter_map(Listener::socket_address).collect();
        let upstream = plan.fallback.upstream.as_ref();
        circle::upstream_is_none_of(upstream, "`listen` in `[server]`", addresses)?;
        let admin = admin::open(&fixed).await?;
        let limits = fixed.limits;
        let ledger = LedgerWatch::start(fixed.ledger.as_deref(), &lasting.metrics);
        let current = Arc::new(Current::new(front));
        let readiness = Arc::<Readiness>::default();
        let reloader =
            Reloader::new(fixed, Arc::clone(&current), Arc::clone(&readiness), lasting, generation);
        Ok(Self { current, readiness, reloader, listeners, admin, limits, ledger })
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
