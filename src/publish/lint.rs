//! Everything that speaks against a release, found at once.
//!
//! Pure: the manifest was read, and the catalog, the rules and the releases are given. Must not import:
//! `ledger`, `packages`.

use std::sync::Arc;

use joomla_updates::archive::ArchiveError;
use joomla_updates::extension::Extension;
use joomla_updates::manifest::Manifest;
use joomla_updates::target_platform::TargetPlatform;
use serde::Serialize;

use crate::release::catalog::Catalog;
use crate::release::package_path::{PackagePath, PathError};
use crate::release::record::{ReleaseRecord, ReleaseState, check_id};
use crate::release::settings::Package;
use crate::signing::SigningRules;
use crate::told::{Tell, Told};
use crate::updates::addresses::{Addresses, NoAddress};
use crate::updates::agreement;
use crate::updates::candidate::{Candidate, Platforms};
use crate::updates::rules::UpdateRules;

/// Everything that a new release is compared with.
pub struct Ground {
    /// Packages and package groups of the plugin's lines.
    pub catalog: Arc<Catalog>,
    /// The rules of update XML.
    pub rules: Arc<UpdateRules>,
    /// The addresses of the site, or why there are none.
    pub addresses: Result<Addresses, NoAddress>,
    /// The extensions that need a signature, and the keys that count.
    pub signing: SigningRules,
    /// All releases, of any state.
    pub releases: Vec<Arc<ReleaseRecord>>,
}

/// Something that the maker should fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether it keeps the file from being published.
    pub is_error: bool,
    /// The problem.
    pub what: String,
    /// The remedy, if there is one.
    pub advice: Option<String>,
}

/// All findings about a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Makes the only finding about a file that is not an extension's.
    #[must_use]
    pub fn of_archive(error: &ArchiveError) -> Self {
        let mut findings = Self::default();
        findings.error(&Told::only(format_args!("the file cannot be published: {error}")));
        findings
    }

    /// Makes the only finding about a first release of which no one said who may have it.
    #[must_use]
    pub fn of_unknown_scope(manifest: &Manifest) -> Self {
        let what = format!("this is the first release of {}", manifest.extension);
        let advice = "say who may have it with `--group GROUP` or `--free`";
        let mut findings = Self::default();
        findings.error(&Told::new(what, ": ", advice));
        findings
    }

    /// Adds a finding that keeps the file from being published.
    pub fn error(&mut self, told: &impl Tell) {
        self.add(true, told);
    }

    fn warning(&mut self, told: &impl Tell) {
        self.add(false, told);
    }

    fn add(&mut self, is_error: bool, told: &impl Tell) {
        let Told { what, advice, .. } = told.told();
        self.0.push(Finding { is_error, what, advice });
    }

    /// Returns the warnings.
    ///
    /// # Errors
    /// All findings, if one of them is an error.
    pub fn without_errors(self) -> Result<Vec<Finding>, Self> {
        if self.0.iter().any(|finding| finding.is_error) { Err(self) } else { Ok(self.0) }
    }

    /// Returns the errors as one line.
    #[must_use]
    pub fn errors_in_a_line(&self) -> String {
        let errors = self.0.iter().filter(|finding| finding.is_error);
        let line = |finding: &Finding| match &finding.advice {
            Some(advice) => format!("{}: {advice}", finding.what),
            None => finding.what.clone(),
        };
        errors.map(line).collect::<Vec<_>>().join("; ")
    }
}

impl Ground {
    /// Returns the release of an extension that was stored last.
    #[must_use]
    pub fn latest(&self, extension: &Extension) -> Option<&ReleaseRecord> {
        let of_it = self.releases.iter().filter(|one| one.extension == *extension);
        of_it.max_by_key(|one| one.stored_at).map(Arc::as_ref)
    }

    /// Returns the addresses of the update XML in which sites find a release.
    #[must_use]
    pub fn xml(&self, release: &ReleaseRecord) -> Vec<String> {
        let Ok(addresses) = &self.addresses else { return Vec::new() };
        if release.group.as_ref().is_some_and(|group| !self.rules.lists(group)) {
            return Vec::new();
        }
        let own = self.rules.fields(&package(release)).xml;
        let name = own.unwrap_or_else(|| release.extension.element.clone());
        vec![addresses.xml(&name)]
    }
}

