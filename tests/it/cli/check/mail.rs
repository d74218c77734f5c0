//! The transport of mails.

use testkit::smtp_sink::{Reaction, Script, SmtpSink};

use super::{Schema, Site, check, findings, sound};

fn smtp(sink: &SmtpSink) -> String {
    format!(
        "[mail]\ntransport = 'smtp'\nfrom = 'a@example.com'\ntimeout = 1\nsmtp_host = '127.0.0.1'\n\
         smtp_port = {}\n",
        sink.address.port()
    )
}

async fn found(site: &Site, sink: &SmtpSink, arguments: &[&str]) -> String {
    let found = findings(site, &smtp(sink), arguments, "mail").await;
    found.replace(&sink.address.to_string(), "SMTP")
}

#[tokio::test]
async fn a_test_mail_is_sent_when_it_is_asked_for() {
    let site = sound(Schema::Sqlite).await;
    let sink = SmtpSink::start().await;
    assert!(found(&site, &sink, &[]).await.starts_with("notice: no mail was sent"));
    assert_eq!(sink.commands(), ["CONNECT", "EHLO", "QUIT"]);
    assert!(sink.mails().is_empty());

    assert_eq!(found(&site, &sink, &["--send-test", "me@example.com"]).await, "");
    let mails = sink.mails();
    assert_eq!((mails.len(), mails[0].to.as_slice()), (1, &["<me@example.com>".to_owned()][..]));
    assert!(mails[0].data.contains("Subject: Test mail: Recorded Site"), "{}", mails[0].data);

    let bad = found(&site, &sink, &["--send-test", "me@example.com, you@example.com"]).await;
    insta::assert_snapshot!(bad, @r##"
error: no test mail was sent: `me@example.com, you@example.com` is not one e-mail address
  at `--send-test`
  → write it as `name@example.com`
"##);
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn the_test_mail_can_be_the_letter() {
    let site = sound(Schema::Sqlite).await;
    let sink = SmtpSink::start().await;
    let send = ["--send-test", "me@example.com", "--letter"];
    let letter = async |group| found(&site, &sink, &[&send[..], &[group]].concat()).await;
    assert_eq!(letter("redj_enterprise").await, "");
    let mail = sink.mails().pop().unwrap();
    assert_eq!(mail.to, ["<me@example.com>"]);
    for part in [
        "Subject: Recorded Site: your license key for ReDJ Enterprise\r\n",
        "Hello Sample User,",
        "\r\nSAMPLE-KEY-OPENS-NOTHING-0000000\r\n",
        "\r\n0:SAMPLE-KEY-OPENS-NOTHING-0000000\r\n",
        "<code>SAMPLE-KEY-OPENS-NOTHING-0000000</code>",
    ] {
        assert!(mail.data.contains(part), "{part}: {}", mail.data);
    }

    insta::assert_snapshot!(letter("redj").await, @r##"
    error: there is no package group `redj`
      at `--letter`
      → name one of `redj_enterprise`
    error: no test mail was sent: there is no letter
      at `--letter`
      → correct what is named above, or leave `--letter` out for a mail without it
    "##);
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn half_a_set_of_templates_is_told_and_sent_as_it_is() {
    let site = sound(Schema::Sqlite).await;
    let sink = SmtpSink::start().await;
    let folder = site.folder.path().join("letters");
    std::fs::create_dir(&folder).unwrap();
    let toml = smtp(&sink) + &format!("templates = '{}'\n", folder.display());
    let send = ["--send-test", "me@example.com", "--letter", "redj_enterprise"];
    std::fs::write(folder.join("subject.txt.j2"), "Ihr Code").unwrap();
    let subject = findings(&site, &toml, &send, "mail").await;
    std::fs::remove_file(folder.join("subject.txt.j2")).unwrap();
    std::fs::write(folder.join("body.html.j2"), "<p>Ihr Code: {{ key }}</p>").unwrap();
    let html = findings(&site, &toml, &send, "mail").await;
    insta::assert_snapshot!([subject, html].join("\n---\n"), @r"
    warning: `DIR/letters/subject.txt.j2` is not used, since no body of yours goes with it
      at `mail.templates`
      → add `body.txt.j2` and `body.html.j2`, or remove it
    ---
    warning: `DIR/letters` holds half a letter, with a subject of values alone and without a text part
      at `mail.templates`
      → add `subject.txt.j2`, `body.txt.j2`
    ");
    let mails = sink.mails();
    assert!(mails[0].data.contains("license key") && !mails[0].data.contains("Ihr Code"));
    assert!(mails[1].data.contains("<p>Ihr Code: SAMPLE-KEY-OPENS-NOTHING-0000000</p>"));
    assert!(!mails[1].data.contains("license key") && !mails[1].data.contains("text/plain"));
}

#[tokio::test]
async fn servers_that_do_not_take_us() {
    let site = sound(Schema::Sqlite).await;
    let script = |step, reaction| Script { on: vec![(step, reaction)], ..Script::default() };
    let refusing = SmtpSink::scripted(script("EHLO", Reaction::Reply("554 no service"))).await;
    let silent = SmtpSink::scripted(script("CONNECT", Reaction::Silence)).await;
    let choosy = SmtpSink::scripted(script("RCPT", Reaction::Reply("550 no such user"))).await;
    let refused = found(&site, &refusing, &[]).await;
    let timeout = found(&site, &silent, &[]).await;
    let unknown = found(&site, &choosy, &["--send-test", "me@example.com"]).await;
    insta::assert_snapshot!(format!("{refused}\n---\n{timeout}\n---\n{unknown}"), @r##"
error: mail server `SMTP` refused the greeting with SMTP code 554 (permanent)
  at mail server `SMTP`
  → see whether it accepts mail from this machine
notice: no mail was sent
  at -
  → send one to yourself with `--send-test YOUR-ADDRESS`
---
error: mail server `SMTP` did not finish within 1 s: it took the connection and said nothing, as a server does that begins with TLS (mostly on port 465)
  at mail server `SMTP`
  → set `smtpsecure` to `ssl`, or take the port for STARTTLS, mostly 587
notice: no mail was sent
  at -
  → send one to yourself with `--send-test YOUR-ADDRESS`
---
error: the test mail was not sent: mail server `SMTP` refused the recipient with SMTP code 550 (permanent)
  at -
  → see the server's log for the recipient
"##);
}

#[tokio::test]
async fn a_second_server_takes_the_place_of_the_first() {
    let site = sound(Schema::Sqlite).await;
    let sink = SmtpSink::start().await;
    let hosts = format!("smtp_host = '127.0.0.1:1;127.0.0.1:{}'\n", sink.address.port());
    let toml = format!("[mail]\ntransport = 'smtp'\nfrom = 'a@example.com'\n{hosts}");
    let run = check(&site, &toml, &["--json"]).await;
    assert!(run.stdout.contains("takes us") && run.code == Some(0), "{}", run.stdout);
    assert!(findings(&site, &toml, &[], "mail").await.starts_with("warning: cannot connect"));
}

#[tokio::test]
async fn other_transports() {
    let site = sound(Schema::Sqlite).await;
    let toml = "[mail]\nfrom = 'a@example.com'\ntransport = ";
    let missing = format!("{toml}'sendmail'\nsendmail = '/nowhere/sendmail'\n");
    let sendmail = findings(&site, &missing, &[], "mail").await;
    let file = format!("{toml}'file'\noutbox = '/proc/nowhere'\n");
    let file = findings(&site, &file, &[], "mail").await;
    let security = format!("{toml}'smtp'\nsmtp_security = 'quite'\n");
    let security = findings(&site, &security, &[], "mail").await;
    let templates = format!("{toml}'off'\ntemplates = '/nowhere'\n");
    let templates = findings(&site, &templates, &["--send-test", "me@example.com"], "mail").await;
    insta::assert_snapshot!([sendmail, file, security, templates].join("\n---\n"), @r##"
error: cannot run the sendmail program `/nowhere/sendmail`: No such file or directory (os error 2)
  at program `/nowhere/sendmail`
  → install one, set `sendmail` to its path, or set `mailer` to `smtp`
notice: no mail was sent
  at -
  → send one to yourself with `--send-test YOUR-ADDRESS`
---
warning: mails become files and reach nobody
  at `mail.transport`
  → set `transport` in `[mail]` to `smtp` or `sendmail` before going live
notice: no mail was sent
  at -
  → send one to yourself with `--send-test YOUR-ADDRESS`
---
error: mails cannot be sent: `smtpsecure` has an unknown value
  at `[mail]`
  → use `none`, `ssl` or `tls`
---
error: `/nowhere` is no folder with letter templates
  at `mail.templates`
  → create it, or leave the setting out
warning: mail is switched off: keybyemail answers REL_ESM
  at `mail.transport`, or `mailonline` in configuration.php
  → switch mail on in Joomla, or set `transport` in `[mail]`
error: the test mail was not sent: mail is switched off
  at `--send-test`
  → switch mail on first
"##);
}
