//! The plugin's settings of one moment: from the rows of the database, or fixed in the
//! configuration.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use joomla_password::Rules;

use super::live_releases::LiveReleases;
use crate::packages::Packages;
use crate::release::authorise::{GroupTree, UserGroup};
use crate::release::catalog::{Catalog, SettingsText};
use crate::release::license::{CheckError, GroupSeed, KeyRing, RecipeOf, SeedOf};
use crate::release::params::{self, ParamNames, ParamsError};
use crate::release::record::ReleaseRecord;
use crate::release::settings::{Package, PackageGroup};
use crate::store::SiteRows;
use crate::told::{Tell, tells, told};

/// The reason why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The plugin is not installed, or the prefix belongs to another site.
    #[error("{}", self.told())]
    NoPlugin {
        /// The table that was read.
        table: String,
    },
    /// The row's params cannot be read.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// A recipe that cannot serve a package group.
    #[error("{}", self.told())]
    Recipe(#[from] CheckError),
    /// The folder setting is relative and the site's folder is not known.
    #[error("{}", self.told())]
    NoRoot(String),
}

tells!(Tell for SettingsError {
    Self::NoPlugin { table } => told!(
        "the plugin jBackend Release System is not in `{table}` (type plugin, folder jbackend, \
         element release)" =>
        "check the table prefix, or put `folder`, `groups` and `packages` into `[release]`"
    ),
    Self::Params(error) => error.told(),
    Self::Recipe(error) => error.told().after("no license key can be made: "),
    Self::NoRoot(it) => told!(
        "the package folder `{it}` is relative to the Joomla root" =>
        "set `root` in `[joomla]`"
    ),
});

/// Opens the package folder at a path.
pub type OpenFolder = Box<dyn Fn(&Path) -> Arc<dyn Packages> + Send + Sync>;

/// The source of settings, and the data that settings depend on.
pub struct SettingsSource {
    /// Settings that replace the database's.
    pub fixed: Option<SettingsText>,
    /// JSON names of the settings in the plugin row.
    pub param_names: ParamNames,
    /// The site's folder.
    pub root: Option<PathBuf>,
    /// The table plugins are in, for messages.
    pub table: String,
    /// The site's rules for password hashes, if the operator has set the version; otherwise the
    /// database gives it.
    pub rules: Option<Rules>,
    /// Answer `REQ_MNF` while the plugin is disabled or hidden from guests.
    pub require_enabled: bool,
    /// Package groups whose guessable keys need no warning.
    pub allow_guessable: Vec<String>,
    /// Makes and checks keys.
    pub keys: Arc<KeyRing>,
    /// Opens a package folder.
    pub open_folder: OpenFolder,
    /// The releases that are served beside the plugin's lines.
    pub releases: LiveReleases,
}

/// The settings of one moment.
pub struct Settings {
    /// Packages and package groups.
    pub catalog: Arc<Catalog>,
    /// The package folder.
    pub folder: Arc<dyn Packages>,
    /// The path of the package folder.
    pub folder_path: PathBuf,
    /// The site's user groups.
    pub group_tree: GroupTree,
    /// The rules for password hashes.
    pub rules: Rules,
    /// Joomla asks for the second factor together with the password.
    pub second_factor_at_login: bool,
    /// The module is published.
    pub published: bool,
    /// The releases of which the catalog has those that are served.
    pub releases: Arc<Vec<Arc<ReleaseRecord>>>,
    pub(super) closed: HashSet<String>,
}

impl Settings {
    /// Returns the package group with this id, unless it is closed: a client gets `REL_GNF` in both
    /// cases.
    #[must_use]
    pub fn group(&self, id: &str) -> Option<&PackageGroup> {
        self.catalog.group(id).filter(|group| !self.closed.contains(&group.id))
    }

    /// Returns the package with this id.
    #[must_use]
    pub fn package(&self, id: &str) -> Option<&Package> {
        self.catalog.package(id)
    }

    /// Returns the package groups that are closed because anyone could compute their keys under the
    /// default recipe.
    #[must_use]
    pub fn closed(&self) -> Vec<&str> {
        let mut closed: Vec<_> = self.closed.iter().map(String::as_str).collect();
        closed.sort_unstable();
        closed
    }
}

impl SettingsSource {
    /// Makes the first settings.
    ///
    /// # Errors
    /// Rows without usable settings, or a recipe that makes no key.
    pub(super) fn first_settings(&self, rows: &SiteRows) -> Result<Settings, SettingsError> {
        let settings = self.settings(rows, None)?;
        self.require_some_key(&settings.catalog)?;
        Ok(settings)
    }

