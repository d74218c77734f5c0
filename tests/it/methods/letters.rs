//! `keybyemail` up to the mail server: the recipient, the text, and failures.

use jbackend_bridge::config::values::MailTransport;
use jbackend_bridge::service::App;
use testkit::fixture::Schema;
use testkit::smtp_sink::{Reaction, Script, SmtpSink};
use tokio::time::timeout;

use super::{
    GROUPS, NewUser, PACKAGES, PATIENCE, add_user, expect_codes, key, post, save_settings,
};
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, Site};

const GROUP: &str = "redj_enterprise";

fn send_through(site: &mut Site, address: std::net::SocketAddr) {
    let mail = &mut site.config.mail;
    mail.transport = Some(MailTransport::Smtp);
    mail.smtp_host = Some(address.to_string());
    mail.smtp_security = Some("none".into());
    mail.timeout = 2;
}

fn ask(email: &str) -> String {
    post("keybyemail", GROUP, &[("email", email)])
}

/// A domain that the database takes for the stored one may belong to another person.
#[tokio::test]
async fn the_mail_goes_to_the_stored_address_and_never_to_a_look_alike() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let sink = SmtpSink::start().await;
        let mut site = Site::new(schema).await;
        send_through(&mut site, sink.address);
        let server = site.serve().await;
        let look_alikes = [
            "alice@exämple.test",
            "ALICE@EXAMPLE.TEST",
            "álice@example.test",
            "ａlice@example.test",
            "alice@example.test ",
        ];
        for (sent, count) in look_alikes.iter().zip(1..) {
            assert_eq!(server.code(&ask(sent)).await, "ok", "{sent}");
            let mails = sink.mails();
            assert_eq!(mails.len(), count);
            let mail = mails.last().unwrap();
            assert_eq!(mail.to, ["<alice@example.test>"], "{sent}");
            assert!(mail.data.contains("alice@example.test") && mail.data.contains(ALICE_KEY));
        }
    }
}

#[tokio::test]
async fn on_sqlite_only_ascii_case_may_differ() {
    let sink = SmtpSink::start().await;
    let mut site = Site::new(Schema::Sqlite).await;
    send_through(&mut site, sink.address);
    let server = site.serve().await;
    let requests = [(ask("Mixed.case@EXAMPLE.test"), "ok"), (ask("alice@exämple.test"), "REL_UNF")];
    expect_codes(&server, &requests).await;
    assert_eq!(sink.mails().len(), 1);
    assert_eq!(sink.mails()[0].to, ["<Mixed.Case@Example.TEST>"]);
}

#[tokio::test]
async fn the_letter_names_the_package_group_for_people_or_by_its_id() {
    let server = Site::new(Schema::Joomla5).await.serve().await;
    let requests = [
        (post("keybyemail", GROUP, &[("email", "alice@example.test")]), "ok"),
        (post("keybyemail", "redj_ent", &[("email", "alice@example.test")]), "ok"),
    ];
    expect_codes(&server, &requests).await;
    let mails = server.mails();
    assert!(mails[0].contains("Subject: Recorded Site: your license key for ReDJ Enterprise"));
    assert!(mails[0].contains("Hello Alice,") && mails[0].contains(ALICE_KEY));
    assert!(mails[1].contains("Subject: Recorded Site: your license key for redj_ent\r\n"));
    assert!(mails[1].contains(&key("alice@example.test", "redj_ent", "")));
}

#[tokio::test]
async fn a_mail_server_that_does_not_take_the_mail_is_an_error() {
    let failures = [
        ("CONNECT", Reaction::Reply("554 go away")),
        ("MAIL", Reaction::Reply("550 not you")),
        ("RCPT", Reaction::Reply("550 no such user")),
        ("RCPT", Reaction::Reply("451 come back later")),
        ("DATA", Reaction::Drop),
        (".", Reaction::Reply("552 too much")),
    ];
    for (step, reaction) in failures {
        let log = Log::keep();
        let script = Script { on: vec![(step, reaction)], ..Script::default() };
        let sink = SmtpSink::scripted(script).await;
        let mut site = Site::new(Schema::Sqlite).await;
        send_through(&mut site, sink.address);
        let server = site.serve().await;
        assert_eq!(server.code(&ask("alice@example.test")).await, "REL_ESM", "{step}");
        assert_eq!(log.count(&["the mail with a license key was not sent"]), 1);
        assert!(
            !log.text().contains(ALICE_KEY) && !log.text().contains("alice@"),
            "{}",
            log.text()
        );
    }
}

#[tokio::test]
async fn a_silent_mail_server_is_given_up_in_time() {
    for step in ["CONNECT", "RCPT", "."] {
        let script = Script { on: vec![(step, Reaction::Silence)], ..Script::default() };
        let sink = SmtpSink::scripted(script).await;
        let mut site = Site::new(Schema::Sqlite).await;
        send_through(&mut site, sink.address);
        site.config.mail.timeout = 1;
        let server = site.serve().await;
        let address = ask("alice@example.test");
        let answer = timeout(PATIENCE, server.code(&address)).await;
        assert_eq!(answer.expect("an answer"), "REL_ESM", "{step}");
    }
}

#[tokio::test]
async fn a_mail_server_that_is_gone_is_an_error_until_it_is_back() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let mut site = Site::new(Schema::Sqlite).await;
    send_through(&mut site, address);
    let server = site.serve().await;
    let requests = [
        (ask("alice@example.test"), "REL_ESM"),
        // Refusals come before the mail, and other methods need no mail.
        (ask("bob@example.test"), "REL_ANA"),
        (post("validate", GROUP, &[("email", "alice@example.test"), ("key", ALICE_KEY)]), "ok"),
    ];
    expect_codes(&server, &requests).await;
}

