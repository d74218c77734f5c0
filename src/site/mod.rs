//! The site: everything that requests are judged by, as of one moment, and how it is kept fresh.
//!
//! A request takes one [`SiteView`] from the [`LiveSite`] and is answered by it. Called by the
//! methods, the core and everything above them. Must not import: `methods`, `http`, `jbackend`.
//!
//! - [`view`]: settings, end-points and the store to ask, in one value.
//! - [`live`]: the view in force, and how others take its place.
//! - [`settings`]: the plugin's settings of one moment.
//! - [`endpoint`]: the end-points; [`menu`]: what menu items say about them; [`endpoint_plan`]:
//!   what the configuration adds.
//! - [`target`]: the path of a request, decoded and normalised.
//! - [`fault`]: faults of the whole site.

pub mod endpoint;
pub mod endpoint_plan;
pub mod fault;
pub mod live;
pub mod menu;
mod report;
pub mod settings;
pub mod target;
pub mod view;

pub use live::{LiveSite, Tries};
pub use settings::Settings;
pub use view::SiteView;