/// Makes the package that the release would be, for the rules of update XML.
fn package(release: &ReleaseRecord) -> Package {
    let path = PackagePath::of_release(&release.checksums.sha256, &release.file_name);
    Package {
        id: release.id.clone(),
        path: path.ok_or(PathError::Empty),
        group: release.group.clone(),
        release: Some(Arc::new(release.clone())),
    }
}

/// Returns all findings about a new release. `is_forced` allows a lower version.
#[must_use]
pub fn lint(
    release: &ReleaseRecord,
    manifest: &Manifest,
    ground: &Ground,
    is_forced: bool,
) -> Findings {
    let mut findings = Findings::default();
    look_at_id(release, ground, &mut findings);
    look_at_group(release, ground, &mut findings);
    look_at_versions(release, ground, is_forced, &mut findings);
    look_at_update(release, manifest, ground, &mut findings);
    findings
}

fn look_at_id(release: &ReleaseRecord, ground: &Ground, findings: &mut Findings) {
    if let Err(error) = check_id(&release.id) {
        findings.error(&Told::new(error, ": ", "choose one with `--id`"));
    }
    if let Some(line) = ground.catalog.package_line(&release.id) {
        let what = format!("`{}` stands in line {line} of the plugin's packages", release.id);
        let advice = "the line comes first: remove it, or choose another id";
        findings.warning(&Told::new(what, ": ", advice));
    }
    let of_id = ground.releases.iter().filter(|one| one.id == release.id);
    for one in of_id {
        if one.extension != release.extension {
            let what = format!("`{}` is the id of {}", release.id, one.extension);
            findings.error(&Told::new(what, ": ", "choose another id"));
            return;
        }
        if one.channel != release.channel && one.state != ReleaseState::Withdrawn {
            let what = format!(
                "`{}` has releases of the channel {}, and this one is of {}",
                release.id, one.channel, release.channel
            );
            let advice = "an id serves its highest version to everyone: choose another id";
            findings.error(&Told::new(what, ": ", advice));
            return;
        }
    }
}

fn look_at_group(release: &ReleaseRecord, ground: &Ground, findings: &mut Findings) {
    if let Some(group) = &release.group
        && ground.catalog.group(group).is_none()
    {
        let known: Vec<_> =
            ground.catalog.groups().iter().map(|group| format!("`{}`", group.id)).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let what = format!("the package group `{group}` does not exist");
        findings.error(&Told::new(what, ": ", format!("those that do: {known}")));
    }
}

/// Compares with the releases of the same extension and channel that share a Joomla version.
fn look_at_versions(
    release: &ReleaseRecord,
    ground: &Ground,
    is_forced: bool,
    findings: &mut Findings,
) {
    let platform = |one: &ReleaseRecord| {
        one.target_platform.as_deref().and_then(|pattern| TargetPlatform::parse(pattern).ok())
    };
    let own = platform(release);
    let rivals = ground.releases.iter().filter(|one| {
        let shares_joomla = match (&own, platform(one)) {
            (Some(own), Some(other)) => own.overlaps(&other),
            _ => true,
        };
        one.state.is_served()
            && one.extension == release.extension
            && one.channel == release.channel
            && shares_joomla
    });
    let highest = rivals.max_by(|one, other| one.compare_versions(other));
    let Some(highest) = highest.filter(|highest| !release.compare_versions(highest).is_gt()) else {
        return;
    };
    let what = format!(
        "version {} is not higher than {}, which is published in the channel {} for the same Joomla",
        release.version, highest.version, highest.channel
    );
    if is_forced {
        findings.warning(&Told::only(what));
    } else {
        let advice = "raise the version; on the server `--force` publishes it all the same";
        findings.error(&Told::new(what, ": ", advice));
    }
}

/// Looks at the entry that the release would have in update XML.
fn look_at_update(
    release: &ReleaseRecord,
    manifest: &Manifest,
    ground: &Ground,
    findings: &mut Findings,
) {
    let addresses = match &ground.addresses {
        Ok(addresses) => addresses,
        Err(error) => return findings.warning(&error.told().after("there is no update XML: ")),
    };
    let package = package(release);
    let mut platforms = Platforms::default();
    let made = Candidate::new(&package, manifest, None, &ground.rules, addresses, &mut platforms);
    match made {
        Err(reason) => findings.error(&reason),
        Ok(candidate) => {
            for note in agreement::of_new_package(&candidate, manifest, addresses) {
                findings.warning(&Told::only(note));
            }
        }
    }
}
