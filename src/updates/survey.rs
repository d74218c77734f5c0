//! All packages of a site: each looked at, and put into update XML or reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joomla_updates::changelog::Changelog;
use joomla_updates::extension::Extension;
use joomla_updates::manifest::Manifest;

use super::addresses::{Addresses, NoAddress};
use super::candidate::{Candidate, Platforms};
use super::memory::Memory;
use super::package_index::PackageIndex;
use super::rules::UpdateRules;
use super::scan::{Scan, ScannedPackage, look, remembered};
use super::streams::{Stream, Streams};
use super::vouched::{Making, Vouched, VouchedLine};
use super::{Reason, agreement};
use crate::release::catalog::Catalog;
use crate::release::settings::Package;

/// The report on a package.
#[derive(Debug)]
pub struct Listing {
    /// The package's id.
    pub package: String,
    /// Its package group, if it is paid.
    pub group: Option<String>,
    /// Its manifest, if it has a readable one.
    pub manifest: Option<Manifest>,
    /// Its Joomla versions, in words, if it is listed.
    pub target_platform: Option<String>,
    /// The names of the XML it stands in.
    pub xml: Vec<String>,
    /// Why it stands in none, or not in all it could.
    pub reason: Option<Reason>,
    /// Whether its entry describes the former content of its file, with the checksums of that
    /// content.
    pub is_kept: bool,
}

impl Listing {
    /// Is there something to fix?
    #[must_use]
    pub fn is_defect(&self) -> bool {
        self.reason.as_ref().is_some_and(Reason::is_defect)
    }

    /// Will it be listed once its checksums are known?
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        self.reason == Some(Reason::Computing)
    }
}

/// The packages of a site and their update XML.
#[derive(Debug)]
pub struct Survey {
    /// All packages, in the order of the settings lines.
    pub packages: Vec<Listing>,
    /// All update XML, by name.
    pub streams: Vec<Stream>,
    /// Changelogs of extensions that stand in one, by the name of their file without its ending.
    pub changelogs: BTreeMap<String, (Extension, Arc<Changelog>)>,
    /// The addresses, or why there are none.
    pub addresses: Result<Addresses, NoAddress>,
    /// Further notes for the operator.
    pub notes: Vec<String>,
    /// Further problems for the operator to fix.
    pub problems: Vec<String>,
    /// The XML entries to remember, by package; `None` if there is no XML.
    pub vouched: Option<BTreeMap<String, Vec<Vouched>>>,
}

impl Survey {
    /// Is everything that should be listed listed?
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let addresses = matches!(self.addresses, Ok(_) | Err(NoAddress::Disabled));
        addresses && self.problems.is_empty() && !self.packages.iter().any(Listing::is_defect)
    }
}

/// Looks at every package, and waits until the checksums of those that are listed are known.
pub async fn complete(shelf: &PackageIndex, memory: &Memory) -> Survey {
    loop {
        let survey = survey(shelf, memory).await;
        // A file that was replaced meanwhile is read again.
        if !survey.packages.iter().any(Listing::is_awaited) {
            return survey;
        }
        memory.idle().await;
    }
}

/// Scans every package. Those without known checksums are left out, and the memory has their files
/// read meanwhile; [`Memory::changes`] reports when to scan again.
pub async fn survey(shelf: &PackageIndex, memory: &Memory) -> Survey {
    let rules = &shelf.rules;
    let addresses = Addresses::new(&shelf.addresses, &shelf.endpoints);
    if let Ok(addresses) = &addresses {
        memory.claim(addresses.site());
    }
    let looks = look(&shelf.catalog, &shelf.folder, rules, addresses.is_ok(), memory, None).await;
    Survey::of(&shelf.catalog, &looks, rules, addresses)
}

impl Survey {
    /// Returns the remembered data of a catalog's packages, before the first scan.
    #[must_use]
    pub fn remembered(
        catalog: &Catalog,
        rules: &UpdateRules,
        addresses: Addresses,
        memory: &Memory,
    ) -> Self {
        Self::of(catalog, &remembered(catalog, rules, memory), rules, Ok(addresses))
    }

