//! HTTP. Only this room uses warp and hyper.
//!
//! The way of a request: [`accept`] (sockets, limits, timeouts) → [`route`] (the one function that
//! shows the order) → [`body`] and [`peer`] (bytes in, types out) → the jBackend core → [`reply`]
//! and [`download`] (types in, bytes out) → [`access_log`]. Update XML is public: [`update_xml`]
//! answers it before the core. A request that is not for the bridge goes to the site by
//! [`fallback`], if one is configured. [`current`] holds the front in force, which a reload
//! replaces. Beside these, [`counts`] counts for the metrics. Must not import: `store`.

pub mod accept;
pub mod accept_encoding;
pub mod access_log;
pub mod body;
pub mod cors;
pub mod counts;
mod credentials;
pub mod current;
pub mod download;
pub mod fallback;
pub mod filter;
pub mod force_ssl;
pub mod head;
pub mod listen;
pub mod log_hash;
pub mod peer;
mod places;
pub mod reply;
pub mod response;
pub mod route;
mod sending;
pub mod shares;
mod turned_away;
pub mod update_xml;
