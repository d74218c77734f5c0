//! The command line: one file per subcommand.

mod check;
mod compare;
mod demo;
mod exit_verdict;
mod explain;
mod input;
mod key;
mod ledger;
mod log_hash;
mod log_lines;
mod log_time;
mod log_writer;
mod logging;
mod named_files;
mod output;
mod publish;
mod recipe;
mod releases;
mod reloads;
mod serve;
mod site_options;
mod updates;
mod wrap;

use clap::{Parser, Subcommand};

pub use exit_verdict::{ExitVerdict, FAILED};

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
    Check(check::Check),
    Compare(Box<compare::Compare>),
    Explain(explain::Explain),
    Key(key::Key),
    Ledger(ledger::Ledger),
    LogHash(log_hash::LogHash),
    Publish(Box<publish::Publish>),
    Recipe(Box<recipe::Recipe>),
    Releases(releases::Releases),
    Updates(updates::Updates),
    Demo(demo::Demo),
}

impl Cli {
    /// Runs the subcommand until it is done or told to stop.
    ///
    /// # Errors
    /// Returns the problem, worded for the operator.
    pub async fn run(self) -> anyhow::Result<ExitVerdict> {
        match self.command {
            Command::Serve(serve) => serve.run().await,
            Command::Check(check) => check.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Explain(explain) => explain.run().await,
            Command::Key(key) => key.run().await,
            Command::Ledger(ledger) => ledger.run().await,
            Command::LogHash(log_hash) => log_hash.run().await,
            Command::Compare(compare) => compare.run().await,
            Command::Publish(publish) => publish.run().await,
            Command::Releases(releases) => releases.run().await,
            Command::Recipe(recipe) => recipe.run().await,
            Command::Updates(updates) => updates.run().await,
        }
    }
}
