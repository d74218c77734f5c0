//! The command line: one file per subcommand.

mod demo;
mod logging;
mod serve;

use clap::{Parser, Subcommand};

/// Serves the license keys and packages of a jBackend Release System site, in place of the PHP
/// plugin.
#[derive(Debug, Parser)]
#[command(name = "jbackend-bridge", version = VERSION, about, long_about = None)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The package's version and the commit it was built from.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILT_FROM_COMMIT"), ")");

#[derive(Debug, Subcommand)]
enum Command {
    // Their meaning stands at the types, long text included.
    Serve(serve::Serve),
    Demo(demo::Demo),
}

impl Cli {
    /// Runs the subcommand until it is done or told to stop.
    ///
    /// # Errors
    /// What went wrong, for the operator.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run().await,
            Command::Demo(demo) => demo.run().await,
        }
    }
}
