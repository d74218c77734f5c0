//! Counts the processor's instructions for the pure parts of a request's way, and compares them
//! with the counts in `benches/instructions.json`. No clock is involved: a busy machine counts the
//! same.
//!
//! ```sh cargo bench --locked --profile dev --bench instructions              # compares cargo
//! bench --locked --profile dev --bench instructions -- --write   # stores ```
//!
//! It is the development build that is counted: the tests have made it already, and without
//! inlining a change elsewhere in the program does not shift the counts. They measure work, not
//! time. Counts of another compiler are not comparable; the benchmark then reports that.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run is meant to stop"
)]

mod cases;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, ExitCode};

use serde::{Deserialize, Serialize};

/// Percent by which a count may grow.
const LIMIT: u64 = 10;
/// A case is run that often more in the second of two runs, so that the start is not counted.
const REPETITIONS: u64 = 100;
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");

#[derive(Debug, Serialize, Deserialize)]
struct Counts {
    /// The output of `rustc --version`, and the processor's kind.
    compiler: String,
    /// Instructions of one run of each case.
    cases: BTreeMap<String, u64>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--case", name, times] => {
            run(name, times.parse().unwrap());
            ExitCode::SUCCESS
        }
        ["--bench"] => compare(),
        ["--write", "--bench"] => {
            let text = serde_json::to_string_pretty(&count()).unwrap();
            fs::write(STORED, text + "\n").unwrap();
            ExitCode::SUCCESS
        }
        // `cargo test --all-targets` runs every bench; counting is no test.
        _ => ExitCode::SUCCESS,
    }
}

fn run(name: &str, times: u64) {
    let case = cases::find(name).expect("a known case");
    for _ in 0..times {
        case();
    }
}

fn compare() -> ExitCode {
    let stored: Counts =
        serde_json::from_str(&fs::read_to_string(STORED).expect(STORED)).expect(STORED);
    if stored.compiler != compiler() {
        eprintln!(
            "NOT COMPARED: the stored counts are of {}, this is {}. Store new ones with \
             `cargo bench --locked --profile dev --bench instructions -- --write`, before a change \
             and not after it.",
            stored.compiler,
            compiler()
        );
        return ExitCode::SUCCESS;
    }
    let mut grown = false;
    for (name, count) in count().cases {
        let Some(&before) = stored.cases.get(&name) else {
            println!("{name}: {count} instructions, not stored");
            grown = true;
            continue;
        };
        let too_many = count * 100 > before * (100 + LIMIT);
        grown |= too_many;
        let verdict = if too_many { "TOO MANY" } else { "ok" };
        println!("{name}: {count} instructions, stored {before}: {verdict}");
    }
    if grown {
        eprintln!(
            "a pure part does more than {LIMIT} % more than before: find out why, or store the new \
             counts with `cargo bench --locked --profile dev --bench instructions -- --write`"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn count() -> Counts {
    let one = |name: &str| {
        let more = instructions(name, 2 * REPETITIONS) - instructions(name, REPETITIONS);
        (name.to_owned(), more / REPETITIONS)
    };
    Counts { compiler: compiler(), cases: cases::NAMES.into_iter().map(one).collect() }
}

/// All instructions of this program from its start to its end, with so many runs of the case.
fn instructions(name: &str, times: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--case", name, &times.to_string()])
        .output()
        .expect("valgrind: install it, for example with `sudo apt-get install valgrind`");
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.lines().find_map(|line| line.split_once("Collected : "));
    assert!(output.status.success(), "{text}");
    count.unwrap_or_else(|| panic!("{text}")).1.trim().parse().unwrap()
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().expect("rustc");
    let version = String::from_utf8(output.stdout).unwrap();
    format!("{} for {}", version.trim(), std::env::consts::ARCH)
}
