//! Selects the updates of each XML.
//!
//! There is an XML for each extension, by its element, and one for each package group. Joomla takes
//! the highest version an XML holds for the site, whichever extension it is of: so an XML is about
//! one extension, and updates that do not fit are reported.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use joomla_updates::entry::Entry;
use joomla_updates::extension::Extension;
use joomla_updates::select;
use php_compat::version_compare::version_compare;

use super::Reason;
use super::candidate::{Candidate, EntryBasis};
use super::rules::{COLLECTION, is_xml_name};

/// An update XML.
#[derive(Debug)]
pub struct Stream {
    /// Its name, without the ending.
    pub name: String,
    /// Whether it is a package group's.
    pub is_group: bool,
    /// Its candidates, in the order of the settings lines.
    pub candidates: Vec<Candidate>,
}

impl Stream {
    /// Returns the entries of the XML: of its candidates, those whose checksums are known.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let known = self.candidates.iter().filter(|candidate| candidate.file.is_some());
        known.map(|candidate| &candidate.entry)
    }

    /// The extension it is about.
    #[must_use]
    pub fn extension(&self) -> Option<&Extension> {
        self.candidates.first().map(|candidate| &candidate.entry.extension)
    }
}

/// All XML of a site.
#[derive(Debug, Default)]
pub struct Streams {
    /// By name.
    pub list: Vec<Stream>,
    /// Why a package stands in none, or not in all it could.
    pub left_out: Vec<(String, Reason)>,
    /// Further notes for the operator.
    pub notes: Vec<String>,
}

impl Streams {
    /// Puts the candidates, in the order of their lines, into XML.
    #[must_use]
    pub fn new(candidates: &[Candidate], newest_only: bool) -> Self {
        let mut streams = Self::default();
        let mut groups: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
        let mut elements: BTreeMap<&str, Vec<&Candidate>> = BTreeMap::new();
        for candidate in candidates {
            if let Some(group) = &candidate.group {
                groups.entry(group).or_default().push(candidate);
            }
            elements.entry(candidate.xml_name()).or_default().push(candidate);
        }
        groups.retain(|name, members| streams.group_is_possible(name, members));
        for (name, members) in &elements {
            if groups.contains_key(name) {
                streams.notes.push(format!(
                    "`{name}` is an extension and a package group: `{name}.xml` is the package group's"
                ));
            } else if !is_xml_name(name) {
                streams.leave_out(members, &Reason::Name((*name).to_owned()));
            } else if extensions(members).len() > 1 {
                streams.leave_out(members, &Reason::SharedName((*name).to_owned()));
            } else {
                streams.add(name, false, members, newest_only);
            }
        }
        for (name, members) in &groups {
            streams.add(name, true, members, newest_only);
        }
        streams.list.sort_by(|one, other| one.name.cmp(&other.name));
        streams
    }

    /// The names of the XML in which a package stands.
    #[must_use]
    pub fn names_of(&self, package: &str) -> Vec<String> {
        let own = |stream: &&Stream| {
            let mut listed = stream.candidates.iter().filter(|candidate| candidate.file.is_some());
            listed.any(|candidate| candidate.package == package)
        };
        self.list.iter().filter(own).map(|stream| stream.name.clone()).collect()
    }

    /// Does a package stand in none, for a reason that can be fixed?
    #[must_use]
    pub fn refuses(&self, package: &str) -> bool {
        let refused = |(id, reason): &(String, Reason)| id == package && reason.is_defect();
        self.left_out.iter().any(refused) && self.names_of(package).is_empty()
    }

    fn group_is_possible(&mut self, name: &str, members: &[&Candidate]) -> bool {
        let extensions = extensions(members);
        if extensions.len() > 1 {
            let names: Vec<_> = extensions.iter().map(ToString::to_string).collect();
            self.notes.push(format!(
                "the package group `{name}` holds several extensions ({}), and Joomla takes the highest \
                 version of an XML, whichever it is of: there is no `{name}.xml`, use the XML of each \
                 extension",
                names.join(", ")
            ));
        } else if name == COLLECTION {
            self.notes.push(format!(
                "the package group `{name}` has no XML of its own: `{name}.xml` is the list of all XML"
            ));
        } else if !is_xml_name(name) {
            self.notes.push(format!(
                "the package group `{name}` has no XML of its own: its id holds more than letters, \
                 digits, `.`, `_` and `-`"
            ));
        }
        extensions.len() == 1 && is_xml_name(name)
    }

