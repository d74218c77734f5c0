//! Which of several versions a site could ever take: the others only make the XML longer.

use std::cmp::Ordering;

use php_compat::version_compare::version_compare;

use crate::entry::Entry;

/// Leaves out superseded entries: another entry with a higher version is for every site this one is
/// for. No site is offered another version than with all of them.
///
/// The order is kept. Returns the remaining entries, and those left out.
#[must_use]
pub fn newest<T>(entries: Vec<T>, entry: impl Fn(&T) -> &Entry) -> (Vec<T>, Vec<T>) {
    let superseded: Vec<bool> = entries
        .iter()
        .map(|one| entries.iter().any(|other| supersedes(entry(other), entry(one))))
        .collect();
    let (out, kept): (Vec<_>, Vec<_>) =
        entries.into_iter().zip(superseded).partition(|(_, superseded)| *superseded);
    let plain = |list: Vec<(T, bool)>| list.into_iter().map(|(item, _)| item).collect();
    (plain(kept), plain(out))
}

/// Is `new` higher, and for every site that `old` is for?
#[must_use]
pub fn supersedes(new: &Entry, old: &Entry) -> bool {
    version_compare(&new.version, &old.version) == Ordering::Greater
        && new.target_platform == old.target_platform
        && suits(new, old)
}

/// Is `new` not lower, and for every site that `old` is for?
#[must_use]
pub fn replaces(new: &Entry, old: &Entry) -> bool {
    version_compare(&new.version, &old.version) != Ordering::Less
        && suits(new, old)
        && new.target_platform.includes(&old.target_platform)
}

/// Is `new` of the same extension, as stable, and without further needs of PHP and database?
fn suits(new: &Entry, old: &Entry) -> bool {
    let php = match (&new.php_minimum, &old.php_minimum) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(new), Some(old)) => version_compare(new, old) != Ordering::Greater,
    };
    let databases =
        new.supported_databases.is_empty() || new.supported_databases == old.supported_databases;
    new.extension == old.extension && new.stability >= old.stability && php && databases
}
