//! The figures of `docs/benchmarks.md`: the real program, measured next to warp and nginx in the
//! same run. `benches/run` builds it, installs its needs, and starts it.

#![allow(
    clippy::too_many_lines,
    clippy::too_many_arguments,
    reason = "a figure is measured in one go"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a benchmark that cannot run is meant to stop"
)]

mod bare;
mod client;
mod downloads;
mod load;
mod logins;
mod memory;
mod nginx;
mod pairs;
mod process;
mod report;
mod requests;
mod site;

#[allow(dead_code, unreachable_pub, reason = "the tests' harness has more than is needed here")]
#[path = "../../tests/it/common/mod.rs"]
mod common;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use pairs::Rounds;
use report::Report;

/// The subjects that can be measured separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// `validate` and `verify`, next to warp with the same query.
    Queries,
    /// Answers without the database, next to warp's "hello world".
    Refusals,
    /// Package files, next to nginx.
    Downloads,
    /// `validate` while 200 people log in.
    Logins,
    /// Memory, and the time of a start.
    Memory,
}

/// Measures and prints a table.
#[derive(Debug, Parser)]
struct Wishes {
    /// Few and short rounds, to see that it works.
    #[arg(long)]
    quick: bool,
    /// Only these subjects.
    #[arg(long, value_enum)]
    only: Vec<Subject>,
    /// Rounds in which all contenders take their turn.
    #[arg(long)]
    rounds: Option<usize>,
    /// Writes the figures as JSON, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// An argument that cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match &arguments[..] {
        [_, first, address, database, prefix] if first == bare::ARGUMENT => {
            return bare::serve(address, database, prefix).await;
        }
        // `cargo test --all-targets` runs every bench; measuring is no test.
        arguments if !arguments.iter().any(|argument| argument == "--bench") => return,
        _ => {}
    }
    let wishes = Wishes::parse();
    let (count, seconds) = if wishes.quick { (3, 1) } else { (10, 2) };
    let rounds =
        Rounds { count: wishes.rounds.unwrap_or(count).max(1), time: Duration::from_secs(seconds) };
    let wanted = |subject| wishes.only.is_empty() || wishes.only.contains(&subject);
    let mut report = Report::new(wishes.quick);
    if wanted(Subject::Memory) {
        memory::at_rest(rounds.count, &mut report).await;
        memory::slow_downloads(&mut report);
    }
    if wanted(Subject::Refusals) {
        requests::without_a_query(rounds, &mut report);
    }
    if wanted(Subject::Downloads) {
        downloads::downloads(rounds, &mut report);
    }
    if wanted(Subject::Queries) {
        requests::with_a_query(rounds, &mut report).await;
    }
    if wanted(Subject::Logins) {
        logins::logins(rounds, &mut report).await;
    }
    report.print();
    if let Some(file) = &wishes.json {
        report.write(file);
    }
}
