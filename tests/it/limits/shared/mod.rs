//! `shared`: several bridges count together, on a real Redis or Valkey server.

mod outages;
pub(super) mod script;
mod secrecy;
mod sharing;

use std::time::Instant;

use jbackend_bridge::config::shared_limits::RedisUrl;

use super::{GROUP, PATIENCE, STRANGER, WRONG, code, codes, post, unlimited};
use crate::common::site::{Server, Site};

/// A second passes quickly on a busy machine, so the time limit is long here. The tests with a
/// silent server measure how long a request waits.
const LONG: u64 = 30_000;

/// Makes a site whose addresses may fail three times, and then once in a minute.
async fn three(url: &RedisUrl) -> Site {
    let mut site = unlimited().await;
    let limits = &mut site.config.limits;
    (limits.address_failures, limits.address_failures_burst) = (1, 3);
    limits.shared = Some(url.clone());
    limits.shared_timeout = LONG;
    site.config.admin.listen = Some("0".parse().unwrap());
    site
}

/// Reads a URL as it stands in a configuration.
fn url(text: &str) -> RedisUrl {
    text.parse().expect("a URL")
}

/// Starts two bridges for the same site.
async fn two(url: &RedisUrl) -> [Server; 2] {
    [three(url).await.serve().await, three(url).await.serve().await]
}

/// Makes a request that fails.
fn wrong() -> String {
    post("validate", GROUP, WRONG)
}

/// Fails at each of the bridges in turn.
async fn fail_in_turn(servers: &[Server], from: &str, times: usize) -> Vec<String> {
    let mut codes = Vec::new();
    for server in servers.iter().cycle().take(times) {
        codes.push(code(server, from, &wrong()).await);
    }
    codes
}

/// Does the metric tell that the shared server does not answer?
async fn is_unshared(server: &Server) -> bool {
    let admin = testkit::client::Client::new(server.admin.as_ref().expect("a listener"));
    let text = admin.send("GET", "/metrics", &[], b"").await.text();
    let found = text.lines().find_map(|line| line.strip_prefix("jbackend_bridge_limits_unshared "));
    found.expect("the metric") == "1"
}

/// Waits until the bridge notices the change by itself.
async fn until_unshared(server: &Server, wanted: bool) {
    let started = Instant::now();
    while is_unshared(server).await != wanted {
        assert!(started.elapsed() < PATIENCE, "never {wanted}");
        tokio::task::yield_now().await;
    }
}
