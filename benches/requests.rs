//! `validate` for a site of 100,000 users, next to a bare warp route that runs the same query.
//!
//! Both servers, the client and the database share this machine, and take turns in one run. Prints
//! requests per second of each, and how much of the bare route's the bridge reaches.
//!
//! Run with `cargo bench --bench requests`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark that cannot run is meant to stop"
)]

#[allow(dead_code, unreachable_pub, reason = "the tests' harness has more than is needed here")]
#[path = "../tests/it/common/mod.rs"]
mod common;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::fixture::{self, Schema};
use common::mariadb::{Database, MariaDb};
use common::site::Site;
use md5::{Digest, Md5};
use mysql_async::{OptsBuilder, Pool, PoolConstraints, PoolOpts, Row, params, prelude::Queryable};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use warp::Filter;

const USERS: u64 = 100_000;
const CONNECTIONS: u64 = 32;
const WARM_UP: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(5);
const ROUNDS: usize = 3;
/// The default of `[database] pool_size`, for both.
const POOL: usize = 4;
const QUERY: &str = include_str!("../sql/queries/users_by_email.mysql.sql");

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    // The lines of the log are made, as in operation, but go nowhere.
    tracing_subscriber::fmt().with_writer(std::io::sink).init();
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    fill(&database).await;
    let bare = serve_bare(&database).await;
    let server = Site::on(&database).serve().await;
    let bridge: SocketAddr = server.client.address.parse().unwrap();

    for (address, target) in [(bridge, bridge_target as Target), (bare, bare_target)] {
        measure(address, target, WARM_UP).await;
    }
    let mut totals = [0.0, 0.0];
    for round in 1..=ROUNDS {
        let bridge = measure(bridge, bridge_target, ROUND).await;
        let bare = measure(bare, bare_target, ROUND).await;
        println!("round {round}: bridge {bridge:.0}/s, bare warp route {bare:.0}/s");
        totals = [totals[0] + bridge, totals[1] + bare];
    }
    let [bridge, bare] = totals.map(|total| total / ROUNDS as f64);
    println!(
        "validate, {USERS} users, {CONNECTIONS} connections: bridge {bridge:.0}/s, bare warp route \
         {bare:.0}/s: {:.0} %",
        100.0 * bridge / bare
    );
    server.stopped().await;
}

fn email(user: u64) -> String {
    format!("customer{user}@example.test")
}

/// Customers of `redj_enterprise`, a direct group each.
async fn fill(database: &Database<'_>) {
    for statement in [
        format!(
            "INSERT INTO #__users (id, name, username, email, password, params, registerDate) \
             SELECT 1000 + seq, CONCAT('Customer ', seq), CONCAT('customer', seq), \
             CONCAT('customer', seq, '@example.test'), '', '', '2024-02-29 12:00:00' \
             FROM seq_1_to_{USERS}"
        ),
        format!(
            "INSERT INTO #__user_usergroup_map (user_id, group_id) \
             SELECT 1000 + seq, 12 FROM seq_1_to_{USERS}"
        ),
        "ANALYZE TABLE #__users".to_owned(),
    ] {
        database.run(&statement).await;
    }
}

/// The query and the smallest answer, with nothing around them.
async fn serve_bare(database: &Database<'_>) -> SocketAddr {
    let constraints = PoolConstraints::new(1, POOL).unwrap();
    let settings = database.settings();
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(MariaDb::shared().port)
        .prefer_socket(false)
        .user(Some(settings.user))
        .pass(Some(common::mariadb::PASSWORD))
        .db_name(Some(settings.database))
        .pool_opts(PoolOpts::default().with_constraints(constraints).with_reset_connection(false));
    let pool = Pool::new(options);
    let query: Arc<str> = QUERY.replace("#__", fixture::prefix()).into();
    let route = warp::path!("validate").and(warp::query::<HashMap<String, String>>()).then(
        move |parameters: HashMap<String, String>| {
            let (pool, query) = (pool.clone(), Arc::clone(&query));
            async move {
                let sent = parameters["email"].as_str();
                let mut conn = pool.get_conn().await.unwrap();
                let parameters = params! { "sent" => sent, "plus" => sent };
                let rows: Vec<Row> = conn.exec(&*query, parameters).await.unwrap();
                assert_eq!(rows.len(), 1);
                r#"{"status":"ok"}"#
            }
        },
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(warp::serve(route).incoming(listener).run());
    address
}

type Target = fn(u64) -> String;

fn bridge_target(user: u64) -> String {
    let email = email(user);
    let digest = Md5::digest(format!("{email}redj_enterpriseHASH123KEY456"));
    let mut key = String::new();
    digest.iter().for_each(|byte| write!(key, "{byte:02x}").unwrap());
    format!("/packages/post/release/validate/redj_enterprise?email={email}&key={key}")
}

fn bare_target(user: u64) -> String {
    format!("/validate?email={}", email(user))
}

/// Requests per second over all connections.
async fn measure(address: SocketAddr, target: Target, time: Duration) -> f64 {
    let answered = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..CONNECTIONS {
        let answered = Arc::clone(&answered);
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            // A stride that is prime to the number of users visits all of them.
            let mut user = number * 3_001;
            while started.elapsed() < time {
                user = (user + 7_919) % USERS;
                let target = target(user + 1);
                let request = format!("GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n");
                stream.write_all(request.as_bytes()).await.unwrap();
                await_ok(&mut stream).await;
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    answered.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

/// Reads one answer, which must be a success.
async fn await_ok(stream: &mut TcpStream) {
    let mut answer = Vec::with_capacity(512);
    while !answer.ends_with(b"\"}") {
        let read = stream.read_buf(&mut answer).await.unwrap();
        assert!(read > 0, "the server closed the connection");
    }
    let body = br#"{"status":"ok"}"#;
    assert!(answer.ends_with(body), "{}", String::from_utf8_lossy(&answer));
}
