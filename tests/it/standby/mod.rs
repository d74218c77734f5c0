//! Standby copies: answers while the database is gone, and requests that they never answer.
//!
//! `docs/operations.md`, "When the database is gone", has the rules.

mod answers;
mod beginning;
mod copies;
mod failures;
mod rows;
mod turns;
mod views;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jbackend_bridge::config::values::StandbyRule;
use testkit::client::Reply;
use testkit::mariadb::Database;

use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, Server, Site};

/// Time for an event to come by itself, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The header of answers that may come from a standby copy.
const HEADER: &str = "x-bridge-snapshot";

/// The log line of a completed copy.
const TAKEN: &[&str] = &["DEBUG", "a snapshot of the database was taken"];

/// Makes a site that is copied; the second copy would come an hour later.
fn site(database: &Database<'_>) -> Site {
    let mut site = Site::on(database);
    let config = &mut site.config.database;
    config.connect_timeout = 2;
    config.query_timeout = 1;
    config.snapshot = StandbyRule::On;
    config.snapshot_file = site.folder.path().join("snapshot.db");
    config.snapshot_every = 3600;
    site
}

fn file(site: &Site) -> PathBuf {
    site.config.database.snapshot_file.clone()
}

/// Serves the site, and waits until its first copy could answer.
async fn serve(site: Site) -> Server {
    let log = Log::read_along();
    let before = log.count(TAKEN);
    let server = site.serve().await;
    eventually("a snapshot", || log.count(TAKEN) > before).await;
    server
}

async fn eventually(what: &str, happened: impl Fn() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Sends the request until its answer is like this.
async fn await_answer(
    server: &Server,
    target: &str,
    what: &str,
    is: impl Fn(&Reply) -> bool,
) -> Reply {
    let started = Instant::now();
    loop {
        let reply = server.get(target).await;
        if is(&reply) {
            return reply;
        }
        assert!(started.elapsed() < PATIENCE, "{target}: no answer {what}: {}", reply.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends the request until the database answers again.
async fn await_back(server: &Server) {
    let answers = |reply: &Reply| reply.code() == "ok" && !is_of_snapshot(reply);
    await_answer(server, &validate(), "of the database", answers).await;
}

fn is_of_snapshot(reply: &Reply) -> bool {
    !reply.header(HEADER).is_empty()
}

/// Makes the target of a request that succeeds for Alice.
fn validate() -> String {
    format!(
        "/packages/post/release/validate/redj_enterprise?email=alice@example.test&key={ALICE_KEY}"
    )
}
