//! The plugin's settings in force: read from the database every few seconds, or fixed in the
//! configuration.
//!
//! Requests take a [`Snapshot`]; a refresh replaces it as a whole. Settings that cannot be read at
//! run time leave the last good ones in force.

mod report;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use joomla_password::Rules;

use self::report::report;
use super::Sent;
use super::code::{self, Code};
use super::holder::seed;
use crate::joomla::SiteRows;
use crate::license::{CheckError, KeyRing, RecipeOf, SeedOf};
use crate::packages::Packages;
use crate::release::authorise::{GroupTree, UserGroup};
use crate::release::catalog::{Catalog, SettingsText};
use crate::release::params::{self, ParamNames, ParamsError};
use crate::release::settings::{Package, PackageGroup};

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The plugin is not installed, or the prefix is another site's.
    #[error(
        "the plugin jBackend Release System is not in `{table}` (type plugin, folder jbackend, element \
         release): check the table prefix, or put `folder`, `groups` and `packages` into `[release]`"
    )]
    NoPlugin {
        /// The table looked at.
        table: String,
    },
    /// The row's params cannot be read.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// A recipe that cannot serve a package group.
    #[error("no license key can be made: {0}")]
    Recipe(#[from] CheckError),
    /// The folder setting is relative and the site's folder is not known.
    #[error("the package folder `{0}` is relative to the Joomla root: set `root` in `[joomla]`")]
    NoRoot(String),
}

/// Opens the package folder at a path.
pub type OpenFolder = Box<dyn Fn(&Path) -> Arc<dyn Packages> + Send + Sync>;

/// Where settings come from and what depends on them.
pub struct Source {
    /// Settings that replace the database's.
    pub fixed: Option<SettingsText>,
    /// JSON names of the settings in the plugin row.
    pub param_names: ParamNames,
    /// The site's folder.
    pub root: Option<PathBuf>,
    /// The table plugins are in, for messages.
    pub table: String,
    /// The site's version where the operator fixed it; else the database tells.
    pub rules: Option<Rules>,
    /// Answer `REQ_MNF` while the plugin is disabled or hidden from guests.
    pub require_enabled: bool,
    /// Package groups whose guessable keys the operator knows of.
    pub allow_guessable: Vec<String>,
    /// Makes and judges keys.
    pub keys: Arc<KeyRing>,
    /// Opens a package folder.
    pub open_folder: OpenFolder,
}

/// The settings of one moment.
pub struct Snapshot {
    /// Packages and package groups.
    pub catalog: Arc<Catalog>,
    /// The package folder.
    pub folder: Arc<dyn Packages>,
    /// Where it is.
    pub folder_path: PathBuf,
    /// The site's user groups.
    pub group_tree: GroupTree,
    /// Which password hashes log in.
    pub rules: Rules,
    /// Joomla asks for the second factor together with the password.
    pub second_factor_at_login: bool,
    /// Whether the module is there at all.
    pub published: bool,
    closed: HashSet<String>,
}

impl Snapshot {
    /// The package group a client asks for.
    ///
    /// # Errors
    /// `REL_GNF`.
    pub fn group(&self, id: Sent<'_>) -> Result<&PackageGroup, Code> {
        self.group_by_id(id.text().ok_or(code::GROUP_NOT_FOUND)?)
    }

    /// The package group with this id, unless it is closed.
    ///
    /// # Errors
    /// `REL_GNF`.
    pub fn group_by_id(&self, id: &str) -> Result<&PackageGroup, Code> {
        self.catalog
            .group(id)
            .filter(|group| !self.closed.contains(&group.id))
            .ok_or(code::GROUP_NOT_FOUND)
    }

    /// The package a client asks for.
    ///
    /// # Errors
    /// `REL_PNF`.
    pub fn package(&self, id: Sent<'_>) -> Result<&Package, Code> {
        id.text().and_then(|id| self.catalog.package(id)).ok_or(code::PACKAGE_NOT_FOUND)
    }

    /// Package groups whose keys anybody could compute, under the default recipe.
    #[must_use]
    pub fn closed(&self) -> Vec<&str> {
        let mut closed: Vec<_> = self.closed.iter().map(String::as_str).collect();
        closed.sort_unstable();
        closed
    }
}

