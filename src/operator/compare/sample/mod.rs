//! `--from-database N`: users and packages of the site itself, chosen by chance.
//!
//! Called by the subcommand `compare`. Reads bounded parts of the site's tables and writes nothing.
//! The keys come from the key ring, as the bridge would issue them: the comparison shows whether
//! PHP accepts them.

mod kinds;
mod members;
mod walk;

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::time::timeout;

use self::members::Members;
use super::case::{Case, CaseRequest, LeftOut};
use super::mask;
use super::random::Dice;
use super::report::{Compared, Comparison};
use super::values::{Name, UnknownName, Values};
use crate::methods::{code, person};
use crate::release::authorise::{PUBLIC, Standing, standing};
use crate::release::settings::{Package, PackageGroup};
use crate::service::site::OpenSite;
use crate::site::Settings;
use crate::site::settings::seed;
use crate::store::{Ids, StoreError, User};

/// Looks into the database for each user that is wanted, at most.
const LOOKS: u32 = 4;
/// Packages each user asks for, at most.
const PACKAGES: usize = 5;
/// Packages that are looked at for one without a file, at most.
const FILES: usize = 200;

/// The sample.
#[derive(Default)]
pub struct Sample {
    /// For the built-in cases.
    pub values: Values,
    /// Requests of users of the site.
    pub sent: Vec<CaseRequest>,
    /// Notes on missing users and packages.
    pub notes: Vec<String>,
}

/// Why there is no sample.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A mistake in a case of ours.
    #[error(transparent)]
    Case(#[from] UnknownName),
}

/// Chooses `count` users who may have a license, a quarter as many who may not, and one of each
/// kind that is rare. `endpoint` is the path of the compared end-point; `known` holds the
/// operator's values: an API key goes with every request.
///
/// # Errors
/// See [`SampleError`].
pub async fn sample(
    site: &OpenSite,
    endpoint: &str,
    known: &Values,
    count: u32,
    seed: u64,
) -> Result<Sample, SampleError> {
    let snapshot = Arc::clone(&site.view.settings);
    let highest = site.joomla.highest_user().await?;
    let mut dice = Dice::new(seed);
    let groups: Vec<&PackageGroup> = snapshot
        .catalog
        .groups()
        .into_iter()
        .filter(|group| !group.user_groups.is_empty())
        .collect();
    let mut user_groups: Vec<u32> =
        groups.iter().flat_map(|group| group.user_groups.iter().copied()).collect();
    if site.release.policy.inherit_groups {
        user_groups.extend(snapshot.group_tree.below(&user_groups));
    }
    user_groups.retain(|group| *group != PUBLIC);
    let start = dice.within(Ids { first: 0, last: highest });
    let mut sampler = Sampler {
        site,
        snapshot: Arc::clone(&snapshot),
        known,
        highest,
        dice,
        members: Members::new(user_groups, start, highest),
        sample: Sample::default(),
    };
    sampler.settings(&snapshot, endpoint).await;
    sampler.holders(&groups, count).await?;
    sampler.outsiders(&groups, count.div_ceil(4)).await?;
    sampler.kinds(&groups).await?;
    Ok(sampler.sample)
}

/// The end of a case's name.
const LICENSED: &str = "with a license";
const UNLICENSED: &str = "without a license";

/// How many keys made here both sides have refused: they are equal, and yet something is wrong.
#[must_use]
pub fn refused_by_both(report: &Comparison) -> usize {
    let not_valid = code::KEY_NOT_VALID.name;
    let refused = |case: &&Compared| {
        case.case.ends_with(LICENSED)
            && [&case.old, &case.new].iter().all(|shown| shown.answer == not_valid)
    };
    report.cases.iter().filter(refused).count()
}

struct Sampler<'s> {
    site: &'s OpenSite,
    snapshot: Arc<Settings>,
    known: &'s Values,
    highest: i64,
    dice: Dice,
    members: Members,
    sample: Sample,
}

