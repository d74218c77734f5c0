//! HTTP: the only place that knows warp and hyper.
//!
//! The way of a request: [`accept`] (sockets, limits, timeouts) → [`route`] (the one function that
//! shows the order) → [`body`] and [`peer`] (bytes in, types out) → the jBackend core → [`reply`]
//! and [`download`] (types in, bytes out) → [`access_log`]. Update XML is public and goes by
//! [`update_xml`] alone. What is not ours goes to the site by [`fallback`], where there is one.
//! [`current`] is what a reload exchanges. Beside all this stand [`metrics`], which counts, and
//! [`admin`], which tells it to the operator's programs. Must not import: `store`.

pub mod accept;
pub mod accept_encoding;
pub mod access_log;
pub mod admin;
pub mod body;
pub mod cors;
mod credentials;
pub mod current;
pub mod download;
pub mod fallback;
pub mod filter;
pub mod force_ssl;
mod framing;
mod head;
pub mod listen;
pub mod log_hash;
pub mod metrics;
pub mod peer;
mod places;
pub mod reply;
pub mod route;
mod sending;
pub mod shares;
mod turned_away;
pub mod update_xml;
