//! The way out for mails: is it there, does it take us, and on demand a test mail or a sample letter.

use super::finding::{FindingSink, Severity, list};
use super::options::CheckOptions;
use super::plugin::PluginSettings;
use crate::config::Config;
use crate::config::sections;
use crate::config::values::MailTransport;
use crate::mail::{KeyLetter, Letters, Mail, MailCheck, MailError, Sender};
use crate::service::plan::Draft;
use crate::service::plan::mail::{MailPlan, Way};
use crate::site::settings::seed;
use crate::site::settings::unix_now;
use crate::told::Tell;

/// Stands in the place of a license key, and is as long as one of the usual recipe. It opens nothing.
const SAMPLE_KEY: &str = "SAMPLE-KEY-OPENS-NOTHING-0000000";
/// The one-field key of no account: ids start at 1.
const SAMPLE_DLID: &str = "0:SAMPLE-KEY-OPENS-NOTHING-0000000";
const SAMPLE_USER: &str = "Sample User";

pub(super) async fn look(
    config: &Config,
    draft: &Draft,
    wishes: &CheckOptions,
    settings: Option<&PluginSettings>,
    notes: &mut FindingSink<'_>,
) {
    let letters = letters(draft, notes);
    let transport = config.mail.transport;
    if matches!(&draft.mail, Ok(MailPlan { way: Way::Off, .. })) {
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
    let mailer = match draft.mail.as_ref().map(|plan| &plan.way) {
        Ok(Way::Open(mailer)) => mailer,
        Ok(Way::Off) => return,
        Ok(Way::Blocked(error)) => return unusable(error, notes),
        Err(problems) => return problems.0.iter().for_each(|problem| unusable(problem, notes)),
    };
    sender(&config.mail, notes);
    if transport == Some(MailTransport::File) {
        notes
            .warning("mails become files and are not sent")
            .at("`mail.transport`")
            .advise("set `transport` in `[mail]` to `smtp` or `sendmail` before going live");
    }
    if wishes.offline && transport == Some(MailTransport::Smtp) {
        notes
            .skipped("whether the mail server can be reached: `--offline`")
            .advise("run it again without `--offline`");
        return;
    }
    reach(mailer.as_ref(), notes).await;
    match &wishes.send_test {
        Some(address) => {
            let mail = match &wishes.letter {
                None => Some(test_mail(config, address)),
                Some(group) => letters.and_then(|letters| {
                    letter(config, draft, letters, settings, group, address, notes)
                }),
            };
            match mail {
                Some(mail) => send(mailer.as_ref(), &mail, notes).await,
                None => {
                    notes.error("no test mail was sent: there is no letter").at("`--letter`").advise(
                        "correct the problem above, or leave `--letter` out for a mail without it",
                    );
                }
            }
        }
        None => {
            notes
                .notice("no mail was sent")
                .advise("send one to yourself with `--send-test YOUR-ADDRESS`");
        }
    }
}

/// Returns the templates of the letter, if they can be used.
fn letters<'d>(draft: &'d Draft, notes: &mut FindingSink<'_>) -> Option<&'d Letters> {
    let letters = notes.part(&draft.letters, Some("`mail.templates`"))?;
    if let Some(half) = letters.half_set() {
        notes.failure(Severity::Warning, half).at("`mail.templates`");
    }
    Some(letters)
}

/// The letter that customers of the package group get, to an account and with a key that are none.
#[expect(
    clippy::too_many_arguments,
    reason = "a letter needs the configuration, the templates, a package group and an address"
)]
fn letter(
    config: &Config,
    draft: &Draft,
    letters: &Letters,
    settings: Option<&PluginSettings>,
    group: &str,
    address: &str,
    notes: &mut FindingSink<'_>,
) -> Option<Mail> {
    let Some(settings) = settings else {
        notes.skipped("the letter: not written, since the settings could not be read");
        return None;
    };
    let Some(group) = settings.catalog.group(group) else {
        let known: Vec<_> = settings.catalog.groups().iter().map(|one| one.id.as_str()).collect();
        notes
            .error(format!("there is no package group `{group}`"))
            .at("`--letter`")
            .advise(format!("name one of {}", list(&known)));
        return None;
    };
    // The letter of a package group whose keys can be guessed shows none.
    let ring = draft.keys.as_ref();
    let shows_dlid = ring.is_ok_and(|ring| ring.guessable(&seed(group), unix_now()).is_empty());
    let rendered = letters.render(&KeyLetter {
        site_name: config.joomla.site_name.as_deref().unwrap_or_default(),
        user_name: SAMPLE_USER,
        email: address,
        package_group_name: group.title(),
        key: SAMPLE_KEY,
        dlid: if shows_dlid { SAMPLE_DLID } else { "" },
    });
    match rendered {
        Ok(rendered) => Some(Mail {
            to_name: SAMPLE_USER.to_owned(),
            to_email: address.to_owned(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        }),
        Err(error) => {
            notes.failure(Severity::Error, error).at("`mail.templates`");
            None
        }
    }
}

pub(super) fn unusable(error: impl Tell, notes: &mut FindingSink<'_>) {
    notes.failure(Severity::Error, error.told().after("mails cannot be sent: ")).at("`[mail]`");
}

fn sender(config: &sections::Mail, notes: &mut FindingSink<'_>) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let from = text(&config.from);
    let replies = Sender::new(&from, "", &text(&config.reply_to), "");
    if let Err(error @ MailError::BadSender { setting: "replyto" }) = replies {
        notes
            .failure(Severity::Warning, error.told().after("replies go to the sender: "))
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

async fn reach(mailer: &dyn MailCheck, notes: &mut FindingSink<'_>) {
    let reached = mailer.reach().await;
    let some_work = reached.iter().any(|one| one.outcome.is_ok());
    for one in reached {
        match one.outcome {
            Ok(()) => notes.ok(format!("{} accepts the connection and the login", one.place)),
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

fn test_mail(config: &Config, address: &str) -> Mail {
    let site = config.joomla.site_name.clone().unwrap_or_default();
    let text = format!(
        "This is a test mail of jbackend-bridge for the site {site}.\n\nLicense keys will arrive the \
         same way.\n"
    );
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace("\n\n", "</p><p>");
    Mail {
        to_name: String::new(),
        to_email: address.to_owned(),
        subject: format!("Test mail: {site}"),
        html: format!("<p>{}</p>", escaped.trim()),
        text,
    }
}

async fn send(mailer: &dyn MailCheck, mail: &Mail, notes: &mut FindingSink<'_>) {
    let address = &mail.to_email;
    match mailer.send(mail).await {
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
            notes.failure(Severity::Error, error.told().after("the test mail was not sent: "));
        }
    }
}
