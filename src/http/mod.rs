//! HTTP: a request's way in, and its answer's way out.
//!
//! The way of a request: [`listener`] (sockets, the accept loop) → [`connection`] (limits, time
//! limits) → [`head`] → [`filter`] → [`front`] (takes the view of the site; one function shows the
//! order) → [`body`] and [`peer`] (bytes in, types out) → the jBackend core → [`reply`] and
//! [`download`] (types in, bytes out) → [`access_log`]. Update XML is public: [`update_xml`] answers
//! it before the core. A request that is not for the bridge goes to the site by a trait of
//! [`front`], which `proxy` implements. [`counts`] counts for the metrics. Must not import: `store`,
//! `proxy`, `admin`.

pub mod accept_encoding;
pub mod access_log;
pub mod body;
pub mod connection;
pub mod cors;
pub mod counts;
mod credentials;
pub mod download;
pub mod filter;
pub mod force_ssl;
pub mod front;
pub mod head;
pub mod listener;
pub mod log_hash;
pub mod peer;
pub mod reply;
pub mod response;
pub mod update_xml;
