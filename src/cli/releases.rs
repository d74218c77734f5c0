//! `releases`: shows releases, and changes their states.

use std::io::{self, Read as _, Write};
use std::sync::Arc;

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use super::ExitVerdict;
use super::output::{BAD, FAINT, Format, GOOD};
use super::publish::{actor, copy, write_published};
use super::site_options::ResultOptions;
use crate::config::Config;
use crate::packages::{PackageError, Packages};
use crate::publish::publish;
use crate::publish::request::{PublishGoal, PublishRequest, ReleaseFileName, ReleaseScope};
use crate::publish::states::{self, Change, ChangeError};
use crate::release::package_path::PackagePath;
use crate::release::record::ReleaseRecord;
use crate::service::publishing::ReleaseStore;
use crate::signing::signature::LARGEST_SIGNATURE;
use crate::supervise::blocking;
use crate::words;

/// Show releases, and change their states.
///
/// A running service follows within two seconds; docs/releases.md explains releases.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Releases {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge releases list
  jbackend-bridge releases promote pkg_redj-2.0.0-beta1
  jbackend-bridge releases withdraw redj_ent 1.9.1
  jbackend-bridge releases rollback pkg_redj
  jbackend-bridge releases adopt redj_ent_190

Exit code: 0 done; 1 there is no such release, or its state does not allow it; 2 it could not be tried.";

#[derive(Debug, Subcommand)]
enum Action {
    /// List all releases
    List(ResultOptions),
    /// Show all data of a release
    Show(Chosen),
    /// Serve a release, and list it in update XML
    Promote(Chosen),
    /// Serve a release, and take it out of update XML
    Hold(Chosen),
    /// Serve a release no longer
    Withdraw(Chosen),
    /// Withdraw the highest version of an extension
    ///
    /// Sites that have installed it keep it: Joomla does not go back to a lower version by itself.
    Rollback(Element),
    /// Turn a line of the plugin's packages into a release
    ///
    /// The file is copied and gets checksums of its own; its extension belongs to the package group
    /// of the line from then on. Remove the line afterwards: as long as it stands, it comes first.
    Adopt(Line),
}

#[derive(Debug, Args)]
struct Chosen {
    /// Identifier of the release
    id: String,
    /// Its version, if the identifier has several
    version: Option<String>,
    #[command(flatten)]
    shown: ResultOptions,
}

#[derive(Debug, Args)]
struct Element {
    /// Element of the extension, like `pkg_redj`
    element: String,
    #[command(flatten)]
    shown: ResultOptions,
}

#[derive(Debug, Args)]
struct Line {
    /// Identifier of the package in the plugin's lines
    id: String,
    #[command(flatten)]
    shown: ResultOptions,
}

/// The result of a roll-back for scripts.
#[derive(Serialize)]
struct RollbackJson<'r> {
    withdrawn: &'r ReleaseRecord,
    /// The version that new sites get now.
    remains: Option<&'r str>,
}

impl Action {
    fn shown(&self) -> &ResultOptions {
        match self {
            Self::List(shown)
            | Self::Show(Chosen { shown, .. })
            | Self::Promote(Chosen { shown, .. })
            | Self::Hold(Chosen { shown, .. })
            | Self::Withdraw(Chosen { shown, .. })
            | Self::Rollback(Element { shown, .. })
            | Self::Adopt(Line { shown, .. }) => shown,
        }
    }
}

impl Releases {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let ResultOptions { format, site } = self.action.shown();
        let config = site.load()?;
        let store = ReleaseStore::open(&config).await?;
        let releases = store.releases().await?;
        let open = OpenReleases { store, releases, config, format: *format };
        match open.act(&self.action).await {
            Ok(()) => Ok(ExitVerdict::Yes),
            Err(error) => match error.downcast::<ChangeError>() {
                Ok(ChangeError::Ledger(error)) => Err(error.into()),
                Ok(refused) => {
                    let json = serde_json::json!({ "error": refused.to_string() });
                    let text =
                        |out: &mut dyn Write| writeln!(out, "{BAD}refused{BAD:#}: {refused}");
                    format.print(&json, text)?;
                    Ok(ExitVerdict::No)
                }
                Err(other) => Err(other),
            },
        }
    }
}

/// The releases of a site, opened for one command.
struct OpenReleases {
    store: ReleaseStore,
    releases: Vec<Arc<ReleaseRecord>>,
    config: Config,
    format: Format,
}

impl OpenReleases {
    async fn act(&self, action: &Action) -> anyhow::Result<()> {
        match action {
            Action::List(_) => {
                let releases: Vec<_> = self.releases.iter().map(Arc::as_ref).collect();
                Ok(self.format.print(&releases, |out| write_list(out, &releases))?)
            }
            Action::Show(chosen) => self.show(chosen),
            Action::Promote(chosen) => self.change(chosen, Change::Promote).await,
            Action::Hold(chosen) => self.change(chosen, Change::Hold).await,
            Action::Withdraw(chosen) => self.change(chosen, Change::Withdraw).await,
            Action::Rollback(Element { element, .. }) => self.roll_back(element).await,
            Action::Adopt(Line { id, .. }) => self.adopt(id).await,
        }
    }

    fn show(&self, Chosen { id, version, .. }: &Chosen) -> anyhow::Result<()> {
        let version = version.as_deref();
        let is_meant =
            |one: &&ReleaseRecord| one.id == *id && version.is_none_or(|it| one.version == it);
        let shown: Vec<_> = self.releases.iter().map(Arc::as_ref).filter(is_meant).collect();
        if shown.is_empty() {
            let version = version.map(str::to_owned);
            return Err(ChangeError::Unknown { id: id.clone(), version }.into());
        }
        Ok(self.format.print(&shown, |out| shown.iter().try_for_each(|one| write_one(out, one)))?)
    }

