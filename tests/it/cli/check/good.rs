//! A site without faults.

use testkit::smtp_sink::SmtpSink;

use super::super::grants::grant;
use super::web::{Web, jbackend, status};
use super::{Schema, check, report, sound, write_joomla};

/// Starts a web server without faults: packages are closed, the end-point answers.
pub(super) async fn closed() -> Web {
    Web::https(|_, path| if path.starts_with("/files/") { status(403) } else { jbackend() }).await
}

#[tokio::test]
async fn on_mariadb() {
    let mut site = sound(Schema::Joomla5).await;
    let database = site.config.database.name.clone().unwrap();
    grant(&database, Schema::Joomla5, "sound").await;
    site.config.database.user = Some("sound".into());
    site.config.database.password = Some("choose-a-password".into());
    let (sink, web) = (SmtpSink::start().await, closed().await);
    let port = sink.address.port().to_string();
    write_joomla(
        &site,
        &[
            ("mailonline", "1"),
            ("mailer", "smtp"),
            ("smtphost", "127.0.0.1"),
            ("smtpport", &port),
            ("mailfrom", "licenses@example.test"),
        ],
    );
    let arguments = ["--strict", "--public-url", &web.url(), "--insecure"];
    let run = check(&site, "", &arguments).await;
    let text = report(&site, &run).replace(&web.url(), "PUBLIC").replace(&port, "SMTP");
    insta::assert_snapshot!(text);
    assert_eq!(run.code, Some(0));
    assert!(sink.mails().is_empty());
    assert_eq!(
        web.asked(),
        ["GET /packages", "HEAD /files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip"]
    );
}

#[tokio::test]
async fn on_sqlite() {
    let site = sound(Schema::Sqlite).await;
    let web = closed().await;
    let arguments = ["--public-url", &web.url(), "--insecure"];
    let run = check(&site, "", &arguments).await;
    insta::assert_snapshot!(report(&site, &run).replace(&web.url(), "PUBLIC"));
    assert_eq!(run.code, Some(0));
    assert_eq!(check(&site, "", &[&arguments[..], &["--strict"]].concat()).await.code, Some(1));
}

#[tokio::test]
async fn offline_nothing_leaves_the_machine_and_it_is_said() {
    let site = sound(Schema::Sqlite).await;
    let (sink, web) = (SmtpSink::start().await, closed().await);
    let toml = format!(
        "[mail]\ntransport = 'smtp'\nfrom = 'a@example.com'\nsmtp_host = '127.0.0.1'\nsmtp_port = {}\n",
        sink.address.port()
    );
    let run = check(&site, &toml, &["--offline", "--public-url", &web.url()]).await;
    let skipped: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("  skipped")).collect();
    insta::assert_snapshot!(skipped.join("\n"));
    assert_eq!(run.code, Some(0));
    assert!(web.asked().is_empty() && sink.commands().is_empty());
}
