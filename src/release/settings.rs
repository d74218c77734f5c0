//! One line of the plugin's settings.
//!
//! `package group;groups[;hash;package name]` and `package id;package path[;package group]`; see
//! `docs/release.md`, "Plugin settings". The catalog puts the lines together.

use std::fmt;
use std::sync::Arc;

use super::package_path::{PackagePath, PathError};
use super::record::ReleaseRecord;

/// A package group: the packages that share one license key.
#[derive(Clone, PartialEq, Eq)]
pub struct PackageGroup {
    /// The identifier clients send.
    pub id: String,
    /// Ids of the Joomla user groups whose members get a key; if empty, no user gets one.
    pub user_groups: Vec<u32>,
    /// The seed of the group's license keys; may be empty.
    pub hash: String,
    /// The name for people, as the line has it; may be empty.
    pub name: String,
}

impl PackageGroup {
    /// Returns the text for people: the name, or the id if there is no name.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }
}

impl fmt::Debug for PackageGroup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PackageGroup")
            .field("id", &self.id)
            .field("user_groups", &self.user_groups)
            .field("hash", &"REDACTED")
            .field("name", &self.name)
            .finish()
    }
}

/// A package: an identifier bound to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The identifier clients send.
    pub id: String,
    /// The file below the package folder, or why the line's path is none.
    pub path: Result<PackagePath, PathError>,
    /// The package group whose key opens it; `None` is a free package.
    pub group: Option<String>,
    /// The release it is, if no settings line describes it.
    pub release: Option<Arc<ReleaseRecord>>,
}

impl Package {
    /// Makes the package of a release.
    #[must_use]
    pub fn of_release(record: &Arc<ReleaseRecord>) -> Option<Self> {
        let path = PackagePath::of_release(&record.checksums.sha256, &record.file_name)?;
        Some(Self {
            id: record.id.clone(),
            path: Ok(path),
            group: record.group.clone(),
            release: Some(Arc::clone(record)),
        })
    }
}

/// Something in a line the operator should mend; the line number is added by the catalog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The first field is empty.
    #[error("the line has no id before its first `;`: the line is ignored")]
    NoId,
    /// A package line without a path.
    #[error(
        "package `{0}` has no path: write `package id;package path[;package group]`; the line is ignored"
    )]
    NoPath(String),
    /// A path that cannot be a file below the folder.
    #[error("package `{id}`: {reason}; downloads answer REL_FNF")]
    BadPath {
        /// The package.
        id: String,
        /// The problem with the path.
        reason: PathError,
    },
    /// A piece of the user group list that is no positive integer. It is not shown: it may be the
    /// hash, written into the wrong field.
    #[error(
        "package group `{id}`: piece {position} of its user groups is no id (a positive number): it is left out"
    )]
    NotAUserGroup {
        /// The package group.
        id: String,
        /// Which piece, from 1.
        position: usize,
    },
    /// A package group no user group is left of.
    #[error("package group `{0}` names no user group: no account is authorised for it")]
    NobodyAuthorised(String),
    /// A package line with more than three fields.
    #[error("package `{0}`: more than three fields; everything after the package group is ignored")]
    ExtraFields(String),
    /// A second line with the same id.
    #[error("`{id}` stands in line {first} already: this line replaces it")]
    Replaced {
        /// The id.
        id: String,
        /// The earlier line.
        first: usize,
    },
    /// A second line that would have made a paid package free.
    #[error("package `{id}` is paid in line {first}: this line would make it free and is ignored")]
    StaysPaid {
        /// The package.
        id: String,
        /// The earlier line.
        first: usize,
    },
    /// A line with the id of a release.
    #[error(
        "package `{0}` is a release, too: this line comes first; remove the line to serve the release"
    )]
    BeforeRelease(String),
    /// A line with the id of a signed release.
    #[error("package `{0}` is a signed release: the line is refused, and the release is served")]
    SignedRelease(String),
    /// A package whose group has no line.
    #[error(
        "package `{id}` names the package group `{group}`, which does not exist: requests answer REL_GNF"
    )]
    UnknownGroup {
        /// The package.
        id: String,
        /// The group as written.
        group: String,
    },
}

/// Reads a line of the option "Package groups"; `None` for a blank line.
#[must_use]
pub fn package_group(line: &str) -> Option<(Result<PackageGroup, Flaw>, Vec<Flaw>)> {
    if line.trim().is_empty() {
        return None;
    }
    // The name is the last field and may hold further `;`.
    let mut fields = line.splitn(4, ';').map(str::trim);
    let id = fields.next().unwrap_or_default();
    if id.is_empty() {
        return Some((Err(Flaw::NoId), Vec::new()));
    }
    let mut flaws = Vec::new();
    let mut user_groups = Vec::new();
    for (index, piece) in fields.next().unwrap_or_default().split(',').map(str::trim).enumerate() {
        match user_group_id(piece) {
            Some(group) if !user_groups.contains(&group) => user_groups.push(group),
            Some(_) => {}
            None if piece.is_empty() => {}
            None => flaws.push(Flaw::NotAUserGroup { id: id.into(), position: index + 1 }),
        }
    }
    if user_groups.is_empty() {
        flaws.push(Flaw::NobodyAuthorised(id.into()));
    }
    let hash = fields.next().unwrap_or_default();
    let name = fields.next().unwrap_or_default();
    let group = PackageGroup { id: id.into(), user_groups, hash: hash.into(), name: name.into() };
    Some((Ok(group), flaws))
}

/// Reads digits only: other forms that `str::parse` accepts (`+5`) are not ids in a settings line.
fn user_group_id(piece: &str) -> Option<u32> {
    let digits = !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_digit());
    piece.parse().ok().filter(|&id| digits && id > 0)
}

/// Reads a line of the option "Packages"; `None` for a blank line.
#[must_use]
pub fn package(line: &str) -> Option<(Result<Package, Flaw>, Vec<Flaw>)> {
    if line.trim().is_empty() {
        return None;
    }
    let mut fields = line.split(';').map(str::trim);
    let id = fields.next().unwrap_or_default();
    if id.is_empty() {
        return Some((Err(Flaw::NoId), Vec::new()));
    }
    let Some(path) = fields.next().filter(|path| !path.is_empty()) else {
        return Some((Err(Flaw::NoPath(id.into())), Vec::new()));
    };
    let group = fields.next().filter(|group| !group.is_empty()).map(Into::into);
    let mut flaws = Vec::new();
    if fields.any(|field| !field.is_empty()) {
        flaws.push(Flaw::ExtraFields(id.into()));
    }
    let path = PackagePath::parse(path);
    if let Err(reason) = &path {
        flaws.push(Flaw::BadPath { id: id.into(), reason: reason.clone() });
    }
    Some((Ok(Package { id: id.into(), path, group, release: None }), flaws))
}
