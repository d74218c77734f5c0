//! `recipe test`: does a formula make the keys that are known?

use std::io::{self, Write};

use clap::Args;
use comfy_table::Table;
use comfy_table::presets;
use license_recipe::near_miss::near_misses;
use license_recipe::{Fit, Recipe, Sample, Spellings};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::keys::{KeyOptions, masked};
use super::samples::{Samples, samples};
use crate::cli::ExitVerdict;
use crate::cli::output::{BAD, Format, GOOD, WARNING};
use crate::cli::site_options::SiteFiles;
use crate::config::Config;
use crate::mask::printable;
use crate::release::license::recipe_error;

/// Try a formula on known keys.
///
/// Makes the key of every row by the formula and compares. Without `--recipe` the formulas of the
/// configuration are tried: `recipe`, `accepted_recipes`, each also with the `accepted_hashes` of
/// the package group. If none fits, it describes the difference as far as it can be told. Keys are
/// not shown, but for their first characters.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Test {
    /// Formula to try, as it stands in the site's plugin; may be given more than once
    #[arg(long, value_name = "PHP")]
    recipe: Vec<String>,
    #[command(flatten)]
    keys: KeyOptions,
    #[command(flatten)]
    format: Format,
    #[command(flatten, next_help_heading = "The site, if there is one")]
    site: SiteFiles,
}

const EXAMPLES: &str = "\
Examples:
  # the formulas of the configuration, on keys of some customers
  jbackend-bridge recipe test --config bridge.toml --keys known.csv

  # another formula, on the machine of the site
  jbackend-bridge recipe test --joomla-root /var/www/html --keys known.csv \\
      --recipe 'md5($email . $group . $hash)'

  # one key, no site at hand; the key is asked for
  jbackend-bridge recipe test --recipe 'md5($email . $hash)' \\
      --email ann@example.com --group pro --key-file - --hash-file hash.txt

Exit code: 0 every key is made by one of the formulas; 1 some are not; 2 it could not be tried.";

/// A formula to try.
struct TriedRecipe {
    /// `recipe`, `accepted_recipes[0]`, `--recipe`.
    name: String,
    recipe: Recipe,
}

