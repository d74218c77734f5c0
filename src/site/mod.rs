//! The site at one moment, for all requests, and the code that keeps it up to date.
//!
//! A request takes one [`SiteView`] from the [`LiveSite`] and is answered from it. Called by the
//! methods, the core and everything above them. Must not import: `methods`, `http`, `jbackend`.
//!
//! - [`view`]: settings, end-points and store, in one value.
//! - [`live`]: the view in force, and its replacement.
//! - [`settings`]: the plugin's settings of one moment.
//! - [`endpoint`]: the end-points; [`menu`]: their options in menu items; [`endpoint_plan`]:
//!   additions of the configuration.
//! - [`live_releases`]: the releases of the ledger.
//! - [`target`]: the path of a request, decoded and normalised.
//! - [`fault`]: faults of the whole site.

pub mod endpoint;
pub mod endpoint_plan;
pub mod fault;
pub mod live;
pub mod live_releases;
pub mod menu;
mod report;
pub mod settings;
pub mod target;
pub mod view;

pub use live::{LiveSite, Tries};
pub use settings::Settings;
pub use view::SiteView;
