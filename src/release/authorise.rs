//! Is this user in one of the package group's user groups.
//!
//! `docs/release.md`, "Who is authorised": membership is read at every request; only directly
//! assigned groups count unless the site lets child groups inherit.

/// Joomla's group "Public": the group of a user without any group row.
pub const PUBLIC: u32 = 1;

/// How an account stands towards a package group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Enabled and in one of the user groups.
    Authorised,
    /// Blocked, which an account waiting for activation is too.
    NotEnabled,
    /// In none of the user groups.
    NotAuthorised,
}

/// A row of `#__usergroups`: a nested set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserGroup {
    /// The user group's id.
    pub id: u32,
    /// Left bound of the nested set.
    pub left: i64,
    /// Right bound of the nested set.
    pub right: i64,
}

/// The tree of user groups, for sites where a child group counts as its parents.
#[derive(Debug, Clone, Default)]
pub struct GroupTree(Vec<UserGroup>);

impl GroupTree {
    /// Keeps the rows as they are.
    #[must_use]
    pub fn new(rows: Vec<UserGroup>) -> Self {
        Self(rows)
    }

    /// Is `ancestor` the group itself or one above it? By the set's bounds, as Joomla judges it.
    #[must_use]
    pub fn is_within(&self, group: u32, ancestor: u32) -> bool {
        let find = |id| self.0.iter().find(|row| row.id == id);
        group == ancestor
            || matches!((find(group), find(ancestor)), (Some(inner), Some(outer))
                if outer.left <= inner.left && outer.right >= inner.right)
    }

    /// The groups below some others, without these.
    #[must_use]
    pub fn below(&self, ancestors: &[u32]) -> Vec<u32> {
        let ids = self.0.iter().map(|row| row.id).filter(|id| !ancestors.contains(id));
        ids.filter(|id| ancestors.iter().any(|ancestor| self.is_within(*id, *ancestor))).collect()
    }
}

/// Judges an account: `block` and `groups` are its own columns and rows, `allowed` the package
/// group's list; with a `tree`, a child group counts as its parents.
#[must_use]
pub fn standing(block: i64, groups: &[u32], allowed: &[u32], tree: Option<&GroupTree>) -> Standing {
    // Joomla's login denies only the value 1; other non-zero values log in.
    if block == 1 {
        return Standing::NotEnabled;
    }
    if memberships(groups, allowed, tree).next().is_some() {
        Standing::Authorised
    } else {
        Standing::NotAuthorised
    }
}

/// A user group of an account that counts for a package group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The directly assigned user group.
    pub assigned: u32,
    /// The user group of the package group's list: the same one, or one above it.
    pub listed: u32,
}

/// Finds the assigned user groups that count, each with the listed one that it counts as.
pub fn memberships<'a>(
    groups: &'a [u32],
    allowed: &'a [u32],
    tree: Option<&'a GroupTree>,
) -> impl Iterator<Item = Membership> + 'a {
    let own: &[u32] = if groups.is_empty() { &[PUBLIC] } else { groups };
    own.iter().filter_map(move |&assigned| {
        let above = |tree: &GroupTree| {
            allowed.iter().copied().find(|&listed| tree.is_within(assigned, listed))
        };
        let same = allowed.contains(&assigned).then_some(assigned);
        let listed = same.or_else(|| tree.and_then(above))?;
        Some(Membership { assigned, listed })
    })
}
