//! The configuration: defaults, then `configuration.php`, then the TOML file, then the environment
//! (`JBRIDGE_…`), then flags. A later source wins.
//!
//! - [`sections`]: every key, with its meaning. `config.example.toml` is made from it. The sections
//!   for operators are in `operation`.
//! - [`section`]: declares a section.
//! - [`values`]: the types of values that are more than text; those of addresses are in
//!   `addresses`.
//! - [`mod@load`]: puts the sources together.
//! - [`mod@env`]: the environment as a source.
//! - `explain`: the message for a value that does not fit; [`place`]: the line of the key.
//! - `read`: reads the keys one by one; [`problem`]: the problem of a key.
//! - [`unknown`]: finds unknown keys.
//! - [`from_joomla`]: `configuration.php` as a source; [`joomla_php`] reads the file itself.
//! - [`ledger_url`]: the address of the ledger.
//! - [`offload`]: values for a web server that sends the files.
//! - [`shared_limits`]: the server through which bridges share limits.
//! - [`origin`]: the source of each value.
//! - [`example`]: the text of `config.example.toml`.

mod addresses;
pub mod env;
pub mod error;
pub mod example;
mod explain;
pub mod from_joomla;
pub mod joomla_php;
pub mod ledger_url;
pub mod load;
pub mod log_filter;
pub mod offload;
mod operation;
pub mod origin;
pub mod place;
pub mod problem;
pub mod public_url;
mod read;
pub mod section;
pub mod sections;
pub mod shared_limits;
mod source_names;
pub mod unknown;
pub mod values;

pub use error::ConfigError;
pub use load::{Flags, Loaded, load, load_with_origins};
use read::Reader;
use section::{ConfigKey, Section};
use sections::{
    Admin, Database, Fallback, Joomla, Ledger, License, Limits, Log, Mail, Packages, Release,
    Releases, Server, Updates,
};
use values::{ConfiguredEndpoint, ConfiguredSigning};

/// Makes the configuration of its sections, and their outline.
macro_rules! config {
    ($( $(#[doc = $doc:literal])+ $name:ident: $section:ident, )+) => {
        /// The whole configuration.
        #[derive(Debug, Clone, Default)]
        pub struct Config {
            $( $(#[doc = $doc])+ pub $name: $section, )+
            /// End-points.
            pub endpoints: Vec<ConfiguredEndpoint>,
            /// Extensions whose packages are signed.
            pub signing: Vec<ConfiguredSigning>,
        }

        impl Config {
            /// Reads all keys. A key that cannot be read gets its default, and the reader keeps its
            /// problem.
            fn read(reader: &mut Reader<'_>) -> Self {
                Self {
                    $( $name: $section::read(reader), )+
                    endpoints: reader.list("endpoints"),
                    signing: reader.list("signing"),
                }
            }
        }

        /// All sections, in the order of `config.example.toml`.
        #[must_use]
        pub fn outline() -> Vec<Outline> {
            vec![$(
                Outline { name: $section::NAME, doc: $section::DOC, keys: $section::keys() },
            )+]
        }
    };
}

config! {
    /// The address of the bridge, its connections, and the proxies it trusts.
    server: Server,
    /// The Joomla site.
    joomla: Joomla,
    /// The site's database.
    database: Database,
    /// The Release System.
    release: Release,
    /// How package files are sent.
    packages: Packages,
    /// License keys.
    license: License,
    /// Mail.
    mail: Mail,
    /// The rest of the site.
    fallback: Fallback,
    /// How often clients may fail.
    limits: Limits,
    /// The XML of Joomla's updater.
    updates: Updates,
    /// The bridge's own records.
    ledger: Ledger,
    /// Releases that are published through the bridge.
    releases: Releases,
    /// The admin listener.
    admin: Admin,
    /// The log.
    log: Log,
}

/// A section, for code that lists sections.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Its name in the file.
    pub name: &'static str,
    /// Its meaning, line by line.
    pub doc: &'static [&'static str],
    /// Its keys.
    pub keys: Vec<ConfigKey>,
}

/// All keys, each with the name of its section.
pub fn keys() -> impl Iterator<Item = (&'static str, ConfigKey)> {
    let sections = outline().into_iter();
    sections.flat_map(|section| section.keys.into_iter().map(move |key| (section.name, key)))
}
