//! From the `[mail]` section to a mailer.

use std::sync::Arc;
use std::time::Duration;

use super::start_error::StartError;
use crate::config::Config;
use crate::config::sections::Mail;
use crate::config::values::MailTransport;
use crate::http::metrics::Metrics;
use crate::http::metrics::labels::MailEnd;
use crate::mail::{
    self, Letters, MailCheck, MailError, Mailer, Offline, Outbox, Security, Sender, Sending,
    Sendmail, SmtpLogin, SmtpMailer, SmtpSettings, parse_hosts,
};

/// What Joomla takes when `smtpport` is not set.
const SMTP_PORT: u16 = 25;
/// What Joomla takes when `sendmail` is not set.
const SENDMAIL: &str = "/usr/sbin/sendmail";

/// Builds the way out for mails.
///
/// A site whose mail cannot work starts all the same, with a warning: everything but `keybyemail`
/// still does.
///
/// # Errors
/// Settings of our own configuration that cannot be used.
pub(super) fn mailer(
    config: &Config,
    metrics: &Arc<Metrics>,
) -> Result<Arc<dyn Mailer>, StartError> {
    let mailer = chosen(config)?;
    Ok(Arc::new(Counted { mailer, metrics: Arc::clone(metrics) }))
}

/// Reads the letter, with a warning for half a set of templates.
///
/// # Errors
/// A broken template.
pub(super) fn letters(config: &Config) -> Result<Letters, StartError> {
    let letters = Letters::load(config.mail.templates.as_deref())?;
    if let Some(half) = letters.half_set() {
        tracing::warn!(%half, "the letter with a license key is half a set of templates");
    }
    Ok(letters)
}

fn chosen(config: &Config) -> Result<Arc<dyn Mailer>, StartError> {
    let transport = config.mail.transport.unwrap_or(MailTransport::Off);
    if transport == MailTransport::Off {
        tracing::warn!("mail is switched off: `keybyemail` answers REL_ESM");
        return Ok(Arc::new(Offline));
    }
    match usable(config, transport) {
        // These come from the site, whose owner may never have looked at them.
        Err(StartError::Mail(error))
            if !matches!(error, MailError::CaFile { .. } | MailError::BadHelo) =>
        {
            tracing::warn!(%error, "mails cannot be sent: `keybyemail` answers REL_ESM");
            Ok(Arc::new(Unusable))
        }
        other => other,
    }
}

/// The way out for mails, to be tried; its warnings are left to whoever tries it.
///
/// # Errors
/// Any setting that cannot be used.
pub(super) fn check(config: &Config) -> Result<Arc<dyn MailCheck>, StartError> {
    let transport = config.mail.transport.unwrap_or(MailTransport::Off);
    if transport == MailTransport::Off {
        return Ok(Arc::new(Offline));
    }
    sending(config, transport, sender(&config.mail)?)
}

fn usable(config: &Config, transport: MailTransport) -> Result<Arc<dyn Mailer>, StartError> {
    let sender = sender(&config.mail)?;
    let mailer = sending(config, transport, sender)?;
    Ok(mailer)
}

fn sending(
    whole: &Config,
    transport: MailTransport,
    sender: Sender,
) -> Result<Arc<dyn MailCheck>, StartError> {
    let config = &whole.mail;
    let timeout = Duration::from_secs(config.timeout.max(1));
    Ok(match transport {
        MailTransport::Off => Arc::new(Offline),
        MailTransport::File => {
            let outbox = config
                .outbox
                .clone()
                .ok_or_else(|| StartError::missing("mail.outbox", "the folder for `.eml` files"))?;
            Arc::new(Outbox::new(outbox, sender))
        }
        MailTransport::Sendmail => {
            let program = config.sendmail.as_ref().map(|path| path.to_string_lossy().into_owned());
            let sendmail = Sendmail::new(program.as_deref().unwrap_or(SENDMAIL), sender, timeout);
            if let Err(error) = sendmail.check() {
                tracing::warn!(%error, "mails cannot be sent: `keybyemail` answers REL_ESM");
            }
            Arc::new(sendmail)
        }
        MailTransport::Smtp => {
            let mailer = SmtpMailer::new(smtp(config, timeout)?, sender)?;
            Arc::new(mailer.known_as(public_host(whole)))
        }
    })
}

/// The host of the site's address.
fn public_host(config: &Config) -> Option<String> {
    let url: hyper::Uri = config.server.public_url.as_deref()?.trim().parse().ok()?;
    url.host().map(str::to_owned)
}

/// Mails whose answers cannot be led elsewhere are still mails.
fn sender(config: &Mail) -> Result<Sender, MailError> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (from, name) = (text(&config.from), text(&config.from_name));
    match Sender::new(&from, &name, &text(&config.reply_to), &text(&config.reply_to_name)) {
        Err(error @ MailError::BadSender { setting: "replyto" }) => {
            tracing::warn!(%error, "mails are sent without an address for replies");
            Sender::new(&from, &name, "", "")
        }
        other => other,
    }
}

/// The mailer of a site whose mail settings make no sense.
struct Unusable;

impl Mailer for Unusable {
    fn send<'a>(&'a self, _mail: &'a mail::Mail) -> Sending<'a> {
        Box::pin(async { Err(MailError::Unusable) })
    }
}

/// Counts what becomes of mails.
struct Counted {
    mailer: Arc<dyn Mailer>,
    metrics: Arc<Metrics>,
}

impl Mailer for Counted {
    fn send<'a>(&'a self, mail: &'a mail::Mail) -> Sending<'a> {
        Box::pin(async move {
            let mut end = Ended { end: MailEnd::GivenUp, metrics: &self.metrics };
            let sent = self.mailer.send(mail).await;
            end.end = if sent.is_ok() { MailEnd::Sent } else { MailEnd::Failed };
            sent
        })
    }
}

/// Counts when it is dropped: also a mail whose client did not wait for it.
struct Ended<'a> {
    end: MailEnd,
    metrics: &'a Metrics,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.metrics.mailed(self.end);
    }
}

fn smtp(config: &Mail, timeout: Duration) -> Result<SmtpSettings, StartError> {
    let port = match config.smtp_port {
        None => SMTP_PORT,
        Some(port) => u16::try_from(port).ok().filter(|port| *port > 0).ok_or_else(|| {
            StartError::Config(format!("`mail.smtp_port`: {port} is no TCP port: use 1 to 65535"))
        })?,
    };
    let security: Security = config.smtp_security.as_deref().unwrap_or_default().parse()?;
    let host = config.smtp_host.as_deref().unwrap_or("localhost");
    let user = config.smtp_user.clone().filter(|user| !user.is_empty());
    Ok(SmtpSettings {
        hosts: parse_hosts(host, port, security)?,
        login: user.map(|user| SmtpLogin {
            user,
            password: config.smtp_password.clone().unwrap_or_default(),
        }),
        helo: config.smtp_helo.clone(),
        ca_file: config.smtp_ca.clone(),
        timeout,
    })
}
