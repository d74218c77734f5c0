//! Why a mail could not be sent, in words for the operator's log.
//!
//! No text here holds a person's address, a password or text of a mail server: servers repeat
//! addresses in their replies, so only the three-digit code is kept.

use crate::told::{tells, told};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// A mail that could not be sent, or a mailer that could not be set up.
///
/// A client sees all of them as `REL_ESM` (`docs/release.md`).
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The site's mail is switched off.
    Offline,

    /// The site's mail settings make no sense; the log has said so at start.
    Unusable,

    /// The stored address of the user is not one plain mailbox.
    BadAddress,

    /// An address of the settings is not one plain mailbox.
    BadSender {
        /// The setting: `mailfrom` or `replyto`.
        setting: &'static str,
    },

    /// An entry of the list of mail servers cannot be read.
    BadHost {
        /// Which entry, counted from 1.
        entry: usize,
    },

    /// There is no mail server to ask.
    NoHost,

    /// A value of `smtpsecure` that is not known. Never taken for "no encryption".
    BadSecurity,

    /// The name for the server's greeting cannot be sent.
    BadHelo,

    /// The file with the operator's own certificate authority cannot be used.
    CaFile {
        /// The file.
        path: PathBuf,
        /// The problem with it.
        reason: String,
    },

    /// No connection.
    Connect {
        /// `host:port`.
        server: String,
        /// The system's words.
        reason: String,
    },

    /// The encrypted connection could not be made.
    Tls {
        /// `host:port`.
        server: String,
        /// The reason for the failed handshake.
        reason: String,
    },

    /// TLS from the start is set, and the server begins in plain text.
    PlainThere {
        /// `host:port`.
        server: String,
    },

    /// `STARTTLS` is required, and the server does not offer it.
    NoStartTls {
        /// `host:port`.
        server: String,
    },

    /// A password is set, and the server offers no way to use it.
    NoAuth {
        /// `host:port`.
        server: String,
    },

    /// The recipient's address is not ASCII, which the server cannot handle.
    NoUtf8 {
        /// `host:port`.
        server: String,
    },

    /// The server answered a step with a code that is not the hoped-for one.
    Refused {
        /// `host:port`.
        server: String,
        /// The refused step.
        step: SmtpStep,
        /// The three-digit reply code.
        code: u16,
    },

    /// The connection broke, or the server's reply was no SMTP.
    Broken {
        /// `host:port`.
        server: String,
        /// The step it did not answer properly.
        step: SmtpStep,
    },

    /// The time for the whole exchange is over.
    Timeout {
        /// `host:port` of the server that was being asked.
        server: String,
        /// The time limit for all servers together.
        limit: Duration,
        /// It is connected but has sent no greeting, though a mail server must speak first.
        is_mute: bool,
    },

    /// The sendmail program is not there, or may not be run.
    NoProgram {
        /// The program.
        path: PathBuf,
        /// The problem with it.
        reason: String,
    },

    /// The sendmail program failed.
    Program {
        /// The program.
        path: PathBuf,
        /// Its exit status, as `exit status: 75`.
        status: String,
    },

    /// The sendmail program was stopped because it took too long.
    ProgramTimeout {
        /// The program.
        path: PathBuf,
        /// The time limit.
        limit: Duration,
    },

    /// The folder for mails as files cannot be written.
    Outbox {
        /// The folder.
        folder: PathBuf,
        /// The system's error.
        source: io::Error,
    },

    /// The message could not be put together.
    Compose,
}

