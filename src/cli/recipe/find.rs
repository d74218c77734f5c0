//! `recipe find`: searches for the formula that makes known keys.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::estimate::{bar, estimate, grouped, time};
use super::keys::KeyOptions;
use super::samples::SiteArgs;
use crate::cli::Verdict;
use crate::cli::output::{BAD, FAINT, Format, GOOD, WARNING};
use crate::license::recipe::Fact;
use crate::license::search::{self, Formula, LeftOut, Outcome, Search};
use crate::license::{Fit, Sample};

/// Search for the formula, given one or a few keys of the old site.
///
/// Tries digests (md5, sha1, sha256 and others, with and without key, one inside another) of e-mail,
/// package group, hash, secret and the other values of a recipe, in every order, with the usual
/// separators; whole or cut, in any letter case, with dashes. docs/recipes.md has the list. What
/// fits is checked on every key and printed as a line for the configuration.
///
/// One long key is enough as a rule; two of different customers and package groups are proof. Short
/// keys (8 characters) need two or more.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Find {
    #[command(flatten)]
    keys: KeyOptions,
    #[command(flatten)]
    site: SiteArgs,
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
}

const EXAMPLES: &str = "\
Examples:
  # keys of some customers, on the machine of the site
  jbackend-bridge recipe find --keys known.csv --joomla-root /var/www/html

  # one key, its package group's hash, no site at hand; the key is asked for
  jbackend-bridge recipe find --email ann@example.com --group pro --key-file - --hash-file hash.txt

  # everything there is; takes minutes
  jbackend-bridge recipe find --keys known.csv --groups groups.txt --secret-file secret.txt --depth full

Exit codes: 0 a formula makes all keys, 1 none does, 2 the search could not be made.";

/// How much is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Depth {
    /// What most plugins do: at once
    Quick,
    /// What can be expected: seconds
    Usual,
    /// Everything that is known to the search: minutes
    Full,
}

impl From<Depth> for search::Depth {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Quick => Self::Quick,
            Depth::Usual => Self::Usual,
            Depth::Full => Self::Full,
        }
    }
}

/// The most texts: each makes the space several times as large.
const MOST_TEXTS: usize = 2;

/// How many formulas are printed without `--all`.
const SHOWN: usize = 3;

/// What is printed.
#[derive(Serialize)]
struct Report {
    found: bool,
    /// Formulas that make all keys or, where none does, those that make the most.
    formulas: Vec<Shown>,
    /// Such formulas that are not among them.
    more_formulas: u64,
    keys: usize,
    depth: Depth,
    /// What formulas are made of.
    values: Vec<String>,
    /// What they are not made of, and why.
    values_left_out: Vec<String>,
    /// Formulas in the space.
    space: u64,
    /// Formulas tried; more than the space when two keys were searched with.
    tried: u64,
    stopped_early: bool,
    seconds: f64,
    /// How many formulas of such a space fit all keys by accident.
    expected_accidents: f64,
    notes: Vec<String>,
}

/// A formula that was found.
#[derive(Serialize)]
struct Shown {
    recipe: String,
    /// The line for the configuration file.
    line: String,
    fits: usize,
    of: usize,
    /// Lines of the keys it does not make.
    wrong_lines: Vec<usize>,
    /// Lines of the keys it could not be tried on.
    unknown_lines: Vec<usize>,
    may_be_accident: bool,
}

impl Find {
    pub(super) async fn run(self) -> anyhow::Result<Verdict> {
        if self.text.len() > MOST_TEXTS {
            anyhow::bail!(
                "`--text` can be given {MOST_TEXTS} times: each text multiplies the space"
            );
        }
        let read = self.site.samples(&self.keys).await?;
        let keys = read.samples.len();
        let search = Search::new(read.samples.clone(), &self.text, self.depth.into(), self.all)?;
        let (search, outcome, took) = tokio::task::spawn_blocking(move || searched(search)).await?;
        let shown = if self.all { usize::MAX } else { SHOWN };
        let report = Report {
            found: outcome.fits_all(),
            formulas: outcome.formulas.iter().take(shown).map(|f| Shown::new(f, &search)).collect(),
            more_formulas: outcome.formulas.len().saturating_sub(shown) as u64 + outcome.dropped,
            keys,
            depth: self.depth,
            values: search.fields(),
            values_left_out: left_out(search.left_out()),
            space: search.size(),
            tried: outcome.tried,
            stopped_early: outcome.stopped_early,
            seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
            expected_accidents: search.accidents(),
            notes: read.notes,
        };
        let missing = Missing::of(&read.samples, &search);
        self.format.print(&report, |out| print(out, &report, &missing))?;
        Ok(if report.found { Verdict::Yes } else { Verdict::No })
    }
}

