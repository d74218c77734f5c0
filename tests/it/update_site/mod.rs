//! Update XML: the service writes it, and Joomla reads it.

mod addresses;
mod checksums;
mod downloads;
pub(crate) mod joomla;
pub(crate) mod joomla_download;
#[path = "../../../crates/joomla-updates/tests/it/made.rs"]
mod made;
mod offers;
mod reading;
mod recordings;
mod select;
pub(crate) mod served;

pub(crate) use made::{archive, archive_of};
use made::{checksums, entry};
