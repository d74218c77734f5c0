//! The options that give known keys, and the values they may have been made from.
//!
//! Secrets come from files or standard input: other users of a machine see the arguments of a
//! program.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{ArgGroup, Args};
use license_recipe::Sample;
use secrecy::SecretString;

use crate::cli::input::{is_stdin, read, shown};
use crate::mask;
use crate::release::catalog::{Catalog, SettingsText};
use crate::release::license::KeyRow;

/// Known keys of the old site.
#[derive(Debug, Args)]
#[command(next_help_heading = "Known keys")]
#[command(group(ArgGroup::new("known").required(true).args(["keys", "email"])))]
pub(super) struct KeyOptions {
    /// CSV file with known keys, a line each: `email,group,key`; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// One known key instead: the customer's e-mail
    #[arg(long, requires_all = ["group", "key_file"])]
    email: Option<String>,
    /// The package group of that key
    #[arg(long, requires = "email", conflicts_with = "keys")]
    group: Option<String>,
    /// File with that key in it; `-` reads standard input. (A key among the arguments could be seen
    /// by every user of this machine)
    #[arg(long, value_name = "FILE", requires = "email", conflicts_with = "keys")]
    key_file: Option<PathBuf>,
    /// The customer's user id in Joomla
    #[arg(long, value_name = "ID", requires = "email")]
    user_id: Option<i64>,
    /// The customer's login name
    #[arg(long, value_name = "TEXT", requires = "email")]
    username: Option<String>,
    /// The customer's name
    #[arg(long, value_name = "TEXT", requires = "email")]
    name: Option<String>,
    /// File with the lines of the plugin's setting "Package groups": hash and name of each group
    #[arg(long, value_name = "FILE", help_heading = "Data that keys may be made from")]
    groups: Option<PathBuf>,
    /// File with the hash of the package group, if all keys are of one group
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "groups",
        help_heading = "Data that keys may be made from"
    )]
    hash_file: Option<PathBuf>,
    /// File with `$secret` of the old site's configuration.php
    #[arg(long, value_name = "FILE", help_heading = "Data that keys may be made from")]
    secret_file: Option<PathBuf>,
}

impl KeyOptions {
    /// Reads the keys, with the details that the options give about them.
    pub(super) fn samples(&self) -> anyhow::Result<Vec<Sample>> {
        let files = [&self.keys, &self.key_file, &self.groups, &self.hash_file, &self.secret_file];
        if files.into_iter().flatten().filter(|path| is_stdin(path)).count() > 1 {
            bail!("standard input (`-`) can be read for one option only: use files for the others");
        }
        let mut samples = self.rows()?;
        if let Some(path) = &self.groups {
            let groups = read("--groups", path)?;
            let catalog = Catalog::new(&SettingsText { groups, ..SettingsText::default() });
            for sample in &mut samples {
                if let Some(group) = catalog.group(&sample.group) {
                    sample.hash = Some(group.hash.clone().into());
                    sample.group_name = Some(group.name.clone());
                }
            }
        }
        if let Some(path) = &self.hash_file {
            let mut groups: Vec<_> = samples.iter().map(|sample| sample.group.as_str()).collect();
            groups.sort_unstable();
            groups.dedup();
            if groups.len() > 1 {
                bail!(
                    "`--hash-file` holds the hash of one package group, and the keys are of {}: put \
                     the plugin's lines into a file and use `--groups`",
                    groups.len()
                );
            }
            let hash = secret("--hash-file", path)?;
            for sample in &mut samples {
                sample.hash = Some(hash.clone());
            }
        }
        if let Some(path) = &self.secret_file {
            let secret = secret("--secret-file", path)?;
            for sample in &mut samples {
                sample.secret = Some(secret.clone());
            }
        }
        Ok(samples)
    }

    fn rows(&self) -> anyhow::Result<Vec<Sample>> {
        if let (Some(email), Some(group), Some(path)) = (&self.email, &self.group, &self.key_file) {
            let mut sample =
                Sample::new(1, email.clone(), group.clone(), secret("--key-file", path)?);
            sample.user_id = self.user_id;
            sample.username.clone_from(&self.username);
            sample.name.clone_from(&self.name);
            return Ok(vec![sample]);
        }
        let path = self.keys.as_deref().unwrap_or(Path::new("-"));
        let text = read("--keys", path)?;
        let rows = KeyRow::read_all(&text).with_context(|| format!("`--keys`, {}", shown(path)))?;
        if rows.is_empty() {
            bail!("`--keys`, {}: no key in it: write rows of `email,group,key`", shown(path));
        }
        let sample = |row: KeyRow| Sample::new(row.line, row.email, row.group, row.key);
        Ok(rows.into_iter().map(sample).collect())
    }
}

/// The text of a file without the line end that editors put behind it.
fn secret(option: &str, path: &Path) -> anyhow::Result<SecretString> {
    let text = if is_stdin(path) && io::stdin().is_terminal() {
        asked(option)?
    } else {
        read(option, path)?
    };
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.contains('\n') {
        bail!(
            "{}, named by `{option}`, has more than one line: it must hold the text alone",
            shown(path)
        );
    }
    if text.is_empty() {
        bail!("{}, named by `{option}`, is empty: put the text into it", shown(path));
    }
    Ok(text.to_owned().into())
}

/// Reads one line from the terminal.
fn asked(option: &str) -> anyhow::Result<String> {
    // Ignore write errors of the prompt: the answer is read even if standard error is closed.
    let _ = write!(io::stderr(), "{}: ", option.trim_start_matches('-').replace("-file", ""));
    let _ = io::stderr().flush();
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("cannot read standard input")?;
    Ok(line)
}

/// A key as it is shown: how it starts, and how long it is.
pub(super) fn masked(key: &str) -> String {
    let key = key.trim();
    format!("{} ({})", mask::key(key), key.chars().count())
}
