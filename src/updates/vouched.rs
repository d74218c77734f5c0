//! What a settings line stood for when it was last read, and what stays of it in the update XML.
//!
//! A file that is replaced, gone or broken must not make an XML name a lower version than before:
//! Joomla, asked to update, takes what the XML names at that moment, and installs 1.0.0 over 1.0.5. So
//! the last entry of a line stays until its file gives another one. Called by the survey; the memory
//! keeps a [`Vouched`] over restarts. See `docs/updates.md`, "A version stays".

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

/// What is made of manifests.
pub(super) struct Making<'a> {
    pub(super) rules: &'a UpdateRules,
    pub(super) addresses: &'a Addresses,
    pub(super) platforms: Platforms,
}

/// What a line brings to the XML.
#[derive(Debug, Default)]
pub(super) struct VouchedLine {
    /// Its entries, each with what is to be remembered of it. The first counts most.
    pub(super) entries: Vec<(Candidate, Option<Vouched>)>,
    /// Why its file brings none, or none yet.
    pub(super) reason: Option<Reason>,
    /// What stays where the file's own entry cannot stand in any XML.
    instead: Vec<(Candidate, Option<Vouched>)>,
}

impl VouchedLine {
    /// Nothing, for this reason.
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
            // Known soon: what is known takes part in all decisions until then.
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

    /// Gives up the file's own entry, for this reason, for what stood there before; `false` where
    /// nothing did.
    pub(super) fn step_back(&mut self, reason: &Reason) -> bool {
        if self.instead.is_empty() {
            return false;
        }
        self.entries = std::mem::take(&mut self.instead);
        self.reason = Some(reason.clone());
        true
    }

    /// Is this what stood there before, and not what the file says?
    pub(super) fn is_kept(&self) -> bool {
        self.entries.first().is_some_and(|(first, _)| first.standing != EntryBasis::Live)
    }

    /// What is to be remembered of it.
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

    /// What stands in the XML of what is remembered, by the rules of today.
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
