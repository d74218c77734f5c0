//! `updates`: the XML for Joomla's updater, and why a package is not in it.

mod report;

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::available_parallelism;

use clap::Args;
use indicatif::ProgressBar;
use joomla_updates::xml;

use super::ExitVerdict;
use super::logging::ServiceLog;
use super::output::{Format, bar};
use super::site_options::SiteFiles;
use crate::jbackend::update_path::CHANGELOGS;
use crate::mask::printable;
use crate::service::package_index;
use crate::supervise::Tasks;
use crate::updates::memory::{Memory, Options, Progress};
use crate::updates::{Listing, Survey, complete, documents};
use report::{UpdatesReport, because, write_report};

/// Show the update XML of the packages, and why a package is in none.
///
/// Without a name: a table of all packages, with the extension each of them holds, its version, the
/// Joomla versions it is for and the XML it stands in. With a name: that XML, as Joomla's updater
/// reads it from the running service.
///
/// The packages are read to compute their checksums. Needs no recipe; nothing is written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Updates {
    /// The XML to print: an extension's element (`com_redj`), a package group, or a changelog
    /// (`changelogs/com_redj`)
    #[arg(conflicts_with_all = ["json", "collection"])]
    name: Option<String>,
    /// Print the list of all XML, for an update site of type `collection`
    #[arg(long, conflicts_with = "json")]
    collection: bool,
    #[command(flatten)]
    log: ServiceLog,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site")]
    site: SiteFiles,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge updates --config /etc/jbackend-bridge.toml
  jbackend-bridge updates --config /etc/jbackend-bridge.toml pkg_redj > pkg_redj.xml
  jbackend-bridge updates --config /etc/jbackend-bridge.toml --json

`[updates]` in the configuration file says what is listed; docs/updates.md explains it.

Exit code: 0 every package that should be listed is, or the XML was printed; 1 something is to be
mended, or there is no such XML; 2 it could not be told.";

impl Updates {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let config = self.site.load()?;
        self.log.start(&config.log)?;
        let (site, plan) = package_index::open(&config).await?;
        let progress = Arc::new(Bar::new());
        let memory = Memory::open(Options {
            file: plan.memory.file.clone(),
            // The service writes it.
            read_only: true,
            workers: available_parallelism().map_or(1, usize::from),
            progress: Arc::<Bar>::clone(&progress),
            tasks: Tasks::default(),
        });
        let survey = complete(&site, &memory.await).await;
        progress.0.finish_and_clear();
        if self.name.is_none() && !self.collection {
            self.format.print(&UpdatesReport::of(&survey), |out| write_report(out, &survey))?;
            return Ok(if survey.is_sound() { ExitVerdict::Yes } else { ExitVerdict::No });
        }
        survey.addresses.as_ref().map_err(Clone::clone)?;
        let document = match &self.name {
            None => Some(documents::collection(plan.site_name.as_deref(), &survey)),
            Some(name) => xml_named(name, &survey),
        };
        let Some(document) = document else {
            eprint_line(&not_found(self.name.as_deref().unwrap_or_default(), &survey));
            return Ok(ExitVerdict::No);
        };
        print(&document)?;
        let left_out = survey.packages.iter().filter(|listing| listing.is_defect()).count();
        if left_out > 0 {
            eprint_line(&format!(
                "{left_out} of {} packages should be listed and cannot be: `jbackend-bridge updates` \
                 without a name tells why",
                survey.packages.len()
            ));
        }
        Ok(ExitVerdict::Yes)
    }
}

fn xml_named(name: &str, survey: &Survey) -> Option<String> {
    let name = name.strip_suffix(".xml").unwrap_or(name);
    let changelog = name.strip_prefix(CHANGELOGS).and_then(|name| name.strip_prefix('/'));
    if let Some((extension, changelog)) = changelog.and_then(|name| survey.changelogs.get(name)) {
        return Some(changelog.xml(extension));
    }
    let stream = survey.streams.iter().find(|stream| stream.name == name)?;
    Some(xml::updates(stream.entries()))
}

fn not_found(name: &str, survey: &Survey) -> String {
    let names: Vec<_> = survey.streams.iter().map(|stream| format!("`{}`", stream.name)).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let mut text = format!("there is no update XML `{}`; there is: {names}", printable(name));
    let meant = |listing: &&Listing| {
        let element = listing.manifest.as_ref().map(|known| known.extension.element.as_str());
        listing.reason.is_some() && [element, listing.group.as_deref()].contains(&Some(name))
    };
    let reasons = survey.packages.iter().filter(meant).map(because);
    for reason in reasons {
        text.push_str("\n  ");
        text.push_str(&printable(&reason));
    }
    text
}

fn print(document: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(document.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn eprint_line(text: &str) {
    // Ignore write errors: standard error may be closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Shows the progress of the reading, on standard error if that is a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        Self(bar(0, "reading the packages, {bytes} of {total_bytes}"))
    }
}

impl Progress for Bar {
    fn ahead(&self, bytes: u64) {
        self.0.inc_length(bytes);
    }

    fn read(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}
