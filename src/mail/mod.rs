//! Sending the letter with a license key: the [`Mailer`] trait and its transports.
//!
//! The methods layer renders a letter ([`letter`]) and hands it to a [`Mailer`]; which transport
//! that is ([`smtp`], [`sendmail`], [`outbox`] or [`Offline`]) is decided where the application is
//! put together. Nothing here knows about requests, users' groups or how a key is made.

mod address;
mod error;
pub mod letter;
mod message;
pub mod outbox;
pub mod sendmail;
pub mod smtp;
mod smtp_hosts;
mod smtp_lines;
mod smtp_login;
mod smtp_session;

use std::fmt;
use std::pin::Pin;

pub use error::{MailError, SmtpStep};
pub use letter::{HalfSet, KeyLetter, LetterError, Letters, Rendered, TEMPLATES};
pub use message::Sender;
pub use outbox::Outbox;
pub use sendmail::Sendmail;
pub use smtp::{SmtpMailer, SmtpSettings};
pub use smtp_hosts::{Security, SmtpHost, parse_hosts};
pub use smtp_login::SmtpLogin;

/// The pending answer of [`Mailer::send`].
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Something that takes a mail and gets it on its way.
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    ///
    /// `Ok` means that the mail server (or the sendmail program, or the file system) has taken the
    /// message over. Every transport answers within its own time limit. Dropping the future gives
    /// up; the mail may then have been sent or not.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// The pending answer of [`MailCheck::reach`].
pub type Reaching<'a> = Pin<Box<dyn Future<Output = Vec<Reached>> + Send + 'a>>;

/// A way out for mails that can be tried without sending any.
pub trait MailCheck: Mailer {
    /// Goes as far as possible without a message: to the login at every mail server, to the program,
    /// to the folder. Answers within the transport's own time limit for each.
    fn reach(&self) -> Reaching<'_>;
}

/// The result of the attempt to reach one mail server or program.
#[derive(Debug)]
pub struct Reached {
    /// The place, in words: `mail server localhost:25`.
    pub place: String,
    /// Whether it takes mails, as far as that can be told.
    pub outcome: Result<(), MailError>,
}

/// One mail to one person.
///
/// All texts are taken as they come: the transports make header injection impossible, whatever is
/// in them.
#[derive(Clone)]
pub struct Mail {
    /// The recipient's name as stored; may be empty.
    pub to_name: String,
    /// The recipient's address as stored in `#__users.email`. Anything but one plain mailbox is
    /// refused with [`MailError::BadAddress`].
    pub to_email: String,
    /// The subject, one line.
    pub subject: String,
    /// The plain text part; empty if the mail is only HTML.
    pub text: String,
    /// The HTML part; empty if the mail is only text.
    pub html: String,
}

/// Shows no part of the mail: it holds a personal address and a license key.
impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mail").finish_non_exhaustive()
    }
}

/// The mailer of a site that sends no mail (`mailonline` is off): every mail is refused with
/// [`MailError::Offline`].
#[derive(Clone, Copy, Debug)]
pub struct Offline;

impl Mailer for Offline {
    fn send<'a>(&'a self, _mail: &'a Mail) -> Sending<'a> {
        Box::pin(async { Err(MailError::Offline) })
    }
}

impl MailCheck for Offline {
    fn reach(&self) -> Reaching<'_> {
        let reached = Reached { place: "no place".into(), outcome: Err(MailError::Offline) };
        Box::pin(async { vec![reached] })
    }
}
