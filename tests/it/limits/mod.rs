//! `[limits]`: how often a client may fail, log in, or request mails.

mod addresses;
mod buckets;
mod clock;
mod gcra;
mod logins;
mod mails;
mod memory;
mod operation;
mod shared;
mod spellings;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use testkit::client::Reply;
use testkit::fixture::Schema;

use crate::common::site::{ALICE_KEY, Server, Site};

/// Time for an event to come by itself, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client's address; the bridge trusts the proxy on its own machine.
const STRANGER: &str = "192.0.2.1";
/// Another client's address.
const OTHER: &str = "198.51.100.7";

const GROUP: &str = "redj_enterprise";
const PAID: &str = "redj_ent_190";
const FREE: &str = "redj_com_190";

const RIGHT: &[(&str, &str)] = &[("email", "alice@example.test"), ("key", ALICE_KEY)];
const WRONG: &[(&str, &str)] = &[("email", "alice@example.test"), ("key", "wrong")];

/// Makes a site on SQLite with all limits off.
async fn unlimited() -> Site {
    let mut site = Site::new(Schema::Sqlite).await;
    let limits = &mut site.config.limits;
    limits.address_failures = 0;
    limits.login_failures = 0;
    limits.mail_requests = 0;
    limits.mails = 0;
    site
}

/// Makes the request target of an action `post`.
fn post(resource: &str, id: &str, params: &[(&str, &str)]) -> String {
    let mut target = format!("/packages/post/release/{resource}/{id}?");
    for (name, value) in params {
        write!(target, "{name}={}&", encoded(value)).unwrap();
    }
    target
}

fn login(username: &str, password: &str) -> String {
    post("keybyauth", GROUP, &[("username", username), ("password", password)])
}

fn mail(email: &str) -> String {
    post("keybyemail", GROUP, &[("email", email)])
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
        out
    })
}

/// Sends a request of a client behind the proxy on this machine.
async fn ask(server: &Server, from: &str, target: &str) -> Reply {
    server.client.send("GET", target, &[("X-Forwarded-For", from)], b"").await
}

async fn code(server: &Server, from: &str, target: &str) -> String {
    ask(server, from, target).await.code()
}

/// Sends the same request so many times and returns the codes.
async fn codes(server: &Server, from: &str, target: &str, times: usize) -> Vec<String> {
    let mut codes = Vec::new();
    for _ in 0..times {
        codes.push(code(server, from, target).await);
    }
    codes
}

/// Sends the request until its code is not `REL_RLE`.
async fn once_it_refills(server: &Server, from: &str, target: &str) -> String {
    let started = Instant::now();
    loop {
        let code = code(server, from, target).await;
        if code != "REL_RLE" {
            return code;
        }
        assert!(started.elapsed() < PATIENCE, "it never refills");
        tokio::task::yield_now().await;
    }
}

/// Reads the seconds of `Retry-After`.
fn wait(reply: &Reply) -> u64 {
    let header = reply.headers.get("retry-after").expect("Retry-After");
    header.parse().expect("seconds")
}
