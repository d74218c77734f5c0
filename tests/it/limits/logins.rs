//! The limit of failed logins to an account.

use futures_util::future::join_all;
use testkit::fixture::Schema;

use super::{
    GROUP, OTHER, RIGHT, STRANGER, ask, code, codes, login, once_it_refills, post, unlimited, wait,
};
use crate::common::site::Site;

/// Makes a site that allows three failures, and the next one in an hour.
async fn three() -> Site {
    let mut site = unlimited().await;
    site.config.limits.login_failures = 1;
    site.config.limits.login_failures_burst = 3;
    site
}

/// The answers are the same for an existing account and for none: they tell nothing.
#[tokio::test]
async fn an_account_is_closed_to_passwords_from_everywhere() {
    let server = three().await.serve().await;
    for name in ["alice", "nobody"] {
        let mut codes = Vec::new();
        for nth in 1..=5 {
            let from = format!("192.0.2.{nth}");
            codes.push(code(&server, &from, &login(name, "x")).await);
        }
        assert_eq!(codes, ["REL_LIF", "REL_LIF", "REL_LIF", "REL_RLE", "REL_RLE"], "{name}");
        let reply = ask(&server, OTHER, &login(name, "alicepass")).await;
        assert_eq!(reply.code(), "REL_RLE", "also the right one");
        assert!((3500..=3600).contains(&wait(&reply)), "{}", wait(&reply));
    }
    // Other accounts can log in, and this account's key still works.
    assert_eq!(code(&server, STRANGER, &login("dup", "x")).await, "REL_LIF");
    assert_eq!(code(&server, STRANGER, &post("validate", GROUP, RIGHT)).await, "ok");
}

#[tokio::test]
async fn right_passwords_do_not_count() {
    let server = three().await.serve().await;
    let right = login("alice", "alicepass");
    assert_eq!(codes(&server, STRANGER, &right, 10).await, vec!["ok"; 10]);
    // Right passwords of accounts that may not have the key do not count either.
    assert_eq!(codes(&server, STRANGER, &login("bob", "bobpass"), 10).await, vec!["REL_ANA"; 10]);
}

/// If the database ignores case and blanks, another spelling has no further budget.
#[tokio::test]
async fn spellings_share_a_budget() {
    let server = three().await.serve().await;
    let mut codes = Vec::new();
    for name in ["alice", "ALICE", "alice ", "\u{e0}lice", "al\u{200d}ice", " \u{ff41}lice"] {
        codes.push(code(&server, STRANGER, &login(name, "x")).await);
    }
    assert_eq!(codes, ["REL_LIF", "REL_LIF", "REL_LIF", "REL_RLE", "REL_RLE", "REL_RLE"]);
}

/// The database takes these names for one. They share the budget of the account that it finds, and
/// a right password spends none of it.
#[tokio::test]
async fn look_alike_names_share_the_budget_of_the_account() {
    for (collation, stored, alike) in [
        ("utf8mb4_unicode_ci", "かなかな", ["カナカナ", "かナかナ", "カなカな", "カナかな"]),
        ("utf8mb4_unicode_520_ci", "かなかな", ["カナカナ", "かナかナ", "カなカな", "カナかな"]),
        (
            "utf8mb4_uca1400_ai_ci",
            "x\u{10428}",
            ["x\u{10400}", "X\u{10400}", "X\u{10428}", "\u{ff38}\u{10400}"],
        ),
    ] {
        let mut site = Site::new(Schema::Joomla5).await;
        site.config.limits.address_failures = 0;
        site.config.limits.login_failures = 1;
        site.config.limits.login_failures_burst = 3;
        let column = format!("VARCHAR(150) CHARACTER SET utf8mb4 COLLATE {collation} NOT NULL");
        site.run(&format!("ALTER TABLE #__users MODIFY username {column}")).await;
        site.run(&format!("UPDATE #__users SET username = '{stored}' WHERE id = 100")).await;
        let server = site.serve().await;
        for name in alike {
            assert_eq!(code(&server, STRANGER, &login(name, "alicepass")).await, "ok", "{name}");
        }
        let mut codes = Vec::new();
        for name in alike {
            codes.push(code(&server, STRANGER, &login(name, "x")).await);
        }
        assert_eq!(codes, ["REL_LIF", "REL_LIF", "REL_LIF", "REL_RLE"], "{collation}");
        assert_eq!(code(&server, OTHER, &login("dup", "x")).await, "REL_LIF");
    }
}

