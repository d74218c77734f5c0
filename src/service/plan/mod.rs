//! The configuration as the service uses it: every value is read once, into the type of the part
//! that uses it.
//!
//! Each part has a file, which reads its raw sections. Called at the start, at a reload, by the
//! checks and by the commands that look at a site. Files that the configuration names
//! (certificates, keys, letters) are read here. It must not know any answer of the database, of a
//! mail server or to a client.
//!
//! - [`Plan`]: the whole; it exists only if every part is valid.
//! - [`Draft`]: each part or its problems, for the checks, which go on after a problem.
//! - [`fixed`]: the settings that only a restart changes, and their differences between two plans.

pub mod circle;
pub mod database;
pub mod fallback;
pub mod fixed;
pub mod license;
pub mod limits;
pub mod log;
pub mod mail;
mod numbers;
pub mod release;
pub mod releases;
pub mod server;
pub mod site;
pub mod standby;
pub mod updates;

use std::sync::Arc;

use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::config::public_url::PublicUrl;
use crate::mail::Letters;
use crate::release::license::KeyRing;
use crate::site::endpoint_plan::EndpointPlan;
use crate::store::standby::StandbySettings;
use database::DatabasePlan;
use fallback::FallbackPlan;
use fixed::Fixed;
use limits::LimitsPlan;
use log::LogPlan;
use mail::MailPlan;
use release::ReleasePlan;
use releases::ReleasesPlan;
use server::ServerPlan;
use site::SitePlan;
use updates::UpdatesPlan;

/// Makes [`Plan`], [`Draft`] and the way from one to the other out of one list of parts.
macro_rules! parts {
    ($( $(#[doc = $doc:literal])+ $part:ident: $type:ty, )+) => {
        /// A valid configuration.
        pub struct Plan {
            $( $(#[doc = $doc])+ pub $part: $type, )+
        }

        /// Each part of a configuration, or its problems.
        pub struct Draft {
            $( $(#[doc = $doc])+ pub $part: Result<$type, Problems>, )+
        }

        impl Draft {
            /// Returns the plan, if all parts are valid.
            ///
            /// # Errors
            /// The problems of all parts.
            pub fn finish(self) -> Result<Plan, Problems> {
                let mut problems = Problems::default();
                $( let $part = problems.sort(self.$part); )+
                let ($( Some($part), )+) = ($( $part, )+) else { return Err(problems) };
                Ok(Plan { $( $part, )+ })
            }

            /// Returns the problems of all parts.
            #[must_use]
            pub fn problems(&self) -> Vec<&Problem> {
                let parts = [$( self.$part.as_ref().err(), )+];
                parts.into_iter().flatten().flat_map(|problems| &problems.0).collect()
            }
        }
    };
}

parts! {
    /// The site's address, if it is set.
    public_url: Option<PublicUrl>,
    /// Sockets, and the limits of connections.
    fixed: Fixed,
    /// The trusted proxies, and the limits of requests.
    server: ServerPlan,
    /// The Joomla site.
    site: SitePlan,
    /// The configured end-points.
    endpoints: EndpointPlan,
    /// The server or file of the database.
    database: DatabasePlan,
    /// How the database is copied; `None` if it is not.
    snapshot: Option<StandbySettings>,
    /// The Release System.
    release: ReleasePlan,
    /// The key ring, which makes and accepts license keys.
    keys: Arc<KeyRing>,
    /// The letter with a license key.
    letters: Arc<Letters>,
    /// How mails are sent.
    mail: MailPlan,
    /// The site behind the bridge.
    fallback: FallbackPlan,
    /// How often clients may fail.
    limits: LimitsPlan,
    /// The XML of Joomla's updater.
    updates: UpdatesPlan,
    /// Releases that are published through the bridge.
    releases: ReleasesPlan,
    /// The settings of the log.
    log: LogPlan,
}

impl Plan {
    /// Reads the configuration.
    ///
    /// # Errors
    /// The problems of all parts, in the order of the parts.
    pub fn of(config: &Config) -> Result<Self, Problems> {
        Draft::of(config).finish()
    }
}

impl Draft {
    /// Reads the configuration. If one part is invalid, the parts that need it are read without it.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self::with(config, server::public_url(&config.server).map_err(Problems::from))
    }

    /// Reads the configuration of a site as if it had this address.
    #[must_use]
    pub fn at(config: &Config, url: &PublicUrl) -> Self {
        Self::with(config, Ok(Some(url.clone())))
    }

    fn with(config: &Config, public_url: Result<Option<PublicUrl>, Problems>) -> Self {
        let url = public_url.as_ref().ok().and_then(Option::as_ref);
        let database = DatabasePlan::of(&config.database);
        let place = database.as_ref().ok().map(|plan| &plan.place);
        let release = ReleasePlan::of(config);
        let migrated = release.as_ref().is_ok_and(|plan| plan.fixed.is_none());
        Self {
            fixed: Fixed::of(config),
            server: Ok(ServerPlan::of(&config.server)),
            site: SitePlan::of(&config.joomla),
            endpoints: Ok(EndpointPlan::new(&config.joomla, &config.endpoints, url)),
            snapshot: standby::settings(&config.database, place),
            keys: license::ring(config, migrated).map(Arc::new),
            letters: mail::letters(&config.mail).map(Arc::new),
            mail: MailPlan::of(&config.mail, url),
            fallback: FallbackPlan::of(config, url),
            limits: LimitsPlan::of(config),
            updates: UpdatesPlan::of(config, url),
            releases: ReleasesPlan::of(config),
            log: LogPlan::of(&config.log),
            public_url,
            database,
            release,
        }
    }
}
