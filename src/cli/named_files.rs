//! The files beside the configuration file that it names, and whether one of them has changed.
//!
//! `serve` checks about every second. Only metadata that changes with the contents is compared; no
//! file is read.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::config::env::PREFIX;
use crate::mail::TEMPLATES;
use crate::named_file::{Identity, identities};

/// Files, as they were when they were looked at.
#[derive(Clone)]
pub(super) struct NamedFiles {
    paths: Vec<PathBuf>,
    seen: Vec<Option<Identity>>,
}

impl NamedFiles {
    /// Records the present state of a configuration's files, `configuration.php` and the
    /// environment's `…_FILE` files included. A file that cannot be examined counts as missing.
    pub(super) fn of(config: &Config) -> Self {
        let paths = paths(config, std::env::vars_os());
        let seen = identities(paths.clone()).unwrap_or_else(|_| vec![None; paths.len()]);
        Self { paths, seen }
    }

    /// The same files as they are now.
    ///
    /// # Errors
    /// One does not answer.
    pub(super) fn look_again(&self) -> io::Result<Self> {
        Ok(Self { seen: identities(self.paths.clone())?, paths: self.paths.clone() })
    }

    /// Those that are not as they were.
    pub(super) fn changed_since(&self, before: &Self) -> Vec<&Path> {
        let both = self.seen.iter().zip(&before.seen).zip(&self.paths);
        both.filter(|((now, then), _)| now != then).map(|(_, path)| path.as_path()).collect()
    }
}

fn paths(config: &Config, variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<PathBuf> {
    let (database, mail) = (&config.database, &config.mail);
    let root = config.joomla.root.as_ref().map(|root| root.join("configuration.php"));
    let single = [
        root.as_ref(),
        config.license.accepted_keys.as_ref(),
        database.tls_ca.as_ref(),
        database.tls_cert.as_ref(),
        database.tls_key.as_ref(),
        mail.smtp_ca.as_ref(),
        config.limits.shared_ca.as_ref(),
    ];
    let single = single.into_iter().flatten().cloned();
    let folder = mail.templates.iter();
    let templates = folder.flat_map(|folder| TEMPLATES.map(|name| folder.join(name)));
    let secrets = variables.filter_map(|(name, value)| {
        let name = name.to_string_lossy();
        let is_ours = name.starts_with(PREFIX) && name.ends_with("_FILE") && !value.is_empty();
        is_ours.then(|| PathBuf::from(value))
    });
    single.chain(templates).chain(secrets).collect()
}
