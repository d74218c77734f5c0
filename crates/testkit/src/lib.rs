//! Private servers, the recorded site and an HTTP client, for tests and benchmarks.
//!
//! Called by `tests/it` and `benches`. Nothing here knows the inside of the program that is tested:
//! `tests/it/common` joins the two. Must not import: `jbackend_bridge`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::must_use_candidate,
    clippy::new_without_default,
    reason = "these are for callers beyond this repository"
)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub mod client;
pub mod fixture;
pub mod mariadb;
pub mod mysql_greeter;
pub mod nginx;
pub mod private_server;
pub mod proxy;
pub mod redis;
pub mod smtp_sink;
pub mod tls;
pub mod transcript;
pub mod web_server;
