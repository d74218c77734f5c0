//! The counts of one bridge hold at the other.

use futures_util::future::join_all;
use jbackend_bridge::config::values::Privacy;
use redis::Commands;
use testkit::redis::Redis;
use testkit::tls::{recorded, self_signed, vector};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{
    PATIENCE, STRANGER, codes, fail_in_turn, is_unshared, three, two, unlimited, url, wrong,
};
use crate::common::site::Server;
use crate::limits::shared::LONG;
use crate::limits::{GROUP, OTHER, RIGHT, code, login, mail, post, wait};

const THREE: [&str; 5] = ["REL_KNV", "REL_KNV", "REL_KNV", "REL_RLE", "REL_RLE"];

#[tokio::test]
async fn failures_at_one_bridge_are_refused_at_the_other() {
    let redis = Redis::start();
    let servers = two(&redis.url()).await;
    assert_eq!(codes(&servers[0], STRANGER, &wrong(), 5).await, THREE);
    assert_eq!(codes(&servers[1], STRANGER, &wrong(), 2).await, ["REL_RLE"; 2]);
    let refused = crate::limits::ask(&servers[1], STRANGER, &wrong()).await;
    assert!((1..=60).contains(&wait(&refused)), "{}", wait(&refused));
    // Other addresses have their own budget, and each is one for both bridges.
    assert_eq!(fail_in_turn(&servers, OTHER, 5).await, THREE);
    // A network of IPv6 is one client at both bridges.
    assert_eq!(codes(&servers[0], "2001:db8:1:2::3", &wrong(), 2).await, THREE[..2]);
    assert_eq!(codes(&servers[1], "2001:db8:1:2::4", &wrong(), 2).await, THREE[2..4]);
}

#[tokio::test]
async fn a_third_bridge_learns_what_was_spent_before_it_started() {
    let redis = Redis::start();
    let servers = two(&redis.url()).await;
    assert_eq!(fail_in_turn(&servers, STRANGER, 3).await, THREE[..3]);
    let third = three(&redis.url()).await.serve().await;
    assert_eq!(code(&third, STRANGER, &wrong()).await, "REL_RLE");
}

#[tokio::test]
async fn keys_that_were_right_are_known_where_they_were() {
    let redis = Redis::start();
    let servers = two(&redis.url()).await;
    let right = post("validate", GROUP, RIGHT);
    assert_eq!(code(&servers[0], STRANGER, &right).await, "ok");
    assert_eq!(codes(&servers[1], STRANGER, &wrong(), 4).await, THREE[..4]);
    assert_eq!(code(&servers[0], STRANGER, &right).await, "ok");
    assert_eq!(code(&servers[1], STRANGER, &right).await, "REL_RLE");
}

/// Logins count by user name, mails by e-mail and by account.
#[tokio::test]
async fn all_limits_are_shared() {
    for privacy in [Privacy::Original, Privacy::Uniform] {
        let redis = Redis::start();
        let mut servers: Vec<Server> = Vec::new();
        for _ in 0..2 {
            let mut site = unlimited().await;
            site.config.release.privacy = privacy;
            let limits = &mut site.config.limits;
            (limits.login_failures, limits.login_failures_burst) = (1, 2);
            (limits.mail_requests, limits.mail_requests_burst) = (1, 4);
            (limits.mails, limits.mails_burst) = (1, 2);
            limits.shared = Some(redis.url());
            limits.shared_timeout = LONG;
            servers.push(site.serve().await);
        }
        let [one, other] = &servers[..] else { panic!("two") };
        assert_eq!(codes(one, STRANGER, &login("alice", "x"), 2).await, ["REL_LIF"; 2]);
        assert_eq!(code(other, OTHER, &login("ALICE", "alicepass")).await, "REL_RLE");
        assert_eq!(code(other, OTHER, &login("dup", "x")).await, "REL_LIF");

        let target = mail("alice@example.test");
        assert_eq!(code(one, STRANGER, &target).await, "ok");
        assert_eq!(code(other, STRANGER, &target).await, "ok");
        let third = if privacy == Privacy::Uniform { "ok" } else { "REL_RLE" };
        assert_eq!(code(one, STRANGER, &target).await, third, "two mails have left");
        assert_eq!(code(other, STRANGER, &target).await, third);
        assert_eq!(code(one, STRANGER, &target).await, "REL_RLE", "five requests");
        assert_eq!(one.mails().len() + other.mails().len(), 2, "{privacy:?}");
    }
}