/// The printed result.
#[derive(Serialize)]
struct TestReport {
    fits: bool,
    recipes: Vec<RecipeReport>,
    rows: Vec<RowReport>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct RecipeReport {
    name: String,
    fits: usize,
    of: usize,
}

#[derive(Serialize)]
struct RowReport {
    line: usize,
    email: String,
    group: String,
    key: String,
    /// The formulas that make the key, with the seed if it is an old one.
    made_by: Vec<String>,
    /// If no formula makes the key: hints about the reason.
    hints: Vec<String>,
}

impl Test {
    pub(super) async fn run(self) -> anyhow::Result<ExitVerdict> {
        let read = samples(&self.site, &self.keys).await?;
        let candidates = candidates(&self.recipe, read.config.as_ref())?;
        let report = report(&candidates, read);
        self.format.print(&report, |out| print(out, &report))?;
        Ok(if report.fits { ExitVerdict::Yes } else { ExitVerdict::No })
    }
}

fn candidates(given: &[String], config: Option<&Config>) -> anyhow::Result<Vec<TriedRecipe>> {
    let spellings = config.map(|config| config.license.spellings.clone()).unwrap_or_default();
    let spellings = Spellings::new(spellings)
        .map_err(|error| anyhow::anyhow!("`license.spellings`: {error}"))?;
    let mut sources: Vec<(String, &str)> = Vec::new();
    if given.len() == 1 {
        sources.extend(given.iter().map(|source| ("--recipe".to_owned(), source.as_str())));
    } else {
        sources
            .extend((1..).zip(given).map(|(n, source)| (format!("--recipe {n}"), source.as_str())));
    }
    if let (true, Some(config)) = (given.is_empty(), config) {
        let license = &config.license;
        let issuing = license.recipe.iter().map(|source| ("recipe".to_owned(), source.as_str()));
        let accepted = (1..).zip(&license.accepted_recipes);
        sources.extend(issuing);
        sources
            .extend(accepted.map(|(n, source)| (format!("accepted_recipes {n}"), source.as_str())));
    }
    if sources.is_empty() {
        anyhow::bail!(
            "there is no formula to try: give it with `--recipe`, or name a configuration with \
             `recipe` in `[license]`; `jbackend-bridge recipe find` searches for one"
        );
    }
    sources
        .into_iter()
        .map(|(name, source)| {
            let recipe = Recipe::parse(source, &spellings).map_err(|error| {
                let error = recipe_error::in_words(&error);
                anyhow::anyhow!("`{name}`: {error}; docs/recipes.md explains formulas")
            })?;
            Ok(TriedRecipe { name, recipe })
        })
        .collect()
}

fn report(candidates: &[TriedRecipe], read: Samples) -> TestReport {
    let row = |sample| row(candidates, sample, read.config.as_ref());
    let rows: Vec<RowReport> = read.all.iter().map(row).collect();
    let recipes = candidates
        .iter()
        .map(|candidate| {
            let made = |row: &&RowReport| row.made_by.iter().any(|by| is_by(by, &candidate.name));
            let fits = rows.iter().filter(made).count();
            RecipeReport { name: candidate.name.clone(), fits, of: rows.len() }
        })
        .collect();
    let fits = rows.iter().all(|row| !row.made_by.is_empty());
    TestReport { fits, recipes, rows, notes: read.notes }
}

/// Whether a formula, perhaps with an old hash, is the one of this name.
fn is_by(by: &str, name: &str) -> bool {
    by.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
}

fn row(candidates: &[TriedRecipe], sample: &Sample, config: Option<&Config>) -> RowReport {
    let mut made_by = Vec::new();
    let mut hints = Vec::new();
    let old_hashes = config.map_or(&[][..], |config| &config.license.accepted_hashes);
    for TriedRecipe { name, recipe } in candidates {
        let fit = sample.fit(recipe);
        if fit == Fit::Same {
            made_by.push(name.clone());
        }
        for (n, old) in (1..).zip(old_hashes).filter(|(_, old)| old.group == sample.group) {
            let mut with_old = sample.clone();
            with_old.hash = Some(old.hash.clone());
            if with_old.fit(recipe) == Fit::Same {
                made_by.push(format!("{name}, accepted_hashes {n}"));
            }
        }
        hints.extend(match fit {
            Fit::Same => Vec::new(),
            Fit::Other => near_misses(recipe, sample)
                .into_iter()
                .map(|miss| format!("`{name}`: {miss}"))
                .collect(),
            Fit::Unknown(fact) => {
                vec![format!(
                    "`{name}`: not tried, it reads `${}`, which is not known",
                    fact.name()
                )]
            }
            Fit::Fails(error) => vec![format!("`{name}`: makes no key for this user: {error}")],
        });
    }
    if !made_by.is_empty() {
        hints.clear();
    }
    RowReport {
        line: sample.line,
        email: sample.email.clone(),
        group: sample.group.clone(),
        key: masked(sample.key.expose_secret()),
        made_by,
        hints,
    }
}

fn print(out: &mut dyn Write, report: &TestReport) -> io::Result<()> {
    for note in &report.notes {
        writeln!(out, "{WARNING}note:{WARNING:#} {}", printable(note))?;
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["line", "e-mail", "package group", "key", "made by"]);
    for row in &report.rows {
        let made_by =
            if row.made_by.is_empty() { "NONE".to_owned() } else { row.made_by.join("; ") };
        table.add_row([
            row.line.to_string(),
            printable(&row.email),
            printable(&row.group),
            row.key.clone(),
            made_by,
        ]);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    for row in &report.rows {
        for hint in &row.hints {
            writeln!(out, "{WARNING}line {}:{WARNING:#} {}", row.line, printable(hint))?;
        }
    }
    writeln!(out)?;
    let all = report.rows.len();
    for RecipeReport { name, fits, of } in &report.recipes {
        let (style, word) = match fits {
            fits if fits == of => (GOOD, "fits"),
            0 => (BAD, "does not fit"),
            _ => (WARNING, "fits in part"),
        };
        writeln!(out, "{style}`{name}` {word}{style:#}: it makes {fits} of {of} keys")?;
    }
    let missed = report.rows.iter().filter(|row| row.made_by.is_empty()).count();
    if missed == all {
        writeln!(out, "`jbackend-bridge recipe find` searches for the formula.")?;
    } else if missed > 0 {
        writeln!(
            out,
            "{missed} of {all} keys are made by no formula: was their user's e-mail or the hash another \
             one then?"
        )?;
    }
    Ok(())
}
