//! The package and the package group that an id names.
//!
//! Called by the methods and by `explain`. Must not import: `http`.

use super::decision::{Decision, DecisionLog};
use super::{ErrorCode, code};
use crate::release::settings::{Package, PackageGroup};
use crate::site::Settings;

/// Finds the package group with this id, unless it is closed.
///
/// # Errors
/// `REL_GNF`.
pub fn find_group<'s>(
    settings: &'s Settings,
    id: Option<&str>,
    log: &mut impl DecisionLog,
) -> Result<&'s PackageGroup, ErrorCode> {
    let group = id.and_then(|id| settings.group(id));
    log.note(|| {
        let closed = || id.is_some_and(|id| settings.catalog.group(id).is_some());
        group.map_or_else(
            || Decision::NoGroup { closed: closed() },
            |group| Decision::Group(group.clone()),
        )
    });
    group.ok_or(code::GROUP_NOT_FOUND)
}

/// Finds the package with this id, and the package group whose key opens it; none opens a free one.
///
/// # Errors
/// `REL_PNF`, or `REL_GNF` for a package whose package group is missing or closed.
pub fn find_package<'s>(
    settings: &'s Settings,
    id: Option<&str>,
    log: &mut impl DecisionLog,
) -> Result<(&'s Package, Option<&'s PackageGroup>), ErrorCode> {
    let package = id.and_then(|id| settings.package(id)).ok_or(code::PACKAGE_NOT_FOUND)?;
    log.note(|| Decision::Package(package.clone()));
    // A package group that does not exist must never make its packages free.
    let group = package.group.as_deref();
    let group = group.map(|group| find_group(settings, Some(group), log)).transpose()?;
    Ok((package, group))
}
