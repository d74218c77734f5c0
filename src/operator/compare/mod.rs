//! Sends the same requests to the running PHP site and to the bridge, and finds what differs.
//!
//! Called by the subcommand `compare`. It is polite to a site that is in use: one request at a
//! time, a few in a second, no mails, no logins with real accounts, and it stops when the site is
//! in trouble. Nothing it reports holds a key, a password or a whole e-mail. `docs/compare.md` is
//! the operator's side of it. Must not import: `cli`, `clap`, `comfy_table`.

pub mod answer;
pub mod built_in;
pub mod case;
pub mod case_file;
pub mod difference;
mod error_codes;
mod file_name;
mod hint;
pub mod mask;
pub mod plan;
pub mod random;
pub mod report;
pub mod runner;
pub mod sample;
pub mod side;
pub mod values;
