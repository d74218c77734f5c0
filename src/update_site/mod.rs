//! What Joomla's updater reads: manifests of extensions, and the update XML made from them.
//!
//! Pure: texts and open files go in, texts come out; no clock, no network, no configuration. Called
//! by `updates`, which brings the packages. It must not know who may have a package. The facts are
//! in `docs/updates.md`.
//!
//! - [`extension`]: which extension it is: type, element, folder, client.
//! - [`manifest`]: a Joomla manifest. [`archive`]: where it is in a package ZIP.
//! - [`target_platform`]: for which Joomla versions. [`stability`]: for how daring sites.
//! - [`security`]: how urgent an update is.
//! - [`entry`]: an `<update>`. [`select`]: which of several are needed.
//! - [`xml`]: the text of an update XML. [`collection`]: the list of several. [`changelog`]: what
//!   changed.

pub mod archive;
pub mod changelog;
pub mod collection;
pub mod entry;
pub mod extension;
pub mod manifest;
pub mod security;
pub mod select;
pub mod stability;
pub mod target_platform;
pub mod xml;
