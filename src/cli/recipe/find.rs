//! `recipe find`: searches for the formula that makes known keys.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use clap::Args;
use license_recipe::search::{Search, SearchOutcome};

use super::depth::Depth;
use super::estimate::{bar, estimate, grouped};
use super::keys::KeyOptions;
use super::report::SearchReport;
use super::samples::samples;
use crate::cli::ExitVerdict;
use crate::cli::output::Format;
use crate::cli::site_options::SiteFiles;
use crate::words::span;

/// Search for the formula, given one or a few keys of the old site.
///
/// Tries digests (md5, sha1, sha256 and others, with and without key, one inside another) of
/// e-mail, package group, hash, secret and the other values of a recipe, in every order, with the
/// usual separators; whole or cut, in any letter case, with dashes. docs/recipes.md has the list. A
/// formula that fits is checked on every key and printed as a line for the configuration.
///
/// One long key is enough as a rule; two of different customers and package groups are proof. Short
/// keys (8 characters) need two or more.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Find {
    #[command(flatten)]
    keys: KeyOptions,
    /// How much to search
    #[arg(long, value_enum, default_value_t = Depth::Usual)]
    depth: Depth,
    /// A text that may be part of the formula, such as the product's name; may be given twice
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// Search all of the space, and print every formula that fits
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site, if there is one")]
    site: SiteFiles,
}

const EXAMPLES: &str = "\
Examples:
  # keys of some customers, on the machine of the site
  jbackend-bridge recipe find --keys known.csv --joomla-root /var/www/html

  # one key, its package group's hash, no site at hand; the key is asked for
  jbackend-bridge recipe find --email ann@example.com --group pro --key-file - --hash-file hash.txt

  # everything there is; takes minutes
  jbackend-bridge recipe find --keys known.csv --groups groups.txt --secret-file secret.txt \\
      --depth full

Exit code: 0 a formula makes all keys; 1 none does; 2 the search could not be made.";

/// The most texts: each makes the space several times as large.
const MOST_TEXTS: usize = 2;

impl Find {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        if self.text.len() > MOST_TEXTS {
            anyhow::bail!(
                "`--text` can be given {MOST_TEXTS} times: each text multiplies the space"
            );
        }
        let read = samples(&self.site, &self.keys).await?;
        let search = Search::new(read.all, &self.text, self.depth.into(), self.all)?;
        let (search, outcome, took) = tokio::task::spawn_blocking(move || searched(search)).await?;
        let report = SearchReport::new(&search, &outcome, (self.depth, self.all), took, read.notes);
        self.format.print(&report, |out| report.print(out))?;
        Ok(if report.found { ExitVerdict::Yes } else { ExitVerdict::No })
    }
}

/// Runs the search, with its progress on standard error.
fn searched(search: Search) -> (Search, SearchOutcome, Duration) {
    let size = search.size();
    let estimate = estimate(&search);
    let mut head = format!("{} formulas to try", grouped(size));
    if let Some(estimate) = estimate {
        let cores = rayon::current_num_threads();
        let _ = write!(head, ", about {} on {cores} cores if none fits", span(estimate));
    }
    // Ignore write errors: progress is only a convenience.
    let _ = writeln!(io::stderr(), "{head}");
    let bar = bar(size);
    let start = Instant::now();
    let outcome = search.run(&|more| {
        bar.inc(more);
        if bar.position() > bar.length().unwrap_or(size) {
            // The first key gave no result: try the second one.
            bar.set_length(size * 2);
        }
    });
    bar.finish_and_clear();
    (search, outcome, start.elapsed())
}
