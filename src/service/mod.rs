//! Puts the service together and owns the order of start and stop.
//!
//! The only place that names concrete stores, mailers and folders; everything below it sees traits.

mod admin;
mod core;
mod database;
pub mod demo;
mod endpoints;
mod fallback;
mod impossible;
mod keys;
mod limits;
mod mail;
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
mod updates_log;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use joomla_password::Rules;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use self::process_state::ProcessState;
pub use self::reload::Reloader;
use self::running_config::{Occasion, RunningConfig};

use crate::config::offload::OffloadTo;
use crate::config::sections::Server;
use crate::config::values::{Privacy, TwoFactor};
use crate::config::{Config, ConfigError};
use crate::http::accept::{self, Guests, Limits};
use crate::http::admin::Admin;
use crate::http::admin::ready::Readiness;
use crate::http::current::Current;
use crate::http::download::offload::Offload;
use crate::http::listen::{ListenError, Listener, listen};
use crate::http::route::routes;
use crate::mail::{LetterError, MailError};
use crate::methods::{Policy, Release};
use crate::packages::Packages;
use crate::release::catalog::SettingsText;
use crate::release::license::KeyRing;
use crate::release::params::ParamNames;
use crate::site::settings::{SettingsError, SettingsSource};
use crate::store::{JoomlaVersion, StoreError};
use crate::updates::rules::RulesError;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be loaded.
    #[error(transparent)]
    Load(#[from] ConfigError),
    /// The configuration was loaded and makes no sense.
    #[error("{0}")]
    Config(String),
    /// The database does not answer as the site's would.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plugin's settings cannot be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The mail settings make no sense.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// A letter's template is broken.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// A value in `[updates]` makes no sense.
    #[error(transparent)]
    Updates(#[from] RulesError),
    /// No socket to listen on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// No socket for the admin listener.
    #[error(
        "cannot open the admin listener on `{address}`: {reason}: choose another `listen` in `[admin]`"
    )]
    Admin {
        /// As configured.
        address: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A site whose plugin has issued keys, and no formula.
    #[error(
        "no license key formula: without the one of the site's plugin every key it has issued would be \
         refused. Copy the formula from the plugin's source into `recipe` in `[license]` (or \
         `--recipe`), for example `recipe = 'md5($email . $group . $hash)'`; on a site that has issued \
         no keys yet set `recipe = \"default\"`"
    )]
    NoRecipe,
}

impl StartError {
    fn missing(key: &str, what: &str) -> Self {
        Self::Config(format!("`{key}` is not set: name {what}"))
    }
}

/// Joomla's `force_ssl` for every page.
const WHOLE_SITE: u64 = 2;

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
    limits: Limits,
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
        let current = Arc::new(Current::new(front));
        let readiness = Arc::<Readiness>::default();
        let reloader = Reloader::new(
            config,
            Arc::clone(&current),
            Arc::clone(&readiness),
            lasting,
            generation,
        );
        Ok(Self { current, readiness, reloader, listeners, admin, limits: limits(server) })
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

fn settings_source(config: &Config, lasting: &ProcessState) -> Result<SettingsSource, StartError> {
    let fixed = fixed_settings(config)?;
    let keys = Arc::new(keys::ring(config, fixed.is_none())?);
    let open_folder = lasting.open_folder(allow_roots(config), offload(config).is_some());
    Ok(SettingsSource {
        fixed,
        param_names: param_names(config),
        root: config.joomla.root.clone(),
        table: extensions_table(config),
        rules: rules(config)?,
        require_enabled: config.release.require_enabled,
        allow_guessable: config.license.allow_guessable.clone(),
        keys,
        open_folder: Box::new(move |path: &Path| -> Arc<dyn Packages> {
            Arc::new(open_folder(path))
        }),
    })
}

fn release(
    config: &Config,
    keys: Arc<KeyRing>,
    lasting: &ProcessState,
) -> Result<Release, StartError> {
    let queue = usize::try_from(config.release.login_queue).unwrap_or(usize::MAX);
    Ok(Release {
        verifier: lasting.verifier(queue.min(Semaphore::MAX_PERMITS / 2)),
        keys,
        mailer: mail::mailer(config, &lasting.metrics)?,
        letters: Arc::new(mail::letters(config)?),
        site_name: config.joomla.site_name.clone().unwrap_or_default(),
        policy: Policy {
            uniform: config.release.privacy == Privacy::Uniform,
            inherit_groups: config.release.inherit_groups,
            refuse_two_factor: config.release.two_factor == TwoFactor::Refuse,
        },
        dlid_in_json: config.release.dlid_in_json,
        limits: lasting.limits.limits(config)?,
        mails_waiting: Arc::clone(&lasting.mails_waiting),
        tasks: lasting.metrics.tasks.clone(),
        open_limit: OPEN_LIMIT,
    })
}

fn param_names(config: &Config) -> ParamNames {
    let names = config.release.param_names.clone();
    ParamNames { folder: names.folder, groups: names.groups, packages: names.packages }
}

/// The table plugins are in, for messages.
fn extensions_table(config: &Config) -> String {
    format!("{}extensions", config.database.prefix.as_deref().unwrap_or_default())
}

fn allow_roots(config: &Config) -> Vec<PathBuf> {
    config.release.allow_roots.iter().map(Into::into).collect()
}

/// The web server that sends package files, where one does.
fn offload(config: &Config) -> Option<Offload> {
    match config.packages.offload {
        OffloadTo::Off => None,
        OffloadTo::XAccelRedirect => Some(Offload::Nginx(config.packages.offload_prefix.clone())),
        OffloadTo::XSendfile => Some(Offload::Apache),
    }
}

/// Settings in the configuration replace the database's entirely, or not at all.
fn fixed_settings(config: &Config) -> Result<Option<SettingsText>, StartError> {
    let release = &config.release;
    match (&release.folder, &release.groups, &release.packages) {
        (None, None, None) => Ok(None),
        (Some(folder), groups, Some(packages)) => Ok(Some(SettingsText {
            folder: folder.clone(),
            groups: groups.as_deref().unwrap_or_default().join("\n"),
            packages: packages.join("\n"),
        })),
        _ => Err(StartError::Config(
            "`[release]` sets some of `folder`, `groups` and `packages`: they replace the plugin's \
             settings as a whole, so set `folder` and `packages` (and `groups` for paid packages), or \
             none of them"
                .into(),
        )),
    }
}

fn rules(config: &Config) -> Result<Option<Rules>, StartError> {
    let Some(version) = &config.joomla.version else { return Ok(None) };
    let version: JoomlaVersion = version
        .parse()
        .map_err(|error| StartError::Config(format!("`joomla.version`: {error}")))?;
    Ok(Some(if version.major < 4 { Rules::Joomla3 } else { Rules::Joomla4 }))
}

/// Host and port of the public URL.
fn public_host(config: &Config) -> Option<String> {
    let (_, rest) = config.server.public_url.as_deref()?.split_once("://")?;
    rest.split('/').next().filter(|host| !host.is_empty()).map(str::to_owned)
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

fn mebibytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(1024 * 1024)
}

fn socket_mode(section: &str, text: &str) -> Result<u32, StartError> {
    u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777).ok_or_else(|| {
        StartError::Config(format!(
            "`{section}.socket_mode`: `{text}` is no octal permission: write one like `660`"
        ))
    })
}