/// Runs the search, with its progress on standard error.
fn searched(search: Search) -> (Arc<Search>, Outcome, Duration) {
    let size = search.size();
    let estimate = estimate(&search);
    let mut head = format!("{} formulas to try", grouped(size));
    if let Some(estimate) = estimate {
        let cores = rayon::current_num_threads();
        let _ = write!(head, ", about {} on {cores} cores if none fits", time(estimate));
    }
    // Progress is a convenience: where standard error is closed, nobody misses it.
    let _ = writeln!(io::stderr(), "{head}");
    let bar = bar(size);
    let start = Instant::now();
    let outcome = search.run(&|more| {
        bar.inc(more);
        if bar.position() > bar.length().unwrap_or(size) {
            // Nothing was found with the first key: now the second one.
            bar.set_length(size * 2);
        }
    });
    bar.finish_and_clear();
    (Arc::new(search), outcome, start.elapsed())
}

impl Shown {
    fn new(formula: &Formula, search: &Search) -> Self {
        let lines = |test: fn(&Fit) -> bool| {
            formula.fits().iter().filter(|(_, fit)| test(fit)).map(|(line, _)| *line).collect()
        };
        Self {
            recipe: formula.recipe.clone(),
            line: format!("recipe = {}", toml_text(&formula.recipe)),
            fits: formula.fitting().count(),
            of: formula.fits().len(),
            wrong_lines: lines(|fit| matches!(fit, Fit::Other | Fit::Fails(_))),
            unknown_lines: lines(|fit| matches!(fit, Fit::Unknown(_))),
            may_be_accident: search.may_be_accident(formula),
        }
    }
}

/// A text as TOML writes it, in the notation that changes least.
fn toml_text(text: &str) -> String {
    if !text.contains(['\'', '\n']) {
        format!("'{text}'")
    } else if !text.contains("'''") && !text.ends_with('\'') {
        format!("'''{text}'''")
    } else {
        format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
    }
}