/// A mail that was not sent gets its token back, at both bridges.
#[tokio::test]
async fn failed_sends_spend_nothing_shared() {
    let redis = Redis::start();
    let sink = crate::limits::mails::unwilling_sink().await;
    let mut site = unlimited().await;
    crate::limits::mails::send_to(&mut site, &sink);
    (site.config.limits.mails, site.config.limits.mails_burst) = (1, 1);
    site.config.limits.shared = Some(redis.url());
    site.config.limits.shared_timeout = LONG;
    let server = site.serve().await;
    let target = mail("alice@example.test");
    assert_eq!(code(&server, STRANGER, &target).await, "REL_ESM");
    let mut admin = redis.admin();
    let started = std::time::Instant::now();
    while !admin.keys::<_, Vec<String>>("*:mails:*").unwrap().is_empty() {
        assert!(started.elapsed() < PATIENCE, "a token is not given back");
        tokio::task::yield_now().await;
    }
    assert_eq!(code(&server, STRANGER, &target).await, "REL_ESM");
}

/// A login holds a token of the shared budget, and gives it back unless it failed.
#[tokio::test]
async fn logins_at_the_same_time_find_one_budget() {
    let redis = Redis::start();
    let mut servers: Vec<Server> = Vec::new();
    for _ in 0..2 {
        let mut site = unlimited().await;
        (site.config.limits.login_failures, site.config.limits.login_failures_burst) = (1, 3);
        site.config.limits.shared = Some(redis.url());
        site.config.limits.shared_timeout = LONG;
        site.config.release.login_queue = 1000;
        servers.push(site.serve().await);
    }
    let right = login("alice", "alicepass");
    for server in servers.iter().cycle().take(10) {
        assert_eq!(code(server, STRANGER, &right).await, "ok");
    }
    let mut admin = redis.admin();
    let started = std::time::Instant::now();
    while !admin.keys::<_, Vec<String>>("*:login_failures:*").unwrap().is_empty() {
        assert!(started.elapsed() < PATIENCE, "a token is not given back");
        tokio::task::yield_now().await;
    }
    let wrong = login("alice", "x");
    let all = join_all((0..60).map(|nth| code(&servers[nth % 2], STRANGER, &wrong))).await;
    let tried = all.iter().filter(|code| *code == "REL_LIF").count();
    let refused = all.iter().filter(|code| *code == "REL_RLE").count();
    assert_eq!((tried, refused), (3, 57), "{all:?}");
    // The account owes no tokens.
    let keys: Vec<String> = admin.keys("*:login_failures:*").unwrap();
    assert_eq!(keys.len(), 2, "one of the name, one of the account: {keys:?}");
    for key in &keys {
        let rest: u64 = admin.pttl(key).unwrap();
        assert!(rest <= 3 * 3_600_000, "{keys:?} {rest}");
    }
}

/// A bridge with other numbers, or of another site, has separate buckets.
#[tokio::test]
async fn others_on_the_same_server_share_nothing() {
    let redis = Redis::start();
    let server = three(&redis.url()).await.serve().await;
    assert_eq!(codes(&server, STRANGER, &wrong(), 4).await, THREE[..4]);
    let mut faster = three(&redis.url()).await;
    faster.config.limits.address_failures = 2;
    assert_eq!(code(&faster.serve().await, STRANGER, &wrong()).await, "REL_KNV");
    let mut stranger = three(&redis.url()).await;
    stranger.config.joomla.secret = Some("another site's".to_owned().into());
    stranger.config.license.recipe = Some("md5($email)".into());
    assert_eq!(code(&stranger.serve().await, STRANGER, &wrong()).await, "REL_KNV");
    let elsewhere = url(&format!("redis://127.0.0.1:{}/3", redis.port));
    assert_eq!(code(&three(&elsewhere).await.serve().await, STRANGER, &wrong()).await, "REL_KNV");
}

