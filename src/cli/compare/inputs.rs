//! Reads the flags and files that describe the site to a comparison. No message quotes a file.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::cli::input::{read, shown};
use crate::operator::compare::case::Case;
use crate::operator::compare::case_file;
use crate::operator::compare::values::{Name, Values};

/// Packages, an account, keys.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// A package that needs a license key
    #[arg(long, value_name = "ID")]
    package: Option<String>,
    /// A package that needs none
    #[arg(long, value_name = "ID")]
    free_package: Option<String>,
    /// The package group of the first
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// A user with a license for it
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// File with his license key; `-` for standard input
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// File with these and more as `name = "value"`: `package`, `free_package`, `missing_package`,
    /// `group`, `email`, `key`, `blocked_email`, `outside_email`, `username`, `password`, `api_key`,
    /// `expired_api_key`, `itemid`
    #[arg(long, value_name = "FILE")]
    values: Option<PathBuf>,
}

impl Named {
    /// All of them; a flag wins over the file.
    pub(super) fn values(&self) -> anyhow::Result<Values> {
        let mut values = Values::default();
        for (name, value) in [
            (Name::Package, &self.package),
            (Name::FreePackage, &self.free_package),
            (Name::Group, &self.group),
            (Name::Email, &self.email),
        ] {
            if let Some(value) = value {
                values.set(name, value.clone());
            }
        }
        if let Some(file) = &self.key_file {
            let key = read("--key-file", file)?;
            let key = key.trim();
            if key.is_empty() {
                anyhow::bail!(
                    "`--key-file`, {}: no key in it: write the key alone into it",
                    shown(file)
                );
            }
            values.set(Name::Key, key.to_owned());
        }
        if let Some(file) = &self.values {
            let text = read("--values", file)?;
            let more = Values::parse(&text);
            let more = more.with_context(|| format!("`--values`, {}", shown(file)))?;
            values.fill_up(more);
        }
        Ok(values)
    }
}

/// The cases of a file.
pub(super) fn cases(file: &Path) -> anyhow::Result<Vec<Case>> {
    let text = read("--cases", file)?;
    let cases = case_file::parse(&text).with_context(|| format!("`--cases`, {}", shown(file)))?;
    if cases.is_empty() {
        anyhow::bail!(
            "`--cases`, {}: no case in it: write one JSON object a line; docs/compare.md has examples",
            shown(file)
        );
    }
    Ok(cases)
}

/// Requests in a second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.01..=1000.0).contains(rate));
    rate.ok_or_else(|| "write a number from 0.01 to 1000".to_owned())
}
