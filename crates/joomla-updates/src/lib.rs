//! The input of Joomla's updater: manifests of extensions, and the update XML made from them.
//!
#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! - [`extension`]: which extension it is: type, element, folder, client.
//! - [`manifest`]: a Joomla manifest. [`archive`]: finds it in a package ZIP.
//! - [`target_platform`]: for which Joomla versions. [`stability`]: how finished a version is.
//! - [`security`]: how urgent an update is.
//! - [`entry`]: an `<update>`. [`select`]: which of several are needed.
//! - [`xml`]: the text of an update XML. [`collection`]: the list of several. [`changelog`]: the
//!   changes.
//! - [`printable`]: text of strangers that can be shown.
//!
//! It must not know who may have a package, nor the source of packages.

pub mod archive;
pub mod changelog;
pub mod collection;
pub mod entry;
pub mod extension;
pub mod manifest;
pub mod printable;
pub mod security;
pub mod select;
pub mod stability;
pub mod target_platform;
pub mod xml;
