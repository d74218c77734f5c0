//! The sample site of `demo`: a SQLite database, two packages and a folder for mails.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{StartError, keys};
use crate::config::Config;
use crate::config::values::MailTransport;
use crate::joomla::SqliteStore;
use crate::license::{GroupSeed, LicenseKey, Person};

/// The e-mail of the sample customer.
pub const EMAIL: &str = "user123@example.com";
/// His user name.
pub const USERNAME: &str = "user123";
/// His password.
pub const PASSWORD: &str = "pass123";
/// The package group he may have.
pub const GROUP: &str = "redj_enterprise";
/// The package in it.
pub const PAID: &str = "redj_ent_190";
/// The package for everybody.
pub const FREE: &str = "redj_com_190";
/// The update XML with the free package.
pub const UPDATE_XML: &str = "pkg_redj";
/// The end-point.
pub const ENDPOINT: &str = "packages";

const PREFIX: &str = "jos_";
/// The configuration file of the sample site.
const SETTINGS: &str = "bridge.toml";
const CONFIGURATION_PHP: &str = "<?php\nclass JConfig {\n\
    \tpublic $sitename = 'Sample Site';\n\
    \tpublic $dbprefix = 'jos_';\n\
    \tpublic $secret = 'demo-secret-0000';\n}\n";
const TABLES: &str = include_str!("../../sql/joomla_sqlite.sql");
const ROWS: &str = include_str!("../../sql/demo.sql");

/// The files of the packages, as the sample settings name them.
const PACKAGES: &[(&str, &str, &str)] = &[
    ("files/public/joomla/redj/ReDJ1.9.0Community_J3.zip", "ReDJ Community", "redj"),
    ("files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip", "ReDJ Enterprise", "redj_enterprise"),
];

/// Why the sample site cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder is not writable, or full.
    #[error(
        "cannot write the sample site into `{folder}`: {reason}: name another folder with `--dir`"
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system says.
        reason: io::Error,
    },
    /// The sample site does not hold together.
    #[error(transparent)]
    Site(#[from] StartError),
}

/// The file that is the database.
const DATABASE: &str = "site.db";

/// A sample site.
pub struct Site {
    /// The configuration that serves it.
    pub config: Config,
    /// The sample customer's license key.
    pub key: LicenseKey,
}

/// Writes the sample site into a folder and returns what serves it.
///
/// # Errors
/// See [`DemoError`].
pub fn make(folder: &Path) -> Result<Site, DemoError> {
    let failed = |reason| DemoError::Folder { folder: folder.display().to_string(), reason };
    for (path, name, element) in PACKAGES {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed)?;
        fs::write(&path, package(name, element).map_err(failed)?).map_err(failed)?;
    }
    let database = folder.join(DATABASE);
    if !database.exists() {
        let script = format!("{TABLES}\n{ROWS}");
        let prefix = PREFIX.parse().map_err(|error| StartError::Config(format!("{error}")))?;
        // Under another name first: a start that is interrupted leaves no half a site.
        let unfinished = folder.join("site.db.new");
        let _ = fs::remove_file(&unfinished);
        SqliteStore::create(&unfinished, &script, &prefix).map_err(StartError::from)?;
        fs::rename(&unfinished, &database).map_err(failed)?;
    }
    fs::write(folder.join("configuration.php"), CONFIGURATION_PHP).map_err(failed)?;
    write_settings(folder, "http://127.0.0.1:8080")?;
    let config = configuration(folder, &database);
    let person = Person { user_id: 123, name: "Sample User", username: USERNAME, email: EMAIL };
    let group = GroupSeed { id: GROUP, hash: "HASH123KEY456", name: "ReDJ Enterprise" };
    let key = keys::ring(&config, true)?
        .issue(&person, &group)
        .map_err(|error| StartError::Config(error.to_string()))?;
    Ok(Site { config, key })
}

/// Writes what other subcommands find the sample site by: where it is, and where it is served.
///
/// # Errors
/// See [`DemoError`].
pub fn write_settings(folder: &Path, public_url: &str) -> Result<(), DemoError> {
    let text = settings(folder, &folder.join(DATABASE), public_url);
    fs::write(folder.join(SETTINGS), text)
        .map_err(|reason| DemoError::Folder { folder: folder.display().to_string(), reason })
}

fn settings(folder: &Path, database: &Path, public_url: &str) -> String {
    let quoted = |path: &Path| {
        let text = path.display().to_string();
        format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
    };
    let url = quoted(Path::new(&format!("sqlite:{}", database.display())));
    format!(
        "# The sample site, for `jbackend-bridge updates --config` and other subcommands.\n\
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

/// A Joomla package that installs nothing: a manifest and a note.
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
