//! `recipe`: find out which formula makes the keys of a site.

mod depth;
mod estimate;
mod find;
mod keys;
mod report;
mod samples;
mod test;

use clap::{Args, Subcommand};

use super::ExitVerdict;

/// Try formulas of license keys, or search for the right one.
///
/// The formula (recipe) of a site's license keys stands in its plugin. `recipe test` shows whether
/// a formula makes keys that are known to be right; `recipe find` looks for the formula if the
/// plugin's source is not at hand. Both change nothing.
#[derive(Debug, Args)]
pub(super) struct Recipe {
    #[command(subcommand)]
    command: RecipeCommand,
}

#[derive(Debug, Subcommand)]
enum RecipeCommand {
    Test(test::Test),
    Find(find::Find),
}

impl Recipe {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        match self.command {
            RecipeCommand::Test(test) => test.run().await,
            RecipeCommand::Find(find) => find.run().await,
        }
    }
}
