//! The limit of failures from one address.

use jbackend_bridge::config::values::{HttpStatus, Privacy};

use super::{
    FREE, GROUP, OTHER, PAID, RIGHT, STRANGER, WRONG, ask, code, codes, login, mail,
    once_it_refills, post, unlimited, wait,
};
use crate::common::site::{ALICE_KEY, FREE_FILE, PAID_FILE, Server, Site};

/// Makes a site that allows three failures, and then one in a minute.
async fn three() -> Site {
    let mut site = unlimited().await;
    site.config.limits.address_failures = 1;
    site.config.limits.address_failures_burst = 3;
    site
}

async fn exhaust(server: &Server, from: &str) {
    let target = post("validate", GROUP, WRONG);
    let codes = codes(server, from, &target, 4).await;
    assert_eq!(codes, ["REL_KNV", "REL_KNV", "REL_KNV", "REL_RLE"]);
}

#[tokio::test]
async fn an_address_that_fails_too_often_has_to_wait() {
    let server = three().await.serve().await;
    exhaust(&server, STRANGER).await;
    let reply = ask(&server, STRANGER, &post("validate", GROUP, WRONG)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["x-release-error"], "REL_RLE");
    assert!((50..=60).contains(&wait(&reply)), "{}", wait(&reply));
    insta::assert_snapshot!(reply.text(), @r#"{"status":"ko","error_code":"REL_RLE","error_description":"Request limit exceeded"}"#);
    // Requests that could tell of an account are refused, right or wrong.
    for target in [
        post("validate", GROUP, RIGHT),
        post("verify", PAID, RIGHT),
        post("download", PAID, RIGHT),
        post("download", PAID, &[("dlid", "100:x")]),
        login("alice", "alicepass"),
        login("nobody", "x"),
        mail("alice@example.test"),
        mail("nobody@example.test"),
    ] {
        assert_eq!(code(&server, STRANGER, &target).await, "REL_RLE", "{target}");
    }
    // Requests that cannot tell of an account are answered as before, and other addresses are not
    // affected.
    for (target, expected) in [
        (post("validate", "unknown", WRONG), "REL_GNF"),
        (post("verify", "unknown", WRONG), "REL_PNF"),
        (post("validate", GROUP, &[]), "REL_ENS"),
        (post("validate", GROUP, &[("email", "x")]), "REL_KNS"),
        (post("keybyauth", GROUP, &[("username", "alice")]), "REL_PWS"),
        (post("keybyemail", GROUP, &[]), "REL_ENS"),
        (post("verify", FREE, &[]), "ok"),
        (post("download", "gone", &[]), "REL_FNF"),
    ] {
        assert_eq!(code(&server, STRANGER, &target).await, expected, "{target}");
    }
    assert_eq!(ask(&server, STRANGER, &post("download", FREE, &[])).await.body, FREE_FILE);
    assert_eq!(ask(&server, OTHER, &post("download", PAID, RIGHT)).await.body, PAID_FILE);
}

#[tokio::test]
async fn what_counts_and_what_does_not() {
    let wrong_key = ("key", "x");
    for (target, expected, counts) in [
        (post("validate", GROUP, WRONG), "REL_KNV", true),
        (post("verify", PAID, &[("email", "nobody@example.test"), wrong_key]), "REL_UNF", true),
        (post("download", PAID, &[("email", "carol@example.test"), wrong_key]), "REL_UNE", true),
        (post("download", PAID, &[("email", "bob@example.test"), wrong_key]), "REL_ANA", true),
        (post("download", PAID, &[("dlid", "100:x")]), "REL_KNV", true),
        (post("download", PAID, &[("dlid", "no such form")]), "REL_KNV", true),
        (post("validate", GROUP, &[("email[]", "x"), wrong_key]), "REL_UNF", true),
        (login("alice", "x"), "REL_LIF", true),
        (login("nobody", "x"), "REL_LIF", true),
        (login("alice", ""), "REL_LIF", true),
        (mail("nobody@example.test"), "REL_UNF", true),
        (mail("carol@example.test"), "REL_UNE", true),
        (mail("bob@example.test"), "REL_ANA", true),
        // After the right password there is nothing left to guess.
        (login("carol", "carolpass"), "REL_UNE", false),
        (login("bob", "bobpass"), "REL_ANA", false),
        (login("alice", "alicepass"), "ok", false),
        (mail("alice@example.test"), "ok", false),
        (post("validate", GROUP, RIGHT), "ok", false),
        (post("validate", "unknown", WRONG), "REL_GNF", false),
        (post("download", "unknown", WRONG), "REL_PNF", false),
        (post("download", "gone", &[]), "REL_FNF", false),
        (post("validate", GROUP, &[]), "REL_ENS", false),
        ("/packages/post/release/nothing/x".to_owned(), "REQ_RUN", false),
        ("/packages/post/other/validate/x".to_owned(), "REQ_MNF", false),
    ] {
        let mut site = unlimited().await;
        site.config.limits.address_failures = 1;
        site.config.limits.address_failures_burst = 1;
        let server = site.serve().await;
        assert_eq!(code(&server, STRANGER, &target).await, expected, "{target}");
        let then = code(&server, STRANGER, &post("validate", GROUP, WRONG)).await;
        assert_eq!(then, if counts { "REL_RLE" } else { "REL_KNV" }, "after {target}");
    }
}

/// The address belongs to a hosting provider, and another customer on it fails.
#[tokio::test]
async fn keys_that_were_right_are_served_on() {
    let server = three().await.serve().await;
    assert_eq!(code(&server, STRANGER, &post("validate", GROUP, RIGHT)).await, "ok");
    let dlid = format!("100:{ALICE_KEY}");
    let by_dlid = post("verify", PAID, &[("dlid", &dlid)]);
    assert_eq!(code(&server, OTHER, &by_dlid).await, "ok");
    exhaust(&server, STRANGER).await;
    for _ in 0..10 {
        assert_eq!(ask(&server, STRANGER, &post("download", PAID, RIGHT)).await.body, PAID_FILE);
        assert_eq!(code(&server, STRANGER, &by_dlid).await, "ok");
    }
    // Other accounts' keys are refused, and so is each spelling that differs from the one that was
    // right.
    for params in [
        WRONG,
        &[("email", "dup@example.test"), ("key", "x")],
        &[("email", "ALICE@example.test"), RIGHT[1]],
        &[("dlid", "100:x")],
    ] {
        let target = post("download", PAID, params);
        assert_eq!(code(&server, STRANGER, &target).await, "REL_RLE", "{target}");
    }
    // Blanks around a key are not part of it.
    for params in
        [&[RIGHT[0], ("key", &*format!("\t{ALICE_KEY}  "))], &[("dlid", &*format!("{dlid} "))][..]]
    {
        assert_eq!(code(&server, STRANGER, &post("verify", PAID, params)).await, "ok");
    }
    // A key that is no longer right is let through once more, and then refused.
    server.site.run("DELETE FROM #__user_usergroup_map WHERE user_id = 100").await;
    let target = post("validate", GROUP, RIGHT);
    assert_eq!(codes(&server, STRANGER, &target, 2).await, ["REL_ANA", "REL_RLE"]);
}

#[tokio::test]
async fn thousands_may_succeed_behind_one_address() {
    let mut site = unlimited().await;
    site.config.limits.address_failures = 1;
    site.config.limits.address_failures_burst = 1;
    let server = site.serve().await;
    let target = post("validate", GROUP, RIGHT);
    let codes = codes(&server, STRANGER, &target, 300).await;
    assert_eq!(codes, vec!["ok"; 300]);
}

#[tokio::test]
async fn a_bucket_refills() {
    let mut site = unlimited().await;
    site.config.limits.address_failures = 60;
    site.config.limits.address_failures_burst = 1;
    let server = site.serve().await;
    let target = post("validate", GROUP, WRONG);
    assert_eq!(code(&server, STRANGER, &target).await, "REL_KNV");
    let reply = ask(&server, STRANGER, &target).await;
    if reply.code() == "REL_RLE" {
        assert_eq!(wait(&reply), 1);
    }
    assert_eq!(once_it_refills(&server, STRANGER, &target).await, "REL_KNV");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let server = unlimited().await.serve().await;
    let target = post("validate", GROUP, WRONG);
    assert_eq!(codes(&server, STRANGER, &target, 200).await, vec!["REL_KNV"; 200]);
}

#[tokio::test]
async fn the_default_holds_back_a_guesser() {
    let mut site = unlimited().await;
    let default = jbackend_bridge::config::Config::default().limits;
    site.config.limits.address_failures = default.address_failures;
    site.config.limits.address_failures_burst = default.address_failures_burst;
    let server = site.serve().await;
    let codes = codes(&server, STRANGER, &post("validate", GROUP, WRONG), 300).await;
    let let_in = codes.iter().filter(|code| *code == "REL_KNV").count();
    assert!((100..250).contains(&let_in), "{let_in}");
}

#[tokio::test]
async fn the_status_is_as_configured_and_the_header_always_there() {
    let updater = [("X-Forwarded-For", STRANGER), ("User-Agent", "Joomla!/5.3")];
    for (mode, plain, to_updater) in [
        (HttpStatus::Always200, 200, 200),
        (HttpStatus::Real, 429, 429),
        (HttpStatus::JoomlaUpdater, 200, 429),
    ] {
        let mut site = three().await;
        site.config.release.http_status = mode;
        let server = site.serve().await;
        exhaust(&server, STRANGER).await;
        let target = post("download", PAID, WRONG);
        let reply = ask(&server, STRANGER, &target).await;
        assert_eq!((reply.status, reply.code().as_str()), (plain, "REL_RLE"), "{mode:?}");
        wait(&reply);
        let reply = server.client.send("GET", &target, &updater, b"").await;
        assert_eq!(reply.status, to_updater, "{mode:?}");
        wait(&reply);
        let head = [("X-Forwarded-For", STRANGER)];
        let reply = server.client.send("HEAD", &target, &head, b"").await;
        wait(&reply);
    }
}

#[tokio::test]
async fn networks_of_ipv6_are_one_client() {
    let server = three().await.serve().await;
    let target = post("validate", GROUP, WRONG);
    for from in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "[2001:db8:1:2::3]:443"] {
        assert_eq!(code(&server, from, &target).await, "REL_KNV");
    }
    assert_eq!(code(&server, "2001:db8:1:2:abcd:ef01:2345:6789", &target).await, "REL_RLE");
    assert_eq!(code(&server, "2001:db8:1:3::1", &target).await, "REL_KNV");
}