tells!(MailError {
    Self::Offline => told!(
        "mail is switched off for this site" =>
        "set `mailonline` to let keys be mailed"
    ),
    Self::Unusable => told!(
        "the mail settings cannot be used, see the warning at start" =>
        "correct them"
    ),
    Self::BadAddress => told!(
        "the user's stored e-mail is not one valid mailbox" =>
        "correct it in Joomla's user manager"
    ),
    Self::BadSender { setting } => told!(
        "`{setting}` is not one valid mailbox" =>
        "set it to an address like `name@example.com`"
    ),
    Self::BadHost { entry } => told!(
        "entry {entry} of `smtphost` is no mail server" =>
        "write `host`, `host:port`, `ssl://host:port` or `tls://host:port`, several with `;` between"
    ),
    Self::NoHost => told!("`smtphost` names no mail server" => "set it, or choose another `mailer`"),
    Self::BadSecurity => told!("`smtpsecure` has an unknown value" => "use `none`, `ssl` or `tls`"),
    Self::BadHelo => told!(
        "`mail.smtp_helo` is no host name" =>
        "use letters, digits, dots and hyphens only"
    ),
    Self::CaFile { path, reason } => told!(
        "cannot use the certificate file `{}`: {reason}", path.display();
        "give a readable PEM file"
    ),
    Self::Connect { server, reason } => told!(
        "cannot connect to mail server `{server}`: {reason}";
        "check `smtphost`, `smtpport` and that it runs"
    ),
    Self::Tls { server, reason } => told!(
        "no secure connection to mail server `{server}`: {reason}";
        "check `smtpsecure`, the port and the server's certificate"
    ),
    Self::PlainThere { server } => told!(
        "mail server `{server}` does not begin with TLS but in plain text" =>
        "set `smtpsecure` to `tls` (STARTTLS), or take the port for TLS, mostly 465"
    ),
    Self::NoStartTls { server } => told!(
        "mail server `{server}` does not offer STARTTLS, so nothing was sent" =>
        "set `smtpsecure` to `ssl` or `none`, or enable STARTTLS on the server"
    ),
    Self::NoAuth { server } => told!(
        "mail server `{server}` offers none of AUTH PLAIN, LOGIN and CRAM-MD5" =>
        "switch `smtpauth` off, or set `smtpsecure` if it offers them only when encrypted"
    ),
    Self::NoUtf8 { server } => told!(
        "mail server `{server}` cannot take a non-ASCII address" => "it needs the SMTPUTF8 extension"
    ),
    Self::Refused { server, step, code } => told!(
        "mail server `{server}` refused {step} with SMTP code {code} ({})", class(*code) =>
        "{}", step.advice(*code)
    ),
    Self::Broken { server, step } => told!(
        "mail server `{server}` broke off or sent no valid SMTP reply at {step}" =>
        "see the server's log"
    ),
    Self::Timeout { server, limit, is_mute: false } => told!(
        "mail server `{server}` did not finish within {} s", limit.as_secs_f32() =>
        "check that it answers, or raise the mail timeout"
    ),
    // One that waits for TLS says nothing in plain text.
    Self::Timeout { server, limit, is_mute: true } => told!(
        "mail server `{server}` did not finish within {} s: it took the connection and said nothing, as \
         a server does that begins with TLS (mostly on port 465)", limit.as_secs_f32() =>
        "set `smtpsecure` to `ssl`, or take the port for STARTTLS, mostly 587"
    ),
    Self::NoProgram { path, reason } => told!(
        "cannot run the sendmail program `{}`: {reason}", path.display();
        "install one, set `sendmail` to its path, or set `mailer` to `smtp`"
    ),
    Self::Program { path, status } => told!(
        "the sendmail program `{}` failed ({status})", path.display() =>
        "see the mail log of this machine"
    ),
    Self::ProgramTimeout { path, limit } => told!(
        "the sendmail program `{}` did not finish within {} s and was stopped", path.display(), limit.as_secs_f32() =>
        "see the mail log of this machine"
    ),
    Self::Outbox { folder, source } => told!(
        "cannot write a mail into `{}`: {source}", folder.display();
        "make the folder writable"
    ),
    Self::Compose => told!("the mail could not be put together" => "check the letter templates"),
});

/// A step of the talk with a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpStep {
    /// Its greeting, and the answer to ours.
    Greeting,
    /// The change to an encrypted connection.
    StartTls,
    /// User name and password.
    Login,
    /// `MAIL FROM`.
    From,
    /// `RCPT TO`.
    Recipient,
    /// `DATA` and the message itself.
    Message,
}

impl SmtpStep {
    /// Advises the operator on this step and reply code.
    fn advice(self, code: u16) -> &'static str {
        match self {
            // Syntax of the name, and a host that does not exist.
            Self::Greeting if matches!(code, 501 | 504 | 550) => {
                "set `mail.smtp_helo` to a host name it knows"
            }
            Self::Greeting => "see whether it accepts mail from this machine",
            Self::StartTls => "see the server's TLS settings",
            Self::Login => "check `smtpuser` and `smtppass`",
            Self::From => "check that it may send as `mailfrom`",
            Self::Recipient => "see the server's log for the recipient",
            Self::Message => "see the server's log for the reason",
        }
    }
}

impl std::fmt::Display for SmtpStep {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Greeting => "the greeting",
            Self::StartTls => "STARTTLS",
            Self::Login => "the login",
            Self::From => "the sender",
            Self::Recipient => "the recipient",
            Self::Message => "the message",
        })
    }
}

/// Reply codes of 4xx may be gone at the next try, 5xx will not.
fn class(code: u16) -> &'static str {
    match code {
        400..=499 => "temporary",
        500..=599 => "permanent",
        _ => "unexpected",
    }
}
