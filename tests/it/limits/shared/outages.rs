//! The server is gone, silent, not there yet, or refuses. No request fails, and each bridge counts
//! separately.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use testkit::redis::Redis;
use tokio::time::timeout;

use super::{
    PATIENCE, STRANGER, code, codes, fail_in_turn, is_unshared, three, two, until_unshared, url,
    wrong,
};
use crate::common::log::Log;
use crate::limits::{GROUP, OTHER, RIGHT, login, post};

const THREE: [&str; 4] = ["REL_KNV", "REL_KNV", "REL_KNV", "REL_RLE"];
const GONE: &[&str] = &["WARN", "limits are not shared"];
const BACK: &[&str] = &["INFO", "limits are shared"];

#[tokio::test]
async fn killed_under_load() {
    let log = Log::keep();
    let redis = Redis::start();
    let servers = two(&redis.url()).await;
    assert_eq!((log.count(BACK), log.count(GONE)), (2, 0), "{}", log.text());
    assert_eq!(codes(&servers[0], STRANGER, &wrong(), 4).await, THREE);

    let ends = AtomicBool::new(false);
    let right = post("validate", GROUP, RIGHT);
    let load = join_all((0..8).map(async |nth: usize| {
        let server = &servers[nth % 2];
        let mut answers = 0;
        while !ends.load(Ordering::Relaxed) {
            // The account of the password has no right to the package group: the login is judged,
            // and is not a failure.
            for (target, expected) in
                [(right.as_str(), "ok"), (&login("bob", "bobpass"), "REL_ANA")]
            {
                let from = format!("203.0.113.{nth}");
                assert_eq!(code(server, &from, target).await, expected);
                answers += 1;
            }
        }
        answers
    }));
    let outage = async {
        redis.kill();
        for server in &servers {
            until_unshared(server, true).await;
        }
        // A budget that was spent at this bridge stays spent here; the other bridge has its own.
        assert_eq!(code(&servers[0], STRANGER, &wrong()).await, "REL_RLE");
        assert_eq!(codes(&servers[1], STRANGER, &wrong(), 4).await, THREE);
        assert_eq!(
            fail_in_turn(&servers, OTHER, 8).await,
            [
                "REL_KNV", "REL_KNV", "REL_KNV", "REL_KNV", "REL_KNV", "REL_KNV", "REL_RLE",
                "REL_RLE"
            ]
        );
        assert_eq!((log.count(BACK), log.count(GONE)), (2, 2), "{}", log.text());
        redis.start_again();
        for server in &servers {
            until_unshared(server, false).await;
        }
        ends.store(true, Ordering::Relaxed);
    };
    let (answers, ()) = tokio::join!(load, outage);
    assert!(answers.iter().all(|answers| *answers > 0), "{answers:?}");
    assert_eq!((log.count(BACK), log.count(GONE)), (4, 2), "{}", log.text());
    // They count together again. Tokens spent meanwhile are only known at the bridge that counted
    // them.
    assert_eq!(fail_in_turn(&servers, "192.0.2.99", 4).await, THREE);
    assert_eq!(fail_in_turn(&servers, OTHER, 2).await, ["REL_RLE"; 2]);
}

/// All answers here come while the server is stopped.
#[tokio::test]
async fn stopped_without_a_word() {
    let redis = Redis::start();
    let mut site = three(&redis.url()).await;
    // This is the default.
    site.config.limits.shared_timeout = 100;
    let server = site.serve().await;
    until_unshared(&server, false).await;
    redis.hang();
    let answers = async {
        assert_eq!(codes(&server, STRANGER, &wrong(), 4).await, THREE);
        until_unshared(&server, true).await;
        assert_eq!(codes(&server, OTHER, &wrong(), 4).await, THREE);
        // Neither a start nor a reload has to wait.
        let started = three(&redis.url()).await;
        let mut started = started.serve().await;
        assert_eq!(codes(&started, STRANGER, &wrong(), 4).await, THREE);
        started.site.config.limits.shared_timeout = 50;
        started.reloader.reload(&started.site.config).await.unwrap();
        assert_eq!(code(&started, STRANGER, &wrong()).await, "REL_RLE");
        started
    };
    let started = timeout(PATIENCE, answers).await.expect("answers while it is stopped");
    redis.go_on();
    until_unshared(&server, false).await;
    until_unshared(&started, false).await;
    let both = [server, started];
    assert_eq!(fail_in_turn(&both, "192.0.2.99", 4).await, THREE);
}

