//! The site's packages, put into the XML of Joomla's updater: which update each lists, and why some
//! are left out.
//!
//! Called by the service, which serves the XML, by the subcommand `updates`, which shows it, and by
//! `check`. `joomla_updates` defines the contents of an XML; this room adds the packages, the
//! operator's rules and the addresses. See `docs/updates.md`.
//!
//! - [`addresses`]: the addresses of downloads and XML. [`rules`]: the rules of the configuration.
//! - [`reading`]: a package's manifest and checksums, from one open file. [`memory`]: their known
//!   data; reads the rest beside the service.
//! - [`mod@survey`]: all packages of a [`package_index`], which `scan` opens. [`candidate`]: from a
//!   package to an update.
//! - [`streams`]: which update stands in which XML. [`reason`]: why one stands in none.
//! - [`agreement`]: whether a package agrees with its update XML.
//! - [`vouched`]: the entries that stay in an XML while their file is missing.
//! - [`documents`]: the texts. [`publication`]: those in force. [`guard`]: whether a file is still
//!   the one a text is about.

pub mod addresses;
pub mod agreement;
pub mod candidate;
mod changelogs;
pub mod document_text;
pub mod documents;
pub mod guard;
mod guarded;
pub mod memory;
pub mod package_index;
pub mod publication;
pub mod reading;
pub mod reason;
pub mod rules;
mod scan;
pub mod streams;
pub mod survey;
pub mod vouched;
mod vouched_entry;

pub use memory::{Memory, Progress};
pub use reason::Reason;
pub use scan::{Scan, look};
pub use survey::{Listing, Survey, complete, survey};
