//! SMTP in plain text: replies, silence, broken connections, several servers, logins.

use std::time::Duration;

use jbackend_bridge::mail::{MailError, Mailer, Security, SmtpHost, SmtpSettings, SmtpStep};
use testkit::smtp_sink::{Reaction, Script, SmtpSink};

use tokio::time::timeout;

use super::{PASSWORD, SHORT, host, login, mail, settings, smtp};

/// Stops a test that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends the usual mail to a sink with a script, in plain text.
async fn send_plain(script: Script) -> (SmtpSink, Result<(), MailError>) {
    let sink = SmtpSink::scripted(script).await;
    let outcome = smtp(settings(vec![host(&sink, Security::None)])).send(&mail()).await;
    (sink, outcome)
}

#[tokio::test]
async fn a_refusal_names_the_step_and_the_code_and_nobody() {
    for (at, reply, step, code, class) in [
        ("CONNECT", "554 user123@example.com go away", SmtpStep::Greeting, 554, "permanent"),
        ("EHLO", "421 busy", SmtpStep::Greeting, 421, "temporary"),
        ("MAIL", "550 shop@site.example unknown", SmtpStep::From, 550, "permanent"),
        ("RCPT", "550 <user123@example.com> unknown", SmtpStep::Recipient, 550, "permanent"),
        ("RCPT", "451 user123@example.com greylisted", SmtpStep::Recipient, 451, "temporary"),
        ("DATA", "452 full", SmtpStep::Message, 452, "temporary"),
        ("DATA", "250 what", SmtpStep::Message, 250, "unexpected"),
        (".", "554-spam from\r\n554 user123@example.com", SmtpStep::Message, 554, "permanent"),
        (".", "354 again", SmtpStep::Message, 354, "unexpected"),
    ] {
        let on = vec![(at, Reaction::Reply(reply))];
        let (sink, outcome) = send_plain(Script { on, ..Script::default() }).await;
        let error = outcome.unwrap_err();
        let text = format!("{error} {error:?}");
        let MailError::Refused { step: told, code: coded, .. } = error else {
            panic!("{at}: {text}")
        };
        assert_eq!((told, coded), (step, code));
        assert!(
            text.contains(class) && text.contains(&format!("localhost:{}", sink.address.port()))
        );
        assert!(!text.contains("example"), "{text}");
        assert!(sink.mails().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_in_time() {
    for at in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let on = vec![(at, Reaction::Silence)];
        let sink = SmtpSink::scripted(Script { on, ..Script::default() }).await;
        let hosts = vec![host(&sink, Security::None)];
        let mailer = smtp(SmtpSettings { timeout: SHORT, ..settings(hosts) });
        let outcome = timeout(PATIENCE, mailer.send(&mail())).await.expect("an end");
        let error = outcome.unwrap_err();
        assert!(matches!(error, MailError::Timeout { .. }), "{at}: {error}");
        assert!(error.to_string().contains("within 0.8 s"), "{error}");
        assert!(sink.commands().iter().any(|command| command == at), "{at} was not reached");
    }
}

#[tokio::test]
async fn a_server_that_breaks_off_or_talks_nonsense_is_an_error() {
    for at in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for reaction in [Reaction::Drop, Reaction::Reply("nonsense"), Reaction::Reply("")] {
            let on = vec![(at, reaction)];
            let (_sink, outcome) = send_plain(Script { on, ..Script::default() }).await;
            let error = outcome.unwrap_err();
            assert!(matches!(error, MailError::Broken { .. }), "{at}: {error}");
        }
    }
}

/// In the middle of the message the server may disconnect or fall silent; then it has not accepted
/// the message.
#[tokio::test]
async fn a_server_that_goes_within_the_message_has_not_taken_it() {
    for reaction in [Reaction::Drop, Reaction::Reply("554 enough"), Reaction::Silence] {
        let on = vec![("LINE", reaction)];
        let sink = SmtpSink::scripted(Script { on, ..Script::default() }).await;
        let hosts = vec![host(&sink, Security::None)];
        let mailer = smtp(SmtpSettings { timeout: SHORT, ..settings(hosts) });
        let error = mailer.send(&mail()).await.unwrap_err();
        let is_right = match reaction {
            Reaction::Drop => matches!(error, MailError::Broken { step: SmtpStep::Message, .. }),
            Reaction::Reply(_) => {
                matches!(error, MailError::Refused { step: SmtpStep::Message, code: 554, .. })
            }
            _ => matches!(error, MailError::Timeout { .. }),
        };
        assert!(is_right, "{error}");
    }
}

/// The length of the line ends it, not a time limit.
#[tokio::test]
async fn regression_a_line_without_end_was_kept_in_memory() {
    for at in ["CONNECT", "EHLO", "DATA", "."] {
        let on = vec![(at, Reaction::Endless)];
        let sink = SmtpSink::scripted(Script { on, ..Script::default() }).await;
        let mailer = smtp(settings(vec![host(&sink, Security::None)]));
        let error = mailer.send(&mail()).await.unwrap_err();
        assert!(matches!(error, MailError::Broken { .. }), "{at}: {error}");
    }
}

#[tokio::test]
async fn accepted_is_accepted_whatever_happens_at_the_good_bye() {
    for reaction in [Reaction::Drop, Reaction::Silence, Reaction::Reply("500 no")] {
        let on = vec![("QUIT", reaction)];
        let (sink, outcome) = send_plain(Script { on, ..Script::default() }).await;
        outcome.unwrap();
        assert_eq!(sink.mails().len(), 1);
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for security in [Security::None, Security::StartTls, Security::Implicit] {
        let host = SmtpHost { host: "localhost".to_owned(), port, security };
        let error = smtp(settings(vec![host])).send(&mail()).await.unwrap_err();
        assert!(matches!(error, MailError::Connect { .. }), "{error}");
        assert!(error.to_string().contains(&format!("`localhost:{port}`")), "{error}");
    }
}

#[tokio::test]
async fn the_next_server_is_asked_when_one_cannot_be_used() {
    for on in [
        ("CONNECT", Reaction::Silence),
        ("CONNECT", Reaction::Drop),
        ("EHLO", Reaction::Reply("421 busy")),
    ] {
        let bad = SmtpSink::scripted(Script { on: vec![on], ..Script::default() }).await;
        let good = SmtpSink::start().await;
        let hosts = vec![host(&bad, Security::None), host(&good, Security::None)];
        smtp(settings(hosts)).send(&mail()).await.unwrap();
        assert_eq!(good.mails().len(), 1);
    }
}

#[tokio::test]
async fn a_message_on_its_way_is_not_sent_again_elsewhere() {
    for on in [("RCPT", Reaction::Reply("451 later")), (".", Reaction::Drop)] {
        let bad = SmtpSink::scripted(Script { on: vec![on], ..Script::default() }).await;
        let good = SmtpSink::start().await;
        let hosts = vec![host(&bad, Security::None), host(&good, Security::None)];
        smtp(settings(hosts)).send(&mail()).await.unwrap_err();
        assert!(good.commands().is_empty());
    }
}

#[tokio::test]
async fn logs_in_by_each_mechanism() {
    for mechanism in ["AUTH PLAIN LOGIN", "AUTH LOGIN", "AUTH CRAM-MD5", "AUTH=DIGEST-MD5 CRAM-MD5"]
    {
        for (password, code) in [(PASSWORD, None), ("wrong", Some(535))] {
            let script = Script {
                offers: vec![mechanism],
                login: Some(("shop", PASSWORD)),
                ..Script::default()
            };
            let sink = SmtpSink::scripted(script).await;
            let hosts = vec![host(&sink, Security::None)];
            let mailer = smtp(SmtpSettings { login: Some(login(password)), ..settings(hosts) });
            match (mailer.send(&mail()).await, code) {
                (Ok(()), None) => assert_eq!(sink.mails().len(), 1),
                (
                    Err(error @ MailError::Refused { step: SmtpStep::Login, code: told, .. }),
                    Some(code),
                ) => {
                    assert_eq!(told, code);
                    assert!(!format!("{error} {error:?}").contains(password));
                }
                (outcome, _) => panic!("{mechanism}: {outcome:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_login_nobody_offers_is_an_error() {
    let (sink, _) = send_plain(Script::default()).await;
    let hosts = vec![host(&sink, Security::None)];
    let mailer = smtp(SmtpSettings { login: Some(login(PASSWORD)), ..settings(hosts) });
    let error = mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(error, MailError::NoAuth { .. }), "{error}");
    assert_eq!(sink.mails().len(), 1, "only the first one, sent without a login");
}

/// If a server refuses the machine's name, the greeting is repeated with the site's; a configured
/// name stays.
#[tokio::test]
async fn a_refused_name_is_followed_by_that_of_the_site() {
    let script = Script { refuses_all_but: Some("www.site.example"), ..Script::default() };
    for (helo, public, taken) in [
        (None, Some("www.site.example"), true),
        (None, None, false),
        (Some("other.example"), Some("www.site.example"), false),
        (Some("www.site.example"), None, true),
    ] {
        let sink = SmtpSink::scripted(script.clone()).await;
        let hosts = vec![host(&sink, Security::None)];
        let settings = SmtpSettings { helo: helo.map(str::to_owned), ..settings(hosts) };
        let mailer = smtp(settings).known_as(public.map(str::to_owned));
        match mailer.send(&mail()).await {
            Ok(()) => assert!(taken, "{helo:?} {public:?}"),
            Err(error) => {
                assert!(!taken, "{helo:?} {public:?}: {error}");
                assert!(error.to_string().contains("set `mail.smtp_helo`"), "{error}");
            }
        }
    }
}
