//! Members of user groups, for accounts that may have a license.
//!
//! No index leads from a user group to its members. A common one is found around an id chosen by
//! chance. For those that are not, one walk over the accounts looks for all of them at once, and
//! goes on only while one with few members is asked for.

use std::collections::BTreeMap;

use super::walk::{STRIDE, Walk};
use crate::operator::compare::random::Dice;
use crate::store::{Ids, Joomla, SAMPLE, StoreError, User};

/// The known members of some user groups.
pub(super) struct Members {
    groups: BTreeMap<u32, GroupMembers>,
    highest: i64,
    walk: Walk,
    has_begun: bool,
}

/// The known members of one user group.
#[derive(Default)]
struct GroupMembers {
    /// Has members in the first range of the walk, which is one by chance.
    is_common: bool,
    spans: Vec<Ids>,
    members: u64,
    /// All of them, if they are few.
    few: Option<Vec<User>>,
}

impl GroupMembers {
    fn is_enough(&self) -> bool {
        self.members >= SAMPLE as u64
    }
}

impl Members {
    /// Of these user groups; the walk begins at `start`.
    pub(super) fn new(groups: impl IntoIterator<Item = u32>, start: i64, highest: i64) -> Self {
        let groups = groups.into_iter().map(|group| (group, GroupMembers::default())).collect();
        Self { groups, highest, walk: Walk::new(start, highest), has_begun: false }
    }

    /// Some members of a user group, at most [`SAMPLE`]: all of them if there are fewer.
    ///
    /// # Errors
    /// Fails if the database does not answer.
    pub(super) async fn of(
        &mut self,
        joomla: &dyn Joomla,
        dice: &mut Dice,
        group: u32,
    ) -> Result<Vec<User>, StoreError> {
        if !self.has_begun {
            self.has_begun = true;
            self.look(joomla).await?;
            for found in self.groups.values_mut() {
                found.is_common = found.members > 0;
            }
        }
        let found = self.groups.entry(group).or_default();
        if let Some(few) = &found.few {
            return Ok(few.clone());
        }
        if found.is_common {
            let first = dice.within(Ids { first: 0, last: self.highest });
            let around = Ids { first, last: first.saturating_add(STRIDE - 1) };
            let users = joomla.members_between(group, around).await?;
            if !users.is_empty() {
                return Ok(users);
            }
        }
        while !self.groups.get(&group).is_some_and(GroupMembers::is_enough)
            && self.look(joomla).await?
        {}
        let found = self.groups.entry(group).or_default();
        if found.is_enough() {
            let Some(span) = dice.pick(&found.spans).copied() else { return Ok(Vec::new()) };
            let part = Ids { first: dice.within(span), ..span };
            let users = joomla.members_between(group, part).await?;
            if !users.is_empty() {
                return Ok(users);
            }
            return joomla.members_between(group, span).await;
        }
        let mut few = Vec::new();
        for span in &found.spans {
            few.extend(joomla.members_between(group, *span).await?);
        }
        found.few = Some(few.clone());
        Ok(few)
    }

    /// Looks at the next range for all user groups of which too few members are known. False at the
    /// end of the walk.
    async fn look(&mut self, joomla: &dyn Joomla) -> Result<bool, StoreError> {
        let Some(ids) = self.walk.step(joomla).await? else { return Ok(false) };
        let wanted = self.groups.iter().filter(|(_, found)| !found.is_enough());
        let wanted: Vec<u32> = wanted.map(|(group, _)| *group).collect();
        for span in joomla.member_spans(&wanted, ids).await? {
            let found = self.groups.entry(span.group).or_default();
            found.members += span.members;
            found.spans.push(span.ids);
        }
        Ok(true)
    }

    /// Has the walk ended before it had seen all accounts?
    pub(super) fn is_cut(&self) -> bool {
        self.walk.is_cut()
    }
}
