//! `updates`: the XML for Joomla's updater, and why a package is not in it.

use std::io::{self, Write};
use std::sync::Arc;

use clap::Args;
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::output::{BAD, FAINT, Format, GOOD, WARNING};
use super::site_options::SiteOptions;
use super::{Verdict, logging};
use crate::app::shelf::Shelf;
use crate::update_site::collection::{self, Part};
use crate::update_site::xml;
use crate::updates::addresses::{Addresses, NoAddress};
use crate::updates::streams::Stream;
use crate::updates::{Listing, Progress, Survey, survey};

/// Show the update XML of the packages, and why a package is in none.
///
/// Without a name: a table of all packages, with the extension each of them holds, its version, the
/// Joomla versions it is for and the XML it stands in. With a name: that XML, as Joomla's updater
/// reads it.
///
/// The packages are read to compute their checksums. Needs no recipe; nothing is written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Updates {
    /// The XML to print: an extension's element (`com_redj`) or a package group
    #[arg(conflicts_with_all = ["json", "collection"])]
    name: Option<String>,
    /// Print the list of all XML, for an update site of type `collection`
    #[arg(long, conflicts_with = "json")]
    collection: bool,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    site: SiteOptions,
}

const EXAMPLES: &str = "\
Examples:
  jbackend-bridge updates --config /etc/jbackend-bridge.toml
  jbackend-bridge updates --config /etc/jbackend-bridge.toml pkg_redj > pkg_redj.xml
  jbackend-bridge updates --config /etc/jbackend-bridge.toml --json

Exit code: 0 when every package that should be listed is, or the XML was printed;
1 when something is to be mended, or there is no such XML; 2 when it cannot be told.

[updates] in the configuration file says what is listed; docs/updates.md explains it.";

impl Updates {
    pub(super) async fn run(self) -> anyhow::Result<Verdict> {
        let config = self.site.load(None)?;
        logging::start(&config.log)?;
        let site = Shelf::open(&config).await?;
        let bar = Arc::new(Bar::new());
        let survey = survey(&config, &site, Arc::<Bar>::clone(&bar)).await;
        bar.0.finish_and_clear();
        let survey = survey?;
        if self.name.is_none() && !self.collection {
            self.format.print(&Report::of(&survey), |out| write_report(out, &survey))?;
            return Ok(if survey.is_sound() { Verdict::Yes } else { Verdict::No });
        }
        let addresses = survey.addresses.as_ref().map_err(Clone::clone)?;
        let document = match &self.name {
            None => Some(collection_of(config.joomla.site_name.as_deref(), &survey, addresses)),
            Some(name) => xml_named(name, &survey),
        };
        let Some(document) = document else {
            eprint_line(&not_found(self.name.as_deref().unwrap_or_default(), &survey));
            return Ok(Verdict::No);
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
        Ok(Verdict::Yes)
    }
}

fn xml_named(name: &str, survey: &Survey) -> Option<String> {
    let name = name.strip_suffix(".xml").unwrap_or(name);
    let stream = survey.streams.iter().find(|stream| stream.name == name)?;
    Some(xml::updates(stream.entries()))
}

fn collection_of(site: Option<&str>, survey: &Survey, addresses: &Addresses) -> String {
    // Every extension once: what a package group's XML holds stands in its extension's too, unless
    // both have one name.
    let elements: Vec<_> = survey
        .streams
        .iter()
        .filter(|stream| !stream.is_group || !is_elsewhere(stream, survey))
        .map(|stream| (addresses.xml(&stream.name), stream))
        .collect();
    let parts: Vec<_> = elements
        .iter()
        .map(|(url, stream)| Part { url, entries: stream.entries().collect() })
        .collect();
    collection::collection(site.unwrap_or("Updates"), &parts)
}

fn is_elsewhere(group: &Stream, survey: &Survey) -> bool {
    let extension = group.entries().next().map(|entry| &entry.extension);
    survey.streams.iter().any(|stream| {
        !stream.is_group && stream.entries().next().map(|entry| &entry.extension) == extension
    })
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
    // Whoever has closed standard error does not want to know.
    let _ = writeln!(io::stderr(), "{text}");
}

fn write_report(out: &mut dyn Write, survey: &Survey) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if let Some(width) = width() {
        table.set_width(width);
    }
    table.set_header(["PACKAGE", "EXTENSION", "VERSION", "FOR", "UPDATE XML"]);
    for listing in &survey.packages {
        let manifest = listing.manifest.as_ref();
        table.add_row([
            Cell::new(printable(&listing.package)),
            Cell::new(manifest.map_or_else(dash, |known| printable(&known.extension.to_string()))),
            Cell::new(manifest.map_or_else(dash, |known| printable(&known.version))),
            Cell::new(listing.target_platform.as_deref().unwrap_or("-")),
            Cell::new(if listing.xml.is_empty() { "none".into() } else { listing.xml.join("\n") }),
        ]);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    let (bad, faint): (Vec<_>, Vec<_>) = survey
        .packages
        .iter()
        .filter(|listing| listing.reason.is_some())
        .partition(|l| l.is_defect());
    paragraph(out, "To be mended", BAD, survey.problems.iter().cloned())?;
    if let Err(error) = &survey.addresses {
        let style = if *error == NoAddress::Disabled { FAINT } else { BAD };
        paragraph(out, "No update XML", style, [error.to_string()])?;
    }
    paragraph(out, "Should be listed and cannot be", BAD, bad.iter().map(|one| because(one)))?;
    paragraph(out, "Not listed, as wanted", FAINT, faint.iter().map(|one| because(one)))?;
    paragraph(out, "To be known", WARNING, survey.notes.iter().cloned())?;
    if survey.is_sound() {
        let listed = survey.packages.iter().filter(|listing| !listing.xml.is_empty()).count();
        let (all, xml) = (survey.packages.len(), survey.streams.len());
        writeln!(out, "\n{GOOD}In order{GOOD:#}: {listed} of {all} packages in {xml} update XML")?;
    }
    Ok(())
}

fn because(listing: &Listing) -> String {
    let reason = listing.reason.as_ref().map_or_else(String::new, ToString::to_string);
    format!("{}: {reason}", listing.package)
}

fn paragraph(
    out: &mut dyn Write,
    title: &str,
    style: anstyle::Style,
    lines: impl IntoIterator<Item = String>,
) -> io::Result<()> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        writeln!(out, "\n{style}{title}{style:#}:")?;
    }
    for line in lines {
        writeln!(out, "  {}", printable(&line))?;
    }
    Ok(())
}

