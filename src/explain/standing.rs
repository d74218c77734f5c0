//! May this account have the package group: enabled, and in one of its user groups?
//!
//! What the service judges (`methods::may_have`), put into words.

use crate::joomla::User;
use crate::methods::Release;
use crate::release::authorise::PUBLIC;
use crate::release::settings::PackageGroup;
use crate::site::Settings;

use super::people::GroupNames;
use super::step::Step;

/// The two steps for one account.
pub(super) fn steps(
    release: &Release,
    settings: &Settings,
    user: &User,
    group: &PackageGroup,
    names: &GroupNames,
) -> (Step, Step) {
    (enabled(user), member(release, settings, user, group, names))
}

fn enabled(user: &User) -> Step {
    if user.is_blocked() {
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

fn member(
    release: &Release,
    settings: &Settings,
    user: &User,
    group: &PackageGroup,
    names: &GroupNames,
) -> Step {
    let assigned: &[u32] = if user.groups.is_empty() { &[PUBLIC] } else { &user.groups };
    let direct: Vec<u32> =
        assigned.iter().copied().filter(|id| group.user_groups.contains(id)).collect();
    let tree = &settings.group_tree;
    // The assigned groups that lie below a listed one, each with that one.
    let inherited: Vec<(u32, u32)> = assigned
        .iter()
        .filter_map(|&id| {
            let above = |listed: &&u32| **listed != id && tree.is_within(id, **listed);
            group.user_groups.iter().find(above).map(|&listed| (id, listed))
        })
        .collect();
    let inherits = release.policy.inherit_groups;
    let below =
        |(id, listed): (u32, u32)| format!("{} lies below {}", names.of(id), names.of(listed));
    let step = if !direct.is_empty() {
        Step::ok("user groups", format!("in {}", names.and(&direct)))
    } else if let Some(&(id, listed)) = inherited.first().filter(|_| inherits) {
        let title = format!("in {}, by inheritance from {}", names.of(listed), names.of(id));
        Step::ok("user groups", title)
            .with("`inherit_groups` is on: a group counts as the ones above it")
    } else {
        let title = match group.user_groups.as_slice() {
            [] => "in no user group that would do: the package group names none".to_owned(),
            listed => format!("not in user group {}", names.or(listed)),
        };
        let mut step = Step::refused("user groups", title);
        if let Some(&pair) = inherited.first() {
            step = step.with(format!(
                "{}, but only directly assigned groups count; `inherit_groups = true` in \
                 `[release]` lets a group count as the ones above it",
                below(pair)
            ));
        }
        step.with("assign one in Joomla (Users, Manage), or look at what should have assigned it")
    };
    let assigned = if user.groups.is_empty() {
        format!("directly assigned: none, which counts as {}", names.of(PUBLIC))
    } else {
        format!("directly assigned: {}", names.and(assigned))
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
