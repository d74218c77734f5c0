//! The types of configuration values that are more than text: parsed once, at the edge.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

pub use super::addresses::{AdminListen, Listen, TrustedProxy, Upstream};

/// What becomes of requests for files in the package folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageFilesRule {
    /// They are refused: packages leave by the download method alone.
    #[default]
    Refuse,
    /// They go to the site like all others.
    Allow,
}

/// Which HTTP status a refusal has; `docs/release.md`, "HTTP status".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HttpStatus {
    /// 200, as the original.
    #[default]
    #[serde(rename = "always-200")]
    Always200,
    /// The one that fits the code.
    Real,
    /// The fitting one for Joomla's updater, 200 for everybody else.
    JoomlaUpdater,
}

/// What refusals tell about accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// Whether there is one, as the protocol does.
    #[default]
    Original,
    /// Nothing.
    Uniform,
}

/// Whether the bridge keeps a snapshot of the site's database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandbyRule {
    /// It does not: a database that has failed answers nothing.
    #[default]
    Off,
    /// It does, and answers from it once the database has failed.
    On,
}

/// What a second factor means for `keybyauth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TwoFactor {
    /// What it means for a Joomla login of the site's version.
    #[default]
    Joomla,
    /// No key for a password alone.
    Refuse,
}

/// TLS to the database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// None.
    #[default]
    Off,
    /// Encrypted; any certificate is taken.
    Required,
    /// Encrypted, and the certificate is checked.
    Verify,
}

/// How mails leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailTransport {
    /// Over SMTP.
    Smtp,
    /// Through the local sendmail program.
    Sendmail,
    /// As `.eml` files.
    File,
    /// Not at all.
    Off,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// JSON names of the plugin's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamName {
    /// Name of the option "Folder".
    pub folder: Option<String>,
    /// Name of the option "Package groups".
    pub groups: Option<String>,
    /// Name of the option "Packages".
    pub packages: Option<String>,
}

/// Another name or text for an error code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeName {
    /// The code to send; the usual one when not set.
    pub code: Option<String>,
    /// The description to send; the usual one when not set.
    pub text: Option<String>,
}

/// An earlier seed of a package group.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedHash {
    /// The package group.
    pub group: String,
    /// The seed.
    pub hash: SecretString,
    /// Last day it counts, `YYYY-MM-DD`, in UTC.
    pub until: Option<String>,
}

/// Which versions of an extension stand in its update XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versions {
    /// All there are.
    #[default]
    All,
    /// Those that are the newest for some site.
    Newest,
}

/// What a package, or all of a package group, has in update XML in place of what the manifest or the
/// section says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateFields {
    /// The package; this or `group`.
    pub package: Option<String>,
    /// The package group.
    pub group: Option<String>,
    /// Name of the XML in place of the extension's element.
    pub xml: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// A line about it.
    pub description: Option<String>,
    /// Stability.
    pub tag: Option<String>,
    /// Pattern of Joomla versions.
    pub targetplatform: Option<String>,
    /// Lowest PHP version.
    pub php_minimum: Option<String>,
    /// How urgent an update is.
    pub security: Option<NumberOrWord>,
    /// Page about the update.
    pub infourl: Option<String>,
    /// Changelog in Joomla's format.
    pub changelogurl: Option<String>,
    /// Lowest versions of databases, by name.
    pub supported_databases: Option<BTreeMap<String, String>>,
    /// A word Joomla keeps.
    pub section: Option<String>,
    /// Who maintains it.
    pub maintainer: Option<String>,
    /// His site.
    pub maintainerurl: Option<String>,
}

/// A value that is written as a number or as a word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum NumberOrWord {
    /// `3`.
    Number(i64),
    /// `"high"`.
    Word(String),
}

impl std::fmt::Display for NumberOrWord {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Word(word) => out.write_str(word),
        }
    }
}

/// An end-point given in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfiguredEndpoint {
    /// Its path below the site's base: `packages`, `api/v1`.
    pub path: String,
    /// Who may use it.
    #[serde(default)]
    pub access: EndpointAccess,
}

/// Who may use an end-point of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointAccess {
    /// Everybody.
    #[default]
    Free,
    /// Visitors logged in to Joomla.
    User,
    /// Holders of an API key.
    Key,
}
