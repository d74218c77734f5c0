//! `token`: makes, lists and revokes the tokens with which CI uploads releases.

use std::io::{self, Write};

use anyhow::{Context, bail};
use clap::{ArgGroup, Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::ExitVerdict;
use super::output::{BAD, FAINT, GOOD};
use super::publish::actor;
use super::site_options::ResultOptions;
use crate::config::Config;
use crate::ledger::Ledger as _;
use crate::publish::token::FreshToken;
use crate::release::upload_token::{
    ClientNetwork, TokenState, UploadRight, UploadScope, UploadToken,
};
use crate::service::publishing::open_ledger;

/// Make, list and revoke upload tokens.
///
/// With a token, CI uploads releases over https; docs/releases.md explains it. The ledger keeps a
/// hash of each token only.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Token {
    #[command(subcommand)]
    action: TokenAction,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge token create --extension pkg_redj --group redj_enterprise --may publish
  jbackend-bridge token create --extension pkg_redj --free --expires 2027-12-31 --from 192.0.2.0/24
  jbackend-bridge token list
  jbackend-bridge token revoke 3

Exit code: 0 done; 1 there is no token of this number; 2 it could not be done (no ledger, wrong usage).";

#[derive(Debug, Subcommand)]
enum TokenAction {
    /// Make a token, and print it once
    Create(Create),
    /// List all tokens, with their last use
    List(ResultOptions),
    /// Let a token count no longer
    Revoke(Revoke),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("scope").args(["group", "free"]).required(true))]
struct Create {
    /// Element of an extension that it may publish, like `pkg_redj`; several times for several
    #[arg(long, value_name = "ELEMENT", required = true)]
    extension: Vec<String>,
    /// Package group whose license key opens the releases
    #[arg(long)]
    group: Option<String>,
    /// Everyone may have the releases
    #[arg(long)]
    free: bool,
    /// How far it goes: `stage` uploads releases that are not served yet, `publish` publishes and
    /// promotes them too, `withdraw` also withdraws
    #[arg(long, default_value = "stage")]
    may: UploadRight,
    /// Last day on which it counts, like `2027-12-31`, in UTC; without this it has no end
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
    /// Network from which it counts, like `192.0.2.0/24`; several times for several
    #[arg(long, value_name = "CIDR")]
    from: Vec<ClientNetwork>,
    #[command(flatten)]
    shown: ResultOptions,
}

#[derive(Debug, Args)]
struct Revoke {
    /// Number of the token, as `token list` shows it
    id: i64,
    #[command(flatten)]
    shown: ResultOptions,
}

/// A new token for scripts.
#[derive(Serialize)]
struct CreatedJson<'t> {
    token: &'t str,
    #[serde(flatten)]
    record: &'t UploadToken,
}

/// A token in a list for scripts.
#[derive(Serialize)]
struct ListedJson {
    state: TokenState,
    #[serde(flatten)]
    record: UploadToken,
}

/// The result of a revocation for scripts.
#[derive(Serialize)]
struct RevokedJson {
    id: i64,
    /// `null` if there is no such token, `false` if it was revoked before.
    revoked_now: Option<bool>,
}

impl Token {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        match self.action {
            TokenAction::Create(create) => create.run().await,
            TokenAction::List(shown) => list(&shown).await,
            TokenAction::Revoke(revoke) => revoke.run().await,
        }
    }
}

impl Create {
    async fn run(self) -> anyhow::Result<ExitVerdict> {
        let now = Timestamp::now();
        let expires_at = self.expires.map(end_of).transpose()?;
        if expires_at.is_some_and(|end| end <= now) {
            bail!("`--expires` names a day that is over: name a later one");
        }
        let config = self.shown.site.load()?;
        let ledger = open_ledger(&config).await?;
        let fresh = FreshToken::make()?;
        let mut record = UploadToken {
            id: 0,
            scope: UploadScope::new(self.extension, self.group)?,
            may: self.may,
            networks: self.from,
            created_at: now.as_second(),
            created_by: actor(),
            expires_at: expires_at.map(Timestamp::as_second),
            last_used_at: None,
            revoked_at: None,
            is_suspended: false,
        };
        record.id = ledger.add_token(fresh.hash, record.clone()).await?;
        let json = CreatedJson { token: fresh.reveal(), record: &record };
        self.shown.format.print(&json, |out| {
            writeln!(out, "{}", fresh.reveal())?;
            write_one(out, &record, now.as_second())
        })?;
        if !self.shown.format.json {
            tell(&config);
        }
        Ok(ExitVerdict::Yes)
    }
}

