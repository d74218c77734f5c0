//! Token buckets, with a clock that the test sets.

use std::num::NonZeroU32;
use std::time::Duration;

use jbackend_bridge::limits::buckets::{Buckets, Rate};
use jbackend_bridge::limits::{Exceeded, Limit};
use proptest::prelude::*;

use super::clock::TestClock;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

fn rate(tokens: u32, per: Duration, burst: u32) -> Rate {
    let number = |count| NonZeroU32::new(count).unwrap();
    Rate { tokens: number(tokens), per, burst: number(burst) }
}

fn buckets(rate: Rate) -> (Buckets, TestClock) {
    let clock = TestClock::default();
    (Buckets::with_clock(rate, 1000, clock.reading()), clock)
}

#[test]
fn a_burst_and_then_one_in_each_interval() {
    let (buckets, clock) = buckets(rate(20, MINUTE, 5));
    for _ in 0..5 {
        assert_eq!(buckets.take(&"a"), Ok(()));
    }
    assert_eq!(buckets.take(&"a"), Err(SECOND * 3));
    assert_eq!(buckets.take(&"b"), Ok(()), "buckets are each key's own");
    clock.advance(SECOND * 2);
    assert_eq!(buckets.wait(&"a"), Some(SECOND));
    clock.advance(SECOND);
    assert_eq!(buckets.take(&"a"), Ok(()));
    assert_eq!(buckets.take(&"a"), Err(SECOND * 3), "one came back, one was taken");
    clock.advance(MINUTE);
    for _ in 0..5 {
        assert_eq!(buckets.take(&"a"), Ok(()));
    }
    assert_eq!(buckets.take(&"a"), Err(SECOND * 3), "it holds no more than a burst");
}

#[test]
fn regression_a_burst_of_centuries_holds_much() {
    let hour = MINUTE * 60;
    for burst in [5_124_097, u32::MAX] {
        let (buckets, _) = buckets(rate(1, hour, burst));
        for _ in 0..1000 {
            assert_eq!(buckets.take(&"a"), Ok(()), "{burst}");
        }
    }
}

#[test]
fn looking_takes_nothing() {
    let (buckets, _) = buckets(rate(1, MINUTE, 1));
    for _ in 0..10 {
        assert_eq!(buckets.wait(&"a"), None);
    }
    assert!(buckets.is_empty(), "who is only looked at takes no memory");
    buckets.charge(&"a");
    for _ in 0..10 {
        assert_eq!(buckets.wait(&"a"), Some(MINUTE));
    }
    assert_eq!(buckets.len(), 1);
}

/// Requests at the same time all find the last token; each of them is charged.
#[test]
fn an_empty_bucket_runs_into_debt() {
    let (buckets, clock) = buckets(rate(1, SECOND, 2));
    for _ in 0..10 {
        buckets.charge(&"a");
    }
    assert_eq!(buckets.wait(&"a"), Some(SECOND * 9));
    clock.advance(SECOND * 8);
    assert_eq!(buckets.wait(&"a"), Some(SECOND));
    clock.advance(SECOND);
    assert_eq!(buckets.wait(&"a"), None);
    // A refused `take` makes no debt.
    assert_eq!(buckets.take(&"a"), Ok(()));
    for _ in 0..10 {
        assert_eq!(buckets.take(&"a"), Err(SECOND));
    }
}

#[test]
fn what_is_given_back_can_be_taken_again() {
    let (buckets, clock) = buckets(rate(1, MINUTE, 3));
    for _ in 0..3 {
        assert_eq!(buckets.take(&"a"), Ok(()));
    }
    assert_eq!(buckets.take(&"a"), Err(MINUTE));
    buckets.give_back(&"a");
    assert_eq!(buckets.take(&"a"), Ok(()));
    assert_eq!(buckets.take(&"a"), Err(MINUTE), "one was put back, one was taken");
    // All three are given back, though one token has come back by itself.
    clock.advance(MINUTE);
    for _ in 0..3 {
        buckets.give_back(&"a");
    }
    assert!(buckets.is_empty(), "a full bucket takes no memory");
    for _ in 0..3 {
        assert_eq!(buckets.take(&"a"), Ok(()));
    }
    assert_eq!(buckets.take(&"a"), Err(MINUTE), "it holds no more than a burst");
    buckets.give_back(&"b");
    assert_eq!((buckets.wait(&"b"), buckets.len()), (None, 1), "nothing was taken from it");
}

