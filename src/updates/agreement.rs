//! Checks whether a package agrees with the update XML that is served for it. Its manifest names an
//! update server and a changelog; its install script requires a Joomla and a PHP.
//!
//! Called by `survey`, for the newest version of each extension: older ones can no longer be
//! changed. A disagreement is reported, and the package is served all the same.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use joomla_updates::manifest::Manifest;
use php_compat::version_compare::version_compare;

use super::addresses::{Addresses, UpdateAddress};
use super::candidate::Candidate;
use super::rules::COLLECTION;
use super::streams::Stream;
use crate::mask::printable;

/// A package in the XML.
pub(super) struct Offer<'a> {
    /// The update.
    pub(super) candidate: &'a Candidate,
    /// The manifest in the package.
    pub(super) manifest: &'a Manifest,
    /// The address of its changelog, if there is one.
    pub(super) changelog: Option<String>,
    /// The XML it stands in.
    xml: BTreeSet<&'a str>,
}

/// Returns the disagreements of a package that is not in the XML yet, in words.
#[must_use]
pub fn of_new_package(
    candidate: &Candidate,
    manifest: &Manifest,
    addresses: &Addresses,
) -> Vec<String> {
    let changelog = candidate.entry.changelog_url.clone();
    let group = candidate.group.as_deref();
    let xml: BTreeSet<_> = [candidate.xml_name()].into_iter().chain(group).collect();
    Offer { candidate, manifest, changelog, xml }.disagreements(addresses)
}

/// The newest packages of all XML: for each of them, of those for the same Joomla versions that are
/// as finished. `manifests` and `changelog` look up the data of a package.
pub(super) fn newest<'a>(
    streams: &'a [Stream],
    manifests: &HashMap<&str, &'a Manifest>,
    changelog: impl Fn(&Candidate) -> Option<String>,
) -> Vec<Offer<'a>> {
    let mut offers: BTreeMap<&str, Offer<'a>> = BTreeMap::new();
    for stream in streams {
        let mut newest: BTreeMap<_, &Candidate> = BTreeMap::new();
        for candidate in &stream.candidates {
            let entry = &candidate.entry;
            let place = newest.entry((entry.target_platform.as_str(), entry.stability));
            let kept = place.or_insert(candidate);
            if version_compare(&entry.version, &kept.entry.version) == Ordering::Greater {
                *kept = candidate;
            }
        }
        for candidate in newest.into_values() {
            let Some(manifest) = manifests.get(candidate.package.as_str()) else { continue };
            let offer = offers.entry(&candidate.package).or_insert_with(|| Offer {
                candidate,
                manifest,
                changelog: changelog(candidate),
                xml: BTreeSet::new(),
            });
            offer.xml.insert(&stream.name);
        }
    }
    offers.into_values().collect()
}

