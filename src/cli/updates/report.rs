//! The packages and their update XML: a table for people, JSON for scripts.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, ContentArrangement, Table};
use serde::Serialize;

use crate::cli::output::{BAD, FAINT, GOOD, WARNING};
use crate::cli::wrap::width;
use crate::mask::printable;
use crate::updates::addresses::NoAddress;
use crate::updates::candidate::Candidate;
use crate::updates::{Listing, Survey};
use crate::words::count;

/// Writes the table, and the notes below it.
pub(super) fn write_report(out: &mut dyn Write, survey: &Survey) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width()).unwrap_or(u16::MAX));
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
    paragraph(out, "To fix", BAD, survey.problems.iter().cloned())?;
    if let Err(error) = &survey.addresses {
        let style = if *error == NoAddress::Disabled { FAINT } else { BAD };
        paragraph(out, "No update XML", style, [error.to_string()])?;
    }
    paragraph(out, "Should be listed and cannot be", BAD, bad.iter().map(|one| because(one)))?;
    paragraph(out, "Not listed, as wanted", FAINT, faint.iter().map(|one| because(one)))?;
    paragraph(out, "Note", WARNING, survey.notes.iter().cloned())?;
    if survey.is_sound() {
        let listed = survey.packages.iter().filter(|listing| !listing.xml.is_empty()).count();
        let (all, xml) = (survey.packages.len(), survey.streams.len());
        writeln!(
            out,
            "\n{GOOD}OK{GOOD:#}: {listed} of {all} packages in {}",
            count(xml, "update XML file")
        )?;
    }
    Ok(())
}

/// A package and why it is left out.
pub(super) fn because(listing: &Listing) -> String {
    let reason = listing.reason.as_ref().map_or_else(String::new, ToString::to_string);
    let stays = if listing.is_kept && !listing.xml.is_empty() {
        "its last entry stays in the XML; "
    } else {
        ""
    };
    format!("{}: {stays}{reason}", listing.package)
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

/// The table, for scripts.
#[derive(Serialize)]
pub(super) struct UpdatesReport {
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
    /// The entry is from the former content of the file.
    kept: bool,
    defect: bool,
    reason: Option<String>,
}

#[derive(Serialize)]
struct ReportedXml {
    name: String,
    packages: Vec<String>,
    /// The entries from former contents of files.
    kept: Vec<KeptEntry>,
}

#[derive(Serialize)]
struct KeptEntry {
    package: String,
    version: String,
}

impl UpdatesReport {
    pub(super) fn of(survey: &Survey) -> Self {
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
                    kept: stream.candidates.iter().filter_map(KeptEntry::of).collect(),
                })
                .collect(),
            problems: survey.problems.clone(),
            notes: survey.notes.clone(),
        }
    }
}

impl KeptEntry {
    fn of(candidate: &Candidate) -> Option<Self> {
        let (package, version) = (candidate.package.clone(), candidate.entry.version.clone());
        candidate.is_kept().then_some(Self { package, version })
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
            kept: listing.is_kept && !listing.xml.is_empty(),
            defect: listing.is_defect(),
            reason: listing.reason.as_ref().map(ToString::to_string),
        }
    }
}