/// The values that are left out, for each reason.
fn left_out(values: &[(Fact, LeftOut)]) -> Vec<String> {
    let because = |why: LeftOut| {
        let values = values.iter().filter(|(_, other)| *other == why);
        let names: Vec<_> = values.map(|(fact, _)| format!("${}", fact.name())).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let same = values.iter().filter_map(|(fact, why)| match why {
        LeftOut::SameAs(other) => {
            Some(format!("${} (the same as ${} for every key)", fact.name(), other.name()))
        }
        LeftOut::Unknown | LeftOut::Empty => None,
    });
    let unknown = because(LeftOut::Unknown).map(|names| format!("{names} (not known)"));
    let empty = because(LeftOut::Empty).map(|names| format!("{names} (empty)"));
    unknown.into_iter().chain(empty).chain(same).collect()
}

/// What would make the next search better.
struct Missing {
    values: bool,
    rows: usize,
}

impl Missing {
    fn of(samples: &[Sample], search: &Search) -> Self {
        let values = search.left_out().iter().any(|(_, why)| *why == LeftOut::Unknown);
        Self { values, rows: samples.len() }
    }
}

fn print(out: &mut dyn Write, report: &Report, missing: &Missing) -> io::Result<()> {
    for note in &report.notes {
        writeln!(out, "{WARNING}note:{WARNING:#} {note}")?;
    }
    if report.found {
        print_found(out, report)?;
    } else {
        print_miss(out, report)?;
    }
    writeln!(out)?;
    print_space(out, report)?;
    print_next(out, report, missing)
}

fn print_found(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let keys = if report.keys == 1 { "the key" } else { "all keys" };
    let count = report.formulas.len() as u64 + report.more_formulas;
    if count == 1 {
        writeln!(out, "{GOOD}found:{GOOD:#} this formula makes {keys}:")?;
    } else {
        let count = grouped(count);
        writeln!(out, "{GOOD}found:{GOOD:#} {count} formulas make {keys}; the simplest first:")?;
    }
    print_formulas(out, report)
}

fn print_miss(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    match report.formulas.first() {
        Some(best) if !best.may_be_accident => {
            writeln!(
                out,
                "{BAD}not found:{BAD:#} no formula makes all {} keys. This one makes {} of them, \
                 and not\nby accident:",
                report.keys, best.fits
            )?;
            print_formulas(out, report)
        }
        _ => writeln!(out, "{BAD}not found:{BAD:#} no formula of this space makes the keys."),
    }
}

fn print_formulas(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out)?;
    for formula in &report.formulas {
        write!(out, "  {}", formula.line)?;
        writeln!(out, "   {FAINT}# {} of {} keys{FAINT:#}", formula.fits, formula.of)?;
    }
    if report.more_formulas > 0 {
        writeln!(out, "  … and {} more: `--all` prints them", grouped(report.more_formulas))?;
    }
    let Some(first) = report.formulas.first() else { return Ok(()) };
    for (lines, what) in [
        (&first.wrong_lines, "has another key"),
        (&first.unknown_lines, "could not be tried: the formula reads what is not known of it"),
    ] {
        for line in lines {
            writeln!(out, "  line {line} {what}")?;
        }
    }
    Ok(())
}

fn print_space(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let depth = report.depth.to_possible_value();
    let depth = depth.as_ref().map_or("", |value| value.get_name());
    writeln!(
        out,
        "Tried {} of the {} formulas of `--depth {depth}` in {}{}.",
        grouped(report.tried.min(report.space)),
        grouped(report.space),
        time(Duration::from_secs_f64(report.seconds)),
        if report.tried > report.space { ", with two of the keys" } else { "" },
    )?;
    writeln!(out, "Made of: {}", report.values.join(", "))?;
    for why in &report.values_left_out {
        writeln!(out, "Without: {why}")?;
    }
    Ok(())
}

fn print_next(out: &mut dyn Write, report: &Report, missing: &Missing) -> io::Result<()> {
    writeln!(out)?;
    if report.found {
        if report.formulas.iter().any(|formula| formula.may_be_accident) {
            writeln!(
                out,
                "{WARNING}Careful:{WARNING:#} about {} formulas fit keys this short by accident. Search again \
                 with\none more key, of another customer and package group.",
                accidents(report.expected_accidents)
            )?;
        } else if missing.rows == 1 || report.formulas.len() > 1 {
            writeln!(
                out,
                "Check it with keys of other customers and package groups: \
                 `jbackend-bridge recipe test`."
            )?;
        }
        return writeln!(out, "Then put the line into `[license]` of the configuration file.");
    }
    writeln!(
        out,
        "This proves nothing about formulas outside of the space, which docs/recipes.md\n\
         describes. What can help:"
    )?;
    if missing.values {
        writeln!(
            out,
            "- more values: name the site with `--joomla-root` or `--config`, or give\n  \
             `--groups`, `--secret-file`, `--user-id`, `--username`, `--name`"
        )?;
    }
    if report.depth != Depth::Full {
        writeln!(out, "- a larger space: `--depth full`")?;
    }
    if missing.rows == 1 {
        writeln!(out, "- the key of another customer: this one may have been made by hand")?;
    }
    writeln!(
        out,
        "- a text that the formula may hold, such as the product's name: `--text`\n\
         - the plugin's source: docs/recipes.md tells how its line becomes a recipe\n\
         Keys that follow no formula can be accepted one by one: `accepted_keys` in\n\
         `[license]`."
    )
}

fn accidents(count: f64) -> String {
    if count < 10.0 { format!("{count:.1}") } else { format!("{count:.0}") }
}
