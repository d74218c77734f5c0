//! One account of each kind that a sample by chance may miss: the sides could judge it differently.

use std::collections::BTreeSet;

use super::walk::Walk;
use super::{SampleError, Sampler};
use crate::release::authorise::{PUBLIC, Standing};
use crate::release::settings::PackageGroup;
use crate::store::{Oddity, StoreError, User};

/// Accounts of one e-mail that are asked for, at most.
const OF_ONE_EMAIL: usize = 3;
/// Lists of user groups whose child groups are looked for, at most.
const LISTS: usize = 10;

/// Words for a case's name, and for the note on missing users.
const BLOCKED: &str = "who is blocked";
const WITHOUT_GROUP: &str = "in no user group";
const SHARED_EMAIL: &str = "whose e-mail another one has, too";
const CHILD_GROUP: &str = "in a child of the user groups alone";

impl Sampler<'_> {
    /// Asks as one account of each kind; notes which kinds there are none of.
    pub(super) async fn kinds(&mut self, groups: &[&PackageGroup]) -> Result<(), SampleError> {
        if groups.is_empty() {
            return Ok(());
        }
        let mut missing = Vec::new();
        for (name, oddity) in [
            (BLOCKED, Oddity::Blocked),
            (WITHOUT_GROUP, Oddity::WithoutGroup),
            (SHARED_EMAIL, Oddity::SharedEmail),
        ] {
            match self.odd(name, &oddity).await {
                Some(user) => self.odd_one(name, &oddity, &user, groups).await?,
                None => missing.push(name),
            }
        }
        match self.in_child_group(groups).await {
            Some((user, group)) => self.asked_as(CHILD_GROUP, &user, group)?,
            None => missing.push(CHILD_GROUP),
        }
        if !missing.is_empty() {
            let kinds = missing.join("; ");
            self.sample.notes.push(format!("no user was found {kinds}"));
        }
        Ok(())
    }

    /// An account of a kind, the first from an id on that is chosen by chance. A database that gives
    /// up on it does not keep the rest from being compared.
    async fn odd(&mut self, name: &str, oddity: &Oddity) -> Option<User> {
        let mut walk = Walk::new(self.first(), self.highest);
        let reason = match self.walked(oddity, &mut walk).await {
            Ok(None) if walk.is_cut() => "there are too many accounts".to_owned(),
            Ok(found) => return found,
            Err(error) => error.to_string(),
        };
        self.sample.notes.push(format!("a user {name} was not looked for to the end: {reason}"));
        None
    }

    async fn walked(&self, oddity: &Oddity, walk: &mut Walk) -> Result<Option<User>, StoreError> {
        let joomla = self.site.joomla.as_ref();
        while let Some(ids) = walk.step(joomla).await? {
            if let Some(id) = joomla.odd_user(oddity, ids).await? {
                return joomla.user_by_id(id).await;
            }
        }
        Ok(None)
    }

    async fn odd_one(
        &mut self,
        name: &str,
        oddity: &Oddity,
        user: &User,
        groups: &[&PackageGroup],
    ) -> Result<(), SampleError> {
        let would_be_authorised = |user: &User, group: &PackageGroup| {
            let enabled = User { block: 0, ..user.clone() };
            self.standing(&enabled, group) == Standing::Authorised
        };
        let best = |user: &User| {
            let fitting = groups.iter().find(|group| would_be_authorised(user, group));
            fitting.or(groups.first()).copied()
        };
        match oddity {
            Oddity::SharedEmail => {
                let users = self.site.joomla.users_by_email(&user.email).await?;
                let users = users.iter().take(OF_ONE_EMAIL);
                let asked: Vec<_> = users.filter_map(|user| Some((user, best(user)?))).collect();
                for (user, group) in asked {
                    self.asked(user, group, "validate", &group.id, name)?;
                }
            }
            // Who is in no group counts as in Public: both lists are judged.
            Oddity::WithoutGroup => {
                let public = groups.iter().find(|group| group.user_groups.contains(&PUBLIC));
                let other = groups.iter().find(|group| !group.user_groups.contains(&PUBLIC));
                for group in [public, other].into_iter().flatten() {
                    self.asked_as(name, user, group)?;
                }
            }
            Oddity::Blocked | Oddity::OnlyIn { .. } => {
                if let Some(group) = best(user) {
                    self.asked_as(name, user, group)?;
                }
            }
        }
        Ok(())
    }

    /// An account in a child group of a package group's user groups, and in none of these.
    async fn in_child_group<'g>(
        &mut self,
        groups: &[&'g PackageGroup],
    ) -> Option<(User, &'g PackageGroup)> {
        let mut lists = BTreeSet::new();
        for group in groups.iter().copied() {
            let others = group.user_groups.clone();
            let children = self.snapshot.group_tree.below(&others);
            if children.is_empty() || lists.len() >= LISTS || !lists.insert(others.clone()) {
                continue;
            }
            let oddity = Oddity::OnlyIn { groups: children, others };
            if let Some(user) = self.odd(CHILD_GROUP, &oddity).await {
                return Some((user, group));
            }
        }
        None
    }

    fn asked_as(
        &mut self,
        name: &str,
        user: &User,
        group: &PackageGroup,
    ) -> Result<(), SampleError> {
        self.outsider_values(user);
        self.asked(user, group, "validate", &group.id, name)
    }
}
