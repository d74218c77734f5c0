//! The effect of two hundred simultaneous logins on other requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::client::get;
use crate::load::{Load, Sample};
use crate::pairs::{Median, Rounds};
use crate::process::Process;
use crate::report::{Report, Target};
use crate::site::{Site, customers, database_server};

const LOGINS: u64 = 200;
const CUSTOMERS: u64 = 100_000;
/// As many as ask for something else meanwhile.
const CONNECTIONS: usize = 4;

/// Measures `validate` without other load, and while so many logins with bcrypt, cost 10, are
/// always waiting.
pub(crate) async fn logins(rounds: Rounds, report: &mut Report) {
    let server = database_server();
    let (site, _database) = Site::with_customers(&server, CUSTOMERS).await;
    // Each of them is checked, not turned away: the queue holds them all.
    let bridge = site.serve("login_queue = 1000\n[limits]\nlogin_failures = 0\n");
    let targets = customers(CUSTOMERS).map(|(email, key)| {
        format!("/packages/post/release/validate/group?email={email}&key={key}")
    });
    let load = Load::new(targets, CONNECTIONS);
    let done = AtomicU64::new(0);
    let samples = rounds.run::<Sample>(&mut [
        &mut |time: Duration| load.on(&bridge, time),
        &mut |time: Duration| {
            let (sample, finished) = crowded(&bridge, || load.on(&bridge, time));
            done.fetch_add(finished, Ordering::Relaxed);
            sample
        },
    ]);
    let p99 = |sample: &Sample| sample.p99;
    let middle = |samples: &[Sample]| Median::of(samples.iter().map(p99)).middle;
    report.add(
        "p99 of `validate` during 200 logins / in quiet",
        Median::ratio(&samples[1], &samples[0], p99),
        "",
        Target::AtMost(3.0),
        format!(
            "{:.2} ms; {:.2} ms in quiet; {} logins were checked",
            middle(&samples[1]),
            middle(&samples[0]),
            done.into_inner()
        ),
    );
}

/// Runs something while the logins are under way; also how many of them came to their end.
fn crowded<T>(bridge: &Process, run: impl FnOnce() -> T) -> (T, u64) {
    let over = Arc::new(AtomicBool::new(false));
    let finished = AtomicU64::new(0);
    let result = thread::scope(|scope| {
        for person in 0..LOGINS {
            let (over, finished) = (Arc::clone(&over), &finished);
            scope.spawn(move || {
                let target = format!(
                    "/packages/post/release/keybyauth/group?username=customer{}&password=wrong",
                    person + 1
                );
                while !over.load(Ordering::Relaxed) {
                    let answer = get(bridge, &target);
                    assert!(answer.contains("REL_LIF"), "{answer}");
                    finished.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let result = run();
        over.store(true, Ordering::Relaxed);
        result
    });
    (result, finished.into_inner())
}
