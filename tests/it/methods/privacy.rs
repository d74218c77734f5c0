//! `privacy = "uniform"`: answers do not tell which accounts exist.

use jbackend_bridge::config::values::{MailTransport, Privacy};
use testkit::fixture::Schema;
use testkit::smtp_sink::SmtpSink;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::{NewUser, add_user, eventually, expect_codes, key, post};
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, PAID_FILE, Site};

const GROUP: &str = "redj_enterprise";

async fn uniform(schema: Schema) -> Site {
    let mut site = Site::new(schema).await;
    site.config.release.privacy = Privacy::Uniform;
    site
}

fn ask(email: &str) -> String {
    post("keybyemail", GROUP, &[("email", email)])
}

#[tokio::test]
async fn unknown_blocked_unauthorised_and_wrong_key_are_one_answer() {
    let server = uniform(Schema::Joomla5).await.serve().await;
    for (resource, id) in
        [("validate", GROUP), ("verify", "redj_ent_190"), ("download", "redj_ent_190")]
    {
        let mut bodies = Vec::new();
        for who in ["nobody", "carol", "bob", "alice", "dup", "frank", ""] {
            let email = format!("{who}@example.test");
            let right = key(&email, GROUP, "HASH123KEY456");
            // The right key would be accepted for Alice and for the enabled account of `dup`.
            let key = if matches!(who, "alice" | "dup") { "x" } else { &right };
            let params = [("email", email.as_str()), ("key", key)];
            bodies.push(server.json(&post(resource, id, &params)).await);
        }
        let array = post(resource, id, &[("email[]", "x"), ("key", "x")]);
        bodies.push(server.json(&array).await);
        let one = r#"{"status":"ko","error_code":"REL_KNV","error_description":"Key not valid"}"#;
        assert_eq!(bodies, vec![one; bodies.len()], "{resource}");
    }
    let right = [("email", "alice@example.test"), ("key", ALICE_KEY)];
    let before = [
        (post("validate", GROUP, &right), "ok"),
        (post("verify", "redj_ent_190", &right), "ok"),
        // Answers that tell nothing about accounts stay the same.
        (post("validate", "unknown", &right), "REL_GNF"),
        (post("validate", GROUP, &[]), "REL_ENS"),
        (post("validate", GROUP, &[("email", "x")]), "REL_KNS"),
        (post("download", "gone", &[]), "REL_FNF"),
    ];
    expect_codes(&server, &before).await;
    assert_eq!(server.get(&post("download", "redj_ent_190", &right)).await.body, PAID_FILE);
}

#[tokio::test]
async fn keybyemail_is_always_ok_and_mails_those_who_may() {
    let server = uniform(Schema::Joomla5).await.serve().await;
    let requests = [
        (ask("nobody@example.test"), "ok"),
        (ask("carol@example.test"), "ok"),
        (ask("bob@example.test"), "ok"),
        (ask(""), "ok"),
        (post("keybyemail", GROUP, &[("email[]", "x")]), "ok"),
        (ask("alice@example.test"), "ok"),
        (ask("dup@example.test"), "ok"),
        (post("keybyemail", "unknown", &[("email", "alice@example.test")]), "REL_GNF"),
        (post("keybyemail", GROUP, &[]), "REL_ENS"),
    ];
    expect_codes(&server, &requests).await;
    eventually("two mails", || server.mails().len() == 2).await;
    let mails = server.mails().concat();
    assert!(mails.contains(ALICE_KEY), "{mails}");
    assert!(mails.contains(&key("dup@example.test", GROUP, "HASH123KEY456")));
}

#[tokio::test]
async fn keybyauth_speaks_of_an_account_only_after_its_password() {
    let server = uniform(Schema::Joomla5).await.serve().await;
    let login =
        |name, password| post("keybyauth", GROUP, &[("username", name), ("password", password)]);
    let requests = [
        (login("nobody", "x"), "REL_LIF"),
        (login("carol", "x"), "REL_LIF"),
        (login("bob", "x"), "REL_LIF"),
        (login("carol", "carolpass"), "REL_UNE"),
        (login("bob", "bobpass"), "REL_ANA"),
        (login("alice", "alicepass"), "ok"),
    ];
    expect_codes(&server, &requests).await;
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_shows_in_the_log_alone() {
    let log = Log::keep();
    let mut site = uniform(Schema::Sqlite).await;
    site.config.mail.transport = Some(MailTransport::Off);
    let server = site.serve().await;
    assert_eq!(server.code(&ask("alice@example.test")).await, "ok");
    eventually("the failure is logged", || {
        log.count(&["the mail with a license key was not sent"]) == 1
    })
    .await;
}

/// Any answer other than `ok` would tell that the address has an account.
#[tokio::test]
async fn a_key_that_cannot_be_made_shows_in_the_log_alone() {
    for (privacy, code) in [(Privacy::Uniform, "ok"), (Privacy::Original, "REL_RGE")] {
        let log = Log::keep();
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.release.privacy = privacy;
        // This recipe makes an empty key for an account without a name.
        site.config.license.recipe = Some("trim($name)".into());
        add_user(&site, NewUser { id: 900, name: " ", ..NewUser::default() }).await;
        let server = site.serve().await;
        assert_eq!(server.code(&ask("somebody@example.test")).await, code);
        eventually("the failure is logged", || log.count(&["no license key can be made"]) == 1)
            .await;
        assert!(server.mails().is_empty());
    }
}

/// The answer `ok` has promised the mail. A gate in front of the mail server holds it back until
/// the bridge has been told to stop.
#[tokio::test]
async fn a_stop_waits_for_the_mails_that_were_promised() {
    let sink = SmtpSink::start().await;
    let gate = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut site = uniform(Schema::Sqlite).await;
    site.config.mail.transport = Some(MailTransport::Smtp);
    site.config.mail.smtp_host = Some(gate.local_addr().unwrap().to_string());
    site.config.mail.smtp_security = Some("none".into());
    site.config.mail.timeout = 10;
    site.config.server.shutdown_deadline = 20;
    let mut server = site.serve().await;
    assert_eq!(server.code(&ask("alice@example.test")).await, "ok");
    let (mut waiting, _) = gate.accept().await.unwrap();
    let (open, opened) = oneshot::channel();
    let address = sink.address;
    let passage = tokio::spawn(async move {
        opened.await.unwrap();
        let mut behind = TcpStream::connect(address).await.unwrap();
        let _ = copy_bidirectional(&mut waiting, &mut behind).await;
    });
    server.tell_to_stop();
    open.send(()).unwrap();
    server.stopped().await;
    assert_eq!(sink.mails().len(), 1, "the stop did not wait");
    passage.await.unwrap();
}
