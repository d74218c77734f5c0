//! Headers, addresses and bodies of the messages: no text can add to them.

use jbackend_bridge::mail::{
    KeyLetter, Mail, MailError, Mailer, Security, Sender, SmtpHost, SmtpMailer, SmtpSettings,
};
use proptest::prelude::*;
use testkit::smtp_sink::{Script, SmtpSink};

use super::{
    LETTER, composed, header, headers, host, mail, mail_to, parts, sender, settings, smtp,
};

#[tokio::test]
async fn headers_of_a_mail() {
    let sink = SmtpSink::start().await;
    smtp(settings(vec![host(&sink, Security::None)])).send(&mail()).await.unwrap();
    let received = &sink.mails()[0];
    assert_eq!(received.from, "<shop@site.example>");
    assert_eq!(received.to, ["<user123@example.com>"]);
    let message = &received.data;
    assert_eq!(header(message, "From"), "\"Example Shop\" <shop@site.example>");
    assert_eq!(header(message, "Reply-To"), "Helpdesk <help@site.example>");
    assert_eq!(header(message, "To"), "\"Ann User\" <user123@example.com>");
    assert_eq!(header(message, "Auto-Submitted"), "auto-generated");
    assert!(header(message, "Message-ID").ends_with("@site.example>"));
    assert!(header(message, "Date").ends_with(" +0000"));
    assert!(parts(message)[0].contains(LETTER.key) && parts(message)[1].contains(LETTER.key));
}

#[tokio::test]
async fn the_stored_address_decides_and_only_a_plain_mailbox_does() {
    for (stored, envelope) in [
        ("User123@Example.COM", "<User123@Example.COM>"),
        ("user@exämple.com", "<user@xn--exmple-cua.com>"),
        ("  user@example.com ", "<user@example.com>"),
    ] {
        let sink = SmtpSink::start().await;
        let mailer = smtp(settings(vec![host(&sink, Security::None)]));
        mailer.send(&mail_to("", stored, &LETTER)).await.unwrap();
        assert_eq!(sink.mails()[0].to, [envelope]);
        assert_eq!(format!("<{}>", header(&sink.mails()[0].data, "To")), envelope);
    }
    for stored in [
        "user@example.com\r\nBcc: other@evil.example",
        "user@example.com, other@evil.example",
        "\"x\" <user@example.com>",
        "\"a@evil.example,\"@example.com",
        "user@example.com>\r\nRCPT TO:<other@evil.example",
        "",
    ] {
        let sink = SmtpSink::start().await;
        let mailer = smtp(settings(vec![host(&sink, Security::None)]));
        let error = mailer.send(&mail_to("", stored, &LETTER)).await.unwrap_err();
        assert!(matches!(error, MailError::BadAddress), "{stored:?}: {error}");
        assert!(sink.commands().is_empty(), "nothing is asked of the server");
    }
}

#[tokio::test]
async fn a_local_part_beyond_ascii_needs_a_server_that_takes_it() {
    let to = mail_to("José", "josé@example.com", &LETTER);
    let sink = SmtpSink::start().await;
    let error = smtp(settings(vec![host(&sink, Security::None)])).send(&to).await.unwrap_err();
    assert!(matches!(error, MailError::NoUtf8 { .. }), "{error}");
    assert!(!sink.commands().contains(&"MAIL".to_owned()));

    let offers = vec!["SMTPUTF8", "8BITMIME"];
    let sink = SmtpSink::scripted(Script { offers, ..Script::default() }).await;
    smtp(settings(vec![host(&sink, Security::None)])).send(&to).await.unwrap();
    assert_eq!(sink.mails()[0].from, "<shop@site.example> SMTPUTF8 BODY=8BITMIME");
    assert_eq!(sink.mails()[0].to, ["<josé@example.com>"]);
}

#[test]
fn bad_settings_are_named() {
    let bad = |result: Result<Sender, MailError>| result.unwrap_err().to_string();
    assert!(bad(Sender::new("", "", "", "")).starts_with("`mailfrom`"));
    assert!(bad(Sender::new("a@b.example\nX: y", "", "", "")).starts_with("`mailfrom`"));
    assert!(bad(Sender::new("a@b.example", "", "x", "")).starts_with("`replyto`"));
    Sender::new("a@b.example", "", " ", "").unwrap();

    let new = |settings| SmtpMailer::new(settings, sender()).err().unwrap();
    assert!(matches!(new(settings(vec![])), MailError::NoHost));
    let local = SmtpHost { host: "localhost".to_owned(), port: 25, security: Security::StartTls };
    let helo = Some("a b\r\nMAIL".to_owned());
    let odd = SmtpSettings { helo, ..settings(vec![local.clone()]) };
    assert!(matches!(new(odd), MailError::BadHelo));
    for file in ["/nonexistent.pem", "Cargo.toml"] {
        let odd = SmtpSettings { ca_file: Some(file.into()), ..settings(vec![local.clone()]) };
        assert!(matches!(new(odd), MailError::CaFile { .. }), "{file}");
    }
}

