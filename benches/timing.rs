//! Checks whether the time of an answer reveals a secret: two kinds of input in random turns, and
//! Welch's t of their times. Beyond 4.5 the two can be told apart; `docs/security-timing.md`
//! describes the value of a difference to an attacker.
//!
//! Run with `cargo bench --bench timing`, on a quiet machine; `-- 0.1` takes a tenth of the
//! samples.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark that cannot run is meant to stop"
)]

#[allow(dead_code, unreachable_pub, reason = "the tests' harness has more than is needed here")]
#[path = "../tests/it/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::time::Instant;

use common::site::{ALICE_KEY, Site};
use jbackend_bridge::config::values::Privacy;
use jbackend_bridge::release::license::key::{GroupSeed, Person};
use jbackend_bridge::release::license::key_ring::KeyRing;
use license_recipe::{Recipe, Spellings};
use testkit::fixture::Schema;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Times of one kind of input, in nanoseconds.
type Times = Vec<f64>;

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let share: f64 = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1.0);
    let samples = |most: f64| (most * share) as usize;
    println!("| compared | samples each | mean A | mean B | B − A | largest \\|t\\| |");
    println!("|---|---|---|---|---|---|");
    keys(samples(300_000.0));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for schema in [Schema::Joomla5, Schema::Sqlite] {
        runtime.block_on(accounts(schema, samples(20_000.0)));
        runtime.block_on(logins(schema, samples(400.0)));
    }
}

/// Measures only the comparison: the place of the wrong byte, and whether there is one.
fn keys(samples: usize) {
    let recipe = Recipe::parse("md5($email . $group . $hash)", &Spellings::default()).unwrap();
    let ring = KeyRing::new(recipe, b"secret");
    let person = Person { user_id: 62, name: "n", username: "u", email: "user@example.test" };
    let group = GroupSeed { id: "group", hash: "seed", name: "" };
    let right = ring.issue(&person, &group).unwrap().as_bytes().to_vec();
    let with = |place: usize| {
        let mut key = right.clone();
        key[place] ^= 1;
        key
    };
    let last = right.len() - 1;
    for (name, one, other) in [
        ("key: the same twice (what the method itself adds)", with(0), with(0)),
        ("key: first byte wrong / last byte wrong", with(0), with(last)),
        ("key: first byte wrong / right", with(0), right.clone()),
        ("key: last byte wrong / right", with(last), right.clone()),
        ("key: wrong / one byte short", with(0), right[..last].to_vec()),
    ] {
        let keys = [one, other];
        let [a, b] = interleaved(samples, |kind| {
            let key = black_box(&keys[kind]);
            let started = Instant::now();
            black_box(ring.accepts(key, &person, &group, 0));
            started.elapsed().as_nanos() as f64
        });
        report(name, &a, &b);
    }
}

/// `validate` with a wrong key, over HTTP: an unknown account and a known one, by e-mail and by id.
async fn accounts(schema: Schema, samples: usize) {
    let mut site = Site::new(schema).await;
    site.config.release.privacy = Privacy::Uniform;
    let server = site.serve().await;
    let mut stream = server.client.connect().await;
    let wrong = format!("{}x", &ALICE_KEY[..ALICE_KEY.len() - 1]);
    let emails = ["stranger@example.test", "alice@example.test"];
    for (what, sent) in [
        ("e-mail", emails.map(|email| format!("email={email}&key={wrong}"))),
        ("id in `dlid`", ["999", "100"].map(|id| format!("dlid={id}:{wrong}"))),
    ] {
        let requests = sent.map(|query| {
            format!(
                "GET /packages/post/release/validate/redj_enterprise?{query} HTTP/1.1\r\n\
                 Host: x\r\n\r\n"
            )
        });
        let times = exchange(&mut stream, &requests, samples).await;
        let name = format!("validate, uniform, {schema:?}: unknown / known {what}");
        report(&name, &times[0], &times[1]);
    }
    drop(stream);
    server.stopped().await;
}