#[tokio::test]
async fn not_there_at_the_start() {
    let log = Log::keep();
    let redis = Redis::start();
    redis.kill();
    let servers = two(&redis.url()).await;
    assert_eq!((log.count(GONE), log.count(BACK)), (2, 0), "{}", log.text());
    assert_eq!(codes(&servers[0], STRANGER, &wrong(), 4).await, THREE);
    assert_eq!(codes(&servers[1], STRANGER, &wrong(), 4).await, THREE);
    redis.start_again();
    for server in &servers {
        until_unshared(server, false).await;
    }
    assert_eq!((log.count(GONE), log.count(BACK)), (2, 2), "{}", log.text());
    assert_eq!(fail_in_turn(&servers, OTHER, 4).await, THREE);
}

/// The password is wrong, the account has no right to the keys, the memory is full, or the server
/// is read-only: the bridge answers in each case.
#[tokio::test]
async fn refused() {
    let log = Log::keep();
    let redis = Redis::with_password("hunter2", &["--maxmemory-policy", "noeviction"]);
    let mut admin = redis.admin();
    let rule = "ACL SETUSER reader on >hunter3 ~jbackend-bridge:* +evalsha +script|load +time +get";
    let mut words = rule.split(' ');
    let mut command = redis::cmd(words.next().unwrap());
    for word in words {
        command.arg(word);
    }
    command.exec(&mut admin).unwrap();
    let port = redis.port;
    for login in [":hunter4@", "", "reader:hunter3@", "nobody:hunter2@"] {
        let server = three(&url(&format!("redis://{login}127.0.0.1:{port}"))).await.serve().await;
        assert!(is_unshared(&server).await, "{login}");
        assert_eq!(codes(&server, STRANGER, &wrong(), 4).await, THREE, "{login}");
    }
    assert_eq!(log.count(GONE), 4, "{}", log.text());

    let servers = two(&redis.url()).await;
    let set =
        |name, value| redis::cmd("CONFIG").arg("SET").arg(name).arg(value).exec(&mut redis.admin());
    set("maxmemory", "1").unwrap();
    for server in &servers {
        until_unshared(server, true).await;
        assert_eq!(codes(server, STRANGER, &wrong(), 4).await, THREE);
    }
    set("maxmemory", "0").unwrap();
    for server in &servers {
        until_unshared(server, false).await;
    }
    redis::cmd("REPLICAOF").arg("127.0.0.1").arg("1").exec(&mut admin).unwrap();
    for server in &servers {
        until_unshared(server, true).await;
        assert_eq!(codes(server, OTHER, &wrong(), 4).await, THREE);
    }
    assert!(!log.text().contains("hunter"), "{}", log.text());
}

/// If the server loses its data, a client gets no second budget at the bridge that counted the
/// first.
#[tokio::test]
async fn emptied() {
    let redis = Redis::start();
    let servers = two(&redis.url()).await;
    assert_eq!(codes(&servers[0], STRANGER, &wrong(), 4).await, THREE);
    assert_eq!(code(&servers[1], STRANGER, &wrong()).await, "REL_RLE");
    redis::cmd("FLUSHALL").exec(&mut redis.admin()).unwrap();
    redis::cmd("SCRIPT").arg("FLUSH").exec(&mut redis.admin()).unwrap();
    assert_eq!(code(&servers[0], STRANGER, &wrong()).await, "REL_RLE");
    assert_eq!(codes(&servers[1], STRANGER, &wrong(), 4).await, THREE);
    assert!(!is_unshared(&servers[0]).await && !is_unshared(&servers[1]).await);
}
