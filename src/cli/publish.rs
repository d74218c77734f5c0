//! `publish`: turns a ZIP into a release.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{ArgGroup, Args};
use jiff::Timestamp;
use joomla_updates::security::Security;
use joomla_updates::stability::Stability;
use serde::Serialize;

use super::ExitVerdict;
use super::logging::ServiceLog;
use super::output::{BAD, FAINT, Format, GOOD, WARNING};
use super::site_options::SiteFiles;
use crate::mask::printable;
use crate::packages::private_copies::{PrivateCopies, WholeCopy};
use crate::publish::lint::Finding;
use crate::publish::request::{PublishGoal, PublishRequest, ReleaseFileName, ReleaseScope};
use crate::publish::{PublishError, Published, publish};
use crate::service::publishing::ReleaseStore;
use crate::supervise::blocking;
use crate::words;

/// Publish a ZIP as a release.
///
/// The file is copied into the private folder of releases, and its entry in update XML is made from
/// its manifest. A running service serves it within two seconds; docs/releases.md explains releases.
/// The same file a second time changes nothing.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = EXAMPLES, group = ArgGroup::new("scope").args(["group", "free"]))]
pub(super) struct Publish {
    /// The ZIP; a signature is read from FILE.minisig beside it, if that exists
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Package group whose license key opens it; without this and `--free`, the same as for the
    /// extension's release before
    #[arg(long)]
    group: Option<String>,
    /// Everyone may have it
    #[arg(long)]
    free: bool,
    /// Identifier that clients send; the element and the version if it is left out
    #[arg(long)]
    id: Option<String>,
    /// How finished it is: dev, alpha, beta, rc or stable; the version says it if this is left out
    #[arg(long)]
    channel: Option<Stability>,
    /// How urgent it is: none, low, medium, high or critical, or 0 to 4
    #[arg(long, value_name = "LEVEL")]
    security: Option<Security>,
    /// File with the changelog, in Markdown
    #[arg(long, value_name = "FILE")]
    changelog: Option<PathBuf>,
    /// Store it, and serve it only after `releases promote`
    #[arg(long)]
    stage: bool,
    /// Publish a version that is lower than a published one
    #[arg(long)]
    force: bool,
    /// Stop before the last step: print every finding, and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    log: ServiceLog,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site")]
    site: SiteFiles,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge publish pkg_redj-1.9.1.zip --group redj_enterprise
  jbackend-bridge publish pkg_redj-2.0.0-beta1.zip --free --stage --changelog CHANGES.md
  jbackend-bridge publish pkg_redj-1.9.2.zip --security high --dry-run

Exit code: 0 published, or there already; 1 refused, with every reason; 2 it could not be tried.";

/// The result for scripts.
#[derive(Serialize)]
#[serde(tag = "result", rename_all = "lowercase")]
enum PublishJson<'p> {
    Published(&'p Published),
    Refused { error: String, findings: &'p [Finding] },
}

impl Publish {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let config = self.site.load()?;
        self.log.start(&config.log)?;
        let request = self.request()?;
        let store = ReleaseStore::open(&config).await?;
        let (ground, _) = store.ground(&config).await?;
        let copy = copied(&store.copies, &self.file).await?;
        let is_dry_run = self.dry_run;
        match publish(&store.ledger, &ground, copy, request).await {
            Ok(published) => {
                let json = PublishJson::Published(&published);
                self.format.print(&json, |out| write_published(out, &published, is_dry_run))?;
                Ok(ExitVerdict::Yes)
            }
            Err(
                error @ (PublishError::Ledger(_)
                | PublishError::Storage(_)
                | PublishError::Stopping),
            ) => Err(error.into()),
            Err(error) => {
                let findings = match &error {
                    PublishError::Refused(findings) => findings.0.as_slice(),
                    _ => &[],
                };
                let json = PublishJson::Refused { error: error.to_string(), findings };
                self.format.print(&json, |out| write_refused(out, &error, findings))?;
                Ok(ExitVerdict::No)
            }
        }
    }

    fn request(&self) -> anyhow::Result<PublishRequest> {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let signature = {
            let mut path = self.file.clone().into_os_string();
            path.push(".minisig");
            Path::new(&path).exists().then(|| read_text(Path::new(&path))).transpose()?
        };
        Ok(PublishRequest {
            file_name: ReleaseFileName::parse(&name),
            id: self.id.clone(),
            scope: match &self.group {
                Some(group) => ReleaseScope::Group(group.clone()),
                None if self.free => ReleaseScope::Free,
                None => ReleaseScope::AsBefore,
            },
            channel: self.channel,
            security: self.security,
            changelog: self.changelog.as_deref().map(read_text).transpose()?,
            signature,
            supported_databases: std::collections::BTreeMap::new(),
            is_forced: self.force,
            is_adopted: false,
            goal: match (self.dry_run, self.stage) {
                (true, _) => PublishGoal::DryRun,
                (false, true) => PublishGoal::Stage,
                (false, false) => PublishGoal::Publish,
            },
            actor: actor(),
            now: Timestamp::now().as_second(),
        })
    }
}

/// The largest changelog or signature file, in bytes.
const LARGEST_TEXT: u64 = 1024 * 1024;

fn read_text(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(LARGEST_TEXT + 1).read_to_string(&mut text));
    read.with_context(|| format!("cannot read `{}`", path.display()))?;
    if text.len() as u64 > LARGEST_TEXT {
        anyhow::bail!("`{}` is larger than 1 MiB: that is not the right file", path.display());
    }
    Ok(text)
}

