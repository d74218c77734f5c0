//! The Release System's own rules: the meaning of the plugin's settings, and who may have which
//! package.
//!
//! Pure: text and rows go in, decisions come out; no I/O, no clock. Called by the methods, which
//! bring the rows, and by the settings refresh, which brings the text. The rules are written down
//! in `docs/release.md`.
//!
//! - [`params`]: the three settings in the plugin row's JSON.
//! - [`settings`]: one line of a setting.
//! - [`catalog`]: all lines together: which packages and package groups there are.
//! - [`package_path`]: a path that cannot leave the package folder.
//! - [`record`]: a release, published through the bridge.
//! - [`license`]: license keys: how they are derived, and which of them are accepted.
//! - [`authorise`]: is this user in one of the package group's user groups.

pub mod authorise;
pub mod catalog;
pub mod license;
pub mod package_path;
pub mod params;
pub mod record;
pub mod settings;
