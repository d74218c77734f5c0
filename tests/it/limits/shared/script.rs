//! The server's script decides like the local buckets.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use jbackend_bridge::limits::buckets::{Buckets, Rate};
use jbackend_bridge::limits::gcra::Pace;
use proptest::prelude::*;
use redis::{Commands, Connection, Script};
use testkit::redis::Redis;

use crate::limits::clock::TestClock;

pub(in crate::limits) const SCRIPT: &str = include_str!("../../../../src/limits/shared/bucket.lua");

/// The start of the test's clock, in microseconds since 1970.
pub(in crate::limits) const BEGINNING: u64 = 1_800_000_000_000_000;

fn rate(tokens: u32, per: Duration, burst: u32) -> Rate {
    let number = |count| NonZeroU32::new(count).unwrap();
    Rate { tokens: number(tokens), per, burst: number(burst) }
}

/// Runs one step, with a clock that the test sets.
pub(in crate::limits) fn step(
    server: &mut Connection,
    key: &str,
    step: &str,
    pace: Pace,
    now: u64,
) -> Duration {
    let script = Script::new(SCRIPT);
    let mut call = script.key(key);
    call.arg(step).arg(pace.interval).arg(pace.tolerance).arg(now);
    Duration::from_micros(call.invoke(server).unwrap())
}

/// Compares with the same steps on local buckets, to the microsecond.
#[test]
fn every_sequence_of_steps_is_decided_alike() {
    let redis = Redis::start();
    let steps = prop::collection::vec((0_u64..5_000_000, 0_u8..8, 0_u8..2), 1..60);
    let rates = (prop::sample::select(vec![1_u32, 2, 5, 8, 20, 100]), 1_u64..100, 1_u32..12);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(100));
    let found = [0, 0].map(Cell::new);
    runner
        .run(&(rates, steps), |((tokens, per, burst), steps)| {
            redis::cmd("FLUSHALL").exec(&mut redis.admin()).unwrap();
            let rate = rate(tokens, Duration::from_secs(per), burst);
            let clock = TestClock::default();
            let local = Buckets::with_clock(rate, 1000, clock.reading());
            let server = &mut redis.admin();
            let mut now = BEGINNING;
            for (pause, kind, key) in steps {
                // Half of the steps come at the same time.
                let pause = if pause % 2 == 0 { pause } else { 0 };
                clock.advance(Duration::from_micros(pause));
                now += pause;
                let key = ["a", "b"][usize::from(key)];
                let before = local.wait(&key).unwrap_or_default();
                let word = match kind {
                    0 => "look",
                    1 => {
                        local.give_back(&key);
                        "give_back"
                    }
                    2 | 3 => {
                        local.charge(&key);
                        "charge"
                    }
                    _ => {
                        prop_assert_eq!(local.take(&key).err().unwrap_or_default(), before);
                        "take"
                    }
                };
                let wait = step(server, key, word, rate.into(), now);
                prop_assert_eq!(wait, before, "{}", word);
                let count = &found[usize::from(wait.is_zero())];
                count.set(count.get() + 1);
                // A spent token is stored until it has come back.
                if word == "charge" {
                    let rest: u64 = server.pttl(key).unwrap();
                    let value: u64 = server.get(key).unwrap();
                    prop_assert!(rest <= (value - now).div_ceil(1000));
                    prop_assert!(rest + 10_000 >= (value - now) / 1000, "{} {}", rest, value - now);
                }
            }
            Ok(())
        })
        .unwrap();
    let [refused, granted] = found.map(Cell::into_inner);
    assert!(refused > 200 && granted > 200, "{refused} {granted}");
}

#[test]
fn a_full_bucket_is_forgotten() {
    let redis = Redis::start();
    let server = &mut redis.admin();
    let pace: Pace = rate(1, Duration::from_secs(1), 3).into();
    for _ in 0..2 {
        step(server, "a", "take", pace, BEGINNING);
    }
    assert_eq!(server.exists::<_, usize>("a").unwrap(), 1);
    step(server, "a", "give_back", pace, BEGINNING);
    assert_eq!(server.exists::<_, usize>("a").unwrap(), 1);
    step(server, "a", "give_back", pace, BEGINNING + 1);
    assert_eq!(server.exists::<_, usize>("a").unwrap(), 0);
    // It also never gets more than it holds.
    step(server, "a", "give_back", pace, BEGINNING);
    for wait in [0, 0, 0, 1] {
        assert_eq!(step(server, "a", "take", pace, BEGINNING), Duration::from_secs(wait));
    }
}

/// Absurdly large numbers cause no refusal and no error.
#[test]
fn the_largest_numbers() {
    let redis = Redis::start();
    let server = &mut redis.admin();
    let hour = Duration::from_hours(1);
    for (tokens, burst) in [(1, u32::MAX), (u32::MAX, u32::MAX), (u32::MAX, 1)] {
        let pace: Pace = rate(tokens, hour, burst).into();
        assert!(pace.interval >= 1);
        for nth in 0..100 {
            assert_eq!(step(server, "a", "take", pace, BEGINNING + nth), Duration::ZERO);
        }
        redis::cmd("FLUSHALL").exec(server).unwrap();
    }
}

/// This test uses the server's own clock, and keys that do expire.
#[test]
fn by_its_own_clock() {
    let redis = Redis::start();
    let server = &mut redis.admin();
    let script = Script::new(SCRIPT);
    let mut take = || -> u64 {
        let mut call = script.key("a");
        call.arg("take").arg(3_600_000_000_u64).arg(0);
        call.invoke(server).unwrap()
    };
    assert_eq!(take(), 0);
    let wait = take();
    assert!((3_000_000_000..=3_600_000_000).contains(&wait), "{wait}");
}

/// Another program that writes to the server must not close a budget for ever, open it, or stop the
/// other budgets.
#[test]
fn what_is_no_bucket_is_begun_anew() {
    let redis = Redis::start();
    let server = &mut redis.admin();
    let pace = Pace::from(rate(1, Duration::from_secs(1), 2));
    let texts = ["inf", "-inf", "nan", "1e308", "9007199254740993", "0x7fffffffffffffff", "", "no"];
    let written = texts.map(|text| redis::cmd("SET").arg("key").arg(text).to_owned());
    let list = redis::cmd("RPUSH").arg("key").arg("a").to_owned();
    let set = redis::cmd("SADD").arg("key").arg("a").to_owned();
    for command in written.iter().chain([&list, &set]) {
        for word in ["look", "take", "charge", "give_back"] {
            let _: u64 = server.del("key").unwrap();
            command.exec(server).unwrap();
            assert_eq!(step(server, "key", word, pace, BEGINNING), Duration::ZERO, "{word}");
            let spent = usize::from(matches!(word, "take" | "charge"));
            let left = (0..4).filter(|_| step(server, "key", "take", pace, BEGINNING).is_zero());
            assert_eq!(left.count(), 2 - spent, "{word}");
        }
    }
}
