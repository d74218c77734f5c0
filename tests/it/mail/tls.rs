//! SMTP over TLS: certificates are checked, and nothing falls back to plain text.

use std::fs;

use jbackend_bridge::mail::{MailError, Mailer, Security, SmtpSettings, SmtpStep};
use testkit::smtp_sink::{Reaction, Script, SmtpSink};
use testkit::tls::{recorded, self_signed, vector};

use super::{PASSWORD, host, login, mail, settings, smtp};

/// Makes a certificate authority's file, and a server with a certificate of it for `name`.
fn authority(name: &str) -> (tempfile::NamedTempFile, tokio_rustls::TlsAcceptor) {
    let (certificate, acceptor) = self_signed(name);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), certificate).unwrap();
    (file, acceptor)
}

/// Sends to an encrypting sink whose certificate is for `name`.
async fn send_tls(
    name: &str,
    security: Security,
    is_trusted: bool,
    injected: &'static str,
) -> (SmtpSink, Result<(), MailError>) {
    let (file, acceptor) = authority(name);
    let script = Script {
        tls: Some(acceptor),
        implicit: security == Security::Implicit,
        offers: vec!["AUTH PLAIN"],
        login: Some(("shop", PASSWORD)),
        injected,
        ..Script::default()
    };
    let sink = SmtpSink::scripted(script).await;
    let mailer = smtp(SmtpSettings {
        login: Some(login(PASSWORD)),
        ca_file: is_trusted.then(|| file.path().to_owned()),
        ..settings(vec![host(&sink, security)])
    });
    let outcome = mailer.send(&mail()).await;
    (sink, outcome)
}

#[tokio::test]
async fn encrypted_mail_arrives_and_certificates_are_checked() {
    for security in [Security::StartTls, Security::Implicit] {
        let (sink, outcome) = send_tls("localhost", security, true, "").await;
        outcome.unwrap();
        assert!(sink.mails()[0].encrypted);

        for (name, is_trusted) in [("localhost", false), ("other.example", true)] {
            let (sink, outcome) = send_tls(name, security, is_trusted, "").await;
            let error = outcome.unwrap_err();
            assert!(matches!(error, MailError::Tls { .. }), "{error}");
            assert!(error.to_string().contains("certificate"), "{error}");
            assert!(!sink.commands().contains(&"AUTH".to_owned()), "no password was sent");
        }
    }
}

#[tokio::test]
async fn plain_text_behind_starttls_is_not_believed() {
    let (sink, outcome) = send_tls("localhost", Security::StartTls, true, "250 fake").await;
    let error = outcome.unwrap_err();
    assert!(matches!(error, MailError::Tls { .. }), "{error}");
    assert!(!sink.commands().contains(&"AUTH".to_owned()));
}

#[tokio::test]
async fn required_starttls_is_never_done_without() {
    let sink = SmtpSink::start().await;
    let mailer = smtp(settings(vec![host(&sink, Security::StartTls)]));
    let error = mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(error, MailError::NoStartTls { .. }), "{error}");

    let (_file, acceptor) = authority("localhost");
    let on = vec![("STARTTLS", Reaction::Reply("454 not now"))];
    let refusing =
        SmtpSink::scripted(Script { on, tls: Some(acceptor), ..Script::default() }).await;
    let mailer = smtp(settings(vec![host(&refusing, Security::StartTls)]));
    let error = mailer.send(&mail()).await.unwrap_err();
    assert!(
        matches!(error, MailError::Refused { step: SmtpStep::StartTls, code: 454, .. }),
        "{error}"
    );

    for sink in [sink, refusing] {
        assert!(!sink.commands().contains(&"MAIL".to_owned()));
    }
}

#[tokio::test]
async fn a_plain_server_on_the_encrypted_port_is_an_error() {
    let sink = SmtpSink::start().await;
    let mailer = smtp(settings(vec![host(&sink, Security::Implicit)]));
    let error = mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(error, MailError::PlainThere { .. }), "{error}");
    assert!(sink.mails().is_empty());
}