/// `keybyauth` with a wrong password, over HTTP: an unknown user and a known one.
async fn logins(schema: Schema, samples: usize) {
    let mut site = Site::new(schema).await;
    // A login that is refused without a check reveals no secret.
    site.config.limits.login_failures = 0;
    let server = site.serve().await;
    let mut stream = server.client.connect().await;
    let requests = ["stranger", "alice"].map(|user| {
        format!(
            "GET /packages/post/release/keybyauth/redj_enterprise?username={user}&password=wrong \
             HTTP/1.1\r\nHost: x\r\n\r\n"
        )
    });
    let times = exchange(&mut stream, &requests, samples).await;
    report(&format!("keybyauth, {schema:?}: unknown user / wrong password"), &times[0], &times[1]);
    drop(stream);
    server.stopped().await;
}

async fn exchange(stream: &mut TcpStream, requests: &[String; 2], samples: usize) -> [Times; 2] {
    stream.set_nodelay(true).unwrap();
    let mut turns = Turns::new();
    let mut times = [Times::new(), Times::new()];
    let mut answer = vec![0; 4096];
    let mut body = None;
    while times[0].len().min(times[1].len()) < samples {
        let kind = turns.next();
        let started = Instant::now();
        stream.write_all(requests[kind].as_bytes()).await.unwrap();
        let mut read = 0;
        // Head and JSON may come one after the other.
        while !answer[..read].ends_with(b"}") {
            let more = stream.read(&mut answer[read..]).await.unwrap();
            assert!(more > 0, "the connection was closed");
            read += more;
        }
        times[kind].push(started.elapsed().as_nanos() as f64);
        let text = String::from_utf8_lossy(&answer[..read]).into_owned();
        let said = text.split_once("\r\n\r\n").expect("a whole answer").1.to_owned();
        // The answers themselves must be equal, or the times need not be compared.
        assert_eq!(*body.get_or_insert(said.clone()), said);
    }
    times
}

fn interleaved(samples: usize, mut time: impl FnMut(usize) -> f64) -> [Times; 2] {
    let mut turns = Turns::new();
    let mut times = [Times::new(), Times::new()];
    for _ in 0..1000 {
        time(turns.next());
    }
    while times[0].len().min(times[1].len()) < samples {
        let kind = turns.next();
        times[kind].push(time(kind));
    }
    times
}

/// Chooses the next input at random: xorshift.
struct Turns(u64);

impl Turns {
    fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize & 1
    }
}

/// Shares of the samples that are compared, from the fastest on: other work of the machine makes
/// the slow ones slow.
const CROPS: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 1.0];

fn report(name: &str, a: &Times, b: &Times) {
    let mut all: Vec<f64> = a.iter().chain(b).copied().collect();
    all.sort_by(f64::total_cmp);
    let largest = CROPS
        .map(|share| {
            let most = all[((all.len() - 1) as f64 * share) as usize];
            welch(&below(a, most), &below(b, most))
        })
        .into_iter()
        .fold(0.0, |largest: f64, t| largest.max(t.abs()));
    // The means of undisturbed samples.
    let most = all[((all.len() - 1) as f64 * 0.9) as usize];
    let (mean_a, mean_b) = (mean(&below(a, most)), mean(&below(b, most)));
    println!(
        "| {name} | {} | {} | {} | {} | {largest:.1} |",
        a.len().min(b.len()),
        shown(mean_a),
        shown(mean_b),
        shown(mean_b - mean_a),
    );
}

fn below(times: &Times, most: f64) -> Times {
    times.iter().copied().filter(|time| *time <= most).collect()
}

fn mean(times: &Times) -> f64 {
    times.iter().sum::<f64>() / times.len().max(1) as f64
}

/// How many standard errors lie between the means.
fn welch(a: &Times, b: &Times) -> f64 {
    let error = |times: &Times| {
        let mean = mean(times);
        let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
        squares / (times.len() as f64 - 1.0) / times.len() as f64
    };
    if a.len() < 2 || b.len() < 2 {
        return 0.0;
    }
    (mean(a) - mean(b)) / (error(a) + error(b)).sqrt().max(f64::MIN_POSITIVE)
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds.abs() {
        small if small < 10_000.0 => format!("{nanoseconds:.1} ns"),
        medium if medium < 10_000_000.0 => format!("{:.2} µs", nanoseconds / 1e3),
        _ => format!("{:.2} ms", nanoseconds / 1e6),
    }
}
