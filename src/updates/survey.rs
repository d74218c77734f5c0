//! All packages of a site: each looked at, and put into update XML or reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::addresses::{Addresses, NoAddress};
use super::candidate::{Candidate, Platforms};
use super::look::{Look, Looks, look};
use super::memory::Memory;
use super::rules::{Rules, RulesError};
use super::shelf::Shelf;
use super::streams::{Stream, Streams};
use super::{Reason, agreement};
use crate::config::Config;
use crate::release::catalog::Catalog;
use crate::update_site::changelog::Changelog;
use crate::update_site::extension::Extension;
use crate::update_site::manifest::Manifest;

/// What there is to say about a package.
#[derive(Debug)]
pub struct Listing {
    /// The package's id.
    pub package: String,
    /// Its package group, where it is paid.
    pub group: Option<String>,
    /// Its manifest, where it has one that can be read.
    pub manifest: Option<Manifest>,
    /// For which Joomla versions, in words, where it is listed.
    pub target_platform: Option<String>,
    /// The names of the XML it stands in.
    pub xml: Vec<String>,
    /// Why it stands in none, or not in all it could.
    pub reason: Option<Reason>,
}

impl Listing {
    /// Is something to be mended?
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
    /// Where they are; or why there is none.
    pub addresses: Result<Addresses, NoAddress>,
    /// What the operator should know besides.
    pub notes: Vec<String>,
    /// What he should mend besides.
    pub problems: Vec<String>,
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
///
/// # Errors
/// A section `[updates]` that makes no sense.
pub async fn complete(
    config: &Config,
    shelf: &Shelf,
    memory: &Memory,
) -> Result<Survey, RulesError> {
    loop {
        let survey = survey(config, shelf, memory).await?;
        // A file that was replaced meanwhile is read again.
        if !survey.packages.iter().any(Listing::is_awaited) {
            return Ok(survey);
        }
        memory.idle().await;
    }
}

/// Looks at every package. Those whose checksums are not known yet are left out, and the memory has
/// their files read meanwhile; [`Memory::changes`] tells when to look again.
///
/// # Errors
/// A section `[updates]` that makes no sense.
pub async fn survey(config: &Config, shelf: &Shelf, memory: &Memory) -> Result<Survey, RulesError> {
    let rules = Rules::new(&config.updates)?;
    let addresses = Addresses::new(config, &shelf.endpoints);
    let looks = look(&shelf.catalog, &shelf.folder, &rules, addresses.is_ok(), memory, None).await;
    Ok(Survey::of(&shelf.catalog, &looks, &rules, addresses))
}

impl Survey {
    /// Puts what was found in the packages of a catalog, in their order, into update XML.
    #[must_use]
    pub fn of(
        catalog: &Catalog,
        looks: &Looks,
        rules: &Rules,
        addresses: Result<Addresses, NoAddress>,
    ) -> Self {
        let mut candidates = Vec::new();
        let mut packages = Vec::new();
        let mut platforms = Platforms::default();
        for (package, look) in catalog.packages().into_iter().zip(&looks.packages) {
            let Look { manifest, file, reason } = look.clone();
            let mut listing = Listing {
                package: package.id.clone(),
                group: package.group.clone(),
                manifest,
                target_platform: None,
                xml: Vec::new(),
                reason: None,
            };
            let candidate = match (&listing.manifest, &addresses, reason) {
                (_, Err(NoAddress::Disabled), _) => Err(Reason::NoXml),
                (Some(manifest), Ok(addresses), Some(Reason::Computing) | None) => {
                    Candidate::new(package, manifest, file, rules, addresses, &mut platforms)
                }
                (_, _, Some(reason)) => Err(reason),
                _ => Err(Reason::NoXml),
            };
            match candidate {
                Err(reason) => listing.reason = Some(reason),
                Ok(mut candidate) => {
                    candidate.explain(looks, addresses.as_ref());
                    listing.target_platform = Some(candidate.entry.target_platform.in_words());
                    listing.reason = candidate.file.is_none().then_some(Reason::Computing);
                    candidates.push(candidate);
                }
            }
            packages.push(listing);
        }
        let streams = Streams::new(&candidates, rules.newest_only);
        for listing in &mut packages {
            listing.put_into(&streams);
        }
        let mut notes = streams.notes;
        notes.extend(unwritten_databases(&candidates));
        notes.extend(keys_unexplained(&candidates));
        notes.extend(looks.changelogs.notes());
        if let Ok(addresses) = &addresses {
            notes.extend(disagreements(&streams.list, &packages, looks, addresses));
        }
        let changelogs = changelogs(&streams.list, looks);
        let problems = rules.unknown(catalog);
        Self { packages, streams: streams.list, changelogs, addresses, notes, problems }
    }
}

impl Listing {
    /// Notes in which XML it stands, and why not in all it could.
    fn put_into(&mut self, streams: &Streams) {
        let own = |stream: &&Stream| {
            let mut listed = stream.candidates.iter().filter(|candidate| candidate.file.is_some());
            listed.any(|candidate| candidate.package == self.package)
        };
        self.xml = streams.list.iter().filter(own).map(|stream| stream.name.clone()).collect();
        // Of several, what is to be mended comes first.
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
    /// Names the changelog, where there is one that knows its version and the operator has not named
    /// another.
    fn explain(&mut self, looks: &Looks, addresses: Result<&Addresses, &NoAddress>) {
        let knows = |changelog: &Arc<Changelog>| changelog.knows(&self.entry.version);
        if let Ok(addresses) = addresses
            && self.entry.changelog_url.is_none()
            && looks.changelogs.get(self.xml_name()).is_some_and(knows)
        {
            self.entry.changelog_url = Some(addresses.changelog(self.xml_name()));
        }
    }
}

fn changelogs(streams: &[Stream], looks: &Looks) -> BTreeMap<String, (Extension, Arc<Changelog>)> {
    let candidates = streams.iter().flat_map(|stream| &stream.candidates);
    let found = candidates.filter_map(|candidate| {
        let changelog = looks.changelogs.get(candidate.xml_name())?;
        let extension = candidate.entry.extension.clone();
        Some((candidate.xml_name().to_owned(), (extension, Arc::clone(changelog))))
    });
    found.collect()
}

/// Where packages say of themselves something else than is served of them.
fn disagreements(
    streams: &[Stream],
    packages: &[Listing],
    looks: &Looks,
    addresses: &Addresses,
) -> Vec<String> {
    let manifests = packages
        .iter()
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
