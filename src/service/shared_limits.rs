//! From `shared` in `[limits]` to the server through which bridges count together.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::kept::Kept;
use super::start_error::StartError;
use crate::config::Config;
use crate::config::shared_limits::RedisUrl;
use crate::limits::shared::names::BucketNames;
use crate::limits::shared::server::RedisServer;
use crate::named_file::{self, CERTIFICATES};
use crate::tls::{Authorities, Client, Trust, UnusableAuthorities};

/// A server, and what buckets are called there.
#[derive(Clone)]
pub(super) struct Sharing {
    pub(super) server: Arc<RedisServer>,
    pub(super) names: Arc<BucketNames>,
}

/// The server of the configuration before: its connection outlives a reload that does not change it.
pub(super) type KeptSharing = Kept<Option<SharedIdentity>, Option<Sharing>>;

/// What makes it another one.
#[derive(PartialEq)]
pub(super) struct SharedIdentity {
    url: RedisUrl,
    ca: Option<Authorities>,
    limit: Duration,
    names: Arc<BucketNames>,
}

/// What the section asks for, if it does. Nothing is connected yet.
///
/// # Errors
/// No secret to hide names with; certificates that cannot be read.
pub(super) fn sharing(config: &Config, kept: &KeptSharing) -> Result<Option<Sharing>, StartError> {
    let Some(url) = config.limits.shared.clone() else { return Ok(kept.stage(None, |_| None)) };
    let secret = config.joomla.secret.as_ref().map(ExposeSecret::expose_secret);
    let names = BucketNames::under(secret.unwrap_or_default().as_bytes()).ok_or_else(|| {
        StartError::missing(
            "joomla.secret",
            "the site's `$secret`: all its bridges call the buckets of `shared` in `[limits]` by it, and \
             nobody else can tell whose they are",
        )
    })?;
    let ca = certificates(config, &url)?;
    let limit = timeout(config.limits.shared_timeout)?;
    let unusable = |error: &dyn std::fmt::Display| {
        StartError::Config(format!("`limits.shared`: the server cannot be used: {error}"))
    };
    let tls = url
        .is_encrypted()
        .then(|| Client::new(&ca.clone().map_or(Trust::Public, Trust::Only), None));
    let tls = tls.transpose().map_err(|error| unusable(&error))?;
    let server = RedisServer::new(&url, tls, limit).map_err(|error| unusable(&error))?;
    let names = Arc::new(names);
    let made = Sharing { server: Arc::new(server), names: Arc::clone(&names) };
    Ok(kept.stage(Some(SharedIdentity { url, ca, limit, names }), |_| Some(made)))
}

/// Longer, and nobody would wait for his answer.
const LONGEST_TIMEOUT: u64 = 60_000;

fn timeout(milliseconds: u64) -> Result<Duration, StartError> {
    if (1..=LONGEST_TIMEOUT).contains(&milliseconds) {
        return Ok(Duration::from_millis(milliseconds));
    }
    Err(StartError::Config(format!(
        "`limits.shared_timeout`: `{milliseconds}` is out of range: write 1 to {LONGEST_TIMEOUT} \
         milliseconds"
    )))
}

fn certificates(config: &Config, url: &RedisUrl) -> Result<Option<Authorities>, StartError> {
    let Some(file) = &config.limits.shared_ca else { return Ok(None) };
    if !url.is_encrypted() {
        return Err(StartError::Config(
            "`limits.shared_ca`: `shared` is without TLS, which needs no certificates: write \
             `rediss://` in `shared`, or leave `shared_ca` out"
                .into(),
        ));
    }
    let pem = named_file::read(file, CERTIFICATES).map_err(|reason| {
        StartError::Config(format!(
            "`limits.shared_ca`: cannot read `{}`: {reason}: correct its path or rights",
            file.display()
        ))
    })?;
    let authorities = Authorities::parse(&pem).map_err(|error| {
        let (file, advice) = (file.display(), "name a file with CA certificates in PEM");
        StartError::Config(match error {
            UnusableAuthorities::None => {
                format!("`limits.shared_ca`: no certificate is in `{file}`: {advice}")
            }
            UnusableAuthorities::Damaged => format!(
                "`limits.shared_ca`: the certificates in `{file}` cannot be used: {error}: {advice}"
            ),
        })
    })?;
    Ok(Some(authorities))
}
