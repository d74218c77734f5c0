//! The types of configuration values that are more than text. They are parsed once, when the
//! configuration is read.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

pub use super::addresses::{AdminListen, Listen, TrustedProxy, Upstream};

/// The rule for requests for files in the package folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageFilesRule {
    /// They are refused: packages are only sent by the download method.
    #[default]
    Refuse,
    /// They go to the site like all other requests.
    Allow,
}

/// The HTTP status of refusals; see `docs/release.md`, "HTTP status".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HttpStatus {
    /// 200, as in the original.
    #[default]
    #[serde(rename = "always-200")]
    Always200,
    /// The status that fits the code.
    Real,
    /// The fitting status for Joomla's updater, 200 for all other clients.
    JoomlaUpdater,
}

/// How much refusals reveal about accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// They show whether there is an account, as in the protocol.
    #[default]
    Original,
    /// They reveal nothing.
    Uniform,
}

/// Whether the bridge keeps a snapshot of the site's database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandbyRule {
    /// No snapshot: if the database fails, requests cannot be answered from it.
    #[default]
    Off,
    /// The bridge keeps a snapshot, and answers from it if the database has failed.
    On,
}

/// The effect of a second factor on `keybyauth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TwoFactor {
    /// The same as on a Joomla login of the site's version.
    #[default]
    Joomla,
    /// A password without the second factor gets no key.
    Refuse,
}

/// TLS to the database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// No TLS.
    #[default]
    Off,
    /// Encrypted; any certificate is accepted.
    Required,
    /// Encrypted, and the certificate is checked.
    Verify,
}

/// How mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailTransport {
    /// Over SMTP.
    Smtp,
    /// Through the local sendmail program.
    Sendmail,
    /// As `.eml` files.
    File,
    /// No mails are sent.
    Off,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// JSON names of the plugin's settings that the operator has set; `None` means the likely ones.
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
    /// The code to send; `None` for the usual one.
    pub code: Option<String>,
    /// The description to send; `None` for the usual one.
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
    /// The last day on which it is accepted, `YYYY-MM-DD`, in UTC.
    pub until: Option<String>,
}

/// The versions of an extension that are listed in its update XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versions {
    /// All versions.
    #[default]
    All,
    /// The versions that are the newest for some site.
    Newest,
}

/// Values in update XML for a package, or for all of a package group. They replace those of the
/// manifest or the section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateFields {
    /// The package; either this or `group` is set.
    pub package: Option<String>,
    /// The package group.
    pub group: Option<String>,
    /// Name of the XML, instead of the extension's element.
    pub xml: Option<String>,
    /// Name for people.
    pub name: Option<String>,
    /// A line of description.
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
    /// A word that Joomla stores.
    pub section: Option<String>,
    /// The maintainer.
    pub maintainer: Option<String>,
    /// The maintainer's site.
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

/// Extensions whose packages are signed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfiguredSigning {
    /// Their elements, or `all`.
    pub elements: WordOrWords,
    /// Public keys of minisign.
    pub keys: Vec<String>,
    /// Whether packages without a good signature are refused.
    #[serde(default = "yes")]
    pub require: bool,
}

fn yes() -> bool {
    true
}

/// A value that is written as a word or as a list of words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum WordOrWords {
    /// `"all"`.
    Word(String),
    /// `["pkg_redj"]`.
    Words(Vec<String>),
}

/// An end-point given in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfiguredEndpoint {
    /// Its path below the site's base: `packages`, `api/v1`.
    pub path: String,
    /// The permitted clients.
    #[serde(default)]
    pub access: EndpointAccess,
}

/// The clients that may use an end-point; the stricter value is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointAccess {
    /// All clients.
    #[default]
    Free,
    /// Visitors logged in to Joomla.
    User,
    /// Holders of an API key.
    Key,
}
