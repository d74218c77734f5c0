//! The update XML of a site as it is served: every text made once, and what it is made from, so
//! that what the settings withdraw can be left out.
//!
//! Made by `service`'s publisher from a [`Survey`], asked by `http` through a
//! [`super::publication`]. Must not import: `http`, `warp`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use joomla_updates::changelog::Changelog;
use joomla_updates::collection::{self, Part};
use joomla_updates::entry::Entry;
use joomla_updates::extension::Extension;
use joomla_updates::xml;

use super::candidate::{Candidate, Checked, EntryBasis};
use super::document_text::DocumentText;
use super::guarded::Guard;
use super::rules::COLLECTION;
use super::streams::Stream;
use super::survey::{Listing, Survey};
use crate::jbackend::update_path::CHANGELOGS;

/// What the list is called where the site has no name.
const UNNAMED: &str = "Updates";

/// All documents of a site.
#[derive(Debug, Default)]
pub struct Documents {
    by_name: BTreeMap<String, Arc<Document>>,
    /// How many packages stand in one at least, as their files are.
    pub listed: usize,
    /// How many should and cannot.
    pub defects: usize,
    /// How many will, once their checksums are known.
    pub awaited: usize,
    missing: Missing,
}

/// What cannot be told yet, because nothing is remembered of earlier times: an XML that lacks a version
/// it once had would have sites install an older one.
#[derive(Debug, Default)]
enum Missing {
    /// Nothing.
    #[default]
    None,
    /// These.
    Some(BTreeSet<String>),
    /// It is not even known which there are.
    All,
}

/// A document.
#[derive(Debug)]
pub struct Document {
    name: String,
    shape: Shape,
    listed: Vec<ListedUpdate>,
    /// With everything that is listed.
    whole: Arc<DocumentText>,
    pub(super) guard: Guard,
}

/// An update that is listed, and the file it is about.
#[derive(Debug, Clone)]
pub struct ListedUpdate {
    /// The package's id.
    pub package: String,
    /// Its package group, where it is paid.
    pub group: Option<String>,
    /// Its file as it was when its checksums were computed.
    pub file: Checked,
    /// Is that the file which was there when the text was made?
    pub is_there: bool,
    entry: Arc<Entry>,
}

#[derive(Debug)]
enum Shape {
    /// One `<update>` for each.
    Updates,
    /// The list of all XML: its name, and the addresses with what is in each.
    Collection(String, Vec<(String, Range<usize>)>),
    /// A changelog of an extension, which is about no file.
    Changelog(Extension, Arc<Changelog>),
}

impl Documents {
    /// The documents of a survey; `site` is the site's name. Texts that are as in `former` are taken
    /// from there.
    #[must_use]
    pub fn new(site: Option<&str>, survey: &Survey, former: &Self) -> Self {
        let packages = || survey.packages.iter();
        let mut documents = Self {
            by_name: BTreeMap::new(),
            listed: packages()
                .filter(|listing| !listing.xml.is_empty() && !listing.is_kept)
                .count(),
            defects: packages().filter(|listing| listing.is_defect()).count(),
            awaited: packages().filter(|listing| listing.is_awaited()).count(),
            missing: Missing::None,
        };
        let Ok(addresses) = &survey.addresses else { return documents };
        let entries: Vec<(&Stream, Vec<ListedUpdate>)> =
            survey.streams.iter().map(|stream| (stream, listed(stream))).collect();
        for (stream, listed) in &entries {
            // What has nothing in it yet is not there yet.
            if !listed.is_empty() {
                documents.add(former, &stream.name, Shape::Updates, listed.clone());
            }
        }
        let (mut parts, mut all) = (Vec::new(), Vec::new());
        for (stream, listed) in &entries {
            if collected(stream, &survey.streams) {
                let start = all.len();
                all.extend(listed.iter().cloned());
                parts.push((addresses.xml(&stream.name), start..all.len()));
            }
        }
        if !all.is_empty() {
            let shape = Shape::Collection(site.unwrap_or(UNNAMED).to_owned(), parts);
            documents.add(former, COLLECTION, shape, all);
        }
        for (name, (extension, changelog)) in &survey.changelogs {
            let shape = Shape::Changelog(extension.clone(), Arc::clone(changelog));
            documents.add(former, &format!("{CHANGELOGS}/{name}"), shape, Vec::new());
        }
        documents
    }

    /// Before anything was looked at, and nothing is remembered.
    #[must_use]
    pub fn unknown() -> Self {
        Self { missing: Missing::All, ..Self::default() }
    }

    /// Keeps back what has not all of its entries yet, unless it was complete before.
    #[must_use]
    pub fn only_complete(mut self, survey: &Survey, former: &Self) -> Self {
        let is_awaited = |stream: &&Stream| stream.candidates.iter().any(|one| one.file.is_none());
        let streams = survey.streams.iter().filter(is_awaited).map(|stream| &*stream.name);
        let all = Some(COLLECTION).filter(|_| survey.packages.iter().any(Listing::is_awaited));
        let missing: BTreeSet<String> = streams
            .chain(all)
            .filter(|name| former.get(name).is_none())
            .map(str::to_owned)
            .collect();
        self.by_name.retain(|name, _| !missing.contains(name));
        self.missing = Missing::Some(missing);
        self
    }