fn dash() -> String {
    "-".into()
}

/// Ids and manifests hold whatever somebody wrote.
fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// Columns of the terminal; nothing where there is none.
fn width() -> Option<u16> {
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col);
    named.or_else(asked).filter(|width| *width >= 40)
}

/// The table, for scripts.
#[derive(Serialize)]
struct Report {
    sound: bool,
    no_xml_because: Option<String>,
    packages: Vec<ReportedPackage>,
    xml: Vec<ReportedXml>,
    problems: Vec<String>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct ReportedPackage {
    package: String,
    group: Option<String>,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    element: Option<String>,
    folder: Option<String>,
    client: Option<&'static str>,
    version: Option<String>,
    #[serde(rename = "for")]
    target_platform: Option<String>,
    xml: Vec<String>,
    defect: bool,
    reason: Option<String>,
}

#[derive(Serialize)]
struct ReportedXml {
    name: String,
    packages: Vec<String>,
}

impl Report {
    fn of(survey: &Survey) -> Self {
        let addresses = survey.addresses.as_ref();
        Self {
            sound: survey.is_sound(),
            no_xml_because: addresses.err().map(ToString::to_string),
            packages: survey.packages.iter().map(ReportedPackage::of).collect(),
            xml: survey
                .streams
                .iter()
                .map(|stream| ReportedXml {
                    name: stream.name.clone(),
                    packages: stream.candidates.iter().map(|one| one.package.clone()).collect(),
                })
                .collect(),
            problems: survey.problems.clone(),
            notes: survey.notes.clone(),
        }
    }
}

impl ReportedPackage {
    fn of(listing: &Listing) -> Self {
        let extension = listing.manifest.as_ref().map(|manifest| &manifest.extension);
        let folder = extension.map(|known| known.folder.clone()).filter(|name| !name.is_empty());
        Self {
            package: listing.package.clone(),
            group: listing.group.clone(),
            kind: extension.map(|known| known.kind.name()),
            element: extension.map(|known| known.element.clone()),
            folder,
            client: extension.map(|known| known.client.name()),
            version: listing.manifest.as_ref().map(|manifest| manifest.version.clone()),
            target_platform: listing.target_platform.clone(),
            xml: listing.xml.clone(),
            defect: listing.is_defect(),
            reason: listing.reason.as_ref().map(ToString::to_string),
        }
    }
}

/// How far the reading is, on standard error where that is a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = "{msg} [{bar:30}] {bytes} of {total_bytes}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.set_message("reading the packages");
        Self(bar)
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