/// All names that no database could hold count as one account.
#[tokio::test]
async fn names_that_are_none_share_a_budget() {
    let server = three().await.serve().await;
    let array = "/packages/post/release/keybyauth/redj_enterprise?username[]=x&password=y";
    let bytes = "/packages/post/release/keybyauth/redj_enterprise?username=%ff%fe&password=y";
    let mut found = Vec::new();
    for target in [array, bytes, array, bytes] {
        found.push(code(&server, STRANGER, target).await);
    }
    assert_eq!(found, ["REL_LIF", "REL_LIF", "REL_LIF", "REL_RLE"]);
}

#[tokio::test]
async fn it_refills_and_can_be_switched_off() {
    let mut site = unlimited().await;
    // This allows two in a second.
    site.config.limits.login_failures = 7200;
    site.config.limits.login_failures_burst = 1;
    let server = site.serve().await;
    assert_eq!(code(&server, STRANGER, &login("alice", "x")).await, "REL_LIF");
    assert_eq!(once_it_refills(&server, STRANGER, &login("alice", "alicepass")).await, "ok");

    // If either number is zero, the limit is off.
    for (tokens, burst) in [(0, 5), (5, 0)] {
        let mut site = unlimited().await;
        site.config.limits.login_failures = tokens;
        site.config.limits.login_failures_burst = burst;
        let server = site.serve().await;
        let failed = codes(&server, STRANGER, &login("alice", "x"), 8).await;
        assert_eq!(failed, vec!["REL_LIF"; 8], "{tokens}, {burst}");
    }
}

/// A token is taken before the password is tried: of a flood, only as many are tried as there are
/// tokens. Afterwards the account owes none.
#[tokio::test]
async fn of_many_wrong_logins_at_once_no_more_than_a_burst_are_tried() {
    let mut site = unlimited().await;
    site.config.limits.login_failures = 30;
    site.config.limits.login_failures_burst = 5;
    site.config.release.login_queue = 1000;
    let server = site.serve().await;
    for name in ["alice", "nobody"] {
        let target = login(name, "x");
        let replies = join_all(
            (1..=60).map(async |nth: u8| ask(&server, &format!("192.0.2.{nth}"), &target).await),
        )
        .await;
        let tried = replies.iter().filter(|reply| reply.code() == "REL_LIF").count();
        let refused = replies.iter().filter(|reply| reply.code() == "REL_RLE").count();
        assert_eq!((tried, refused), (5, 55), "{name}");
        let longest = replies.iter().filter(|reply| reply.code() == "REL_RLE").map(wait).max();
        assert!(longest.is_some_and(|seconds| seconds <= 120), "{name}: {longest:?}");
        let next = ask(&server, OTHER, &target).await;
        assert!(next.code() == "REL_RLE" && wait(&next) <= 120, "{name}: {}", wait(&next));
    }
}

/// A client that is refused because of its address cannot close the account.
#[tokio::test]
async fn an_address_that_is_refused_takes_nothing_from_the_account() {
    let mut site = three().await;
    site.config.limits.address_failures = 1;
    site.config.limits.address_failures_burst = 1;
    let server = site.serve().await;
    assert_eq!(code(&server, STRANGER, &login("nobody", "x")).await, "REL_LIF");
    let refused = codes(&server, STRANGER, &login("alice", "x"), 10).await;
    assert_eq!(refused, vec!["REL_RLE"; 10]);
    assert_eq!(code(&server, OTHER, &login("alice", "alicepass")).await, "ok");
    let mut tried = Vec::new();
    for nth in 1..=4 {
        tried.push(code(&server, &format!("203.0.113.{nth}"), &login("alice", "x")).await);
    }
    assert_eq!(tried, ["REL_LIF", "REL_LIF", "REL_LIF", "REL_RLE"]);
}