    /// May there be one of this name, as soon as all files have been read?
    #[must_use]
    pub fn is_awaited(&self, name: &str) -> bool {
        match &self.missing {
            Missing::None => false,
            Missing::Some(names) => names.contains(name),
            Missing::All => true,
        }
    }

    /// Is nothing in it, nor will be?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty() && matches!(self.missing, Missing::None)
    }

    fn add(&mut self, former: &Self, name: &str, shape: Shape, listed: Vec<ListedUpdate>) {
        let text = shape.text(&listed.iter().collect::<Vec<_>>());
        let same = former.by_name.get(name).filter(|old| old.whole.plain == text.as_bytes());
        let whole =
            same.map_or_else(|| Arc::new(DocumentText::packed(text)), |old| Arc::clone(&old.whole));
        let name = name.to_owned();
        let document =
            Document { name: name.clone(), shape, listed, whole, guard: Guard::default() };
        self.by_name.insert(name, Arc::new(document));
    }

    /// The document of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Document>> {
        self.by_name.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.by_name.values()
    }
}

impl Document {
    /// Its name, without the ending.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files it is about.
    #[must_use]
    pub fn listed(&self) -> &[ListedUpdate] {
        &self.listed
    }

    /// Its text with everything that is listed.
    #[must_use]
    pub fn whole(&self) -> &Arc<DocumentText> {
        &self.whole
    }

    /// Its text with those alone for which `is_there` holds, by their places in [`Document::listed`].
    pub(super) fn without_others(&self, is_there: &[bool]) -> Arc<DocumentText> {
        if is_there.iter().all(|there| *there) {
            return Arc::clone(&self.whole);
        }
        let there =
            |range: &Range<usize>| range.clone().filter(|index| is(is_there, *index)).count();
        let kept: Vec<&ListedUpdate> = self
            .listed
            .iter()
            .zip(is_there)
            .filter(|(_, there)| **there)
            .map(|(one, _)| one)
            .collect();
        let shape = match &self.shape {
            Shape::Updates => Shape::Updates,
            // It never comes to that: no file can be missing.
            Shape::Changelog(..) => return Arc::clone(&self.whole),
            Shape::Collection(site, parts) => {
                let mut end = 0;
                let fewer = |(url, range): &(String, Range<usize>)| {
                    let start = end;
                    end += there(range);
                    (url.clone(), start..end)
                };
                Shape::Collection(site.clone(), parts.iter().map(fewer).collect())
            }
        };
        // Made for this answer alone: not worth compressing.
        Arc::new(DocumentText::plain(shape.text(&kept)))
    }
}

fn is(flags: &[bool], index: usize) -> bool {
    flags.get(index).copied().unwrap_or_default()
}

impl Shape {
    fn text(&self, listed: &[&ListedUpdate]) -> String {
        match self {
            Self::Updates => xml::updates(listed.iter().map(|one| &*one.entry)),
            Self::Changelog(extension, changelog) => changelog.xml(extension),
            Self::Collection(site, parts) => {
                let part = |(url, range): &(String, Range<usize>)| {
                    let entries = listed.get(range.clone()).unwrap_or_default().iter();
                    (url.clone(), entries.map(|one| &*one.entry).collect())
                };
                collected_text(site, &parts.iter().map(part).collect::<Vec<_>>())
            }
        }
    }
}

/// The list of all XML of a survey.
#[must_use]
pub fn collection(site: Option<&str>, survey: &Survey) -> String {
    let Ok(addresses) = &survey.addresses else { return String::new() };
    let streams = survey.streams.iter().filter(|stream| collected(stream, &survey.streams));
    let parts = streams.map(|stream| (addresses.xml(&stream.name), stream.entries().collect()));
    collected_text(site.unwrap_or(UNNAMED), &parts.collect::<Vec<_>>())
}

fn collected_text(site: &str, parts: &[(String, Vec<&Entry>)]) -> String {
    let parts: Vec<_> =
        parts.iter().map(|(url, entries)| Part { url, entries: entries.clone() }).collect();
    collection::collection(site, &parts)
}

/// Every extension once: what a package group's XML holds stands in its extension's too, unless both
/// have one name.
fn collected(stream: &Stream, all: &[Stream]) -> bool {
    let elsewhere = |other: &Stream| !other.is_group && other.extension() == stream.extension();
    !stream.is_group || !all.iter().any(elsewhere)
}

fn listed(stream: &Stream) -> Vec<ListedUpdate> {
    let known = |candidate: &Candidate| {
        Some(ListedUpdate {
            package: candidate.package.clone(),
            group: candidate.group.clone(),
            file: candidate.file.clone()?,
            is_there: candidate.standing == EntryBasis::Live,
            entry: Arc::new(candidate.entry.clone()),
        })
    };
    stream.candidates.iter().filter_map(known).collect()
}