#[tokio::test]
async fn an_address_of_ipv4_is_the_same_in_ipv6() {
    let server = three().await.serve().await;
    exhaust(&server, STRANGER).await;
    let target = post("validate", GROUP, WRONG);
    assert_eq!(code(&server, "::ffff:192.0.2.1", &target).await, "REL_RLE");
    assert_eq!(code(&server, "::ffff:192.0.2.2", &target).await, "REL_KNV");
}

/// A client can only write into the header to the left of the proxy's entry.
#[tokio::test]
async fn a_client_cannot_choose_his_address() {
    let server = three().await.serve().await;
    let target = post("validate", GROUP, WRONG);
    let mut codes = Vec::new();
    for claimed in 1..=4 {
        codes.push(code(&server, &format!("203.0.113.{claimed}, {STRANGER}"), &target).await);
    }
    assert_eq!(codes, ["REL_KNV", "REL_KNV", "REL_KNV", "REL_RLE"]);
}

/// The address of a proxy that does not forward its client's stands for all its clients.
#[tokio::test]
async fn addresses_of_proxies_and_of_the_own_network_are_nobodys() {
    let mut site = three().await;
    let proxies = ["127.0.0.0/8", "203.0.113.0/24"];
    site.config.server.trusted_proxies = proxies.map(|proxy| proxy.parse().unwrap()).to_vec();
    let server = site.serve().await;
    let target = post("validate", GROUP, WRONG);
    for from in [
        "",
        "127.0.0.1",
        "203.0.113.9",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.1.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "unknown",
    ] {
        assert_eq!(codes(&server, from, &target, 5).await, vec!["REL_KNV"; 5], "{from}");
    }
    exhaust(&server, "2001:db8::1").await;
}