    /// Makes the settings of these rows; `previous` are those in force.
    ///
    /// # Errors
    /// Rows without usable settings.
    pub(super) fn settings(
        &self,
        rows: &SiteRows,
        previous: Option<&Settings>,
    ) -> Result<Settings, SettingsError> {
        let text = match &self.fixed {
            Some(text) => text.clone(),
            None => plugin_text(rows, &self.param_names, &self.table)?,
        };
        let folder_path = package_folder(self.root.as_deref(), &text.folder)?;
        let releases = self.releases.all();
        let catalog = Catalog::with_releases(&text, &releases);
        let closed = catalog
            .groups()
            .into_iter()
            .filter(|group| self.keys.is_unservable(&seed(group)))
            .map(|group| group.id.clone())
            .collect();
        // An open folder counts the files being opened in it; a new one would start at zero.
        let same_folder = previous.filter(|previous| previous.folder_path == folder_path);
        let folder = same_folder.map(|previous| Arc::clone(&previous.folder));
        Ok(Settings {
            folder: folder.unwrap_or_else(|| (self.open_folder)(&folder_path)),
            folder_path,
            group_tree: group_tree(rows),
            rules: self.rules.unwrap_or_else(|| rules(rows)),
            second_factor_at_login: rows
                .login_plugins
                .iter()
                .any(|plugin| plugin.folder == TWO_FACTOR_PLUGINS),
            published: !self.require_enabled || is_published(rows),
            catalog: Arc::new(catalog),
            releases,
            closed,
        })
    }

    /// Refuses a recipe that makes no key for any package group: it must be wrong. A recipe that
    /// fails only for some groups, or a former one, must not block the keys of the others: it is
    /// only reported.
    fn require_some_key(&self, catalog: &Catalog) -> Result<(), CheckError> {
        let issues =
            |error: &CheckError| error.recipe == RecipeOf::Issuing && error.seed == SeedOf::Current;
        let mut failure = None;
        for group in catalog.groups() {
            let problems = self.keys.check(&seed(group), unix_now());
            let Some(error) = problems.into_iter().find(issues) else { return Ok(()) };
            failure = failure.or(Some(error));
        }
        failure.map_or(Ok(()), Err)
    }
}

/// Reads the settings from the plugin's row.
///
/// # Errors
/// No row, or one that cannot be read.
pub fn plugin_text(
    rows: &SiteRows,
    names: &ParamNames,
    table: &str,
) -> Result<SettingsText, SettingsError> {
    let row = rows.release_plugins.first();
    let row = row.ok_or_else(|| SettingsError::NoPlugin { table: table.to_owned() })?;
    Ok(params::read(&row.params, names)?)
}

/// Returns the path of the package folder: below the site's folder, unless the setting is absolute.
///
/// # Errors
/// A relative setting without a known site folder.
pub fn package_folder(root: Option<&Path>, setting: &str) -> Result<PathBuf, SettingsError> {
    let setting = Path::new(setting.trim());
    if setting.is_absolute() {
        return Ok(setting.into());
    }
    root.map(|root| root.join(setting))
        .ok_or_else(|| SettingsError::NoRoot(setting.display().to_string()))
}

/// Returns the seed of a package group for license keys.
#[must_use]
pub fn seed(group: &PackageGroup) -> GroupSeed<'_> {
    GroupSeed { id: &group.id, hash: &group.hash, name: &group.name }
}

/// Returns the Unix time, in seconds.
#[must_use]
pub fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The folder of the plugins that ask for a second factor during the login, up to Joomla 4.1.
const TWO_FACTOR_PLUGINS: &str = "twofactorauth";

fn group_tree(rows: &SiteRows) -> GroupTree {
    let groups = rows.groups.iter();
    GroupTree::new(
        groups.map(|row| UserGroup { id: row.id, left: row.lft, right: row.rgt }).collect(),
    )
}

/// Returns the rules of the site's version; a site of unknown version counts as a current one.
fn rules(rows: &SiteRows) -> Rules {
    if rows.version.is_some_and(|version| version.major < 4) {
        Rules::Joomla3
    } else {
        Rules::Joomla4
    }
}

fn is_published(rows: &SiteRows) -> bool {
    rows.release_plugins.first().is_some_and(|row| row.enabled && rows.guest_can_see(row.access))
}
