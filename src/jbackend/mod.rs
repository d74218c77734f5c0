//! The jBackend core around the module: end-points, URL forms, parameters, the order of checks.
//!
//! Called by `web` with paths and fields, calls the methods. Knows nothing of HTTP headers, sockets
//! or databases. The protocol is written down in `docs/protocol.md`.
//!
//! - [`target`]: the path, decoded and normalised.
//! - [`endpoint`]: the end-points of a site.
//! - [`menu`]: what menu items say about end-points.
//! - [`route`]: which end-point a request is for, if any.
//! - [`update_path`]: whether it is for an update XML.
//! - [`params`]: its parameters, by precedence and through the filter.
//! - [`core`]: the order of checks, up to the answer.
//! - [`access`]: access types `key` and `user`.
//! - [`renewals`]: the times of sessions that were used.
//! - [`trace`]: rows of jBackend's log.
//! - [`code`]: the REQ_ codes.
//! - [`site_fault`]: faults of the whole site.

pub mod access;
pub mod code;
pub mod core;
pub mod endpoint;
pub mod menu;
pub mod params;
pub mod renewals;
pub mod route;
pub mod site_fault;
pub mod target;
pub mod trace;
pub mod update_path;