#[tokio::test]
async fn a_site_that_sends_no_mail_says_so() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.mail.transport = Some(MailTransport::Off);
    let server = site.serve().await;
    let requests =
        [(ask("alice@example.test"), "REL_ESM"), (ask("nobody@example.test"), "REL_UNF")];
    expect_codes(&server, &requests).await;
}

#[tokio::test]
async fn mailonline_of_the_site_switches_mail_off() {
    let mut site = Site::new(Schema::Sqlite).await;
    let php = "<?php\nclass JConfig {\n\tpublic $mailonline = false;\n\tpublic $mailer = 'smtp';\n\
               \tpublic $smtphost = 'localhost';\n\tpublic $mailfrom = 'a@example.test';\n}\n";
    std::fs::write(site.folder.path().join("configuration.php"), php).unwrap();
    let toml = site.folder.path().join("bridge.toml");
    std::fs::write(&toml, format!("[joomla]\nroot = \"{}\"\n", site.folder.path().display()))
        .unwrap();
    let loaded = jbackend_bridge::config::load(
        Some(&toml),
        std::iter::empty(),
        &jbackend_bridge::config::Flags::default(),
    );
    site.config.mail = loaded.unwrap().mail;
    let server = site.serve().await;
    assert_eq!(server.code(&ask("alice@example.test")).await, "REL_ESM");
}

#[tokio::test]
async fn names_chosen_by_users_add_nothing_to_a_mail() {
    let sink = SmtpSink::start().await;
    let mut site = Site::new(Schema::Joomla5).await;
    send_through(&mut site, sink.address);
    for (id, name) in [
        (900, "Eve\r\nBcc: victim@example.test\r\n\r\nhello"),
        (901, "<script>alert(1)</script> & \"co\""),
        (902, "victim@example.test, Eve"),
        (903, "{{ key }} {% for x in [1] %}"),
    ] {
        let email = format!("eve{id}@example.test");
        let user = NewUser {
            id,
            name,
            username: &format!("eve{id}"),
            email: &email,
            ..NewUser::default()
        };
        add_user(&site, user).await;
    }
    let server = site.serve().await;
    for id in 900..904 {
        let email = format!("eve{id}@example.test");
        assert_eq!(server.code(&ask(&email)).await, "ok");
        let mail = sink.mails().last().unwrap().clone();
        assert_eq!(mail.to, [format!("<{email}>")]);
        let (head, body) = mail.data.split_once("\r\n\r\n").unwrap();
        let folded = head.replace("\r\n ", " ");
        let named = |name: &str| folded.lines().filter(|line| line.starts_with(name)).count();
        assert_eq!((named("To:"), named("Bcc:"), named("Cc:")), (1, 0, 0), "{head}");
        let html = body.split("text/html").nth(1).unwrap();
        assert!(!html.contains("<script>"), "{html}");
        // The greeting shows the name as it was typed, and does not run it.
        assert!(id != 903 || body.contains("Hello {{ key }} {% for x in [1] %},"), "{body}");
    }
}

#[tokio::test]
async fn an_address_that_is_no_mailbox_gets_no_mail() {
    let sink = SmtpSink::start().await;
    let mut site = Site::new(Schema::Sqlite).await;
    send_through(&mut site, sink.address);
    let email = "a@example.test, b@example.test";
    add_user(&site, NewUser { id: 900, email, ..NewUser::default() }).await;
    let server = site.serve().await;
    assert_eq!(server.code(&ask(email)).await, "REL_ESM");
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn the_operators_templates_replace_ours() {
    let mut site = Site::new(Schema::Sqlite).await;
    let templates = site.folder.path().join("letters");
    std::fs::create_dir(&templates).unwrap();
    let write = |name: &str, text: &str| std::fs::write(templates.join(name), text).unwrap();
    write("subject.txt.j2", "Key of {{ site_name }} / {{ package_group_name }}");
    write("body.txt.j2", "{{ user_name }}+{{ email }}+{{ key }}");
    site.config.mail.templates = Some(templates.clone());
    let server = site.serve().await;
    assert_eq!(server.code(&ask("alice@example.test")).await, "ok");
    let mail = &server.mails()[0];
    assert!(mail.contains("Subject: Key of Recorded Site / ReDJ Enterprise\r\n"), "{mail}");
    assert!(mail.contains(&format!("Alice+alice@example.test+{ALICE_KEY}")), "{mail}");
    // A missing part is left out: the built-in one is in another language.
    assert!(!mail.contains("text/html") && !mail.contains("license key"), "{mail}");

    write("body.txt.j2", "{{ password }}");
    let error = App::start(&server.site.config).await.err().unwrap().to_string();
    assert!(error.contains("body.txt.j2") && error.contains("unknown value `password`"), "{error}");
}

/// The operator chooses the name of a package group, but a letter must not contain their markup
/// either.
#[tokio::test]
async fn a_package_group_name_is_text_in_the_html_part() {
    let site = Site::new(Schema::Sqlite).await;
    let mut groups = GROUPS.to_vec();
    groups.push("shop;12;seed;A & B; <b>C</b>");
    save_settings(&site, &groups, PACKAGES).await;
    let server = site.serve().await;
    let target = post("keybyemail", "shop", &[("email", "alice@example.test")]);
    assert_eq!(server.code(&target).await, "ok");
    let mail = &server.mails()[0];
    assert!(
        mail.contains("Subject: Recorded Site: your license key for A & B; <b>C</b>"),
        "{mail}"
    );
    let html = mail.split("text/html").nth(1).unwrap();
    assert!(!html.contains("<b>C"), "{html}");
    assert!(html.contains("A &amp; B; &lt;b&gt;C"), "{html}");
}
