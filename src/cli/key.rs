//! `key`: prints the license key of a customer, for support.

use std::io::{self, Write};

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use super::ExitVerdict;
use super::logging::ServiceLog;
use super::output::{BAD, Format};
use super::site_options::SiteOptions;
use crate::mask::printable;
use crate::operator::explain::issued::{Issued, NotIssued, issue};
use crate::service::site::OpenSite;

/// Print a customer's license key, for support.
///
/// It is the key that the service itself would mail. Only the key goes to standard output; its
/// owner goes to standard error. A customer who is blocked, or in none of the package
/// group's user groups, has a key all the same: it is printed with a warning, and opens nothing
/// until the account is in order.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Key {
    /// E-mail or user name of the customer
    #[arg(value_name = "EMAIL|USERNAME", value_parser = NonEmptyStringValueParser::new())]
    who: String,
    /// Package group, as the plugin's settings name it; a package stands for its package group
    #[arg(value_name = "GROUP", value_parser = NonEmptyStringValueParser::new())]
    group: String,
    #[command(flatten)]
    log: ServiceLog,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site")]
    site: SiteOptions,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge key alice@example.com redj_enterprise
  jbackend-bridge key alice redj_enterprise --json --config /etc/jbackend-bridge.toml

Exit code: 0 the key is good; 1 it is printed but the service refuses the account now, or there is
no key; 2 it could not be found out (no database, wrong usage).";

/// The result for scripts.
#[derive(Default, Serialize)]
struct KeyJson<'i> {
    key: Option<&'i str>,
    user_id: Option<i64>,
    username: Option<&'i str>,
    email: Option<&'i str>,
    package_group: Option<&'i str>,
    /// Whether the service lets the account have it now.
    authorised: bool,
    /// The usual name of the code it answers instead.
    code: Option<&'i str>,
    notes: &'i [String],
    error: Option<String>,
}

impl Key {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let config = self.site.load(None)?;
        self.log.start(&config.log)?;
        let site = OpenSite::open(&config).await?;
        match issue(&site, &self.who, &self.group).await {
            Ok(issued) => self.show(&issued),
            Err(NotIssued::Store(error)) => Err(error.into()),
            Err(reason) => self.none(&reason),
        }
    }

    fn show(&self, issued: &Issued) -> anyhow::Result<ExitVerdict> {
        let key = issued.key.as_str();
        let json = KeyJson {
            key: Some(key),
            user_id: Some(issued.user_id),
            username: Some(&issued.username),
            email: Some(&issued.email),
            package_group: Some(&issued.group),
            authorised: issued.refusal.is_none(),
            code: issued.refusal.map(|code| code.name),
            notes: &issued.notes,
            error: None,
        };
        self.format.print(&json, |out| writeln!(out, "{key}"))?;
        if !self.format.json {
            // The key is printed already; ignore a closed standard error.
            let _ = tell(issued);
        }
        Ok(if issued.refusal.is_none() { ExitVerdict::Yes } else { ExitVerdict::No })
    }

    fn none(&self, reason: &NotIssued) -> anyhow::Result<ExitVerdict> {
        if self.format.json {
            let json = KeyJson { error: Some(reason.to_string()), ..KeyJson::default() };
            self.format.print(&json, |_| Ok(()))?;
        } else {
            // There is no other place to tell it.
            let _ = writeln!(io::stderr(), "no key: {}", printable(&reason.to_string()));
        }
        Ok(ExitVerdict::No)
    }
}

/// Prints to standard error whose key it is, and any warnings about it.
fn tell(issued: &Issued) -> io::Result<()> {
    let Issued { user_id, username, email, group_title, .. } = issued;
    let whose = format!(
        "key of package group `{group_title}` for `{email}` (user name `{username}`, id {user_id})"
    );
    let mut err = anstream::stderr().lock();
    writeln!(err, "{}", printable(&whose))?;
    for note in &issued.notes {
        writeln!(err, "note: {}", printable(note))?;
    }
    let Some(code) = issued.refusal else { return Ok(()) };
    let text = code.text.to_lowercase();
    writeln!(
        err,
        "{BAD}warning{BAD:#}: the key opens nothing at the moment: the service answers {} ({text}); \
         `jbackend-bridge explain` says why",
        code.name
    )
}
