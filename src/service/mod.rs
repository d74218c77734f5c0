//! Puts the service together and owns the order of start and stop.
//!
//! The only place that names concrete stores, mailers and folders; everything below it sees traits.

mod admin;
mod core;
mod database;
pub mod demo;
mod endpoints;
mod fallback;
mod limits;
mod mail;
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
mod updates_log;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use self::process_state::ProcessState;
pub use self::reload::Reloader;
use self::running_config::{Occasion, RunningConfig};

use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::http::accept::{self, Guests};
use crate::http::admin::Admin;
use crate::http::admin::ready::Readiness;
use crate::http::current::Current;
use crate::http::listen::{ListenError, Listener, listen};
use crate::http::route::routes;
use crate::methods::Release;
use crate::packages::Packages;
use crate::service::plan::{Plan, circle};
use crate::site::settings::{SettingsError, SettingsSource};
use crate::store::StoreError;
use crate::told::{Tell, tells, told};

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration makes no sense.
    #[error(transparent)]
    Config(#[from] Problems),
    /// The database does not answer as the site's would.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plugin's settings cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The menu gives no end-point, since it may not be read.
    #[error("{}", self.told())]
    MenuIsHidden,
    /// The menu gives no end-point.
    #[error("{}", self.told())]
    NoEndpoint,
    /// No socket to listen on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No socket for the admin listener.
    #[error("{}", self.told())]
    Admin {
        /// As configured.
        address: String,
        /// What the system says.
        reason: std::io::Error,
    },
}

tells!(Tell for StartError {
    Self::Config(error) => error.told(),
    Self::Store(error) => error.told(),
    Self::Settings(error) => error.told(),
    Self::MenuIsHidden => told!(
        "no end-point: the site's menu may not be read";
        "grant the account SELECT on the table (`sql/grants.sql`), or name the end-point's path in \
         the configuration: `[[endpoints]]` with `path = \"packages\"`"
    ),
    Self::NoEndpoint => told!(
        "no end-point: the site's menu has no published item of type jBackend that guests may see";
        "publish one in Joomla, or name its path in the configuration: `[[endpoints]]` with `path = \
         \"packages\"`"
    ),
    Self::Listen(error) => error.told(),
    Self::Admin { address, reason } => told!(
        "cannot open the admin listener on `{address}`: {reason}" =>
        "choose another `listen` in `[admin]`"
    ),
});

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self::Config(problem.into())
    }
}

/// Mails that may wait to be sent after the answer.
const MAILS_WAITING: u32 = 64;

/// Time for mails and trace rows after the last answer.
pub const AFTERWARDS: Duration = Duration::from_secs(10);

/// Time a package may take to open.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// The service, ready to answer.
pub struct App {
    current: Arc<Current>,
    readiness: Arc<Readiness>,
    reloader: Reloader,
    listeners: Vec<Listener>,
    admin: Vec<Listener>,
    limits: accept::Limits,
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
        let current = Arc::new(Current::new(front));
        let readiness = Arc::<Readiness>::default();
        let reloader =
            Reloader::new(fixed, Arc::clone(&current), Arc::clone(&readiness), lasting, generation);
        Ok(Self { current, readiness, reloader, listeners, admin, limits })
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
        let Self { current, readiness, reloader, listeners, admin, limits } = self;
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
            drop(done);
        };
        let until_done = async {
            // Nothing is ever sent: the sender goes.
            let _ = all_done.await;
        };
        tokio::join!(service, admin::serve(admin, admin_routes, until_done));
    }
}

fn settings_source(plan: &Plan, lasting: &ProcessState) -> SettingsSource {
    let release = &plan.release;
    let open_folder = lasting.open_folder(release.allow_roots.clone(), release.offload.is_some());
    SettingsSource {
        fixed: release.fixed.clone(),
        param_names: release.param_names.clone(),
        root: plan.site.root.clone(),
        table: plan.database.place.extensions_table(),
        rules: plan.site.rules(),
        require_enabled: release.require_enabled,
        allow_guessable: release.allow_guessable.clone(),
        keys: Arc::clone(&plan.keys),
        open_folder: Box::new(move |path: &Path| -> Arc<dyn Packages> {
            Arc::new(open_folder(path))
        }),
    }
}

fn release(plan: &Plan, lasting: &ProcessState) -> Release {
    let mailer = mail::mailer(&plan.mail, &lasting.metrics);
    if let Some(half) = plan.letters.half_set() {
        tracing::warn!(%half, "the letter with a license key is half a set of templates");
    }
    Release {
        verifier: lasting.verifier(plan.release.login_queue),
        keys: Arc::clone(&plan.keys),
        mailer,
        letters: Arc::clone(&plan.letters),
        site_name: plan.site.name.clone().unwrap_or_default(),
        policy: plan.release.policy,
        dlid_in_json: plan.release.dlid_in_json,
        limits: lasting.limits.limits(&plan.limits),
        mails_waiting: Arc::clone(&lasting.mails_waiting),
        tasks: lasting.metrics.tasks.clone(),
        open_limit: OPEN_LIMIT,
    }
}