    /// Puts the scanned packages of a catalog, in their order, into update XML.
    #[must_use]
    pub fn of(
        catalog: &Catalog,
        looks: &Scan,
        rules: &UpdateRules,
        addresses: Result<Addresses, NoAddress>,
    ) -> Self {
        let packages = catalog.packages();
        let mut making = addresses.as_ref().ok().map(|addresses| Making {
            rules,
            addresses,
            platforms: Platforms::default(),
        });
        let mut lines: Vec<VouchedLine> = packages
            .iter()
            .zip(&looks.packages)
            .map(|(package, look)| match (&mut making, &addresses) {
                (Some(making), _) => VouchedLine::new(package, look, making),
                (None, Err(NoAddress::Disabled)) => VouchedLine::without(Reason::NoXml),
                (None, _) => VouchedLine::without(look.reason.clone().unwrap_or(Reason::NoXml)),
            })
            .collect();
        let explain = |candidate: &mut Candidate| candidate.explain(looks, addresses.as_ref());
        let (streams, candidates) = put_into_streams(&packages, &mut lines, rules, &explain);
        let listings = packages.iter().zip(&looks.packages).zip(&lines);
        let listings =
            listings.map(|((package, look), line)| Listing::new(package, look, line, &streams));
        let listings: Vec<_> = listings.collect();
        let vouched = |_: &Addresses| {
            let lines = packages.iter().zip(&lines);
            let lines = lines.filter(|(package, _)| !streams.refuses(&package.id));
            let lines = lines.map(|(package, line)| (package.id.clone(), line.vouched()));
            lines.filter(|(_, vouched)| !vouched.is_empty()).collect()
        };
        // Settings may be empty for a moment while they are edited.
        let vouched = addresses.as_ref().ok().filter(|_| !packages.is_empty()).map(vouched);
        let mut notes = streams.notes;
        notes.extend(unwritten_databases(&candidates));
        notes.extend(keys_unexplained(&candidates));
        notes.extend(looks.changelogs.notes());
        if let Ok(addresses) = &addresses {
            notes.extend(disagreements(&streams.list, &listings, looks, addresses));
        }
        let changelogs = changelogs(&streams.list, looks);
        let problems = rules.unknown(catalog);
        let packages = listings;
        Self { packages, streams: streams.list, changelogs, addresses, notes, problems, vouched }
    }
}

/// Puts the entries of all lines into XML. An entry that cannot stand in any, and came in another one's
/// place, leaves that to the other one.
fn put_into_streams(
    packages: &[&Package],
    lines: &mut [VouchedLine],
    rules: &UpdateRules,
    explain: &dyn Fn(&mut Candidate),
) -> (Streams, Vec<Candidate>) {
    loop {
        for (candidate, _) in lines.iter_mut().flat_map(|line| &mut line.entries) {
            explain(candidate);
        }
        let entries = lines.iter().flat_map(|line| &line.entries);
        let candidates: Vec<_> = entries.map(|(candidate, _)| candidate.clone()).collect();
        let streams = Streams::new(&candidates, rules.newest_only);
        let mut is_settled = true;
        for (package, line) in packages.iter().zip(lines.iter_mut()) {
            if !streams.refuses(&package.id) {
                continue;
            }
            let mut own = streams.left_out.iter().filter(|(id, _)| *id == package.id);
            if let Some((_, reason)) = own.find(|(_, reason)| reason.is_defect()) {
                is_settled &= !line.step_back(reason);
            }
        }
        if is_settled {
            return (streams, candidates);
        }
    }
}

