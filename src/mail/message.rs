//! A [`Mail`] becomes the bytes of a MIME message, with every header it has.
//!
//! Called by the transports. All header values pass through here and nowhere else: names and
//! subjects are folded to one line and encoded, addresses are checked.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use super::address::mailbox;
use super::{Mail, MailError};

/// Who the site's mails come from: `mailfrom`, `fromname`, `replyto` and `replytoname` of
/// Joomla's configuration (`docs/joomla.md`).
#[derive(Clone, Debug)]
pub struct Sender {
    from: Mailbox,
    answers_to: Option<Mailbox>,
}

impl Sender {
    /// Checks the addresses. An empty `replyto` means that answers go to `mailfrom`.
    ///
    /// Fails with [`MailError::BadSender`] naming the setting.
    pub fn new(
        mailfrom: &str,
        fromname: &str,
        replyto: &str,
        replytoname: &str,
    ) -> Result<Self, MailError> {
        let address = |setting, text: &str| mailbox(text).ok_or(MailError::BadSender { setting });
        let from = Mailbox::new(display_name(fromname), address("mailfrom", mailfrom)?);
        let answers_to = if replyto.trim().is_empty() {
            None
        } else {
            let address = address("replyto", replyto)?;
            Some(Mailbox::new(display_name(replytoname), address))
        };
        Ok(Self { from, answers_to })
    }

    /// The address for the envelope (`Return-Path`).
    pub(super) fn envelope_from(&self) -> &str {
        self.from.email.as_ref()
    }

    /// Puts the message together, dated now.
    pub(super) fn compose(&self, mail: &Mail) -> Result<Message, MailError> {
        let to = mailbox(&mail.to_email).ok_or(MailError::BadAddress)?;
        // Given here: the library would read it back from the header's text.
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.clone()])
            .map_err(|_| MailError::Compose)?;
        let mut builder = Message::builder()
            .envelope(envelope)
            .from(self.from.clone())
            .to(Mailbox::new(display_name(&mail.to_name), to))
            .subject(header_text(&mail.subject))
            .date_now()
            .message_id(Some(self.message_id()))
            .header(AutoSubmitted);
        if let Some(mailbox) = &self.answers_to {
            builder = builder.reply_to(mailbox.clone());
        }
        let (text, html) = (unix_lines(&mail.text), unix_lines(&mail.html));
        // Some programs would show an empty part beside another one.
        let message = match (text.is_empty(), html.is_empty()) {
            (false, true) => builder.singlepart(SinglePart::plain(text)),
            (true, false) => builder.singlepart(SinglePart::html(html)),
            _ => builder.multipart(MultiPart::alternative_plain_html(text, html)),
        };
        message.map_err(|_| MailError::Compose)
    }

    /// Returns a unique id, in the sender's own domain, that reveals no detail of this machine.
    fn message_id(&self) -> String {
        let random = || RandomState::new().build_hasher().finish();
        format!("<{:016x}{:016x}@{}>", random(), random(), self.from.email.domain())
    }
}

/// Tells other programs not to answer by themselves (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// The most characters of a name or subject that go into a header. A longer single word would
/// break the limit of 998 bytes a line, since headers are folded between words only.
const HEADER_TEXT: usize = 200;

/// Returns a name for a header, or `None` if no character is left of it.
fn display_name(stored: &str) -> Option<String> {
    Some(header_text(stored)).filter(|name| !name.is_empty())
}

/// A text for a header. One that looks like an encoded word (`=?utf-8?q?…?=`) would be decoded by
/// the reader's program, into line breaks too; a blank takes that look away.
fn header_text(text: &str) -> String {
    let text: String = one_line(text).chars().take(HEADER_TEXT).collect();
    text.replace("=?", "= ?")
}

/// Control characters and line separators become blanks, runs of blanks become one.
pub(super) fn one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || c == ' ' || matches!(c, '\u{2028}' | '\u{2029}');
    let words: Vec<&str> = text.split(is_break).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Line ends as `\n`, however they were written; the transfer encoding makes them CRLF. NUL is
/// not allowed in mail at all.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}