/// The name under which a command acts, for the ledger.
pub(super) fn actor() -> String {
    let name =
        ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    match name.filter(|name| !name.is_empty()) {
        Some(name) => format!("command of {}", printable(&name)),
        None => format!("command of uid {}", rustix::process::getuid().as_raw()),
    }
}

/// Copies a file of the operator into the private copies.
async fn copied(copies: &PrivateCopies, file: &Path) -> anyhow::Result<WholeCopy> {
    let opened = File::open(file).with_context(|| format!("cannot open `{}`", file.display()))?;
    let (copies, shown) = (copies.clone(), copies.place().display().to_string());
    let copy = blocking(move || copy(&copies, opened)).await?;
    copy.with_context(|| {
        format!("cannot copy `{}` into the private copies in `{shown}`", file.display())
    })
}

/// Bytes copied at a time.
const CHUNK: usize = 256 * 1024;

/// Copies an open file. Blocks.
pub(super) fn copy(copies: &PrivateCopies, mut file: impl Read) -> io::Result<WholeCopy> {
    let mut copy = copies.begin()?;
    let mut buffer = vec![0; CHUNK];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return copy.finish(),
            Ok(count) => copy.write(buffer.get(..count).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes the result for people.
pub(super) fn write_published(
    out: &mut dyn Write,
    published: &Published,
    is_dry_run: bool,
) -> io::Result<()> {
    let release = &published.release;
    let done = match (is_dry_run, published.is_new) {
        (true, _) => "nothing stored (--dry-run)".to_owned(),
        (false, false) => format!("there already, {}", release.state),
        (false, true) => release.state.to_string(),
    };
    writeln!(
        out,
        "{GOOD}{done}{GOOD:#}: {} {}, id `{}`",
        release.extension, release.version, release.id
    )?;
    writeln!(
        out,
        "  for      {}",
        release
            .group
            .as_deref()
            .map_or("everyone".to_owned(), |group| format!("package group {group}"))
    )?;
    writeln!(out, "  channel  {}", release.channel)?;
    writeln!(out, "  file     {}, {}", release.file_name, words::size(release.size))?;
    writeln!(out, "  sha256   {}", release.checksums.sha256)?;
    for xml in &published.xml {
        writeln!(out, "  XML      {xml}")?;
    }
    if published.xml.is_empty() {
        writeln!(out, "  {FAINT}no update XML lists it{FAINT:#}")?;
    }
    write_findings(out, &published.warnings)
}

fn write_refused(
    out: &mut dyn Write,
    error: &PublishError,
    findings: &[Finding],
) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(out, "{BAD}refused{BAD:#}: {}", printable(&error.to_string()));
    }
    writeln!(out, "{BAD}refused{BAD:#}, and nothing is stored:")?;
    write_findings(out, findings)
}

fn write_findings(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    for Finding { is_error, what, advice } in findings {
        let (style, word) = if *is_error { (BAD, "error") } else { (WARNING, "warning") };
        writeln!(out, "{style}{word}{style:#}: {}", printable(what))?;
        if let Some(advice) = advice {
            writeln!(out, "  {}", printable(advice))?;
        }
    }
    Ok(())
}
