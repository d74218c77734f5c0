//! Tokens that count, and those that do not.

use jiff::{Timestamp, ToSpan};
use rusqlite::Connection;

use super::*;

fn file() -> Vec<u8> {
    package("shop", "1.0.0", "[45]")
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let shop = shop().await;
    let made = shop.command(&["token", "create", "--extension", "pkg_shop", "--free"]).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let token = made.stdout.lines().next().unwrap();
    assert!(token.starts_with("jbp_") && token.len() == 68, "{token}");
    assert!(made.stderr.contains("shown this once"), "{}", made.stderr);
    let ledger = fs::read(shop.path("bridge.db")).unwrap();
    let digits = token.as_bytes()[4..].to_vec();
    assert!(!ledger.windows(digits.len()).any(|part| part == digits), "the ledger has its hash");
    let group = ["--group", "redj_enterprise", "--may", "withdraw", "--from", "192.0.2.0/24"];
    assert_ne!(shop.token(&group).await, token);
    let list = shop.json(0, &["token", "list"]).await;
    assert_eq!(list[0]["may"], "stage");
    assert_eq!(list[0]["scope"], serde_json::json!({"extensions": ["pkg_shop"], "group": null}));
    assert_eq!(list[1]["scope"]["group"], "redj_enterprise");
    assert_eq!(
        (&list[1]["state"], &list[1]["networks"][0]),
        (&"active".into(), &"192.0.2.0/24".into())
    );
    let shown = shop.command(&["token", "list"]).await.stdout;
    assert!(
        shown
            .contains("2  active  may withdraw pkg_shop (group redj_enterprise) from 192.0.2.0/24"),
        "{shown}"
    );
    assert_eq!(shop.json(0, &["token", "revoke", "2"]).await["revoked_now"], true);
    assert_eq!(shop.json(0, &["token", "revoke", "2"]).await["revoked_now"], false);
    assert_eq!(shop.json(1, &["token", "revoke", "9"]).await["revoked_now"], Value::Null);
    assert_eq!(shop.json(0, &["token", "list"]).await[1]["state"], "revoked");
}

#[tokio::test]
async fn tokens_that_make_no_sense_are_not_made() {
    let shop = shop().await;
    for (options, reason) in [
        (&["--extension", "pkg_shop"][..], "--group"),
        (&["--free"], "--extension"),
        (&["--extension", "a b", "--free"], "cannot be the element"),
        (&["--extension", "a", "--group", " "], "has no name"),
        (&["--extension", "a", "--free", "--group", "b"], "cannot be used with"),
        (&["--extension", "a", "--free", "--may", "all"], "is not a right"),
        (&["--extension", "a", "--free", "--from", "unix"], "is not a network"),
        (&["--extension", "a", "--free", "--expires", "2020-01-01"], "a day that is over"),
    ] {
        let refused = shop.command(&[&["token", "create"], options].concat()).await;
        assert_eq!(refused.code, Some(2), "{options:?}");
        assert!(refused.stderr.contains(reason), "{options:?}: {}", refused.stderr);
    }
    assert_eq!(shop.json(0, &["token", "list"]).await, serde_json::json!([]));
}

#[tokio::test]
async fn a_token_that_does_not_count_opens_nothing() {
    let shop = shop().await;
    let revoked = shop.token(&[]).await;
    shop.json(0, &["token", "revoke", "1"]).await;
    let service = shop.start().await;
    let missing = service.client.send("PUT", "/packages/releases/x.zip", &[], &file()).await;
    assert!(refusal(401, &missing).contains("Authorization: Bearer"));
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    for wrong in ["jbp_", "x", &format!("jbp_{}", "a".repeat(64))] {
        let reply = upload(&service, wrong, "x.zip", &file()).await;
        assert!(refusal(401, &reply).contains("no such upload token"), "{wrong}");
    }
    let reply = upload(&service, &revoked, "x.zip", &file()).await;
    assert!(refusal(401, &reply).contains("was revoked"));
    assert!(!service.log().contains(&revoked), "no token stands in the log");
    assert_eq!(shop.files(), 0);
}

#[tokio::test]
async fn an_expired_token_stays_expired_when_the_clock_is_set_back() {
    let shop = shop().await;
    let tomorrow = (Timestamp::now() + 24.hours()).strftime("%Y-%m-%d").to_string();
    let token = shop.token(&["--expires", &tomorrow]).await;
    let service = shop.start().await;
    assert_eq!(upload(&service, &token, "x.zip", &file()).await.status, 201);
    // The ledger was used in three days: to it, the clock of today was set back.
    let later = (Timestamp::now() + 72.hours()).as_second();
    let ledger = Connection::open(shop.path("bridge.db")).unwrap();
    ledger.execute("UPDATE tokens SET last_used_at = ?1", [later]).unwrap();
    let reply = upload(&service, &token, "x.zip", &file()).await;
    assert!(refusal(401, &reply).contains("later rows than the server's clock shows"));
    let past = (Timestamp::now() - 24.hours()).as_second();
    ledger.execute("UPDATE tokens SET expires_at = ?1", [past]).unwrap();
    let reply = upload(&service, &token, "x.zip", &file()).await;
    assert!(refusal(401, &reply).contains("has expired on"));
}

