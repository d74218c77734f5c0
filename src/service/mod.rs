//! Puts the service together and owns the order of start and stop.
//!
//! Only this room names concrete stores, mailers and folders; everything below it sees traits.

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
pub mod publishing;
mod refresh;
mod releases;
mod reload;
mod running_config;
pub mod site;
mod start_error;
mod updates_log;
mod uploads;

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

use crate::admin::Admin;
use crate::admin::ready::Readiness;
use crate::config::Config;
use crate::http::connection::{Guests, Limits};
use crate::http::filter::Routes;
use crate::http::front::current::Current;
use crate::http::listener::accept;
use crate::http::listener::{Listener, listen};

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
        uploads::remove_unfinished(&plan).await;
        // The first view of the site has the releases.
        let ledger =
            LedgerWatch::start(fixed.ledger.as_deref(), &lasting.metrics, &lasting.releases).await;
        // On the heap, because this future holds all parts of the service.
        let starting = Box::pin(RunningConfig::start(Arc::clone(&plan), &lasting, Occasion::Start));
        let (front, generation) = starting.await?;
        let listeners = listen(&fixed.listen, fixed.socket_mode.0).await?;
        let addresses = || listeners.iter().filter_map(Listener::socket_address).collect();
        let upstream = plan.fallback.upstream.as_ref();
        circle::upstream_is_none_of(upstream, "`listen` in `[server]`", addresses)?;
        let admin = admin::open(&fixed).await?;
        let limits = fixed.limits;
        let current = Arc::new(Current::new(front));
        let readiness = Arc::<Readiness>::default();
        let reloader =
            Reloader::new(fixed, Arc::clone(&current), Arc::clone(&readiness), lasting, generation);
        Ok(Self { current, readiness, reloader, listeners, admin, limits, ledger })
    }

    /// Returns the addresses that clients connect to.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        self.listeners.iter().map(Listener::address).collect()
    }

    /// Returns the address that the operator's programs connect to; `None` without an admin
    /// listener.
    #[must_use]
    pub fn admin_address(&self) -> Option<String> {
        self.admin.first().map(Listener::address)
    }

    /// Returns the handle that puts other configurations into force while the service runs.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// Answers requests until `stop` is done. Running answers may then finish within the shutdown
    /// deadline, and their mails and trace rows within [`AFTERWARDS`]. The admin listener answers
    /// to the end.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let Self { current, readiness, reloader, listeners, admin, limits, ledger } = self;
        let metrics = Arc::clone(&reloader.lasting().metrics);
        let connections = metrics.http.connections.clone();
        let tasks = metrics.tasks.clone();
        let admin_routes = Arc::new(Admin {
            health: {
                let current = Arc::clone(&current);
                Box::new(move || current.front().as_deref().map(admin::health))
            },
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
            let routes = Routes::new(Arc::clone(&current));
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
            // The sender sends no value; the wait ends when it is dropped.
            let _ = all_done.await;
        };
        tokio::join!(service, admin::serve(admin, admin_routes, until_done));
    }
}