    async fn change(
        &self,
        Chosen { id, version, .. }: &Chosen,
        change: Change,
    ) -> anyhow::Result<()> {
        let found = states::find(&self.releases, id, version.as_deref(), change)?;
        let changed = states::change(&self.store.ledger, found, change, &actor()).await?;
        Ok(self.format.print(&changed, |out| {
            writeln!(out, "{GOOD}{}{GOOD:#}: {} {}", changed.state, changed.id, changed.version)
        })?)
    }

    async fn roll_back(&self, element: &str) -> anyhow::Result<()> {
        let (highest, remains) = states::highest(&self.releases, element)?;
        let withdrawn =
            states::change(&self.store.ledger, highest, Change::Withdraw, &actor()).await?;
        let remains = remains.map(|one| one.version.as_str());
        let json = RollbackJson { withdrawn: &withdrawn, remains };
        Ok(self.format.print(&json, |out| {
            let version = &withdrawn.version;
            writeln!(out, "{GOOD}withdrawn{GOOD:#}: {} {version}", withdrawn.id)?;
            match remains {
                Some(remains) => writeln!(out, "new sites get {remains} now")?,
                None => writeln!(out, "no version of {element} is served any more")?,
            }
            writeln!(
                out,
                "sites that have installed {version} keep it: Joomla does not lower a version by \
                 itself. Publish a higher version, or ask these sites to install an older one by hand."
            )
        })?)
    }

    async fn adopt(&self, id: &str) -> anyhow::Result<()> {
        let (ground, index) = self.store.ground(&self.config).await?;
        let Some(package) = ground.catalog.package(id) else {
            return Err(ChangeError::Unknown { id: id.to_owned(), version: None }.into());
        };
        let path = match &package.path {
            Ok(path) => path.clone(),
            Err(error) => bail!("package `{id}`: {error}"),
        };
        let file = index.folder.open(&path).await?;
        let signature = signature_beside(&*index.folder, &path).await?;
        let copies = self.store.copies.clone();
        let copy = blocking(move || copy(&copies, file.reader())).await??;
        let scope = match &package.group {
            Some(group) => ReleaseScope::Group(group.clone()),
            None => ReleaseScope::Free,
        };
        let request = PublishRequest {
            file_name: ReleaseFileName::parse(path.file_name()),
            id: Some(id.to_owned()),
            scope,
            channel: None,
            security: None,
            changelog: None,
            signature,
            supported_databases: std::collections::BTreeMap::new(),
            limited_to: None,
            is_forced: true,
            is_adopted: true,
            goal: PublishGoal::Publish,
            actor: actor(),
            now: Timestamp::now().as_second(),
        };
        let published = publish(&self.store.ledger, &ground, copy, request).await?;
        Ok(self.format.print(&published, |out| write_published(out, &published, false))?)
    }
}

/// Reads the signature file beside a package, if there is one.
async fn signature_beside(
    folder: &dyn Packages,
    path: &PackagePath,
) -> anyhow::Result<Option<String>> {
    let Ok(path) = PackagePath::parse(&format!("{}.minisig", path.as_str())) else {
        return Ok(None);
    };
    let file = match folder.open(&path).await {
        Ok(file) => file,
        Err(PackageError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let read = blocking(move || {
        let mut text = String::new();
        file.reader().take(LARGEST_SIGNATURE).read_to_string(&mut text).map(|_| text)
    });
    Ok(Some(read.await??))
}

fn write_list(out: &mut dyn Write, releases: &[&ReleaseRecord]) -> io::Result<()> {
    if releases.is_empty() {
        return writeln!(out, "no releases yet: `jbackend-bridge publish FILE.zip` makes one");
    }
    let width =
        |of: fn(&ReleaseRecord) -> usize| releases.iter().map(|one| of(one)).max().unwrap_or(0);
    let id = width(|one| one.id.len());
    let version = width(|one| one.version.len());
    let group = width(|one| one.group.as_deref().unwrap_or("free").len());
    for one in releases {
        let shown = one.group.as_deref().unwrap_or("free");
        writeln!(
            out,
            "{:id$}  {:version$}  {:9}  {:6}  {shown:group$}  {FAINT}{}{FAINT:#}",
            one.id,
            one.version,
            one.state.name(),
            one.channel.name(),
            one.extension
        )?;
    }
    Ok(())
}

fn write_one(out: &mut dyn Write, one: &ReleaseRecord) -> io::Result<()> {
    let stored = Timestamp::from_second(one.stored_at).map(|at| format!("{at:.0}"));
    let fields = [
        ("id", one.id.clone()),
        ("version", one.version.clone()),
        ("state", one.state.to_string()),
        ("extension", one.extension.to_string()),
        ("for", one.group.clone().unwrap_or_else(|| "everyone".into())),
        ("channel", one.channel.to_string()),
        ("file", format!("{}, {}", one.file_name, words::size(one.size))),
        ("sha256", one.checksums.sha256.clone()),
        ("signed", if one.signature.is_some() { "yes" } else { "no" }.into()),
        ("Joomla", one.target_platform.clone().unwrap_or_default()),
        ("PHP", one.php_minimum.clone().unwrap_or_default()),
        ("security", one.security.map(|level| level.to_string()).unwrap_or_default()),
        ("stored", format!("{} by {}", stored.unwrap_or_default(), one.stored_by)),
    ];
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "{name:9}  {value}")?;
    }
    writeln!(out)
}
