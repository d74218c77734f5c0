//! The plugin's settings lines: a path stays in the folder, a bad line spoils no good one, and no
//! message shows a seed.

use std::collections::HashSet;

use jbackend_bridge::release::catalog::{Catalog, SettingsText};
use jbackend_bridge::release::package_path::PackagePath;

use super::SECRET;

/// Reads lines of package groups and of packages.
pub fn holds(data: &[u8]) {
    let mut parts = super::parts(data);
    let groups = String::from_utf8_lossy(super::part(&mut parts)).into_owned();
    let packages = String::from_utf8_lossy(super::part(&mut parts)).into_owned();
    let text = SettingsText { folder: "packages".into(), groups, packages };
    let catalog = Catalog::new(&text);
    assert!(catalog.groups().len() <= text.groups.lines().count(), "a group has a line");
    assert!(catalog.packages().len() <= text.packages.lines().count(), "a package has a line");
    assert_eq!(distinct(catalog.groups().iter().map(|group| &group.id)), catalog.groups().len());
    for group in catalog.groups() {
        assert!(!group.id.is_empty() && group.id.trim() == group.id, "an id");
        assert!(!group.user_groups.contains(&0), "ids of user groups are positive");
        let line = catalog.group_line(&group.id).expect("a line");
        assert!(text.groups.lines().nth(line - 1).is_some_and(|line| line.contains(&group.id)));
    }
    for package in catalog.packages() {
        if let Ok(path) = &package.path {
            stays_inside(path);
        }
        // A line that makes a paid package free does not count, wherever it stands.
        let is_paid = |line: &str| {
            let mut fields = line.split(';').map(str::trim);
            fields.next() == Some(package.id.as_str())
                && fields.next().is_some_and(|path| !path.is_empty())
                && fields.next().is_some_and(|group| !group.is_empty())
        };
        assert_eq!(package.group.is_some(), text.packages.lines().any(is_paid), "stays paid");
    }
    let has_returns = text.groups.contains('\r') || text.packages.contains('\r');
    if !has_returns {
        let windows = SettingsText {
            folder: text.folder.clone(),
            groups: text.groups.replace('\n', "\r\n"),
            packages: text.packages.replace('\n', "\r\n"),
        };
        let windows = Catalog::new(&windows);
        assert_eq!(windows.findings(), catalog.findings(), "lines of browsers");
        assert_eq!(windows.groups(), catalog.groups(), "lines of browsers");
        assert_eq!(windows.packages(), catalog.packages(), "lines of browsers");
    }
    hides_a_seed(&text);
}

fn distinct<'a>(ids: impl Iterator<Item = &'a String>) -> usize {
    ids.collect::<HashSet<_>>().len()
}

fn stays_inside(path: &PackagePath) {
    let text = path.as_str();
    assert!(!text.is_empty() && !text.starts_with('/') && !text.contains(['\0', '\\']), "{path}");
    assert!(text.split('/').all(|part| !["", ".", ".."].contains(&part)), "{path}");
    assert!(text.ends_with(path.file_name()) && !path.file_name().contains('/'), "{path}");
    assert_eq!(PackagePath::parse(text).as_ref(), Ok(path), "read again");
}

/// Whatever stands behind it: a seed is not shown.
fn hides_a_seed(text: &SettingsText) {
    let groups = format!("seeded;2;{SECRET};A name\n{}", text.groups);
    let text = SettingsText { groups, ..text.clone() };
    let catalog = Catalog::new(&text);
    assert!(!format!("{text:?} {catalog:?}").contains(SECRET), "Debug");
    for finding in catalog.findings() {
        assert!(!finding.to_string().contains(SECRET), "{finding}");
    }
}
