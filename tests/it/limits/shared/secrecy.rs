//! The data that can be read on the server, and how long it stays.

use redis::Commands;
use testkit::redis::Redis;

use super::{STRANGER, code, three, wrong};
use crate::common::site::ALICE_KEY;
use crate::limits::{login, mail};

#[tokio::test]
async fn nobody_can_be_recognised_and_everything_ends() {
    let redis = Redis::start();
    let mut site = three(&redis.url()).await;
    let limits = &mut site.config.limits;
    (limits.login_failures, limits.login_failures_burst) = (30, 20);
    (limits.mail_requests, limits.mail_requests_burst) = (30, 20);
    (limits.mails, limits.mails_burst) = (10, 10);
    let secret = site.config.joomla.secret.clone().unwrap();
    let server = site.serve().await;
    assert_eq!(code(&server, STRANGER, &wrong()).await, "REL_KNV");
    assert_eq!(code(&server, "2001:db8:1:2::3", &login("alice", "x")).await, "REL_LIF");
    assert_eq!(code(&server, STRANGER, &mail("alice@example.test")).await, "ok");

    let mut admin = redis.admin();
    let keys: Vec<String> = admin.keys("*").unwrap();
    let (probes, keys): (Vec<_>, Vec<_>) =
        keys.into_iter().partition(|key| key == "jbackend-bridge:probe");
    assert!(probes.len() <= 1);
    let mut limits = Vec::new();
    for key in &keys {
        let [prefix, limit, hash] = key.split(':').collect::<Vec<_>>()[..] else { panic!("{key}") };
        assert_eq!(prefix, "jbackend-bridge");
        assert!(hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{key}");
        limits.push(limit);
        // In milliseconds. The slowest limit, a mail in six minutes, has spent one token.
        let rest: i64 = admin.pttl(key).unwrap();
        assert!((1..=6 * 60_000).contains(&rest), "{key}: {rest}");
        let value: String = admin.get(key).unwrap();
        assert!(value.bytes().all(|byte| byte.is_ascii_digit()), "{key}: {value}");
    }
    limits.sort_unstable();
    // A login counts for the name and for the account.
    let expected = [
        "address_failures",
        "address_failures",
        "login_failures",
        "login_failures",
        "mail_requests",
        "mails",
    ];
    assert_eq!(limits, expected, "{keys:?}");
    // There are no other data, under another database number or as a script.
    let info: String = redis::cmd("INFO").arg("keyspace").query(&mut admin).unwrap();
    assert_eq!(info.lines().filter(|line| line.starts_with("db")).count(), 1, "{info}");
    let script = include_str!("../../../../src/limits/shared/bucket.lua");
    let all = keys.concat() + script;
    for word in [
        "alice",
        "example",
        STRANGER,
        "192.0",
        "2001:db8",
        ALICE_KEY,
        secrecy::ExposeSecret::expose_secret(&secret),
    ] {
        assert!(!all.contains(word), "{word}: {keys:?}");
    }
}

/// The names are the same on every machine and in every version that uses this format.
#[test]
fn names_do_not_change() {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use jbackend_bridge::limits::buckets::Rate;
    use jbackend_bridge::limits::shared::names::{BucketKey, BucketNames};
    use jbackend_bridge::limits::{AccountName, ClientAddress, Limit};

    fn name(limit: Limit, key: &impl BucketKey) -> String {
        let number = |count| NonZeroU32::new(count).unwrap();
        let rate = Rate { tokens: number(20), per: Duration::from_mins(1), burst: number(100) };
        BucketNames::under(b"secret").unwrap().name(limit, rate, key)
    }
    let address = |text: &str| ClientAddress::of(text.parse().unwrap()).unwrap();
    let names = [
        name(Limit::AddressFailures, &address("192.0.2.1")),
        name(Limit::AddressFailures, &address("2001:db8:1:2::3")),
        name(Limit::LoginFailures, &AccountName::typed(Some("Alice "))),
        name(Limit::MailRequests, &AccountName::typed(Some("alice"))),
        name(Limit::Mails, &42),
    ];
    insta::assert_snapshot!(names.join("\n"), @r##"
jbackend-bridge:address_failures:0f6d6c14a74390e06f674651a437444f
jbackend-bridge:address_failures:b32e6b824c4a597a93db3166948f1e2a
jbackend-bridge:login_failures:691c3ee9ceaa00a3ce53725445f5af1b
jbackend-bridge:mail_requests:f7231b24701d2ae19158f88317436df3
jbackend-bridge:mails:69dc587757a3d7e4df61355b9687a825
"##);
    assert!(BucketNames::under(b"").is_none());
}