/// Makes text as an attacker would choose it.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\r\n ".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("Bcc: x@evil.example".to_owned()),
        Just("\", <x@evil.example>, \"".to_owned()),
        Just("\\".to_owned()),
        Just("\"".to_owned()),
        Just("=?utf-8?q?=0D=0ABcc:?=".to_owned()),
        Just("\u{85}\u{2028}\u{b}".to_owned()),
        Just("\0".to_owned()),
        Just("é 🔑 ".to_owned()),
        Just(" ".repeat(80)),
        Just("x".repeat(990)),
        Just("\"".repeat(400)),
        Just("é".repeat(400)),
        any::<char>().prop_map(String::from),
        "[a-zA-Z0-9@., <>:;()]{1,12}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_adds_a_header_or_a_recipient(
        name in hostile(), site in hostile(), group in hostile(), key in hostile(),
        email in prop_oneof![Just(LETTER.email.to_owned()), hostile(), hostile().prop_map(|text| format!("a{text}@b.example"))],
    ) {
        let letter = KeyLetter {
            site_name: &site, user_name: &name, email: &email, package_group_name: &group, key: &key, dlid: &key,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mail = mail_to(&name, &email, &letter);
        prop_assert!(!mail.subject.contains(char::is_control));
        let message = match runtime.block_on(composed(&mail)) {
            Ok(message) => message,
            Err(error) => {
                prop_assert!(matches!(error, MailError::BadAddress) && email != LETTER.email);
                return Ok(());
            }
        };
        let mut names: Vec<String> = headers(&message).into_iter().map(|(name, _)| name).collect();
        names.sort();
        prop_assert_eq!(names, [
            "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID",
            "Reply-To", "Subject", "To",
        ]);
        for line in message.split("\r\n") {
            prop_assert!(!line.contains(['\r', '\n', '\0']) && line.len() <= 998, "{:?}", line);
        }
        prop_assert!(!header(&message, "Subject").contains("=?utf-8?q?"));
        // Outside the quoted name there is one address, and no separator of lists.
        let to = header(&message, "To");
        let address = email.trim_matches(' ');
        let bare = to.strip_suffix(&format!("<{address}>")).or_else(|| to.strip_suffix(address));
        let display = bare.expect("ends with the address").trim();
        prop_assert!(!display.contains(['@', ',', ';', '<', '>', ':', '(', ')']), "{}", to);
        prop_assert_eq!(parts(&message), [&mail.text, &mail.html].map(Clone::clone));
    }
}

#[tokio::test]
async fn a_subject_that_looks_encoded_is_not_decoded() {
    let subject = "=?utf-8?q?=0D=0ABcc:_x@evil.example?= é".to_owned();
    for subject in [subject.clone(), subject.replace(" é", "")] {
        let message = composed(&Mail { subject, ..mail() }).await.unwrap();
        assert!(!header(&message, "Subject").contains("=?utf-8?q?"));
    }
}

#[tokio::test]
async fn bodies_arrive_as_they_were_written() {
    let sink = SmtpSink::start().await;
    let mailer = smtp(settings(vec![host(&sink, Security::None)]));
    for (body, arrives) in [
        (".\n..\n.x\nend".to_owned(), ".\n..\n.x\nend".to_owned()),
        ("a\rb\r\nc\n\rd".to_owned(), "a\nb\nc\n\nd".to_owned()),
        ("x".repeat(5000), "x".repeat(5000)),
        ("é".repeat(3000), "é".repeat(3000)),
        ("line \t \nQUIT\n\0= =3D".to_owned(), "line \t \nQUIT\n= =3D".to_owned()),
        (String::new(), String::new()),
    ] {
        let mail = Mail { text: body.clone(), html: body, ..mail() };
        mailer.send(&mail).await.unwrap();
        let received = sink.mails().pop().unwrap();
        assert_eq!(parts(&received.data), [arrives.clone(), arrives]);
    }
    assert_eq!(sink.mails().len(), 6);
}
