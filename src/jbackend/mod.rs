//! The jBackend core around the module: URL forms, parameters, the order of checks.
//!
//! Called by `http` with paths and fields, calls the methods. The protocol is written down in
//! `docs/protocol.md`. Must not import: `warp`, `hyper`, `mysql_async`, `rusqlite`.
//!
//! - [`route`]: which end-point a request is for, if any.
//! - [`update_path`]: whether it is for an update XML.
//! - [`release_path`]: whether it is for a release that is uploaded.
//! - [`params`]: its parameters, by precedence and through the filter.
//! - [`core`]: the order of checks, up to the answer.
//! - [`access`]: access types `key` and `user`.
//! - [`renewals`]: the times of sessions that were used.
//! - [`trace`]: rows of jBackend's log.
//! - [`code`]: the REQ_ codes.

pub mod access;
pub mod code;
pub mod core;
pub mod params;
pub mod release_path;
pub mod renewals;
pub mod route;
pub mod trace;
pub mod update_path;