impl Sampler<'_> {
    /// Adds the values that are in the settings: the menu item, a free package, one without a file.
    async fn settings(&mut self, snapshot: &Settings, endpoint: &str) {
        let mut endpoints = self.site.view.endpoints.iter();
        let ours = endpoints.find(|one| one.path.eq_ignore_ascii_case(endpoint));
        if let Some(item) = ours.and_then(|one| one.item) {
            self.sample.values.set(Name::Itemid, item.to_string());
        }
        let mut free = Vec::new();
        for package in snapshot.catalog.packages().into_iter().take(FILES) {
            let (None, Ok(path)) = (&package.group, &package.path) else { continue };
            match timeout(self.site.release.open_limit, snapshot.folder.open(path)).await {
                Ok(Ok(_)) => free.push(package.id.clone()),
                Ok(Err(error)) if !error.is_storage_failure() => {
                    self.sample.values.set(Name::MissingPackage, package.id.clone());
                }
                Ok(Err(_)) | Err(_) => break,
            }
        }
        if let Some(package) = self.dice.pick(&free) {
            self.sample.values.set(Name::FreePackage, package.clone());
        }
    }

    /// Users who may have a license.
    async fn holders(&mut self, groups: &[&PackageGroup], count: u32) -> Result<(), SampleError> {
        let mut chosen = BTreeSet::new();
        let mut downloaded = BTreeSet::new();
        let mut look = 0_usize;
        let most = (count.saturating_mul(LOOKS) as usize).saturating_add(groups.len());
        while chosen.len() < count as usize && look < most {
            let Some(group) = groups.get(look % groups.len().max(1)).copied() else { break };
            look += 1;
            let members = self.members(group).await?;
            let fitting: Vec<_> = members
                .iter()
                .filter(|user| self.standing(user, group) == Standing::Authorised)
                .filter(|user| !chosen.contains(&(user.id, group.id.clone())))
                .collect();
            let Some(user) = self.dice.pick(&fitting).copied() else { continue };
            chosen.insert((user.id, group.id.clone()));
            self.holder(user, group, &mut downloaded)?;
        }
        if chosen.len() < count as usize {
            self.sample.notes.push(format!(
                "{} of {count} users were found who may have a license",
                chosen.len()
            ));
        }
        if self.members.is_cut() {
            let note = "not all accounts were looked at for members of user groups that have few";
            self.sample.notes.push(note.to_owned());
        }
        Ok(())
    }

    /// The members of one of the group's user groups, from a place chosen by chance.
    async fn members(&mut self, group: &PackageGroup) -> Result<Vec<User>, SampleError> {
        let own = self.dice.pick(&group.user_groups).copied();
        let everybody = self.inherits() && group.user_groups.contains(&PUBLIC);
        // An account without a row belongs to Public: any may be tried.
        let Some(own) = own.filter(|id| *id != PUBLIC && !everybody) else {
            let first = self.first();
            return self.window(first).await;
        };
        let joomla = self.site.joomla.as_ref();
        if self.inherits() && self.dice.below(2) == 1 {
            let children = self.snapshot.group_tree.below(&group.user_groups);
            if let Some(child) = self.dice.pick(&children).copied() {
                let users = self.members.of(joomla, &mut self.dice, child).await?;
                if !users.is_empty() {
                    return Ok(users);
                }
            }
        }
        Ok(self.members.of(joomla, &mut self.dice, own).await?)
    }

    /// Users who may not have one: blocked, or in other user groups.
    async fn outsiders(&mut self, groups: &[&PackageGroup], count: u32) -> Result<(), SampleError> {
        let (mut chosen, mut asked) = (BTreeSet::new(), 0);
        for look in 0..count.saturating_mul(LOOKS) {
            let Some(group) = groups.get(look as usize % groups.len().max(1)).copied() else {
                break;
            };
            let first = self.first();
            let users = self.window(first).await?;
            let outside: Vec<_> = users
                .iter()
                .filter(|user| self.standing(user, group) != Standing::Authorised)
                .filter(|user| !user.email.is_empty() && !chosen.contains(&user.id))
                .collect();
            for user in &outside {
                // The built-in cases ask for one package group, that of the chosen holder.
                self.outsider_values(user);
            }
            let Some(user) = self.dice.pick(&outside).copied() else { continue };
            chosen.insert(user.id);
            // The e-mail leads to another account, which may have a license.
            if self.site.joomla.users_by_email(&user.email).await?.len() > 1 {
                continue;
            }
            self.asked(user, group, "validate", &group.id, UNLICENSED)?;
            asked += 1;
            if asked >= count {
                break;
            }
        }
        if asked == 0 {
            self.sample.notes.push("no user was found who may have no license".to_owned());
        }
        Ok(())
    }

    fn outsider_values(&mut self, user: &User) {
        let snapshot = Arc::clone(&self.snapshot);
        let group = self.known.get(Name::Group).or(self.sample.values.get(Name::Group));
        let Some(group) = group.and_then(|id| snapshot.catalog.group(id)) else { return };
        let name = match self.standing(user, group) {
            Standing::Authorised => return,
            Standing::NotEnabled => Name::BlockedEmail,
            Standing::NotAuthorised => Name::OutsideEmail,
        };
        self.sample.values.set(name, user.email.clone());
    }

    /// Returns the requests of a license holder; each package is downloaded once.
    fn holder(
        &mut self,
        user: &User,
        group: &PackageGroup,
        downloaded: &mut BTreeSet<String>,
    ) -> Result<(), SampleError> {
        let snapshot = Arc::clone(&self.snapshot);
        let mut packages: Vec<&Package> = snapshot.catalog.packages();
        packages.retain(|package| package.group.as_ref() == Some(&group.id));
        while packages.len() > PACKAGES {
            let index = self.dice.below(packages.len() as u64);
            packages.swap_remove(usize::try_from(index).unwrap_or(0));
        }
        self.holder_values(user, group, packages.first().copied());
        self.asked(user, group, "validate", &group.id, LICENSED)?;
        for package in packages {
            self.asked(user, group, "verify", &package.id, LICENSED)?;
            if downloaded.insert(package.id.clone()) {
                self.asked(user, group, "download", &package.id, LICENSED)?;
            }
        }
        Ok(())
    }

    /// The first one found with a package serves the built-in cases, too.
    fn holder_values(&mut self, user: &User, group: &PackageGroup, package: Option<&Package>) {
        let values = &self.sample.values;
        let is_other = self.known.get(Name::Group).is_some_and(|known| known != group.id);
        let is_known = values.get(Name::Package).is_some()
            || values.get(Name::Group).is_some() && package.is_none();
        let key = self.site.release.keys.issue(&person(user), &seed(group));
        let Ok(key) = key else { return };
        if is_other || is_known {
            return;
        }
        let values = &mut self.sample.values;
        values.set(Name::Group, group.id.clone());
        values.set(Name::Email, user.email.clone());
        values.set(Name::Key, key.as_str().to_owned());
        if let Some(package) = package {
            values.set(Name::Package, package.id.clone());
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an account, and a request with the answer that its standing leads to"
    )]
    fn asked(
        &mut self,
        user: &User,
        group: &PackageGroup,
        resource: &str,
        id: &str,
        standing: &str,
    ) -> Result<(), SampleError> {
        let Ok(key) = self.site.release.keys.issue(&person(user), &seed(group)) else {
            let group = mask::text(&group.id);
            let note = format!("no key can be made for user {} and group `{group}`", user.id);
            self.sample.notes.push(note);
            return Ok(());
        };
        let mut values = Values::default();
        // The template's name for an id does not matter, as long as it is encoded.
        values.set(Name::Package, id.to_owned());
        values.set(Name::Email, user.email.clone());
        values.set(Name::Key, key.as_str().to_owned());
        if let Some(key) = self.known.get(Name::ApiKey) {
            values.set(Name::ApiKey, key.to_owned());
        }
        let name = format!("sample: {resource} {id}, user {} {standing}", user.id);
        let target = format!("post/release/{resource}/{{package}}?email={{email}}&key={{key}}");
        match Case::get(&name, &target)?.fill(&values) {
            Ok(sent) => self.sample.sent.push(sent),
            // All of its values are there, and they are encoded.
            Err(
                LeftOut::Unknown(_)
                | LeftOut::Mails
                | LeftOut::Unsendable
                | LeftOut::NoSuchMethod
                | LeftOut::NoEndpoint,
            ) => {}
        }
        Ok(())
    }

    /// Accounts from an id on; at the end of the table those at its beginning.
    async fn window(&self, first: i64) -> Result<Vec<User>, SampleError> {
        let users = self.site.joomla.users_from(first).await?;
        if users.is_empty() && first > 0 {
            return Ok(self.site.joomla.users_from(0).await?);
        }
        Ok(users)
    }

    fn first(&mut self) -> i64 {
        self.dice.within(Ids { first: 0, last: self.highest })
    }

    fn inherits(&self) -> bool {
        self.site.release.policy.inherit_groups
    }

    fn standing(&self, user: &User, group: &PackageGroup) -> Standing {
        let tree = self.inherits().then_some(&self.snapshot.group_tree);
        standing(user.block, &user.groups, &group.user_groups, tree)
    }
}
