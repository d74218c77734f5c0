//! Mail: letters, headers and the transports, with a mail server in the test.

mod headers;
mod letter;
mod local;
mod smtp;
mod tls;

use std::fs;
use std::time::Duration;

use jbackend_bridge::mail::{
    KeyLetter, Letters, Mail, MailError, Mailer, Outbox, Security, Sender, SmtpHost, SmtpLogin,
    SmtpMailer, SmtpSettings,
};
use testkit::smtp_sink::SmtpSink;

/// Long enough for a busy machine.
const LIMIT: Duration = Duration::from_secs(4);
/// For tests in which the time does expire.
const SHORT: Duration = Duration::from_millis(800);
const PASSWORD: &str = "s3cret-pass";

const LETTER: KeyLetter<'static> = KeyLetter {
    site_name: "Example Shop",
    user_name: "Ann User",
    email: "user123@example.com",
    package_group_name: "ReDJ Enterprise",
    key: "0123456789abcdef0123456789abcdef",
    dlid: "123:0123456789abcdef0123456789abcdef",
};

fn sender() -> Sender {
    Sender::new("shop@site.example", "Example Shop", "help@site.example", "Helpdesk").unwrap()
}

fn mail_to(name: &str, email: &str, letter: &KeyLetter<'_>) -> Mail {
    let rendered = Letters::load(None).unwrap().render(letter).unwrap();
    Mail {
        to_name: name.to_owned(),
        to_email: email.to_owned(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    }
}

fn mail() -> Mail {
    mail_to(LETTER.user_name, LETTER.email, &LETTER)
}

fn host(sink: &SmtpSink, security: Security) -> SmtpHost {
    SmtpHost { host: "localhost".to_owned(), port: sink.address.port(), security }
}

fn settings(hosts: Vec<SmtpHost>) -> SmtpSettings {
    SmtpSettings {
        hosts,
        login: None,
        helo: Some("bridge.example".to_owned()),
        ca_file: None,
        timeout: LIMIT,
    }
}

fn smtp(settings: SmtpSettings) -> SmtpMailer {
    SmtpMailer::new(settings, sender()).unwrap()
}

fn login(password: &str) -> SmtpLogin {
    SmtpLogin { user: "shop".to_owned(), password: password.into() }
}

/// Returns the message of a mail as the transports write it, read from the outbox.
async fn composed(mail: &Mail) -> Result<String, MailError> {
    let folder = tempfile::tempdir().unwrap();
    Outbox::new(folder.path(), sender()).send(mail).await?;
    let file = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap();
    Ok(fs::read_to_string(file.path()).unwrap())
}

/// Lists the header names and unfolded values of the top level.
fn headers(message: &str) -> Vec<(String, String)> {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", "\t");
    unfolded
        .split("\r\n")
        .map(|line| line.split_once(": ").expect(line))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn header(message: &str, name: &str) -> String {
    let all = headers(message);
    let mut found = all.iter().filter(|(at, _)| at == name);
    let value = found.next().unwrap_or_else(|| panic!("no {name}")).1.clone();
    assert!(found.next().is_none(), "two {name}");
    value
}

/// Returns the decoded parts of a message: text and HTML.
fn parts(message: &str) -> Vec<String> {
    let content_type = header(message, "Content-Type");
    let boundary = content_type.split('"').nth(1).unwrap().to_owned();
    let body = message.split_once("\r\n\r\n").unwrap().1;
    let sections: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert_eq!(sections.len(), 4, "two parts");
    assert_eq!(sections[3].trim(), "--");
    sections[1..3].iter().map(|section| decode(section)).collect()
}

fn decode(section: &str) -> String {
    let (head, body) = section.split_once("\r\n\r\n").unwrap();
    let body = body.strip_suffix("\r\n").unwrap_or(body);
    let text = if head.contains("quoted-printable") {
        let mut bytes = vec![];
        let joined = body.replace("=\r\n", "");
        let mut rest = joined.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'=' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    } else if head.contains("base64") {
        use base64::Engine as _;
        let joined = body.replace("\r\n", "");
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(joined).unwrap())
            .unwrap()
    } else {
        assert!(head.contains("7bit"), "{head}");
        body.to_owned()
    };
    text.replace("\r\n", "\n")
}
