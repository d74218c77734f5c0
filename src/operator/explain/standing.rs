//! May this account have the package group: enabled, and in one of its user groups?
//!
//! Words the judgement of a method ([`Judged`]).

use crate::methods::{Judged, Release};
use crate::release::authorise::{Membership, PUBLIC, memberships};
use crate::release::settings::PackageGroup;
use crate::site::Settings;
use crate::store::User;

use super::people::GroupNames;
use super::step::Step;

/// The data for the words besides the judgement.
pub(super) struct Words<'s> {
    pub(super) release: &'s Release,
    pub(super) settings: &'s Settings,
    pub(super) group: &'s PackageGroup,
    pub(super) names: &'s GroupNames,
}

impl Words<'_> {
    /// The two steps for one account.
    pub(super) fn steps(&self, user: &User, judged: &Judged) -> [Step; 2] {
        [enabled(user, judged), self.member(user, judged)]
    }

    fn member(&self, user: &User, judged: &Judged) -> Step {
        let (group, names) = (self.group, self.names);
        let is_direct = |counts: &&Membership| counts.assigned == counts.listed;
        let direct: Vec<u32> =
            judged.memberships.iter().filter(is_direct).map(|counts| counts.listed).collect();
        let step = if !direct.is_empty() {
            Step::ok("user groups", format!("in {}", names.and(&direct)))
        } else if let Some(&Membership { assigned, listed }) = judged.memberships.first() {
            let title =
                format!("in {}, by inheritance from {}", names.of(listed), names.of(assigned));
            Step::ok("user groups", title)
                .with("`inherit_groups` is on: a group counts as the ones above it")
        } else {
            let title = match group.user_groups.as_slice() {
                [] => "in no user group that would do: the package group names none".to_owned(),
                listed => format!("not in user group {}", names.or(listed)),
            };
            let mut step = Step::refused("user groups", title);
            if let Some(Membership { assigned, listed }) = self.by_inheritance(user) {
                step = step.with(format!(
                    "{} lies below {}, but only directly assigned groups count; \
                     `inherit_groups = true` in `[release]` lets a group count as the ones above it",
                    names.of(assigned),
                    names.of(listed)
                ));
            }
            step.with(
                "assign one in Joomla (Users, Manage), or look at the extension that should have assigned it",
            )
        };
        let assigned = if user.groups.is_empty() {
            format!("directly assigned: none, which counts as {}", names.of(PUBLIC))
        } else {
            format!("directly assigned: {}", names.and(&user.groups))
        };
        let gone = user.groups.iter().filter(|id| names.lack(**id));
        let gone = gone.map(|id| format!("user group {id} does not exist in Joomla any more"));
        let gone: Vec<_> = gone.collect();
        let missing = group.user_groups.iter().filter(|id| names.lack(**id));
        let missing = missing.map(|id| {
            format!("the package group names user group {id}, which does not exist in Joomla")
        });
        let missing: Vec<_> = missing.collect();
        step.with(assigned).with_all(gone).with_all(missing)
    }

    /// The membership that would count if child groups counted as their parents: advice only.
    fn by_inheritance(&self, user: &User) -> Option<Membership> {
        let tree = Some(&self.settings.group_tree).filter(|_| !self.release.policy.inherit_groups);
        memberships(&user.groups, &self.group.user_groups, tree).next()
    }
}

fn enabled(user: &User, judged: &Judged) -> Step {
    if !judged.enabled {
        return Step::refused("enabled", "the account is blocked")
            .with("a new account that has not confirmed its e-mail is blocked, too")
            .with("Joomla, Users, Manage: enable or activate the account");
    }
    let step = Step::ok("enabled", "the account is not blocked");
    match user.block {
        0 => step,
        other => step.with(format!(
            "`block` is {other}: Joomla's login, and so the service, refuses the value 1 alone"
        )),
    }
}
