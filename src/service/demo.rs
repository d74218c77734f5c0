//! The sample site of `demo`: a SQLite database, two packages and a folder for mails.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::plan::license;
use super::start_error::StartError;
use crate::config::Config;
use crate::config::problem::Problem;
use crate::config::values::MailTransport;
use crate::release::license::{GroupSeed, LicenseKey, Person};
use crate::store::SqliteStore;
use crate::told::Told;

/// The e-mail address of the sample customer.
pub const EMAIL: &str = "user123@example.com";
/// Their user name.
pub const USERNAME: &str = "user123";
/// Their password.
pub const PASSWORD: &str = "pass123";
/// The package group they may download.
pub const GROUP: &str = "redj_enterprise";
/// The package in that group.
pub const PAID: &str = "redj_ent_190";
/// The free package.
pub const FREE: &str = "redj_com_190";
/// The update XML with the free package.
pub const UPDATE_XML: &str = "pkg_redj";
/// The end-point.
pub const ENDPOINT: &str = "packages";

const PREFIX: &str = "jos_";
/// The configuration file of the sample site.
const SETTINGS: &str = "bridge.toml";
/// The first line of that file.
const FIRST_LINE: &str =
    "# The sample site, for `jbackend-bridge updates --config` and other subcommands.";
const CONFIGURATION_PHP: &str = "<?php\nclass JConfig {\n\
    \tpublic $sitename = 'Sample DemoSite';\n\
    \tpublic $dbprefix = 'jos_';\n\
    \tpublic $secret = 'demo-secret-0000';\n}\n";
const TABLES: &str = include_str!("../../sql/joomla_sqlite.sql");
const ROWS: &str = include_str!("../../sql/demo.sql");

/// The files of the packages, as the sample settings name them.
const PACKAGES: &[(&str, &str, &str)] = &[
    ("files/public/joomla/redj/ReDJ1.9.0Community_J3.zip", "ReDJ Community", "redj"),
    ("files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip", "ReDJ Enterprise", "redj_enterprise"),
];

/// The reason why the sample site cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder is not writable, or full.
    #[error(
        "cannot write the sample site into `{folder}`: {reason}: name another folder with `--dir`"
    )]
    Folder {
        /// The folder.
        folder: String,
        /// The system's error.
        reason: io::Error,
    },
    /// Something else is in the folder.
    #[error(
        "`{folder}` is not empty, and what is in it (`{found}`) is not a sample site: name a new or an \
         empty folder with `--dir`; nothing was changed"
    )]
    NotEmpty {
        /// The folder.
        folder: String,
        /// One name in it.
        found: String,
    },
    /// The parts of the sample site do not fit together.
    #[error(transparent)]
    DemoSite(#[from] StartError),
}

/// The database file.
const DATABASE: &str = "site.db";

/// A sample site.
pub struct DemoSite {
    /// The configuration that serves it.
    pub config: Config,
    /// The sample customer's license key.
    pub key: LicenseKey,
}

/// Writes the sample site into a folder and returns the configuration that serves it. Files that
/// exist already stay as they are: in an older sample site they may have been changed by hand.
///
/// # Errors
/// A folder that contains anything else, and the other cases of [`DemoError`].
pub fn make(folder: &Path) -> Result<DemoSite, DemoError> {
    let failed = |reason| DemoError::Folder { folder: folder.display().to_string(), reason };
    fs::create_dir_all(folder).map_err(failed)?;
    require_own(folder)?;
    // First, because this file marks the folder as a sample site.
    let url = "http://127.0.0.1:8080";
    write_new(&folder.join(SETTINGS), settings(folder, url).as_bytes()).map_err(failed)?;
    for (path, name, element) in PACKAGES {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed)?;
        write_new(&path, &package(name, element).map_err(failed)?).map_err(failed)?;
    }
    let database = folder.join(DATABASE);
    if !database.exists() {
        let script = format!("{TABLES}\n{ROWS}");
        let prefix = PREFIX.parse().map_err(told)?;
        // Created under another name first, so that an interrupted start leaves no unfinished
        // database.
        let unfinished = folder.join("site.db.new");
        let _ = fs::remove_file(&unfinished);
        SqliteStore::create(&unfinished, &script, &prefix).map_err(StartError::from)?;
        fs::rename(&unfinished, &database).map_err(failed)?;
    }
    write_new(&folder.join("configuration.php"), CONFIGURATION_PHP.as_bytes()).map_err(failed)?;
    let config = configuration(folder, &database);
    let person = Person { user_id: 123, name: "Sample User", username: USERNAME, email: EMAIL };
    let group = GroupSeed { id: GROUP, hash: "HASH123KEY456", name: "ReDJ Enterprise" };
    let key = license::ring(&config, true).map_err(StartError::from)?;
    let key = key.issue(&person, &group).map_err(told)?;
    Ok(DemoSite { config, key })
}

