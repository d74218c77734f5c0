//! The source rows of the settings: the plugin's own row, the tree of user groups, the access
//! levels, and which login plugins are enabled.
//!
//! Both stores hand their rows to [`SiteRows::assemble`]. The params stay text here; the release
//! settings interpret them (`docs/release.md`, "Plugin settings").

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use super::version::{JoomlaVersion, Shape};

/// The group of all visitors, and the access level of all, in every Joomla.
const PUBLIC: u32 = 1;

/// All source rows of the bridge's settings. Two equal values mean that they have not changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteRows {
    /// The rows of the release plugin: enabled ones first, then the lowest id. Usually one; none if
    /// the plugin is not installed.
    pub release_plugins: Vec<ExtensionParams>,
    /// Whether jBackend's plugin `user` is enabled, by which end-points check logins.
    pub user_plugin: bool,
    /// The row of jBackend's component, which holds the defaults of the end-points.
    pub component: Option<ExtensionParams>,
    /// The tree of user groups, by id.
    pub groups: Vec<UserGroup>,
    /// The access levels, by id.
    pub view_levels: Vec<ViewLevel>,
    /// The group a visitor who is not logged in belongs to (an option of `com_users`).
    pub guest_group: u32,
    /// The enabled plugins that take part in a login.
    pub login_plugins: Vec<EnabledPlugin>,
    /// The site's version, if the database holds it. If only the tables' shape shows it, the lowest
    /// version with that shape.
    pub version: Option<JoomlaVersion>,
}

/// A row of `#__extensions` whose params matter. `Debug` leaves the params out: they hold the
/// seeds of the license keys.
#[derive(Clone, PartialEq, Eq)]
pub struct ExtensionParams {
    /// `extension_id`.
    pub id: i64,
    /// Whether the administrator has it switched on.
    pub enabled: bool,
    /// The access level it is limited to.
    pub access: u32,
    /// JSON text as Joomla stored it; may be empty.
    pub params: String,
}

impl fmt::Debug for ExtensionParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionParams")
            .field("id", &self.id)
            .field("enabled", &self.enabled)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

/// A row of `#__usergroups`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserGroup {
    /// The group.
    pub id: u32,
    /// The group above it; 0 for the root.
    pub parent_id: u32,
    /// Left bound in the nested set.
    pub lft: i64,
    /// Right bound in the nested set.
    pub rgt: i64,
}

/// A row of `#__viewlevels`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewLevel {
    /// The access level.
    pub id: u32,
    /// The groups it is granted to.
    pub groups: Vec<u32>,
}

/// An enabled plugin of the folders `authentication`, `twofactorauth` or `multifactorauth`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnabledPlugin {
    /// The plugin's folder.
    pub folder: String,
    /// The plugin's name within the folder.
    pub element: String,
}

impl SiteRows {
    /// Whether visitors who are not logged in have an access level: it is the public one, or is
    /// granted to the guests' group or one above it.
    #[must_use]
    pub fn guest_can_see(&self, access: u32) -> bool {
        let guests = self.with_ancestors(self.guest_group);
        access == PUBLIC
            || self
                .view_levels
                .iter()
                .filter(|level| level.id == access)
                .flat_map(|level| &level.groups)
                .any(|group| *group == PUBLIC || guests.contains(group))
    }

    /// A group and all groups above it. Damaged trees, with circles even, end the walk.
    #[must_use]
    pub fn with_ancestors(&self, group: u32) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        let mut next = Some(group);
        while let Some(id) = next.filter(|id| found.insert(*id)) {
            next = self.groups.iter().find(|g| g.id == id).map(|g| g.parent_id);
        }
        found.remove(&0);
        found
    }

    pub(super) fn assemble(
        extensions: Vec<ExtensionRow>,
        groups: Vec<UserGroup>,
        view_levels: Vec<ViewLevel>,
        shape: Shape,
    ) -> Self {
        let mut rows = Self { groups, view_levels, guest_group: PUBLIC, ..Self::default() };
        let mut manifest = None;
        for row in extensions {
            match row.role() {
                Role::UserPlugin => rows.user_plugin |= row.enabled,
                Role::ReleasePlugin => rows.release_plugins.push(row.into_params()),
                Role::Component if rows.component.is_none() => {
                    rows.component = Some(row.into_params());
                }
                Role::Users => rows.guest_group = guest_group(&row.params).unwrap_or(PUBLIC),
                Role::Joomla => manifest = manifest.or(Some(row.manifest)),
                Role::LoginPlugin if row.enabled => rows.login_plugins.push(EnabledPlugin {
                    folder: row.folder.to_ascii_lowercase(),
                    element: row.element,
                }),
                Role::Component | Role::LoginPlugin | Role::Other => {}
            }
        }
        rows.release_plugins.sort_by_key(|row| (!row.enabled, row.id));
        rows.login_plugins.sort_unstable();
        rows.version = JoomlaVersion::detect(manifest.as_deref(), shape);
        rows
    }
}

/// A row of `#__extensions` as `sql/queries/extensions.sql` gives it, by ascending id.
pub(super) struct ExtensionRow {
    pub(super) id: i64,
    pub(super) kind: String,
    pub(super) element: String,
    pub(super) folder: String,
    pub(super) enabled: bool,
    pub(super) access: u32,
    pub(super) params: String,
    pub(super) manifest: String,
}

/// The meaning of a row of `#__extensions` to the bridge.
enum Role {
    ReleasePlugin,
    UserPlugin,
    Component,
    Users,
    Joomla,
    LoginPlugin,
    Other,
}

impl ExtensionRow {
    /// The collation may match more than these names; accents make another extension.
    fn role(&self) -> Role {
        let names = [&self.kind, &self.folder, &self.element].map(|text| text.to_ascii_lowercase());
        match names.each_ref().map(String::as_str) {
            ["plugin", "jbackend", "release"] => Role::ReleasePlugin,
            ["plugin", "jbackend", "user"] => Role::UserPlugin,
            ["plugin", "twofactorauth" | "multifactorauth" | "authentication", _] => {
                Role::LoginPlugin
            }
            ["component", _, "com_jbackend"] => Role::Component,
            ["component", _, "com_users"] => Role::Users,
            ["file", _, "joomla"] => Role::Joomla,
            _ => Role::Other,
        }
    }

    fn into_params(self) -> ExtensionParams {
        ExtensionParams {
            id: self.id,
            enabled: self.enabled,
            access: self.access,
            params: self.params,
        }
    }
}

/// Returns the version in Joomla's own row; `None` if it does not hold one.
pub(super) fn version(extensions: Vec<ExtensionRow>) -> Option<JoomlaVersion> {
    SiteRows::assemble(extensions, Vec::new(), Vec::new(), Shape::default()).version
}

/// The option `guest_usergroup` of `com_users`: a number, mostly written as text.
fn guest_group(params: &str) -> Option<u32> {
    let params: Value = serde_json::from_str(params).ok()?;
    whole_number(params.get("guest_usergroup")?)
}

/// `#__viewlevels.rules`: a JSON list of group ids. Broken text grants no access; neither do pieces
/// that are not group ids (negative ones name single users).
pub(super) fn level_groups(rules: &str) -> Vec<u32> {
    serde_json::from_str::<Vec<Value>>(rules)
        .unwrap_or_default()
        .iter()
        .filter_map(whole_number)
        .collect()
}

fn whole_number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|n| n.try_into().ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
