//! The way out for mails: is it there, does it take us, and on demand a test mail.

use super::Wishes;
use super::finding::{Notes, Severity};
use crate::app::{StartError, parts};
use crate::config::Config;
use crate::config::sections;
use crate::config::values::MailTransport;
use crate::mail::{Mail, MailCheck, MailError, Sender};

pub(super) async fn look(config: &Config, wishes: &Wishes, notes: &mut Notes<'_>) {
    if let Err(error) = parts::letters(config.mail.templates.as_deref()) {
        notes.failure(Severity::Error, error).at("`mail.templates`");
    }
    let transport = config.mail.transport.unwrap_or(MailTransport::Off);
    if transport == MailTransport::Off {
        notes
            .warning("mail is switched off: keybyemail answers REL_ESM")
            .at("`mail.transport`, or `mailonline` in configuration.php")
            .advise("switch mail on in Joomla, or set `transport` in `[mail]`");
        if wishes.send_test.is_some() {
            notes
                .error("the test mail was not sent: mail is switched off")
                .at("`--send-test`")
                .advise("switch mail on first");
        }
        return;
    }
    let mailer = match parts::mail_check(config) {
        Ok(mailer) => mailer,
        Err(error) => {
            unusable(&error, notes);
            return;
        }
    };
    sender(&config.mail, notes);
    if transport == MailTransport::File {
        notes
            .warning("mails become files and reach nobody")
            .at("`mail.transport`")
            .advise("set `transport` in `[mail]` to `smtp` or `sendmail` before going live");
    }
    if wishes.offline && transport == MailTransport::Smtp {
        notes
            .skipped("whether the mail server can be reached: `--offline`")
            .advise("run it again without `--offline`");
        return;
    }
    reach(mailer.as_ref(), notes).await;
    match &wishes.send_test {
        Some(address) => send(config, mailer.as_ref(), address, notes).await,
        None => {
            notes
                .notice("no mail was sent")
                .advise("send one to yourself with `--send-test YOUR-ADDRESS`");
        }
    }
}

fn unusable(error: &StartError, notes: &mut Notes<'_>) {
    notes.failure(Severity::Error, format!("mails cannot be sent: {error}")).at("`[mail]`");
}

fn sender(config: &sections::Mail, notes: &mut Notes<'_>) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let from = text(&config.from);
    let replies = Sender::new(&from, "", &text(&config.reply_to), "");
    if let Err(error @ MailError::BadSender { setting: "replyto" }) = replies {
        notes
            .failure(Severity::Warning, format!("replies go to the sender: {error}"))
            .at("`mail.reply_to`");
    }
    let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain.trim());
    if domain.contains('.') {
        notes.ok(format!("mails come from `{}`", from.trim()));
    } else {
        notes
            .warning(format!("the sender `{}` has no domain of the Internet", from.trim()))
            .at("`mail.from`")
            .advise("set it to an address that can be answered: mail servers refuse others");
    }
}

async fn reach(mailer: &dyn MailCheck, notes: &mut Notes<'_>) {
    let reached = mailer.reach().await;
    let some_work = reached.iter().any(|one| one.outcome.is_ok());
    for one in reached {
        match one.outcome {
            Ok(()) => notes.ok(format!("{} takes us", one.place)),
            // The next server is tried then.
            Err(error) if some_work => {
                notes.failure(Severity::Warning, error).at(one.place);
            }
            Err(error) => {
                notes.failure(Severity::Error, error).at(one.place);
            }
        }
    }
}

async fn send(config: &Config, mailer: &dyn MailCheck, address: &str, notes: &mut Notes<'_>) {
    let site = config.joomla.site_name.clone().unwrap_or_default();
    let text = format!(
        "This is a test mail of jbackend-bridge for the site {site}.\n\nLicense keys will arrive the \
         same way.\n"
    );
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace("\n\n", "</p><p>");
    let mail = Mail {
        to_name: String::new(),
        to_email: address.to_owned(),
        subject: format!("Test mail: {site}"),
        html: format!("<p>{}</p>", escaped.trim()),
        text,
    };
    match mailer.send(&mail).await {
        Ok(()) => {
            notes.ok(format!("the test mail to `{address}` was accepted; see whether it arrives"));
        }
        Err(MailError::BadAddress) => {
            notes
                .error(format!("no test mail was sent: `{address}` is not one e-mail address"))
                .at("`--send-test`")
                .advise("write it as `name@example.com`");
        }
        Err(error) => {
            notes.failure(Severity::Error, format!("the test mail was not sent: {error}"));
        }
    }
}
