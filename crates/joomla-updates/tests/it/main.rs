//! The crate by its public surface; no test needs a server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod agreement;
mod archives;
mod changelogs;
mod language_names;
mod made;
mod makers;
mod makers_kinds;
mod manifests;
mod select;
mod stability;
mod target_platforms;
mod xml;
