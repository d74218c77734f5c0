//! The limits of requests for key mails, and of the mails themselves.

use std::time::{Duration, Instant};

use jbackend_bridge::config::values::{MailTransport, Privacy};
use testkit::smtp_sink::{Reaction, Script, SmtpSink};

use super::{OTHER, PATIENCE, STRANGER, ask, code, codes, mail, once_it_refills, unlimited, wait};
use crate::common::log::Log;
use crate::common::site::{Server, Site};

const ALICE: &str = "alice@example.test";

async fn three_requests() -> Site {
    let mut site = unlimited().await;
    site.config.limits.mail_requests = 1;
    site.config.limits.mail_requests_burst = 3;
    site
}

async fn two_mails() -> Site {
    let mut site = unlimited().await;
    site.config.limits.mails = 1;
    site.config.limits.mails_burst = 2;
    site
}

/// The limit holds for existing accounts and for none, under both kinds of privacy.
#[tokio::test]
async fn requests_are_limited_for_each_email() {
    for privacy in [Privacy::Original, Privacy::Uniform] {
        for (email, original) in
            [(ALICE, "ok"), ("nobody@example.test", "REL_UNF"), ("carol@example.test", "REL_UNE")]
        {
            let mut site = three_requests().await;
            site.config.release.privacy = privacy;
            let server = site.serve().await;
            let first = if privacy == Privacy::Uniform { "ok" } else { original };
            let mut found = Vec::new();
            for spelling in [email.to_owned(), email.to_uppercase(), email.replace('e', "E")] {
                found.push(code(&server, STRANGER, &mail(&spelling)).await);
            }
            assert_eq!(found, [first; 3], "{email}");
            let reply = ask(&server, OTHER, &mail(email)).await;
            assert_eq!(reply.code(), "REL_RLE", "{email}");
            assert!((3500..=3600).contains(&wait(&reply)), "{}", wait(&reply));
            assert_eq!(code(&server, STRANGER, &mail("dup@example.test")).await, "ok");
        }
    }
}

/// All spellings reach one mailbox.
#[tokio::test]
async fn mails_are_limited_for_each_account() {
    let server = two_mails().await.serve().await;
    let mut found = Vec::new();
    for spelling in [ALICE, "ALICE@example.test", "alice@EXAMPLE.test"] {
        found.push(code(&server, STRANGER, &mail(spelling)).await);
    }
    assert_eq!(found, ["ok", "ok", "REL_RLE"]);
    assert!((3500..=3600).contains(&wait(&ask(&server, OTHER, &mail(ALICE)).await)));
    assert_eq!(server.mails().len(), 2);
    assert_eq!(code(&server, STRANGER, &mail("dup@example.test")).await, "ok");
    assert_eq!(server.mails().len(), 3);
    // Without an account there is no mail, and no limit.
    let nobody = codes(&server, STRANGER, &mail("nobody@example.test"), 5).await;
    assert_eq!(nobody, vec!["REL_UNF"; 5]);
}

#[tokio::test]
async fn uniform_answers_do_not_tell_of_mails_that_are_not_sent() {
    let log = Log::keep();
    let mut site = two_mails().await;
    site.config.release.privacy = Privacy::Uniform;
    let server = site.serve().await;
    let mut replies = Vec::new();
    for email in [ALICE, ALICE, ALICE, ALICE, "nobody@example.test"] {
        let reply = ask(&server, STRANGER, &mail(email)).await;
        assert!(!reply.headers.contains_key("retry-after"));
        replies.push(reply.text());
    }
    assert_eq!(replies, [r#"{"status":"ok"}"#; 5]);
    assert_eq!(log.count(&["too many mails with its key"]), 2);
    // The mail to another account comes after those to Alice.
    assert_eq!(code(&server, STRANGER, &mail("dup@example.test")).await, "ok");
    await_mails(&server, 3).await;
    assert_eq!(server.mails().concat().matches("To: Alice").count(), 2);
}

async fn await_mails(server: &Server, count: usize) {
    let started = Instant::now();
    while server.mails().len() < count {
        assert!(started.elapsed() < PATIENCE, "{} mails", server.mails().len());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn both_refill() {
    for requests in [true, false] {
        let mut site = unlimited().await;
        let limits = &mut site.config.limits;
        // This allows two in a second.
        if requests {
            (limits.mail_requests, limits.mail_requests_burst) = (7200, 1);
        } else {
            (limits.mails, limits.mails_burst) = (7200, 1);
        }
        let server = site.serve().await;
        assert_eq!(code(&server, STRANGER, &mail(ALICE)).await, "ok");
        assert_eq!(once_it_refills(&server, STRANGER, &mail(ALICE)).await, "ok");
        assert_eq!(server.mails().len(), 2);
    }
}

#[tokio::test]
async fn both_can_be_switched_off() {
    let server = unlimited().await.serve().await;
    assert_eq!(codes(&server, STRANGER, &mail(ALICE), 40).await, vec!["ok"; 40]);
    assert_eq!(server.mails().len(), 40);
}

/// Starts a mail server that refuses every message.
pub(super) async fn unwilling_sink() -> SmtpSink {
    let on = vec![("RCPT", Reaction::Reply("451 later"))];
    SmtpSink::scripted(Script { on, ..Script::default() }).await
}

pub(super) fn send_to(site: &mut Site, sink: &SmtpSink) {
    site.config.mail.transport = Some(MailTransport::Smtp);
    site.config.mail.smtp_host = Some(sink.address.to_string());
    site.config.mail.smtp_security = Some("none".into());
}

/// A mail that does not arrive fills no mailbox.
#[tokio::test]
async fn failed_sends_do_not_count() {
    for privacy in [Privacy::Original, Privacy::Uniform] {
        let log = Log::keep();
        let sink = unwilling_sink().await;
        let mut site = two_mails().await;
        site.config.release.privacy = privacy;
        send_to(&mut site, &sink);
        let server = site.serve().await;
        let failed = if privacy == Privacy::Uniform { "ok" } else { "REL_ESM" };
        for nth in 1..=5 {
            assert_eq!(code(&server, STRANGER, &mail(ALICE)).await, failed);
            let started = Instant::now();
            while log.count(&["the mail with a license key was not sent"]) < nth {
                assert!(started.elapsed() < PATIENCE, "mail {nth} was not tried");
                tokio::task::yield_now().await;
            }
        }
        sink.follow(Script::default());
        assert_eq!(codes(&server, STRANGER, &mail(ALICE), 2).await, ["ok"; 2]);
        let third = if privacy == Privacy::Uniform { "ok" } else { "REL_RLE" };
        assert_eq!(code(&server, STRANGER, &mail(ALICE)).await, third);
        let started = Instant::now();
        while sink.mails().len() < 2 {
            assert!(started.elapsed() < PATIENCE, "{} mails", sink.mails().len());
            tokio::task::yield_now().await;
        }
    }
}

/// A refused address spends none of the budgets of the accounts that it names.
#[tokio::test]
async fn a_refused_address_takes_nothing_from_an_account() {
    let mut site = three_requests().await;
    site.config.limits.address_failures = 1;
    site.config.limits.address_failures_burst = 1;
    let server = site.serve().await;
    assert_eq!(code(&server, STRANGER, &mail("nobody@example.test")).await, "REL_UNF");
    assert_eq!(codes(&server, STRANGER, &mail(ALICE), 5).await, vec!["REL_RLE"; 5]);
    assert_eq!(codes(&server, OTHER, &mail(ALICE), 3).await, vec!["ok"; 3]);
}