impl Listing {
    /// In which XML a package stands, and why not in all it could.
    fn new(
        package: &Package,
        look: &ScannedPackage,
        line: &VouchedLine,
        streams: &Streams,
    ) -> Self {
        let first = line.entries.first();
        let kept = first.filter(|_| line.is_kept()).and_then(|(_, vouched)| vouched.as_ref());
        let manifest = kept.map(|vouched| &vouched.manifest).or(look.manifest.as_ref()).cloned();
        let target_platform = first.map(|(first, _)| first.entry.target_platform.in_words());
        let mut listing = Self {
            package: package.id.clone(),
            group: package.group.clone(),
            manifest,
            target_platform,
            xml: streams.names_of(&package.id),
            reason: line.reason.clone(),
            is_kept: line.is_kept(),
        };
        listing.explain(streams);
        listing
    }

    fn explain(&mut self, streams: &Streams) {
        // Of several reasons, one to fix comes first.
        let mut reasons: Vec<_> = streams
            .left_out
            .iter()
            .filter(|(package, _)| *package == self.package)
            .map(|(_, reason)| reason.clone())
            .chain(self.reason.take())
            .collect();
        reasons.sort_by_key(|reason| !reason.is_defect());
        self.reason = reasons.into_iter().next();
    }
}

impl Candidate {
    /// Names the changelog, if one describes the version and the operator has not named another.
    fn explain(&mut self, looks: &Scan, addresses: Result<&Addresses, &NoAddress>) {
        let knows = |changelog: &Arc<Changelog>| changelog.knows(&self.entry.version);
        if let Ok(addresses) = addresses
            && self.entry.changelog_url.is_none()
            && looks.changelogs.get(self.xml_name()).is_some_and(knows)
        {
            self.entry.changelog_url = Some(addresses.changelog(self.xml_name()));
        }
    }
}

fn changelogs(streams: &[Stream], looks: &Scan) -> BTreeMap<String, (Extension, Arc<Changelog>)> {
    let candidates = streams.iter().flat_map(|stream| &stream.candidates);
    let found = candidates.filter_map(|candidate| {
        let changelog = looks.changelogs.get(candidate.xml_name())?;
        let extension = candidate.entry.extension.clone();
        Some((candidate.xml_name().to_owned(), (extension, Arc::clone(changelog))))
    });
    found.collect()
}

/// Reports packages that disagree with their update XML.
fn disagreements(
    streams: &[Stream],
    packages: &[Listing],
    looks: &Scan,
    addresses: &Addresses,
) -> Vec<String> {
    // The file of a remembered entry has not been read.
    let manifests = packages
        .iter()
        .filter(|listing| !listing.is_kept)
        .filter_map(|listing| Some((listing.package.as_str(), listing.manifest.as_ref()?)))
        .collect();
    let changelog = |candidate: &Candidate| {
        let name = candidate.xml_name();
        let own = looks.changelogs.get(name).map(|_| addresses.changelog(name));
        candidate.entry.changelog_url.clone().or(own)
    };
    let offers = agreement::newest(streams, &manifests, changelog);
    offers.iter().flat_map(|offer| offer.notes(addresses)).collect()
}

fn unwritten_databases(candidates: &[Candidate]) -> Vec<String> {
    let concerned = |candidate: &&Candidate| {
        !candidate.entry.supported_databases.is_empty()
            && candidate.entry.target_platform.majors().contains(&3)
    };
    let text = |candidate: &Candidate| {
        format!(
            "`{}`: `supported_databases` is not written, because Joomla 3, for which the package is \
             too, would refuse the update",
            candidate.package
        )
    };
    candidates.iter().filter(concerned).map(text).collect()
}

fn keys_unexplained(candidates: &[Candidate]) -> Vec<String> {
    let groups: BTreeSet<_> = candidates
        .iter()
        .filter(|candidate| candidate.entry.info_url.is_none())
        .filter_map(|candidate| candidate.group.as_deref())
        .collect();
    let text = |group: &str| {
        format!(
            "the package group `{group}` is paid and has no `infourl`: customers are not told how to \
             get a key"
        )
    };
    groups.into_iter().map(text).collect()
}
