//! The binary: arguments in, exit code out.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use jbackend_bridge::cli::{Cli, FAILED};
use jbackend_bridge::mask::printable_lines;
use mimalloc::MiMalloc;

/// A request takes memory more than a hundred times.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// How long the process waits at its end for threads that still read or write a file.
const LAST_FILES: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let command = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: no threads to be had: {error}");
            return ExitCode::from(FAILED);
        }
    };
    let outcome = runtime.block_on(command.run());
    // A disk that does not answer must not keep the process from its end.
    runtime.shutdown_timeout(LAST_FILES);
    match outcome {
        Ok(verdict) => ExitCode::from(verdict.exit_code()),
        Err(error) => {
            // There is no other place to tell it.
            let text = printable_lines(&format!("{error:#}"));
            let _ = writeln!(std::io::stderr(), "error: {text}");
            ExitCode::from(FAILED)
        }
    }
}