#[tokio::test]
async fn a_header_of_somebody_who_is_not_trusted_counts_for_nothing() {
    let mut site = three().await;
    site.config.server.trusted_proxies = Vec::new();
    let server = site.serve().await;
    let target = post("validate", GROUP, WRONG);
    // The peer is this machine, whose address has no limit.
    assert_eq!(codes(&server, STRANGER, &target, 5).await, vec!["REL_KNV"; 5]);
}

/// Answers are uniform, and so is their cost: no budget tells which accounts exist.
#[tokio::test]
async fn uniform_answers_spend_alike() {
    let people = ["alice", "bob", "carol", "nobody"].map(|name| format!("{name}@example.test"));
    for who in &people {
        for target in [
            mail(who),
            post("validate", GROUP, &[("email", who), ("key", "x")]),
            login(who.split('@').next().unwrap(), "x"),
        ] {
            let mut site = three().await;
            site.config.release.privacy = Privacy::Uniform;
            let server = site.serve().await;
            let first = code(&server, STRANGER, &target).await;
            assert_ne!(first, "REL_RLE");
            let all = codes(&server, STRANGER, &target, 3).await;
            assert_eq!(all, [&first, &first, "REL_RLE"], "{target}");
        }
    }
}

#[tokio::test]
async fn preflights_and_the_operators_questions_do_not_count() {
    let server = three().await.serve().await;
    let headers = [
        ("X-Forwarded-For", STRANGER),
        ("Origin", "https://example.test"),
        ("Access-Control-Request-Method", "POST"),
    ];
    let target = post("validate", GROUP, WRONG).replace("/packages/", "/cors/");
    for _ in 0..10 {
        server.client.send("OPTIONS", &target, &headers, b"").await;
    }
    exhaust(&server, STRANGER).await;
}