/// The settings, for requests and for the refresh.
pub struct Settings {
    source: Source,
    current: RwLock<Arc<Snapshot>>,
    seen: RwLock<Seen>,
}

/// What the last refresh was made from and said: nothing is logged twice.
struct Seen {
    rows: SiteRows,
    at: Instant,
    failure: Option<Failure>,
}

/// Why the rows read last are not in force.
#[derive(PartialEq, Eq)]
struct Failure {
    message: String,
    plugin_is_gone: bool,
}

impl Settings {
    /// The settings as the rows have them now.
    ///
    /// # Errors
    /// When there are none to start with.
    pub fn new(source: Source, rows: &SiteRows) -> Result<Self, SettingsError> {
        let snapshot = source.snapshot(rows, None)?;
        source.require_some_key(&snapshot.catalog)?;
        report(&source, &snapshot);
        let seen = Seen { rows: rows.clone(), at: Instant::now(), failure: None };
        Ok(Self { source, current: RwLock::new(Arc::new(snapshot)), seen: RwLock::new(seen) })
    }

    /// The settings in force.
    #[must_use]
    pub fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Time since the rows were read the last time, changed or not.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).at.elapsed()
    }

    /// Are the rows read last in force? Not when they make no settings.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.seen.read().unwrap_or_else(PoisonError::into_inner).failure.is_none()
    }

    /// Was the plugin's row not there when the rows were read last? Its last settings are in force.
    #[must_use]
    pub fn plugin_is_gone(&self) -> bool {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.failure.as_ref().is_some_and(|failure| failure.plugin_is_gone)
    }

    /// Puts new rows into force; rows that make no settings leave the old ones.
    pub fn update(&self, rows: &SiteRows) {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        seen.at = Instant::now();
        if seen.rows == *rows {
            return;
        }
        match self.source.snapshot(rows, Some(&self.current())) {
            Ok(snapshot) => {
                tracing::info!("the settings in Joomla have changed: the new ones are in force");
                report(&self.source, &snapshot);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
                seen.failure = None;
            }
            Err(error) => {
                let plugin_is_gone = matches!(error, SettingsError::NoPlugin { .. });
                let failure = Some(Failure { message: error.to_string(), plugin_is_gone });
                if seen.failure != failure {
                    tracing::error!(%error, "the settings in Joomla cannot be read: the last good ones stay in force");
                    seen.failure = failure;
                }
            }
        }
        seen.rows = rows.clone();
    }
}

impl Source {
    fn snapshot(
        &self,
        rows: &SiteRows,
        previous: Option<&Snapshot>,
    ) -> Result<Snapshot, SettingsError> {
        let text = match &self.fixed {
            Some(text) => text.clone(),
            None => plugin_text(rows, &self.param_names, &self.table)?,
        };
        let folder_path = package_folder(self.root.as_deref(), &text.folder)?;
        let catalog = Catalog::new(&text);
        let closed = catalog
            .groups()
            .into_iter()
            .filter(|group| self.keys.is_unservable(&seed(group)))
            .map(|group| group.id.clone())
            .collect();
        // An open folder counts what is being opened in it: a new one would begin at nothing.
        let same_folder = previous.filter(|previous| previous.folder_path == folder_path);
        let folder = same_folder.map(|previous| Arc::clone(&previous.folder));
        Ok(Snapshot {
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
            closed,
        })
    }

    /// A recipe that makes a key for no package group at all is a wrong one. One that fails for
    /// some of them, or a former one, must not keep the others from their keys: it is reported.
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

/// The settings in the plugin's row.
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

/// Where the package folder is: below the site's folder unless the setting is absolute.
///
/// # Errors
/// A relative setting, and no site's folder.
pub fn package_folder(root: Option<&Path>, setting: &str) -> Result<PathBuf, SettingsError> {
    let setting = Path::new(setting.trim());
    if setting.is_absolute() {
        return Ok(setting.into());
    }
    root.map(|root| root.join(setting))
        .ok_or_else(|| SettingsError::NoRoot(setting.display().to_string()))
}

/// Unix time, in seconds.
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

/// A site whose version nothing tells is taken for a current one.
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
