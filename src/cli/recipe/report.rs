//! Prints the results of `recipe find`: for people, and as JSON.

use std::io::{self, Write};
use std::time::Duration;

use clap::ValueEnum;
use license_recipe::Fact;
use license_recipe::Fit;
use license_recipe::search::{FoundRecipe, LeftOut, Search, SearchOutcome};
use serde::Serialize;

use super::depth::Depth;
use super::estimate::grouped;
use crate::cli::output::{BAD, FAINT, GOOD, WARNING};
use crate::words::span;

/// How many formulas are printed without `--all`.
const SHOWN: usize = 3;

/// The printed result.
#[derive(Serialize)]
pub(super) struct SearchReport {
    pub(super) found: bool,
    /// Formulas that make all keys; if there are none, those that make the most.
    formulas: Vec<Shown>,
    /// Such formulas that are not among them.
    more_formulas: u64,
    keys: usize,
    depth: Depth,
    /// The values that the search combined.
    values: Vec<String>,
    /// The values that the search left out, and why.
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
    /// Some values are not known.
    #[serde(skip)]
    unknown_values: bool,
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
    /// The recipe that lowers the e-mail, if the keys cannot tell which of the two is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    with_lower_email: Option<String>,
}

impl SearchReport {
    /// Makes the report of the search; `all` shows every formula.
    pub(super) fn new(
        search: &Search,
        outcome: &SearchOutcome,
        (depth, all): (Depth, bool),
        took: Duration,
        notes: Vec<String>,
    ) -> Self {
        let shown = if all { usize::MAX } else { SHOWN };
        let formulas = outcome.formulas.iter().take(shown);
        Self {
            found: outcome.fits_all(),
            formulas: formulas.map(|formula| Shown::new(formula, search)).collect(),
            more_formulas: outcome.formulas.len().saturating_sub(shown) as u64 + outcome.dropped,
            keys: search.keys(),
            depth,
            values: search.fields(),
            values_left_out: left_out(search.left_out()),
            space: search.size(),
            tried: outcome.tried,
            stopped_early: outcome.stopped_early,
            seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
            expected_accidents: search.accidents(),
            notes,
            unknown_values: search.left_out().iter().any(|(_, why)| *why == LeftOut::Unknown),
        }
    }

    /// Prints it for people.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for note in &self.notes {
            writeln!(out, "{WARNING}note:{WARNING:#} {note}")?;
        }
        if self.found {
            print_found(out, self)?;
        } else {
            print_miss(out, self)?;
        }
        writeln!(out)?;
        print_space(out, self)?;
        print_next(out, self)
    }
}

impl Shown {
    fn new(formula: &FoundRecipe, search: &Search) -> Self {
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
            with_lower_email: lowered(&formula.recipe).filter(|_| search.emails_are_lower()),
        }
    }
}

/// The recipe that lowers the e-mail; `None` for one that reads none, or lowers something already.
fn lowered(recipe: &str) -> Option<String> {
    let plain = recipe.contains("$email") && !recipe.contains("strtolower(");
    plain.then(|| recipe.replace("$email", "strtolower($email)"))
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

fn print_found(out: &mut dyn Write, report: &SearchReport) -> io::Result<()> {
    let untried = report.formulas.first().is_some_and(|first| !first.unknown_lines.is_empty());
    let keys = match report.keys {
        1 => "the key",
        _ if untried => "all keys it could be tried on",
        _ => "all keys",
    };
    let count = report.formulas.len() as u64 + report.more_formulas;
    if count == 1 {
        writeln!(out, "{GOOD}found:{GOOD:#} this formula makes {keys}:")?;
    } else {
        let count = grouped(count);
        writeln!(out, "{GOOD}found:{GOOD:#} {count} formulas make {keys}; the simplest first:")?;
    }
    print_formulas(out, report)?;
    let lowered: Vec<_> =
        report.formulas.iter().filter_map(|found| found.with_lower_email.as_deref()).collect();
    if lowered.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{WARNING}Not told:{WARNING:#} the e-mails of these keys hold no capitals, so that these \
         formulas make\nthem as well:\n"
    )?;
    for recipe in lowered {
        writeln!(out, "  recipe = {}", toml_text(recipe))?;
    }
    writeln!(
        out,
        "\nThe key of a customer whose e-mail has a capital tells which it is. Without one, put the\n\
         second form into `accepted_recipes`."
    )
}

fn print_miss(out: &mut dyn Write, report: &SearchReport) -> io::Result<()> {
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

fn print_formulas(out: &mut dyn Write, report: &SearchReport) -> io::Result<()> {
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
        (
            &first.unknown_lines,
            "could not be tried: the recipe reads data that the line does not have",
        ),
    ] {
        for line in lines {
            writeln!(out, "  line {line} {what}")?;
        }
    }
    Ok(())
}

fn print_space(out: &mut dyn Write, report: &SearchReport) -> io::Result<()> {
    let depth = report.depth.to_possible_value();
    let depth = depth.as_ref().map_or("", |value| value.get_name());
    writeln!(
        out,
        "Tried {} of the {} formulas of `--depth {depth}` in {}{}.",
        grouped(report.tried.min(report.space)),
        grouped(report.space),
        span(Duration::from_secs_f64(report.seconds)),
        if report.tried > report.space { ", with two of the keys" } else { "" },
    )?;
    writeln!(out, "Made of: {}", report.values.join(", "))?;
    for why in &report.values_left_out {
        writeln!(out, "Without: {why}")?;
    }
    Ok(())
}

fn print_next(out: &mut dyn Write, report: &SearchReport) -> io::Result<()> {
    writeln!(out)?;
    if report.found {
        if report.formulas.iter().any(|formula| formula.may_be_accident) {
            writeln!(
                out,
                "{WARNING}Careful:{WARNING:#} {} formulas fit keys this short by accident. Search again \
                 with\none more key, of another customer and package group.",
                accidents(report.expected_accidents)
            )?;
            return Ok(());
        }
        if report.keys == 1 || report.formulas.len() > 1 {
            writeln!(
                out,
                "Check it with keys of other customers and package groups: \
                 `jbackend-bridge recipe test`."
            )?;
        }
        return writeln!(out, "Put the line into `[license]` of the configuration file.");
    }
    writeln!(
        out,
        "This proves nothing about formulas outside of the space, which docs/recipes.md\n\
         describes. What can help:"
    )?;
    if report.unknown_values {
        writeln!(
            out,
            "- more values: name the site with `--joomla-root` or `--config`, or give\n  \
             `--groups`, `--secret-file`, `--user-id`, `--username`, `--name`"
        )?;
    }
    if report.depth != Depth::Full {
        writeln!(out, "- a larger space: `--depth full`")?;
    }
    if report.keys == 1 {
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
    match count {
        ..0.1 => "fewer than 0.1".to_owned(),
        ..10.0 => format!("about {count:.1}"),
        _ => format!("about {count:.0}"),
    }
}