#[tokio::test]
async fn a_restore_suspends_tokens_until_they_are_confirmed() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let backup = shop.path("backup.db").display().to_string();
    shop.json(0, &["ledger", "backup", &backup]).await;
    shop.json(0, &["ledger", "restore", &backup]).await;
    let reply = upload(&service, &token, "x.zip", &file()).await;
    assert!(refusal(401, &reply).contains("ledger confirm"));
    assert_eq!(shop.json(0, &["token", "list"]).await[0]["state"], "suspended");
    shop.json(0, &["ledger", "confirm"]).await;
    assert_eq!(upload(&service, &token, "x.zip", &file()).await.status, 201);
    let used = &shop.json(0, &["token", "list"]).await[0]["last_used_at"];
    assert!(used.as_i64().unwrap() > 0);
}

#[tokio::test]
async fn a_token_is_for_its_extensions_and_its_customers() {
    let shop = shop().await;
    let free = shop.token(&["--may", "withdraw"]).await;
    let other = shop.token(&["--extension", "pkg_other", "--may", "withdraw"]).await;
    let paid = shop.token(&["--group", "redj_enterprise", "--may", "withdraw"]).await;
    let service = shop.start().await;
    let reply = upload(&service, &other, "x.zip", &file()).await;
    assert!(refusal(403, &reply).contains("is not for the extension `pkg_shop`"));
    assert_eq!(shop.files(), 0);
    assert_eq!(upload(&service, &free, "x.zip", &file()).await.status, 201);
    for content in [file(), package("shop", "1.1.0", "[45]")] {
        let reply = upload(&service, &paid, "x.zip", &content).await;
        assert!(refusal(403, &reply).contains("package pkg_shop is free"), "{}", reply.text());
    }
    for token in [&other, &paid] {
        let reply = change(&service, token, "pkg_shop-1.0.0", "withdraw").await;
        assert!(refusal(403, &reply).contains("is not for this release"));
    }
    assert_eq!(shop.files(), 1);
}

#[tokio::test]
async fn a_token_counts_from_its_networks() {
    let shop = shop().await;
    let token = shop.token(&["--from", "203.0.113.0/24"]).await;
    let service = shop.start().await;
    let reply = upload(&service, &token, "x.zip", &file()).await;
    assert!(refusal(403, &reply).contains("does not count from 127.0.0.1"));
    let from = |address| [("X-Forwarded-For", address), ("X-Forwarded-Proto", "https")];
    let reply = upload_with(&service, &token, "x.zip", &file(), &from("198.51.100.1")).await;
    refusal(403, &reply);
    let reply = upload_with(&service, &token, "x.zip", &file(), &from("203.0.113.9")).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
}

#[tokio::test]
async fn a_token_in_the_clear_is_refused_and_never_redirected() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let cases: [&[(&str, &str)]; 4] = [
        &[("X-Forwarded-Proto", "http")],
        &[("X-Forwarded-For", "203.0.113.9")],
        &[("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "http")],
        &[("X-Forwarded-For", "127.0.0.1, 203.0.113.9")],
    ];
    for headers in cases {
        let reply = upload_with(&service, &token, "x.zip", &file(), headers).await;
        assert!(refusal(403, &reply).contains("by plain http"), "{headers:?}");
        assert_eq!(reply.header("location"), "");
    }
    drop(service);
    shop.configure("releases.upload = true\nserver.trusted_proxies = ['192.0.2.1']\n");
    let service = shop.start().await;
    let claims = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https")];
    let reply = upload_with(&service, &token, "x.zip", &file(), &claims).await;
    refusal(403, &reply);
    assert_eq!(upload(&service, &token, "x.zip", &file()).await.status, 201);
}

#[tokio::test]
async fn failures_count_for_the_address() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let wrong = format!("jbp_{}", "0".repeat(64));
    let from = |address| [("X-Forwarded-For", address), ("X-Forwarded-Proto", "https")];
    let mut tries = 0;
    let closed = loop {
        let reply = upload_with(&service, &wrong, "x.zip", &file(), &from("203.0.113.9")).await;
        if reply.status != 401 {
            break reply;
        }
        tries += 1;
        assert!(tries < 1000, "it is never closed");
    };
    refusal(429, &closed);
    assert!(closed.header("retry-after").parse::<u64>().unwrap() > 0);
    let reply = upload_with(&service, &token, "x.zip", &file(), &from("203.0.113.9")).await;
    refusal(429, &reply);
    let reply = upload_with(&service, &token, "x.zip", &file(), &from("203.0.113.10")).await;
    assert_eq!(reply.status, 201);
}