/// Like Joomla's mailer, `none` uses the encryption that is offered, checks the certificate, and
/// does not go back to plain text.
#[tokio::test]
async fn offered_starttls_is_taken() {
    let (sink, outcome) = send_tls("localhost", Security::None, true, "").await;
    outcome.unwrap();
    assert!(sink.mails()[0].encrypted);
    assert_eq!(sink.commands().iter().filter(|command| *command == "STARTTLS").count(), 1);

    for (name, is_trusted) in [("localhost", false), ("other.example", true)] {
        let (sink, outcome) = send_tls(name, Security::None, is_trusted, "").await;
        let error = outcome.unwrap_err();
        assert!(matches!(error, MailError::Tls { .. }), "{error}");
        assert!(!sink.commands().contains(&"AUTH".to_owned()), "no password was sent");
    }
    let (_, outcome) = send_tls("localhost", Security::None, true, "250 fake").await;
    assert!(matches!(outcome.unwrap_err(), MailError::Tls { .. }));

    let (sink, outcome) = send_tls("localhost", Security::Plain, true, "").await;
    outcome.unwrap();
    assert!(!sink.mails()[0].encrypted);
}

/// A server that begins with TLS sends nothing in plain text, and the other way round.
#[tokio::test]
async fn the_other_kind_of_tls_is_recognised() {
    let (_file, acceptor) = authority("localhost");
    let script = Script { implicit: true, tls: Some(acceptor), ..Script::default() };
    for security in [Security::StartTls, Security::None, Security::Plain] {
        let sink = SmtpSink::scripted(script.clone()).await;
        let settings = settings(vec![host(&sink, security)]);
        let mailer = smtp(SmtpSettings { timeout: super::SHORT, ..settings });
        let error = mailer.send(&mail()).await.unwrap_err();
        assert!(matches!(error, MailError::Timeout { is_mute: true, .. }), "{error}");
        assert!(error.to_string().contains("set `smtpsecure` to `ssl`"), "{error}");
    }
    let sink = SmtpSink::start().await;
    let mailer = smtp(settings(vec![host(&sink, Security::Implicit)]));
    let error = mailer.send(&mail()).await.unwrap_err();
    assert!(error.to_string().contains("set `smtpsecure` to `tls`"), "{error}");
}

/// `openssl` without further options makes a certificate that is its own authority, or one of
/// version 1, which names no authority and no server.
#[tokio::test]
async fn a_certificate_that_is_named_is_trusted_as_itself() {
    let send = async |security, certificate: &str, trusted: &str| {
        let script = Script {
            tls: Some(recorded(certificate, "own.key", rustls::ALL_VERSIONS)),
            implicit: security == Security::Implicit,
            ..Script::default()
        };
        let sink = SmtpSink::scripted(script).await;
        let ca_file = Some(vector(trusted));
        let mailer = smtp(SmtpSettings { ca_file, ..settings(vec![host(&sink, security)]) });
        let outcome = mailer.send(&mail()).await;
        assert_eq!(outcome.is_ok(), sink.mails().iter().any(|mail| mail.encrypted));
        outcome
    };
    for security in [Security::StartTls, Security::Implicit, Security::None] {
        for certificate in
            ["own_v1.pem", "own_v3.pem", "own_v3_ca.pem", "own_v3_leaf.pem", "own_named.pem"]
        {
            send(security, certificate, certificate).await.unwrap();
        }
        for (certificate, trusted) in [
            ("own_v1.pem", "own_v3.pem"),
            ("own_expired.pem", "own_expired.pem"),
            ("own_other_name.pem", "own_other_name.pem"),
        ] {
            let error = send(security, certificate, trusted).await.unwrap_err();
            assert!(matches!(error, MailError::Tls { .. }), "{error}");
        }
    }
}
