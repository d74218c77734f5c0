//! E-mails that several accounts share, or that are easily taken for one another.
//!
//! The rules by which the bridge chooses among them are in `docs/release.md`, "Who is authorised".

use super::database::Database;
use super::finding::FindingSink;
use super::finding::without_database;
use super::look_alike::latin;
use super::options::CheckOptions;
use crate::mask;
use crate::store::Joomla;
use crate::store::inspection::{EmailOf, Inspection, MOST_ROWS, MOST_SHARED};
use crate::words::count;

/// Accounts or groups of them that are shown; more are counted.
const SHOWN: usize = 10;
/// Accounts looked up by their Latin look-alikes.
const MOST_LOOKUPS: usize = 50;

pub(super) async fn look(database: &Database, wishes: &CheckOptions, notes: &mut FindingSink<'_>) {
    let (Some(inspection), Some(joomla), true) =
        (&database.inspection, &database.joomla, database.is_open())
    else {
        return without_database("e-mails of accounts", notes);
    };
    let show = |email: &str| if wishes.show_emails { email.to_owned() } else { mask::email(email) };
    shared(inspection, &show, notes).await;
    look_alikes(inspection, joomla.as_ref(), &show, notes).await;
    blank(inspection, &show, notes).await;
}

type Show<'a> = dyn Fn(&str) -> String + Send + Sync + 'a;

async fn shared(inspection: &Inspection, show: &Show<'_>, notes: &mut FindingSink<'_>) {
    let Some(groups) =
        notes.read("e-mails that several accounts share", inspection.shared_emails().await)
    else {
        return;
    };
    if groups.is_empty() {
        notes.ok("no two accounts share an e-mail");
        return;
    }
    let rows: usize = groups.iter().map(Vec::len).sum();
    for (index, accounts) in groups.iter().take(SHOWN).enumerate() {
        // The last one of an answer that was cut off may go on.
        let is_cut_off = rows >= MOST_ROWS && index + 1 == groups.len();
        let at_least = if is_cut_off { "at least " } else { "" };
        let number = count(accounts.len(), "account");
        let finding = notes
            .warning(format!("{at_least}{number}: {}", kind(accounts)))
            .at(ids(accounts))
            .advise(
                "give each account an e-mail of its own, or delete those that are not used; the key \
                 goes to the first that is enabled and in the user group",
            );
        for account in accounts.iter().take(SHOWN) {
            finding.line(line(account, show));
        }
    }
    if groups.len() > SHOWN {
        let is_cut_off = groups.len() >= MOST_SHARED || rows >= MOST_ROWS;
        let at_least = if is_cut_off { "at least " } else { "" };
        notes
            .notice(format!(
                "{at_least}{} more e-mails are shared by several accounts",
                groups.len() - SHOWN
            ))
            .advise("mend those shown, and run this again");
    }
}

/// What the e-mails have in common.
fn kind(accounts: &[EmailOf]) -> &'static str {
    let first = accounts.first().map(|account| account.email.as_str()).unwrap_or_default();
    if accounts.iter().all(|account| account.email == first) {
        "the same e-mail"
    } else if accounts.iter().all(|account| account.email.eq_ignore_ascii_case(first)) {
        "e-mails that differ in upper and lower case only"
    } else {
        "look-alike e-mails, which the database takes for equal"
    }
}

fn ids(accounts: &[EmailOf]) -> String {
    let ids: Vec<_> = accounts.iter().take(SHOWN).map(|account| account.id.to_string()).collect();
    let more = if accounts.len() > SHOWN { ", …" } else { "" };
    format!("user ids {}{more}", ids.join(", "))
}

fn line(account: &EmailOf, show: &Show<'_>) -> String {
    let blocked = if account.is_blocked { "  (blocked)" } else { "" };
    format!("{:>8}  `{}`{blocked}", account.id, show(&account.email))
}

async fn look_alikes(
    inspection: &Inspection,
    joomla: &dyn Joomla,
    show: &Show<'_>,
    notes: &mut FindingSink<'_>,
) {
    let Some(beyond) = notes.read("look-alike e-mails", inspection.emails_beyond_ascii().await)
    else {
        return;
    };
    let suspects = beyond.iter().filter_map(|account| Some((account, latin(&account.email)?)));
    let suspects: Vec<_> = suspects.collect();
    if beyond.len() >= MOST_ROWS || suspects.len() > MOST_LOOKUPS {
        notes.skipped(format!(
            "look-alike e-mails: at least {} hold letters beyond ASCII, of which the first {} that look \
             like Latin ones were compared",
            count(beyond.len(), "account"),
            suspects.len().min(MOST_LOOKUPS)
        ));
    }
    for (account, latin) in suspects.into_iter().take(MOST_LOOKUPS) {
        let Ok(found) = joomla.users_by_email(&latin).await else { return };
        let Some(other) = found.iter().find(|user| user.id != account.id) else { continue };
        let other =
            EmailOf { id: other.id, email: other.email.clone(), is_blocked: other.is_blocked() };
        let finding = notes
            .warning("an e-mail with letters of another alphabet looks like another account's")
            .at(format!("user ids {}, {}", account.id, other.id))
            .advise("make sure that both belong to the same person; the bridge tells them apart");
        finding.line(line(account, show));
        finding.line(line(&other, show));
    }
}

async fn blank(inspection: &Inspection, show: &Show<'_>, notes: &mut FindingSink<'_>) {
    let read = notes.read("e-mails with blanks", inspection.blank_emails().await);
    let Some(accounts) = read.filter(|accounts| !accounts.is_empty()) else { return };
    let at_least = if accounts.len() >= MOST_ROWS { "at least " } else { "" };
    let finding = notes
        .notice(format!(
            "{at_least}{} without a valid e-mail: it is empty or holds a blank, so that no \
                     key can be mailed there",
            count(accounts.len(), "account")
        ))
        .at(ids(&accounts))
        .advise("correct it in Joomla's user manager");
    for account in accounts.iter().take(SHOWN) {
        finding.line(line(account, show));
    }
}