impl Offer<'_> {
    /// Returns the disagreements, in words.
    pub(super) fn notes(&self, addresses: &Addresses) -> Vec<String> {
        let package = &self.candidate.package;
        let notes = self.disagreements(addresses).into_iter();
        notes.map(|note| format!("`{package}`: {note}")).collect()
    }

    fn disagreements(&self, addresses: &Addresses) -> Vec<String> {
        let mut notes = self.servers(addresses);
        notes.extend(self.changelog(addresses));
        notes.extend(self.joomla());
        notes.extend(self.php());
        notes
    }

    fn servers(&self, addresses: &Addresses) -> Vec<String> {
        let own = Some(self.candidate.xml_name()).filter(|name| self.xml.contains(name));
        let Some(name) = own.or_else(|| self.xml.first().copied()) else { return Vec::new() };
        let wanted = format!("`<server type=\"extension\">{}</server>`", addresses.xml(name));
        let mut notes = Vec::new();
        let mut elsewhere = Vec::new();
        for server in &self.manifest.update_servers {
            let url = short(&server.url);
            let kind = match addresses.place(&server.url) {
                Some(UpdateAddress::Xml(name)) if name == COLLECTION => "collection",
                Some(UpdateAddress::Xml(name)) if self.xml.contains(name.as_str()) => "extension",
                Some(_) => {
                    notes.push(format!(
                        "the update server `{url}` in its manifest is no XML this package stands in: \
                         write {wanted}"
                    ));
                    continue;
                }
                None => {
                    elsewhere.push(format!("`{url}`"));
                    continue;
                }
            };
            if !server.kind.eq_ignore_ascii_case(kind) {
                let found = short(&server.kind);
                notes.push(format!(
                    "the update server `{url}` in its manifest has `type=\"{found}\"`, with which \
                     Joomla silently finds nothing there: write `type=\"{kind}\"`"
                ));
            }
        }
        if self.manifest.update_servers.is_empty() {
            notes.push(format!(
                "its manifest names no update server, so a site that has it never asks for updates: \
                 write {wanted} into `<updateservers>`"
            ));
        } else if elsewhere.len() == self.manifest.update_servers.len() {
            let elsewhere = elsewhere.join(", ");
            notes.push(format!(
                "its manifest sends sites for updates to {elsewhere}, which is not here: write {wanted}"
            ));
        }
        notes
    }

    fn changelog(&self, addresses: &Addresses) -> Option<String> {
        let url = short(&self.manifest.changelog_url);
        let found = addresses.place(&self.manifest.changelog_url);
        match &self.changelog {
            Some(wanted) if url.is_empty() => Some(format!(
                "its manifest names no changelog, so the changes of the installed version are not \
                 shown: write `<changelogurl>{wanted}</changelogurl>`"
            )),
            Some(wanted) => {
                let is_right = self.manifest.changelog_url == *wanted
                    || found.is_some() && found == addresses.place(wanted);
                (!is_right).then(|| {
                    format!(
                        "the changelog `{url}` in its manifest is not the one of its update: write \
                         `<changelogurl>{wanted}</changelogurl>`"
                    )
                })
            }
            None => found.map(|_| {
                format!(
                    "the changelog `{url}` in its manifest leads here, where there is none for it: add \
                     one, or take the address out"
                )
            }),
        }
    }

    fn joomla(&self) -> Option<String> {
        let wanted = self.manifest.wants.joomla.as_deref()?;
        let platform = &self.candidate.entry.target_platform;
        let lowest = platform.versions().next()?;
        (version_compare(&lowest, wanted) == Ordering::Less).then(|| {
            format!(
                "its install script wants Joomla {wanted} at least, and its target platform `{platform}` \
                 takes Joomla {lowest} too, where the update fails: narrow `targetplatform`"
            )
        })
    }

    fn php(&self) -> Option<String> {
        let wanted = self.manifest.wants.php.as_deref()?;
        let entry = &self.candidate.entry;
        let joomla = lowest_php(*entry.target_platform.majors().first()?);
        let is_less = |php: &str| version_compare(&whole(php), &whole(wanted)) == Ordering::Less;
        let said = entry.php_minimum.as_deref();
        (is_less(joomla) && said.is_none_or(is_less)).then(|| {
            let said = said.map_or_else(
                || format!("no lowest PHP, and its target platform takes sites from PHP {joomla}"),
                |said| format!("PHP {said}"),
            );
            format!(
                "its install script wants PHP {wanted} at least, and its update says {said}: set \
                 `php_minimum = \"{wanted}\"`, or write it into its manifest"
            )
        })
    }
}

/// The lowest PHP on which a Joomla of this major version runs.
fn lowest_php(joomla: u8) -> &'static str {
    match joomla {
        ..=3 => "5.3.10",
        4 => "7.2.5",
        5 => "8.1.0",
        6.. => "8.3.0",
    }
}

/// A version of three parts: there is no PHP 8.1 below 8.1.0.
fn whole(version: &str) -> String {
    let parts = version.split('.').count();
    let is_plain = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let missing = if is_plain { 3_usize.saturating_sub(parts) } else { 0 };
    format!("{version}{}", ".0".repeat(missing))
}

/// Shortens an address for people: leaves out the part behind a `?`, which may be a key.
fn short(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    // An address may hold a password: nothing before an `@` is shown.
    let text: String = text.chars().take(200).collect();
    printable(text.rsplit_once('@').map_or(text.as_str(), |(_, rest)| rest))
}
