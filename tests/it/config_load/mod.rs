//! The configuration as the program loads it: the order of the sources, and the messages about
//! mistakes.

mod environment;
mod errors;
mod files;
mod site;

use std::ffi::OsString;
use std::fs;

use jbackend_bridge::config::{Config, ConfigError, Flags, load};
use secrecy::ExposeSecret;
use tempfile::TempDir;

/// The sources of a configuration; at first there are none.
struct Sources {
    folder: TempDir,
    toml: Option<Vec<u8>>,
    variables: Vec<(OsString, OsString)>,
    flags: Flags,
}

impl Sources {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { folder, toml: None, variables: Vec::new(), flags: Flags::default() }
    }

    fn toml(mut self, text: &str) -> Self {
        self.toml = Some(text.into());
        self
    }

    fn variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Writes a `configuration.php` with these fields, and names its folder in the flag.
    fn joomla(mut self, fields: &str) -> Self {
        let php = format!("<?php\nclass JConfig {{\n{fields}\n}}\n");
        fs::write(self.folder.path().join("configuration.php"), php).unwrap();
        self.flags.joomla_root = Some(self.folder.path().into());
        self
    }

    fn load(&self) -> Result<Config, ConfigError> {
        let file = self.folder.path().join("bridge.toml");
        if let Some(text) = &self.toml {
            fs::write(&file, text).unwrap();
        }
        let file = self.toml.as_ref().map(|_| file.as_path());
        load(file, self.variables.iter().cloned(), &self.flags)
    }

    fn config(&self) -> Config {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Returns the message, with the folder's name replaced.
    fn refusal(&self) -> String {
        let message = self.load().expect_err("a mistake").to_string();
        message.replace(&self.folder.path().display().to_string(), "DIR")
    }
}

/// Returns the message about a configuration file.
fn refusal(toml: &str) -> String {
    Sources::new().toml(toml).refusal()
}

fn password(config: &Config) -> Option<&str> {
    config.database.password.as_ref().map(ExposeSecret::expose_secret)
}

#[test]
fn defaults_hold_where_nothing_else_is_set() {
    let config = Sources::new().toml("database.host = \"h\"").config();
    assert_eq!(config.database.pool_size, 4);
    assert_eq!(config.log.level, "info");
    assert_eq!(config.database.prefix, None);
}

#[test]
fn configuration_php_wins_over_defaults() {
    let config =
        Sources::new().joomla("public $dbprefix = 'php_'; public $mailer = 'smtp';").config();
    assert_eq!(config.database.prefix.as_deref(), Some("php_"));
    assert_eq!(config.database.pool_size, 4);
}

#[test]
fn the_file_wins_over_configuration_php() {
    let config = Sources::new()
        .joomla("public $dbprefix = 'php_'; public $user = 'php';")
        .toml("[database]\nprefix = \"toml_\"")
        .config();
    assert_eq!(config.database.prefix.as_deref(), Some("toml_"));
    assert_eq!(config.database.user.as_deref(), Some("php"));
}

#[test]
fn variables_win_over_the_file() {
    let config = Sources::new()
        .joomla("public $dbprefix = 'php_';")
        .toml("[database]\nprefix = \"toml_\"\nuser = \"toml\"")
        .variable("JBRIDGE_DATABASE_PREFIX", "env_")
        .config();
    assert_eq!(config.database.prefix.as_deref(), Some("env_"));
    assert_eq!(config.database.user.as_deref(), Some("toml"));
}

#[test]
fn flags_win_over_variables() {
    let mut sources = Sources::new()
        .joomla("")
        .toml("[joomla]\nroot = \"/nowhere\"\n[license]\nrecipe = \"default\"")
        .variable("JBRIDGE_JOOMLA_ROOT", "/nowhere/either")
        .variable("JBRIDGE_LICENSE_RECIPE", "md5($email)");
    sources.flags.recipe = Some("sha1($email)".into());
    sources.flags.listen = Some("127.0.0.1:1".into());
    let config = sources.variable("JBRIDGE_SERVER_LISTEN", "127.0.0.1:2").config();
    assert_eq!(config.license.recipe.as_deref(), Some("sha1($email)"));
    assert_eq!(format!("{:?}", config.server.listen), "Tcp(\"127.0.0.1:1\")");
    assert!(config.joomla.root.is_some_and(|root| root != std::path::Path::new("/nowhere")));
}

#[test]
fn without_a_site_the_two_ways_to_name_one_are_told() {
    insta::assert_snapshot!(Sources::new().refusal(), @"no site is named: give the Joomla folder with `--joomla-root DIR`, or a configuration file with `--config FILE`");
    insta::assert_snapshot!(refusal("[log]\nlevel = \"info\""), @"`DIR/bridge.toml` names no site: write the folder of your Joomla site into `root` in `[joomla]`; a line that starts with `#` does not count");
}

#[test]
fn regression_the_configuration_php_of_a_site_names_its_folder() {
    let mut sources = Sources::new().joomla("public $sitename = 'Named';");
    let root = sources.flags.joomla_root.clone().unwrap();
    sources.flags.joomla_root = Some(root.join("configuration.php"));
    let config = sources.config();
    assert_eq!(config.joomla.root, Some(root));
    assert_eq!(config.joomla.site_name.as_deref(), Some("Named"));
}

#[test]
fn no_debug_output_holds_a_secret() {
    let config = Sources::new()
        .toml(
            "[database]\nurl = \"mysql://u:hunter2@h/d\"\npassword = \"hunter2\"\n[joomla]\nsecret = \"hunter2\"\n\
             [mail]\nsmtp_password = \"hunter2\"\n[log]\nemail_hash_key = \"hunter2\"\n\
             [license]\naccepted_hashes = [{ group = \"g\", hash = \"hunter2\" }]\n\
             [limits]\nshared = \"redis://u:hunter2@h\"",
        )
        .config();
    assert_eq!(password(&config), Some("hunter2"));
    assert!(config.limits.shared.is_some());
    assert!(!format!("{config:?}").contains("hunter2"));
}
