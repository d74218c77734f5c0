//! Checks that the work for a request grows only with its length: each part of a request is sent in
//! three lengths, and the processor's instructions are counted. A byte of the second step may cost
//! about as much as one of the first. If work grows with the square of a length it costs nearly
//! four times as much, and a client can hold a processor with a few such requests.
//!
//! ```sh cargo bench --locked --profile dev --bench growth              # all parts cargo bench
//! --locked --profile dev --bench growth -- filter    # those with this in their name ```
//!
//! The whole service answers, with a site behind it, so that a step that is added anywhere on the
//! way is counted too. No clock is involved: a busy machine counts the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a benchmark that cannot run is meant to stop"
)]

#[allow(dead_code, unreachable_pub, reason = "the tests' harness has more than is needed here")]
#[path = "../../tests/it/common/mod.rs"]
mod common;
mod parts;
mod site;

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread::{self, available_parallelism};

use parts::{PARTS, Part, UNREAD};

/// Requests of each length; the cheapest one counts, as other tasks may run beside one.
const REQUESTS: usize = 2;
/// Cost of a byte of the second step, at most, in percent of one of the first step, without
/// reading. Linear parts have been seen at up to 116 %, and a square with a small factor at 137 %;
/// a plain one has 367 %.
const LIMIT: u64 = 130;
/// Instructions that are not counted, as they come and go. A part costs several hundred a byte.
const NOISE: u64 = 300_000;
/// How often a part is counted before it is said to grow: in how many pieces a request comes differs
/// from one time to the next.
const COUNTS: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--send", ref parts @ ..] => {
            send(parts);
            ExitCode::SUCCESS
        }
        ["--bench"] => judge(""),
        [part, "--bench"] => judge(part),
        // `cargo test --all-targets` runs every bench; counting is no test.
        _ => ExitCode::SUCCESS,
    }
}

/// Counts all parts whose name holds the text.
fn judge(wanted: &str) -> ExitCode {
    let parts: Vec<&Part> = PARTS.iter().filter(|part| part.name.contains(wanted)).collect();
    let mut counts = count_all(&[&[&UNREAD][..], &parts[..]].concat());
    let reading = Reading::of(counts.remove(0));
    println!("a longer head costs {} more for being looked at in several pieces", reading.0);
    let mut judged: Vec<(&Part, [u64; 3])> = parts.into_iter().zip(counts).collect();
    for _ in 1..COUNTS {
        let again: Vec<usize> = (0..judged.len())
            .filter(|&at| reading.is_exceeded(judged[at].0, judged[at].1))
            .collect();
        let parts: Vec<&Part> = again.iter().map(|&at| judged[at].0).collect();
        for (at, counts) in again.into_iter().zip(count_all(&parts)) {
            for (least, count) in judged[at].1.iter_mut().zip(counts) {
                *least = count.min(*least);
            }
        }
    }
    let mut grown = false;
    for (part, counts) in judged {
        let too_much = reading.is_exceeded(part, counts);
        grown |= too_much;
        let verdict = if too_much { "GROWS FASTER THAN ITS LENGTH" } else { "ok" };
        let [first, second] = steps(counts);
        println!("{}: {counts:?} instructions, steps {first} and {second}: {verdict}", part.name);
    }
    if grown {
        eprintln!(
            "the cost of a request grows faster than its length: find the loop that begins anew"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The extra cost of the second step for reading a head: the HTTP library scans it from its start
/// for each doubling of its buffer. A header that nothing else reads shows it, on the machine that
/// counts.
#[derive(Clone, Copy)]
struct Reading(u64);

impl Reading {
    fn of(unread: [u64; 3]) -> Self {
        let [first, second] = steps(unread);
        Self(second.saturating_sub(UNREAD.in_proportion(first)))
    }

    fn is_exceeded(self, part: &Part, counts: [u64; 3]) -> bool {
        let [first, second] = steps(counts);
        let reading = if part.is_in_the_head() { self.0 } else { 0 };
        second > part.in_proportion(first) * LIMIT / 100 + reading + NOISE
    }
}

fn steps(values: [u64; 3]) -> [u64; 2] {
    [values[1].saturating_sub(values[0]), values[2].saturating_sub(values[1])]
}

/// Instructions of one request of each length of these parts, counted on all processors.
fn count_all(parts: &[&Part]) -> Vec<[u64; 3]> {
    let share = parts.len().div_ceil(available_parallelism().map_or(1, usize::from)).max(1);
    thread::scope(|scope| {
        let shares: Vec<_> =
            parts.chunks(share).map(|parts| scope.spawn(|| count(parts))).collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

/// Instructions of one request of each length of these parts.
fn count(parts: &[&Part]) -> Vec<[u64; 3]> {
    let folder = tempfile::TempDir::new().unwrap();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-before=*end_of_request*"])
        .arg(format!("--callgrind-out-file={}", folder.path().join("out").display()))
        .arg(std::env::current_exe().unwrap())
        .arg("--send")
        .args(parts.iter().map(|part| part.name))
        .output()
        .expect("valgrind: install it, for example with `sudo apt-get install valgrind`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files = fs::read_dir(folder.path()).unwrap();
    let counts: BTreeMap<u32, u64> =
        files.filter_map(|file| counted(&file.unwrap().path())).collect();
    let counts: Vec<u64> = counts.into_values().collect();
    assert_eq!(counts.len(), parts.len() * 3 * REQUESTS + 1, "a count for each request");
    // The first one is of the start.
    let lengths: Vec<u64> =
        counts[1..].chunks(REQUESTS).map(|same| *same.iter().min().unwrap()).collect();
    lengths.as_chunks().0.to_vec()
}

/// Number and count of a file that callgrind wrote at the end of a request.
fn counted(file: &Path) -> Option<(u32, u64)> {
    let number = file.extension()?.to_str()?.parse().ok()?;
    let text = fs::read_to_string(file).unwrap();
    let total = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    Some((number, total?.trim().parse().unwrap()))
}

/// Sends all lengths of the parts; only this is counted.
fn send(names: &[&str]) {
    let known = || PARTS.iter().chain([&UNREAD]);
    let parts = names.iter().map(|name| known().find(|part| part.name == *name).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = site::serve().await;
        for part in parts.clone() {
            // The first of its kind reads settings, and pages memory in.
            server.client.raw(&part.request(0)).await;
        }
        end_of_request();
        for part in parts {
            for length in part.lengths() {
                let request = part.request(length);
                for _ in 0..REQUESTS {
                    let reply = server.client.raw(&request).await;
                    assert_eq!(reply.status, 200, "{}: {}", part.name, reply.text());
                    end_of_request();
                }
            }
        }
    });
}

/// Callgrind writes down its counts at each call of this.
#[inline(never)]
fn end_of_request() {
    black_box(());
}
