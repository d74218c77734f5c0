//! The last known entry of a settings line, which stays in the update XML.
//!
//! A replaced, missing or broken file must not make an XML name a lower version than before: Joomla
//! installs the version that the XML names at that moment, even 1.0.0 over 1.0.5. So the last entry
//! of a line stays until its file gives another one. Called by the survey; the memory keeps a
//! [`Vouched`] over restarts. See `docs/updates.md`, "A version stays".

use std::cmp::Ordering;

use joomla_updates::manifest::Manifest;
use joomla_updates::select;
use php_compat::version_compare::version_compare;

use super::Reason;
use super::addresses::Addresses;
use super::candidate::{Candidate, Checked, EntryBasis, Platforms};
use super::rules::UpdateRules;
use super::scan::ScannedPackage;
pub use super::vouched_entry::Vouched;
use crate::release::settings::Package;

/// Entries of one line that are kept: of files that were replaced by some that are for fewer sites.
pub(super) const MOST: usize = 16;

/// The context in which entries are made from manifests.
pub(super) struct Making<'a> {
    pub(super) rules: &'a UpdateRules,
    pub(super) addresses: &'a Addresses,
    pub(super) platforms: Platforms,
}

/// The entries of a line in the XML.
#[derive(Debug, Default)]
pub(super) struct VouchedLine {
    /// Its entries, each with the data to remember. The first counts most.
    pub(super) entries: Vec<(Candidate, Option<Vouched>)>,
    /// Why its file brings none, or none yet.
    pub(super) reason: Option<Reason>,
    /// The former entries to use if the file's own entry fits into no XML.
    instead: Vec<(Candidate, Option<Vouched>)>,
}

impl VouchedLine {
    /// Makes an empty result with this reason.
    pub(super) fn without(reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::default() }
    }

    /// The entry of the file that was looked at, and those that stay.
    pub(super) fn new(package: &Package, look: &ScannedPackage, making: &mut Making<'_>) -> Self {
        let own = match (&look.manifest, &look.reason) {
            (Some(manifest), None | Some(Reason::Computing)) => {
                making.candidate(package, manifest, look.file.clone(), EntryBasis::Live)
            }
            (_, reason) => Err(reason.clone().unwrap_or(Reason::NoXml)),
        };
        let own = match own {
            Err(reason) if reason.is_of_line() => {
                return Self::without(reason);
            }
            own => own,
        };
        let kept = making.kept(package, &look.kept);
        match own {
            Ok(own) if own.file.is_some() => Self::of_file(own, look, kept),
            // Its checksums will be known soon: until then, the former entry takes part in all
            // decisions.
            Ok(own) => {
                let entries = if kept.is_empty() { vec![(own, None)] } else { kept };
                Self { entries, reason: Some(Reason::Computing), instead: Vec::new() }
            }
            Err(reason) => Self { entries: kept, reason: Some(reason), instead: Vec::new() },
        }
    }

    fn of_file(
        own: Candidate,
        look: &ScannedPackage,
        kept: Vec<(Candidate, Option<Vouched>)>,
    ) -> Self {
        let vouched = look.manifest.as_ref().zip(own.file.as_ref()).map(|(manifest, file)| {
            let (path, checksums) = (file.path.clone(), file.checksums.clone());
            Vouched { path, manifest: manifest.clone(), checksums }
        });
        let path = own.file.as_ref().map(|file| &file.path);
        // Another file in the line is the operator's word, whatever is in it.
        let is_same_line = |one: &Candidate| one.file.as_ref().map(|file| &file.path) == path;
        let kept: Vec<_> = kept.into_iter().filter(|(one, _)| is_same_line(one)).collect();
        if let Some((last, _)) = kept.first()
            && let Some(reason) = steps_back(&own, last)
        {
            return Self { entries: kept, reason: Some(reason), instead: Vec::new() };
        }
        let mut entries = vec![(own, vouched)];
        for (one, vouched) in &kept {
            if !entries.iter().any(|(new, _)| select::replaces(&new.entry, &one.entry)) {
                let one = Candidate { standing: EntryBasis::Former, ..one.clone() };
                entries.push((one, vouched.clone()));
            }
        }
        entries.truncate(MOST);
        Self { entries, reason: None, instead: kept }
    }

    /// Replaces the file's own entry by the former one, for this reason; `false` if there is none.
    pub(super) fn step_back(&mut self, reason: &Reason) -> bool {
        if self.instead.is_empty() {
            return false;
        }
        self.entries = std::mem::take(&mut self.instead);
        self.reason = Some(reason.clone());
        true
    }

    /// Returns whether this is the former entry, not the one of the present file.
    pub(super) fn is_kept(&self) -> bool {
        self.entries.first().is_some_and(|(first, _)| first.standing != EntryBasis::Live)
    }

    /// Returns the data to remember of it.
    pub(super) fn vouched(&self) -> Vec<Vouched> {
        self.entries.iter().filter_map(|(_, vouched)| vouched.clone()).collect()
    }
}

/// A file that is put in another one's place is not about something else, and not an older version: no
/// site is to get that as an update.
fn steps_back(own: &Candidate, last: &Candidate) -> Option<Reason> {
    let (new, old) = (&own.entry, &last.entry);
    if new.extension != old.extension {
        let (new, old) = (new.extension.to_string(), old.extension.to_string());
        return Some(Reason::OtherExtension { new, old });
    }
    let is_lower = version_compare(&new.version, &old.version) == Ordering::Less;
    let (new, old) = (new.version.clone(), old.version.clone());
    is_lower.then_some(Reason::Lower { new, old })
}

impl Making<'_> {
    fn candidate(
        &mut self,
        package: &Package,
        manifest: &Manifest,
        file: Option<Checked>,
        standing: EntryBasis,
    ) -> Result<Candidate, Reason> {
        let Self { rules, addresses, platforms } = self;
        let candidate = Candidate::new(package, manifest, file, rules, addresses, platforms)?;
        Ok(Candidate { standing, ..candidate })
    }

    /// Makes entries from the remembered ones, by the present rules.
    fn kept(&mut self, package: &Package, kept: &[Vouched]) -> Vec<(Candidate, Option<Vouched>)> {
        let mut standing = EntryBasis::Last;
        let mut candidates = Vec::new();
        for vouched in kept {
            let (path, checksums) = (vouched.path.clone(), vouched.checksums.clone());
            let file = Some(Checked { path, version: String::new(), checksums });
            if let Ok(candidate) = self.candidate(package, &vouched.manifest, file, standing) {
                candidates.push((candidate, Some(vouched.clone())));
            }
            standing = EntryBasis::Former;
        }
        candidates
    }
}
