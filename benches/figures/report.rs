//! The table of figures, and the same as JSON; with the machine they were measured on.

use std::fs;
use std::path::Path;
use std::process::Command;

use comfy_table::Table;
use serde_json::{Value, json};

use crate::pairs::Median;

/// The goal of a figure.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// It is told, not judged.
    None,
}

/// All figures so far.
pub(crate) struct Report {
    quick: bool,
    rows: Vec<Row>,
    notes: Vec<(String, String)>,
}

struct Row {
    name: String,
    value: Median,
    unit: &'static str,
    target: Target,
    measured: String,
}

impl Report {
    pub(crate) fn new(quick: bool) -> Self {
        Self { quick, rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a figure: `unit` is empty for a ratio, `measured` describes the measurement.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        value: Median,
        unit: &'static str,
        target: Target,
        measured: impl Into<String>,
    ) {
        let row = Row { name: name.into(), value, unit, target, measured: measured.into() };
        eprintln!("{}: {} {}", row.name, row.text(), row.verdict());
        self.rows.push(row);
    }

    /// Adds a text to look at, as an `EXPLAIN`.
    pub(crate) fn note(&mut self, name: &str, text: String) {
        self.notes.push((name.to_owned(), text));
    }

    /// The table on standard output.
    pub(crate) fn print(&self) {
        if self.quick {
            println!("QUICK RUN: few and short rounds. These are no figures to publish.\n");
        }
        for (name, value) in machine() {
            println!("{name}: {value}");
        }
        let mut table = Table::new();
        table.load_style(comfy_table::presets::ASCII_MARKDOWN);
        table.set_header(["figure", "value", "half of the rounds", "target", "", "measured"]);
        for row in &self.rows {
            let span = format!("{:.2} – {:.2}", row.value.low, row.value.high);
            let (text, target) = (row.text(), row.target());
            table.add_row([&row.name, &text, &span, &target, row.verdict(), &row.measured]);
        }
        println!("\n{table}");
        for (name, text) in &self.notes {
            println!("\n{name}: {text}");
        }
    }

    /// The same as JSON.
    pub(crate) fn write(&self, file: &Path) {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "figure": row.name, "value": row.value.middle, "low": row.value.low,
                    "high": row.value.high, "unit": row.unit, "target": row.target(),
                    "verdict": row.verdict(), "measured": row.measured,
                })
            })
            .collect();
        let machine: serde_json::Map<String, Value> =
            machine().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let notes: serde_json::Map<String, Value> =
            self.notes.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
        let all = json!({
            "quick": self.quick, "machine": machine, "figures": rows, "notes": notes,
        });
        fs::write(file, format!("{all:#}\n")).expect("the file for JSON");
    }
}

impl Row {
    fn text(&self) -> String {
        format!("{:.2}{}", self.value.middle, self.unit)
    }

    fn target(&self) -> String {
        match self.target {
            Target::AtLeast(bound) => format!("≥ {bound}{}", self.unit),
            Target::AtMost(bound) => format!("≤ {bound}{}", self.unit),
            Target::None => String::new(),
        }
    }

    fn verdict(&self) -> &'static str {
        let met = match self.target {
            Target::AtLeast(bound) => self.value.middle >= bound,
            Target::AtMost(bound) => self.value.middle <= bound,
            Target::None => return "",
        };
        if met { "pass" } else { "MISS" }
    }
}

fn machine() -> Vec<(&'static str, String)> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    vec![
        ("processor", format!("{}, {cores} cores", field(&read("/proc/cpuinfo"), "model name"))),
        ("memory", field(&read("/proc/meminfo"), "MemTotal")),
        ("kernel", read("/proc/sys/kernel/osrelease").trim().to_owned()),
        ("load before", read("/proc/loadavg").trim().to_owned()),
        ("jbackend-bridge", env!("CARGO_PKG_VERSION").to_owned()),
        ("rustc", first_line("rustc", &["--version"])),
        ("MariaDB", first_line("mariadbd", &["--version"])),
        ("nginx", first_line("nginx", &["-v"])),
        ("wrk", first_line("wrk", &["-v"])),
    ]
}

/// Returns a program's statement of its version, from standard output or standard error.
fn first_line(program: &str, arguments: &[&str]) -> String {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        return "not found".to_owned();
    };
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
}
