//! All integration tests, in one binary: one build, one private database server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::too_many_lines, clippy::too_many_arguments, reason = "a test tells one story")]

mod access;
mod circles;
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
mod glossary;
mod headers;
mod http;
mod joomla_store;
mod layers;
mod license_keys;
mod limits;
mod mail;
mod methods;
mod panics;
mod plain_english;
mod publish;
mod security_document;
mod settings_lines;
mod signing;
mod standby;
mod tls;
mod transcripts;
mod type_names;
mod update_site;
