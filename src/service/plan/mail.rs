//! Reads the letter and the mail transport from the `[mail]` section. No mail server is contacted.

use std::sync::Arc;

use super::numbers::{port, seconds};
use crate::config::problem::{Problem, Problems};
use crate::config::public_url::PublicUrl;
use crate::config::sections::Mail;
use crate::config::values::MailTransport;
use crate::mail::{
    Letters, MailCheck, MailError, Outbox, Security, Sender, Sendmail, SmtpLogin, SmtpMailer,
    SmtpSettings, parse_hosts, smtp,
};

/// Joomla's default for `smtpport`.
const SMTP_PORT: u16 = 25;
/// Joomla's default for `sendmail`.
const SENDMAIL: &str = "/usr/sbin/sendmail";
/// The effect of a transport that cannot send.
const NO_MAILS: &str = "mails cannot be sent: `keybyemail` answers REL_ESM";

/// How mails are sent.
pub struct MailPlan {
    /// The transport.
    pub way: Way,
    /// Problems of the settings and their effects, for the log of the service.
    pub warnings: Warnings,
}

/// The transport of mails.
pub enum Way {
    /// None: mail is switched off.
    Off,
    /// This transport.
    Open(Arc<dyn MailCheck>),
    /// None: the settings come from the site and cannot be used. Their owner may never have checked
    /// them, so everything but `keybyemail` works without them.
    Blocked(MailError),
}

/// Reads the letter.
pub(super) fn letters(section: &Mail) -> Result<Letters, Problems> {
    let letters = Letters::load(section.templates.as_deref());
    letters.map_err(|error| Problem::told("mail.templates", error).as_sentence().into())
}

impl MailPlan {
    pub(super) fn of(section: &Mail, url: Option<&PublicUrl>) -> Result<Self, Problems> {
        let mut warnings = Vec::new();
        let transport = section.transport.unwrap_or(MailTransport::Off);
        let way = match transport {
            MailTransport::Off => return Ok(Self { way: Way::Off, warnings }),
            MailTransport::File => file(section, &mut warnings)?,
            MailTransport::Sendmail => sendmail(section, &mut warnings),
            MailTransport::Smtp => by_smtp(section, url, &mut warnings)?,
        };
        Ok(Self { way: way.unwrap_or_else(Way::Blocked), warnings })
    }
}

/// Problems that do not stop mails, and their effects.
type Warnings = Vec<(MailError, &'static str)>;

fn file(section: &Mail, warnings: &mut Warnings) -> Result<Result<Way, MailError>, Problem> {
    let what = "the folder for `.eml` files";
    let outbox = section.outbox.clone().ok_or_else(|| Problem::missing("mail.outbox", what))?;
    Ok(sender(section, warnings).map(|sender| Way::Open(Arc::new(Outbox::new(outbox, sender)))))
}

fn sendmail(section: &Mail, warnings: &mut Warnings) -> Result<Way, MailError> {
    let program = section.sendmail.as_ref().map(|path| path.to_string_lossy());
    let program = program.as_deref().unwrap_or(SENDMAIL);
    let sendmail = Sendmail::new(program, sender(section, warnings)?, seconds(section.timeout));
    if let Err(error) = sendmail.check() {
        warnings.push((error, NO_MAILS));
    }
    Ok(Way::Open(Arc::new(sendmail)))
}

fn by_smtp(
    section: &Mail,
    url: Option<&PublicUrl>,
    warnings: &mut Warnings,
) -> Result<Result<Way, MailError>, Problems> {
    let mut problems = Problems::default();
    let own = |key, error: MailError| Problem::told(key, error).as_sentence();
    let port = section.smtp_port.map_or(Ok(SMTP_PORT), |number| port("mail.smtp_port", number));
    let port = problems.sort(port);
    let ca = section.smtp_ca.as_deref().map_or(Ok(()), smtp::check_ca_file);
    problems.sort(ca.map_err(|error| own("mail.smtp_ca", error)));
    let helo = section.smtp_helo.as_deref().map_or(Ok(()), smtp::check_helo);
    problems.sort(helo.map_err(|error| own("mail.smtp_helo", error)));
    let sender = sender(section, warnings);
    let security: Result<Security, _> =
        section.smtp_security.as_deref().unwrap_or_default().parse();
    let (Some(port), true) = (port, problems.0.is_empty()) else {
        // On their own, these would only stop mails, not the start.
        let others = [("mail.from", sender.err()), ("mail.smtp_security", security.err())];
        problems.0.extend(others.into_iter().filter_map(|(key, error)| Some(own(key, error?))));
        return Err(problems);
    };
    let way = || -> Result<Way, MailError> {
        let host = section.smtp_host.as_deref().unwrap_or("localhost");
        let user = section.smtp_user.clone().filter(|user| !user.is_empty());
        let settings = SmtpSettings {
            hosts: parse_hosts(host, port, security?)?,
            login: user.map(|user| SmtpLogin {
                user,
                password: section.smtp_password.clone().unwrap_or_default(),
            }),
            helo: section.smtp_helo.clone(),
            ca_file: section.smtp_ca.clone(),
            timeout: seconds(section.timeout),
        };
        let mailer = SmtpMailer::new(settings, sender?)?;
        Ok(Way::Open(Arc::new(mailer.known_as(url.map(|url| url.host().to_owned())))))
    };
    Ok(way())
}

/// Builds the sender. Without a valid address for replies mails are still sent.
fn sender(section: &Mail, warnings: &mut Warnings) -> Result<Sender, MailError> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (from, name) = (text(&section.from), text(&section.from_name));
    match Sender::new(&from, &name, &text(&section.reply_to), &text(&section.reply_to_name)) {
        Err(error @ MailError::BadSender { setting: "replyto" }) => {
            warnings.push((error, "mails are sent without an address for replies"));
            Sender::new(&from, &name, "", "")
        }
        other => other,
    }
}
