//! All integration tests, in one binary: one build, one private database server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod access;
mod cli;
mod common;
mod config_load;
mod configuration_php;
mod contrib;
mod download_files;
mod end_points;
mod explain;
mod fallback;
mod fuzz_corpora;
mod generated;
mod http;
mod joomla_store;
mod layers;
mod license_keys;
mod limits;
mod mail;
mod methods;
mod panics;
mod security_document;
mod settings_lines;
mod standby;
mod tls;
mod transcripts;
mod update_site;
