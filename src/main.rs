//! The binary: arguments in, exit code out.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use jbackend_bridge::cli::{Cli, FAILED};
use jbackend_bridge::mask::printable_lines;
use mimalloc::MiMalloc;

/// A request takes memory more than a hundred times.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(verdict) => ExitCode::from(verdict.exit_code()),
        Err(error) => {
            // There is no other place to tell it.
            let text = printable_lines(&format!("{error:#}"));
            let _ = writeln!(std::io::stderr(), "error: {text}");
            ExitCode::from(FAILED)
        }
    }
}