#[test]
fn full_buckets_are_forgotten() {
    let (buckets, clock) = buckets(rate(1, SECOND, 3));
    buckets.charge(&"short");
    for _ in 0..3 {
        buckets.charge(&"long");
    }
    buckets.tidy();
    assert_eq!(buckets.len(), 2);
    clock.advance(SECOND * 3);
    buckets.tidy();
    assert_eq!(buckets.len(), 1, "one of them was full two seconds ago");
    clock.advance(SECOND * 3);
    buckets.tidy();
    assert!(buckets.is_empty());
}

/// A client that tries many names must not free an account whose budget is spent.
#[test]
fn at_the_cap_those_go_that_have_spent_least() {
    let (buckets, _) = buckets(rate(1, MINUTE, 20));
    for _ in 0..20 {
        buckets.charge(&"guessed at");
    }
    for _ in 0..5 {
        buckets.charge(&"a little");
    }
    for sprayed in 0..10_000 {
        buckets.charge(&sprayed);
        assert!(buckets.len() <= 1000, "{}", buckets.len());
    }
    assert!(buckets.len() > 800, "no more go than must: {}", buckets.len());
    assert_eq!(buckets.wait(&"guessed at"), Some(MINUTE));
    for _ in 0..15 {
        assert_eq!(buckets.take(&"a little"), Ok(()), "five of twenty are spent");
    }
    assert!(buckets.take(&"a little").is_err(), "it was forgotten");
}

#[test]
fn seconds_are_whole_and_never_none() {
    for (wait, seconds) in [
        (Duration::ZERO, 1),
        (Duration::from_nanos(1), 1),
        (SECOND, 1),
        (Duration::from_millis(1001), 2),
        (Duration::from_secs(3599), 3599),
        (Duration::MAX, u64::MAX),
    ] {
        let exceeded = Exceeded { limit: Limit::Mails, wait };
        assert_eq!(exceeded.seconds(), seconds, "{wait:?}");
    }
}

proptest! {
    /// In any time, at most a burst and the refill are granted. A client that waits for the given
    /// time is granted one.
    #[test]
    fn no_more_than_a_burst_and_what_comes_back(
        tokens in 1_u32..100,
        per in 1_u64..100,
        burst in 1_u32..20,
        steps in prop::collection::vec((0_u64..5_000, any::<bool>()), 1..200),
    ) {
        let per = Duration::from_secs(per);
        let (buckets, clock) = buckets(rate(tokens, per, burst));
        let (mut granted, mut elapsed) = (0_u32, Duration::ZERO);
        for (millis, waits) in steps {
            let mut pause = Duration::from_millis(millis);
            if let Some(told) = buckets.wait(&"a") && waits {
                pause = told;
                clock.advance(pause);
                prop_assert_eq!(buckets.take(&"a"), Ok(()));
                granted += 1;
            } else {
                clock.advance(pause);
                granted += u32::from(buckets.take(&"a").is_ok());
            }
            elapsed += pause;
            let back = elapsed.as_secs_f64() * f64::from(tokens) / per.as_secs_f64();
            // Intervals are whole microseconds, rounded up.
            prop_assert!(f64::from(granted) <= f64::from(burst) + back + 0.001);
        }
    }

    /// A client that gives some tokens back has kept at most a burst and the refill. The tokens it
    /// still holds do not add to that.
    #[test]
    fn giving_back_makes_no_tokens(
        tokens in 1_u32..100,
        per in 1_u64..100,
        burst in 1_u32..20,
        steps in prop::collection::vec((0_u64..2_000, 0_u32..3), 1..300),
    ) {
        let per = Duration::from_secs(per);
        let (buckets, clock) = buckets(rate(tokens, per, burst));
        let (mut kept, mut held, mut elapsed) = (0_u32, 0_u32, Duration::ZERO);
        for (millis, step) in steps {
            let pause = Duration::from_millis(millis);
            match step {
                0 if held > 0 => {
                    buckets.give_back(&"a");
                    held -= 1;
                }
                1 if held > 0 => {
                    held -= 1;
                    kept += 1;
                }
                _ => held += u32::from(buckets.take(&"a").is_ok()),
            }
            let back = elapsed.as_secs_f64() * f64::from(tokens) / per.as_secs_f64();
            prop_assert!(f64::from(kept + held) <= f64::from(burst) + back + 0.001);
            clock.advance(pause);
            elapsed += pause;
        }
        // Giving all back at once makes at most a full bucket.
        for _ in 0..held {
            buckets.give_back(&"a");
        }
        let at_once = (0..=burst).take_while(|_| buckets.take(&"a").is_ok()).count();
        prop_assert!(at_once <= burst as usize);
    }
}
