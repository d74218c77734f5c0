//! Reads from the `[limits]` section how often clients may fail, and the server through which
//! several bridges count together. No connection is opened yet.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use crate::config::Config;
use crate::config::problem::{Problem, Problems};
use crate::config::shared_limits::RedisUrl;
use crate::limits::buckets::Rate;
use crate::limits::shared::names::BucketNames;
use crate::limits::shared::server::RedisServer;
use crate::named_file::{self, CERTIFICATES};
use crate::tls::{Authorities, Client, Trust, UnusableAuthorities};
use crate::told::told;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
/// The longest timeout: no client needs a longer wait.
const LONGEST_TIMEOUT: u64 = 60_000;

/// How often clients may fail; `None` for a limit that is off.
pub struct LimitsPlan {
    /// Refused requests of an address.
    pub address_failures: Option<Rate>,
    /// Wrong logins to an account.
    pub login_failures: Option<Rate>,
    /// Requests for the mail with a key.
    pub mail_requests: Option<Rate>,
    /// Mails with a key to an account.
    pub mails: Option<Rate>,
    /// The server through which bridges count together.
    pub sharing: Option<SharingPlan>,
}

/// A server, and the names of the buckets there.
pub struct SharingPlan {
    /// If this differs after a reload, another server is used.
    pub wanted: SharedIdentity,
    /// The server.
    pub server: Arc<RedisServer>,
}

/// The settings of a server, and the names of the buckets there.
#[derive(Clone, PartialEq)]
pub struct SharedIdentity {
    url: RedisUrl,
    ca: Option<Authorities>,
    limit: Duration,
    /// The names of the buckets.
    pub names: Arc<BucketNames>,
}

impl LimitsPlan {
    pub(super) fn of(config: &Config) -> Result<Self, Problems> {
        let limits = &config.limits;
        Ok(Self {
            address_failures: rate(limits.address_failures, MINUTE, limits.address_failures_burst),
            login_failures: rate(limits.login_failures, HOUR, limits.login_failures_burst),
            mail_requests: rate(limits.mail_requests, HOUR, limits.mail_requests_burst),
            mails: rate(limits.mails, HOUR, limits.mails_burst),
            sharing: match &limits.shared {
                Some(url) => Some(SharingPlan::of(config, url)?),
                None => None,
            },
        })
    }
}

impl SharingPlan {
    fn of(config: &Config, url: &RedisUrl) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let secret = config.joomla.secret.as_ref().map(ExposeSecret::expose_secret);
        let names = BucketNames::under(secret.unwrap_or_default().as_bytes()).ok_or_else(|| {
            Problem::missing(
                "joomla.secret",
                "the site's `$secret`: all its bridges call the buckets of `shared` in `[limits]` by it, \
                 and nobody else can tell whose they are",
            )
        });
        let ca = config.limits.shared_ca.as_deref();
        let ca = ca.map(|file| certificates(file, url)).transpose();
        let (Some(names), Some(ca), Some(limit)) = (
            problems.sort(names),
            problems.sort(ca),
            problems.sort(timeout(config.limits.shared_timeout)),
        ) else {
            return Err(problems);
        };
        let unusable = |error: &dyn std::fmt::Display| {
            Problem::told("limits.shared", told!("the server cannot be used: {error}"))
        };
        let tls = url
            .is_encrypted()
            .then(|| Client::new(&ca.clone().map_or(Trust::Public, Trust::Only), None));
        let tls = tls.transpose().map_err(|error| unusable(&error))?;
        let server = RedisServer::new(url, tls, limit).map_err(|error| unusable(&error))?;
        let wanted = SharedIdentity { url: url.clone(), ca, limit, names: Arc::new(names) };
        Ok(Self { wanted, server: Arc::new(server) })
    }
}

fn rate(tokens: u64, per: Duration, burst: u64) -> Option<Rate> {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let tokens = NonZeroU32::new(count(tokens))?;
    let burst = NonZeroU32::new(count(burst))?;
    Some(Rate { tokens, per, burst })
}

fn timeout(milliseconds: u64) -> Result<Duration, Problem> {
    if (1..=LONGEST_TIMEOUT).contains(&milliseconds) {
        return Ok(Duration::from_millis(milliseconds));
    }
    let what = format!("`{milliseconds}` is out of range");
    let advice = format!("write 1 to {LONGEST_TIMEOUT} milliseconds");
    Err(Problem::new("limits.shared_timeout", what, advice))
}

const NAME_A_FILE: &str = "name a file with CA certificates in PEM";

fn certificates(file: &Path, url: &RedisUrl) -> Result<Authorities, Problem> {
    if !url.is_encrypted() {
        let what = "`shared` is without TLS, which needs no certificates";
        let advice = "write `rediss://` in `shared`, or leave `shared_ca` out";
        return Err(shared_ca(what.to_owned(), advice));
    }
    let shown = file.display();
    let pem = named_file::read(file, CERTIFICATES).map_err(|reason| {
        shared_ca(format!("cannot read `{shown}`: {reason}"), "correct its path or rights")
    })?;
    Authorities::parse(&pem).map_err(|error| {
        let what = match error {
            UnusableAuthorities::None => format!("no certificate is in `{shown}`"),
            UnusableAuthorities::Damaged => {
                format!("the certificates in `{shown}` cannot be used: {error}")
            }
        };
        shared_ca(what, NAME_A_FILE)
    })
}

fn shared_ca(what: String, advice: &str) -> Problem {
    Problem::new("limits.shared_ca", what, advice)
}