    fn leave_out(&mut self, members: &[&Candidate], reason: &Reason) {
        // For an entry that only stays from before, the report on its file is more precise.
        let members = members.iter().filter(|member| member.standing == EntryBasis::Live);
        let members = members.map(|member| (member.package.clone(), reason.clone()));
        self.left_out.extend(members);
    }

    fn add(&mut self, name: &str, is_group: bool, members: &[&Candidate], newest_only: bool) {
        let mut kept: Vec<&Candidate> = Vec::new();
        // Known ones first, then present ones; free ones before their paid twins. The sort is
        // stable.
        let mut by_rank = members.to_vec();
        by_rank.sort_by_key(|candidate| {
            let is_gone = candidate.standing != EntryBasis::Live;
            (candidate.file.is_none(), is_gone, candidate.group.is_some())
        });
        for candidate in by_rank {
            if candidate.standing == EntryBasis::Former && !is_needed(candidate, members) {
                continue;
            }
            match kept.iter().find(|twin| stands_for(twin, candidate)) {
                None => kept.push(candidate),
                Some(twin) => {
                    let also_free = twin.group.is_none() && candidate.group.is_some();
                    let twin = twin.package.clone();
                    let reason =
                        if also_free { Reason::AlsoFree(twin) } else { Reason::SameVersion(twin) };
                    self.leave_out(&[candidate], &reason);
                }
            }
        }
        if newest_only {
            // A candidate without checksums does not replace another.
            let (known, unknown): (Vec<_>, Vec<_>) =
                kept.into_iter().partition(|one| one.file.is_some());
            let (mut newest, mut superseded) = select::newest(known, |candidate| &candidate.entry);
            newest.extend(unknown);
            let (_, more) = select::newest(newest.clone(), |candidate| &candidate.entry);
            let more: Vec<_> = more.into_iter().filter(|one| one.file.is_none()).collect();
            newest.retain(|one| !is_in(&more, one));
            superseded.extend(more);
            for old in superseded {
                let by = newest.iter().find(|new| select::supersedes(&new.entry, &old.entry));
                let by = by.map_or_else(String::new, |by| by.package.clone());
                self.leave_out(&[old], &Reason::Superseded(by));
            }
            kept = newest;
        }
        let kept: Vec<&Candidate> =
            members.iter().copied().filter(|one| is_in(&kept, one)).collect();
        let candidates = kept.into_iter().cloned().collect();
        self.list.push(Stream { name: name.to_owned(), is_group, candidates });
    }
}

fn is_in(list: &[&Candidate], wanted: &Candidate) -> bool {
    list.iter().any(|one| std::ptr::eq(*one, wanted))
}

/// Returns whether a site would be offered a lower version without this entry, if its file was
/// replaced by one for fewer sites.
fn is_needed(former: &Candidate, members: &[&Candidate]) -> bool {
    let is_lower = |one: &Candidate| {
        one.standing != EntryBasis::Former
            && version_compare(&one.entry.version, &former.entry.version) == Ordering::Less
            && one.entry.target_platform.overlaps(&former.entry.target_platform)
    };
    members.iter().any(|one| is_lower(one))
}

/// Returns whether the other candidate is left out in favour of this one. A former entry is left
/// out only if each site has a replacement.
fn stands_for(one: &Candidate, other: &Candidate) -> bool {
    are_twins(&one.entry, &other.entry)
        && (other.standing == EntryBasis::Live || select::replaces(&one.entry, &other.entry))
}

/// Is there a site that could get either?
fn are_twins(one: &Entry, other: &Entry) -> bool {
    version_compare(&one.version, &other.version) == Ordering::Equal
        && one.target_platform.overlaps(&other.target_platform)
}

fn extensions<'a>(members: &[&'a Candidate]) -> BTreeSet<&'a Extension> {
    members.iter().map(|candidate| &candidate.entry.extension).collect()
}