/// Refuses a folder that holds something and is not a sample site's.
fn require_own(folder: &Path) -> Result<(), DemoError> {
    let failed = |reason| DemoError::Folder { folder: folder.display().to_string(), reason };
    let Some(first) = fs::read_dir(folder).map_err(failed)?.next() else { return Ok(()) };
    let settings = folder.join(SETTINGS);
    let is_own = fs::symlink_metadata(&settings).is_ok_and(|metadata| metadata.is_file())
        && fs::read(&settings).is_ok_and(|text| text.starts_with(FIRST_LINE.as_bytes()));
    if is_own {
        return Ok(());
    }
    let found = first.map_err(failed)?.file_name().display().to_string();
    Err(DemoError::NotEmpty { folder: folder.display().to_string(), found })
}

/// Writes a file unless a file or link of this name exists.
fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(content),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes the address of the sample site into its settings, for other subcommands, unless the
/// settings were changed by hand.
///
/// # Errors
/// See [`DemoError`].
pub fn write_public_url(folder: &Path, public_url: &str) -> Result<(), DemoError> {
    let failed = |reason| DemoError::Folder { folder: folder.display().to_string(), reason };
    let path = folder.join(SETTINGS);
    let found = fs::read_to_string(&path).map_err(failed)?;
    let address =
        found.lines().find_map(|line| line.strip_prefix("public_url = \"")?.strip_suffix('"'));
    if address.is_none_or(|address| found != settings(folder, address)) {
        return Ok(());
    }
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(settings(folder, public_url).as_bytes()).map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

fn told(error: impl Display) -> DemoError {
    StartError::from(Problem::told("", Told::only(error)).as_sentence()).into()
}

/// Returns the settings file by which other subcommands find the sample site.
fn settings(folder: &Path, public_url: &str) -> String {
    let quoted = |path: &Path| {
        let text = path.display().to_string();
        format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
    };
    let url = quoted(Path::new(&format!("sqlite:{}", folder.join(DATABASE).display())));
    format!(
        "{FIRST_LINE}\n\
         [server]\npublic_url = \"{public_url}\"\n\
         [joomla]\nroot = {root}\n\
         [database]\nurl = {url}\n\
         [license]\nrecipe = \"default\"\n\
         [mail]\ntransport = \"file\"\noutbox = {mails}\nfrom = \"licenses@example.com\"\n",
        root = quoted(folder),
        mails = quoted(&folder.join("mails")),
    )
}

fn configuration(folder: &Path, database: &Path) -> Config {
    let mut config = Config::default();
    config.joomla.root = Some(folder.into());
    config.joomla.secret = Some("demo-secret-0000".to_owned().into());
    config.joomla.site_name = Some("Sample Site".into());
    config.database.url = Some(format!("sqlite:{}", database.display()).into());
    config.database.prefix = Some(PREFIX.into());
    config.license.recipe = Some("default".into());
    config.mail.transport = Some(MailTransport::File);
    config.mail.outbox = Some(folder.join("mails"));
    config.mail.from = Some("licenses@example.com".into());
    config.mail.from_name = Some("Sample Site".into());
    config
}

/// Builds a Joomla package that installs nothing: a manifest and a note.
fn package(name: &str, element: &str) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
    let manifest = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<extension type=\"package\" method=\"upgrade\">\n\
         \t<name>{name}</name>\n\t<packagename>{element}</packagename>\n\t<version>1.9.0</version>\n\
         \t<description>A sample package of jbackend-bridge.</description>\n\
         \t<targetplatform name=\"joomla\" version=\"3\\.\"/>\n\t<files/>\n</extension>\n"
    );
    let note = format!("{name} 1.9.0: a sample package of jbackend-bridge.\n");
    for (file, text) in [(format!("pkg_{element}.xml"), manifest), ("README.txt".into(), note)] {
        zip.start_file(file, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