/// The end of a day, in UTC.
fn end_of(day: Date) -> anyhow::Result<Timestamp> {
    let next = day.checked_add(1.day()).context("`--expires` is too far away")?;
    Ok(next.to_zoned(TimeZone::UTC).context("`--expires` is too far away")?.timestamp())
}

/// Says what to do with a new token.
fn tell(config: &Config) {
    let mut lines =
        vec!["note: it is shown this once; put it into a secret of your CI and nowhere else"];
    if !config.releases.upload {
        lines.push("note: uploads are switched off: set `upload = true` in `[releases]`");
    }
    for line in lines {
        // The token is printed already; ignore a closed standard error.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

async fn list(shown: &ResultOptions) -> anyhow::Result<ExitVerdict> {
    let tokens = open_ledger(&shown.site.load()?).await?.tokens().await?;
    let now = Timestamp::now().as_second();
    let listed =
        |record: &UploadToken| ListedJson { state: record.state(now), record: record.clone() };
    let json: Vec<_> = tokens.iter().map(listed).collect();
    shown.format.print(&json, |out| {
        if tokens.is_empty() {
            return writeln!(out, "no upload tokens yet: `jbackend-bridge token create` makes one");
        }
        tokens.iter().try_for_each(|token| write_one(out, token, now))
    })?;
    Ok(ExitVerdict::Yes)
}

fn write_one(out: &mut dyn Write, token: &UploadToken, now: i64) -> io::Result<()> {
    let state = token.state(now);
    let style = if state == TokenState::Active { GOOD } else { BAD };
    let extensions: Vec<_> = token.scope.extensions().collect();
    let group = token.scope.group().map_or("free".to_owned(), |group| format!("group {group}"));
    let networks: Vec<_> = token.networks.iter().map(ToString::to_string).collect();
    let networks =
        if networks.is_empty() { String::new() } else { format!(" from {}", networks.join(", ")) };
    writeln!(
        out,
        "{}  {style}{}{style:#}  may {} {} ({group}){networks}",
        token.id,
        state.name(),
        token.may,
        extensions.join(", "),
    )?;
    let time = |at: Option<i64>, none: &str| {
        at.and_then(|at| Timestamp::from_second(at).ok())
            .map_or_else(|| none.to_owned(), |at| format!("{at:.0}"))
    };
    writeln!(
        out,
        "   {FAINT}made {} by {}; ends {}; last used {}{FAINT:#}",
        time(Some(token.created_at), ""),
        token.created_by,
        time(token.expires_at, "never"),
        time(token.last_used_at, "never"),
    )
}

impl Revoke {
    async fn run(self) -> anyhow::Result<ExitVerdict> {
        let Self { id, shown } = self;
        let ledger = open_ledger(&shown.site.load()?).await?;
        let revoked_now = ledger.revoke_token(id, Timestamp::now().as_second(), &actor()).await?;
        shown.format.print(&RevokedJson { id, revoked_now }, |out| match revoked_now {
            Some(true) => writeln!(out, "{GOOD}revoked{GOOD:#}: upload token {id}"),
            Some(false) => writeln!(out, "upload token {id} was revoked before"),
            None => writeln!(out, "{BAD}there is no upload token {id}{BAD:#}: see `token list`"),
        })?;
        Ok(if revoked_now.is_some() { ExitVerdict::Yes } else { ExitVerdict::No })
    }
}
