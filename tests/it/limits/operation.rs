//! Limits in a running service: reload, metrics, log.

use jbackend_bridge::config::values::Privacy;
use jbackend_bridge::limits::Limits;
use jbackend_bridge::methods::{Argument, Arguments, Caller, Method, code};
use jbackend_bridge::service::site;
use testkit::client::Client;

use super::{GROUP, STRANGER, WRONG, ask, code, codes, login, mail, post, unlimited, wait};
use crate::common::log::Log;
use crate::common::site::{Server, Site};

/// Makes a site that allows one failure of each kind, and the next one much later.
async fn one_each() -> Site {
    let mut site = unlimited().await;
    let limits = &mut site.config.limits;
    (limits.address_failures, limits.address_failures_burst) = (1, 100);
    (limits.login_failures, limits.login_failures_burst) = (1, 1);
    (limits.mail_requests, limits.mail_requests_burst) = (1, 2);
    (limits.mails, limits.mails_burst) = (1, 1);
    site
}

#[tokio::test]
async fn a_reload_gives_nobody_a_new_budget() {
    let mut site = one_each().await;
    site.config.limits.address_failures_burst = 2;
    let mut server = site.serve().await;
    let target = post("validate", GROUP, WRONG);
    assert_eq!(codes(&server, STRANGER, &login("alice", "x"), 1).await, ["REL_LIF"]);
    assert_eq!(codes(&server, STRANGER, &target, 2).await, ["REL_KNV", "REL_RLE"]);
    assert_eq!(code(&server, "192.0.2.9", &mail("alice@example.test")).await, "ok");
    server.site.config.release.privacy = Privacy::Uniform;
    server.reloader.reload(&server.site.config).await.unwrap();
    assert_eq!(code(&server, STRANGER, &target).await, "REL_RLE");
    assert_eq!(code(&server, "192.0.2.9", &login("alice", "alicepass")).await, "REL_RLE");
    server.site.config.release.privacy = Privacy::Original;
    server.reloader.reload(&server.site.config).await.unwrap();
    assert_eq!(code(&server, "192.0.2.9", &mail("alice@example.test")).await, "REL_RLE");

    // Another number makes another limit; the rest stays.
    server.site.config.limits.address_failures_burst = 3;
    server.reloader.reload(&server.site.config).await.unwrap();
    assert_eq!(
        codes(&server, STRANGER, &target, 4).await,
        ["REL_KNV", "REL_KNV", "REL_KNV", "REL_RLE"]
    );
    assert_eq!(code(&server, "192.0.2.9", &login("alice", "alicepass")).await, "REL_RLE");
    server.site.config.limits.address_failures = 0;
    server.reloader.reload(&server.site.config).await.unwrap();
    assert_eq!(code(&server, STRANGER, &target).await, "REL_KNV");
}

async fn metrics(server: &Server) -> Vec<String> {
    let admin = Client::new(server.admin.as_ref().expect("an admin listener"));
    let text = admin.send("GET", "/metrics", &[], b"").await.text();
    let ours = text.lines().filter(|line| line.starts_with("jbackend_bridge_limit_"));
    ours.map(|line| line.trim_start_matches("jbackend_bridge_").to_owned()).collect()
}

#[tokio::test]
async fn metrics_tell_which_limit_it_was() {
    for privacy in [Privacy::Original, Privacy::Uniform] {
        let mut site = one_each().await;
        site.config.release.privacy = privacy;
        site.config.admin.listen = Some("0".parse().unwrap());
        let server = site.serve().await;
        let before = metrics(&server).await;
        assert!(before.iter().all(|line| line.ends_with(" 0")), "{before:?}");
        assert_eq!(before.len(), 9, "{before:?}");
        codes(&server, STRANGER, &login("alice", "x"), 4).await;
        // The first is one mail, the second a mail too many, the third a request too many.
        codes(&server, STRANGER, &mail("alice@example.test"), 3).await;
        let after = metrics(&server).await;
        for line in [
            "limit_refusals_total{limit=\"address_failures\"} 0",
            "limit_refusals_total{limit=\"login_failures\"} 3",
            "limit_refusals_total{limit=\"mail_requests\"} 1",
            "limit_refusals_total{limit=\"mails\"} 1",
            "limit_refusals_total{limit=\"login_queue\"} 0",
            "limit_entries{limit=\"address_failures\"} 1",
            "limit_entries{limit=\"login_failures\"} 2",
            "limit_entries{limit=\"mail_requests\"} 1",
            "limit_entries{limit=\"mails\"} 1",
        ] {
            assert!(after.iter().any(|found| found == line), "{line}: {after:#?}");
        }
    }
}

#[tokio::test]
async fn the_log_has_code_and_address() {
    let log = Log::keep();
    let server = one_each().await.serve().await;
    codes(&server, STRANGER, &login("alice", "x"), 2).await;
    let refused = ["code=\"REL_RLE\"", "resource=\"keybyauth\"", "client=\"192.0.2.1\""];
    assert_eq!(log.count(&refused), 1, "{}", log.text());
}

/// The queue of logins is a limit, too.
#[tokio::test]
async fn who_finds_the_login_queue_full_is_told_to_wait() {
    let mut site = unlimited().await;
    site.config.release.login_queue = 0;
    // A verification at cost 13 is slow and runs to its end before it fails.
    let dear = "$2y$13$q7ps9Vf0ioZx/afQQDx1dex2gDGJNqwIbMXtK21pBJfdN/LrfEVgu";
    site.run(&format!("UPDATE #__users SET password = '{dear}' WHERE id = 100")).await;
    let server = site.serve().await;
    let target = login("alice", "x");
    let replies =
        futures_util::future::join_all((0..12).map(|_| ask(&server, STRANGER, &target))).await;
    let refused: Vec<_> = replies.iter().filter(|reply| reply.code() == "REL_RLE").collect();
    assert!(!refused.is_empty());
    assert!(refused.iter().all(|reply| wait(reply) == 1));
}

/// Shadow mode and `explain` compute answers that no client gets.
#[tokio::test]
async fn answers_that_nobody_gets_neither_count_nor_are_limited() {
    let site = one_each().await;
    let site::OpenSite { release, view, .. } = site::OpenSite::open(&site.config).await.unwrap();
    let unlimited = Limits::default();
    let text = |text: &str| Argument::Text(text.into());
    let arguments = Arguments {
        id: text(GROUP),
        email: text("alice@example.test"),
        key: text("x"),
        dlid: Argument::Absent,
        username: text("alice"),
        password: text("x"),
        password_as_sent: None,
    };
    for _ in 0..5 {
        for (method, expected) in [
            (Method::KeyByEmail, None),
            (Method::KeyByAuth, Some(code::LOGIN_FAILED)),
            (Method::Validate, Some(code::KEY_NOT_VALID)),
        ] {
            let refusal = release
                .rehearse(&view, method, &arguments, &mut Caller::new(None, &unlimited))
                .await
                .err();
            assert_eq!(refusal.map(|refusal| refusal.code), expected, "{method:?}");
        }
    }
    assert!(release.limits.entries().iter().all(|(_, entries)| *entries == 0));
}
