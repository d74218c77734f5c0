//! One step of a bucket, checked by hand-made vectors and by a bucket that counts whole tokens.

use jbackend_bridge::limits::gcra::{BucketOperation, Pace};
use proptest::prelude::*;
use redis::Script;
use serde::Deserialize;
use testkit::redis::Redis;

use super::shared::script::{BEGINNING, step};

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "case")]
    name: String,
    interval: u64,
    tolerance: u64,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(rename = "do")]
    operation: String,
    at: u64,
    wait: u64,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("../../vectors/gcra.jsonl").lines();
    let cases: Vec<Case> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 10);
    cases
}

fn operation(word: &str) -> BucketOperation {
    match word {
        "look" => BucketOperation::Look,
        "take" => BucketOperation::Take,
        "charge" => BucketOperation::Charge,
        "give_back" => BucketOperation::GiveBack,
        other => panic!("no operation: {other}"),
    }
}

#[test]
fn rust_meets_the_vectors() {
    for Case { name, interval, tolerance, steps } in cases() {
        let mut full_at = None;
        for (nth, Step { operation: word, at, wait }) in steps.into_iter().enumerate() {
            let pace = Pace { interval, tolerance };
            let (next, waits) = pace.step(full_at, operation(&word), BEGINNING + at);
            assert_eq!(waits, wait, "{name}, step {nth}");
            full_at = next;
        }
    }
}

#[test]
fn the_script_meets_the_vectors() {
    let redis = Redis::start();
    let server = &mut redis.admin();
    for (key, Case { name, interval, tolerance, steps }) in cases().into_iter().enumerate() {
        for (nth, Step { operation, at, wait }) in steps.into_iter().enumerate() {
            let pace = Pace { interval, tolerance };
            let waits = step(server, &key.to_string(), &operation, pace, BEGINNING + at);
            assert_eq!(waits.as_micros(), u128::from(wait), "{name}, step {nth}");
        }
    }
}

/// There is a largest debt, and no debt is forgotten.
#[test]
fn both_owe_the_same_at_most() {
    let pace = Pace { interval: 7_000_000, tolerance: 14_000_000 };
    let mut full_at = None;
    for _ in 0..10_100 {
        full_at = pace.step(full_at, BucketOperation::Charge, BEGINNING).0;
    }
    let (_, wait) = pace.step(full_at, BucketOperation::Look, BEGINNING);
    assert_eq!(wait, 70_000_000_000);
    assert!(wait <= pace.longest_wait());
    let redis = Redis::start();
    let server = &mut redis.admin();
    let mut pipe = redis::pipe();
    let script = Script::new(super::shared::script::SCRIPT);
    let hash: String = script.prepare_invoke().load(server).unwrap();
    for _ in 0..10_100 {
        let args = [pace.interval, pace.tolerance, BEGINNING];
        pipe.cmd("EVALSHA").arg(&hash).arg(1).arg("a").arg("charge").arg(&args).ignore();
    }
    pipe.exec(server).unwrap();
    let waits = step(server, "a", "look", pace, BEGINNING);
    assert_eq!(waits.as_micros(), u128::from(wait));
}

/// A bucket as a textbook explains it: tokens drip in, here in parts of an interval.
struct Tokens {
    interval: i128,
    most: i128,
    held: i128,
    seen: u64,
}

impl Tokens {
    fn step(&mut self, operation: BucketOperation, now: u64) -> u64 {
        let dripped = i128::from(now - self.seen);
        self.held = self.most.min(self.held + dripped);
        self.seen = now;
        let missing = (self.interval - self.held).max(0);
        match operation {
            BucketOperation::Take if missing > 0 => {}
            BucketOperation::Take | BucketOperation::Charge => self.held -= self.interval,
            BucketOperation::GiveBack => self.held = self.most.min(self.held + self.interval),
            BucketOperation::Look => {}
        }
        u64::try_from(missing).unwrap()
    }
}

proptest! {
    #[test]
    fn it_is_a_bucket_of_tokens(
        interval in 1_u64..1000,
        burst in 1_u64..10,
        steps in prop::collection::vec((0_u64..2000, 0_usize..4), 1..200),
    ) {
        let pace = Pace { interval, tolerance: interval * (burst - 1) };
        let most = i128::from(interval * burst);
        let mut tokens = Tokens { interval: i128::from(interval), most, held: most, seen: 0 };
        let (mut full_at, mut now) = (None, 0);
        for (pause, kind) in steps {
            now += pause;
            let operation = operation(["look", "take", "charge", "give_back"][kind]);
            let (next, wait) = pace.step(full_at, operation, now);
            prop_assert_eq!(wait, tokens.step(operation, now));
            full_at = next;
            prop_assert_eq!(full_at.is_none(), tokens.held == most);
        }
    }
}