#[tokio::test]
async fn a_reload_can_begin_and_end_it() {
    let redis = Redis::start();
    let mut servers = two(&redis.url()).await;
    let [server, other] = &mut servers;
    assert_eq!(codes(other, STRANGER, &wrong(), 4).await, THREE[..4]);
    server.site.config.limits.shared = None;
    server.reloader.reload(&server.site.config).await.unwrap();
    assert_eq!(codes(server, STRANGER, &wrong(), 4).await, THREE[..4]);
    assert_eq!(code(server, OTHER, &wrong()).await, "REL_KNV");
    assert!(!is_unshared(server).await, "nobody wants it");
    server.site.config.limits.shared = Some(redis.url());
    server.reloader.reload(&server.site.config).await.unwrap();
    assert_eq!(codes(other, OTHER, &wrong(), 4).await, THREE[..4]);
    assert_eq!(code(server, OTHER, &wrong()).await, "REL_RLE");
}

/// Opens a port that accepts TLS and passes the decrypted bytes on.
async fn encrypting(acceptor: TlsAcceptor, port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let encrypted = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut server).await;
            });
        }
    });
    encrypted
}

/// `shared_ca` names the server's own certificate: one that is its own authority, or one of version
/// 1.
#[tokio::test]
async fn a_certificate_that_is_named_is_trusted_as_itself() {
    let redis = Redis::start();
    for (certificate, trusted, is_believed) in [
        ("own_v1.pem", "own_v1.pem", true),
        ("own_v3_ca.pem", "own_v3_ca.pem", true),
        ("own_v3_leaf.pem", "own_v3_leaf.pem", true),
        ("own_v1.pem", "own_v3.pem", false),
        ("own_other_name.pem", "own_other_name.pem", false),
    ] {
        let acceptor = recorded(certificate, "own.key", rustls::ALL_VERSIONS);
        let port = encrypting(acceptor, redis.port).await;
        let mut site = three(&url(&format!("rediss://localhost:{port}"))).await;
        site.config.limits.shared_ca = Some(vector(trusted));
        let server = site.serve().await;
        assert_eq!(is_unshared(&server).await, !is_believed, "{certificate} {trusted}");
    }
}

/// The ways are a unix socket, a password, and an account with the rights that the manual names.
#[tokio::test]
async fn ways_to_the_server() {
    const MANUAL: &str = include_str!("../../../../docs/operations.md");
    let redis = Redis::with_password("all:may/be@here", &[]);
    let line = MANUAL.lines().find_map(|line| line.strip_prefix("ACL SETUSER ")).expect("the rule");
    let mut rule = redis::cmd("ACL");
    rule.arg("SETUSER");
    for word in line.split_whitespace() {
        rule.arg(word);
    }
    rule.exec(&mut redis.admin()).unwrap();
    let password = line.split_whitespace().find_map(|word| word.strip_prefix('>')).unwrap();
    let user = line.split_whitespace().next().unwrap();

    let socket = redis.socket();
    let socket = socket.display();
    let port = redis.port;
    let (certificate, acceptor) = self_signed("localhost");
    let encrypted = encrypting(acceptor, port).await;
    let first = three(&url(&format!("redis://{user}:{password}@127.0.0.1:{port}/0"))).await;
    let first = first.serve().await;
    assert_eq!(codes(&first, STRANGER, &wrong(), 4).await, THREE[..4]);
    for address in [
        format!("redis://:all%3Amay%2Fbe%40here@127.0.0.1:{port}"),
        format!("unix://{socket}?user={user}&pass={password}"),
        format!("redis+unix://{socket}?db=0&pass=all%3Amay%2Fbe%40here"),
        format!("rediss://{user}:{password}@localhost:{encrypted}"),
    ] {
        let mut site = three(&url(&address)).await;
        if address.starts_with("rediss") {
            let file = site.folder.path().join("ca.pem");
            std::fs::write(&file, &certificate).unwrap();
            site.config.limits.shared_ca = Some(file);
        }
        let server = site.serve().await;
        assert_eq!(code(&server, STRANGER, &wrong()).await, "REL_RLE", "{address}");
    }
    // No authority has signed this certificate.
    let address = url(&format!("rediss://{user}:{password}@localhost:{encrypted}"));
    let server = three(&address).await.serve().await;
    assert!(is_unshared(&server).await);
    assert_eq!(codes(&server, STRANGER, &wrong(), 4).await, THREE[..4]);
}
