//! Clocks: seeds, API keys and menu items end by date, and the days of API keys are the database's.

use super::database::{Database, unix_now};
use super::finding::Notes;
use super::public_site::Seen;

/// Seconds that matter to nobody.
const TOLERANCE: i64 = 60;

pub(super) fn look(database: &Database, seen: Option<Seen>, notes: &mut Notes<'_>) {
    let site = seen.and_then(|seen| seen.date()).map(|date| date - unix_now());
    let others = [("the database's", database.ahead), ("the web server's", site)];
    let known: Vec<_> = others.into_iter().filter_map(|(whose, by)| Some((whose, by?))).collect();
    if known.is_empty() {
        notes.skipped("clocks: there is no other one to compare with");
    }
    for (whose, ahead) in known {
        if ahead.abs() <= TOLERANCE {
            notes.ok(format!("this machine's clock and {whose} agree"));
            continue;
        }
        let direction = if ahead > 0 { "behind" } else { "ahead of" };
        notes
            .warning(format!("this machine's clock is {} s {direction} {whose}", ahead.abs()))
            .advise(
                "let both machines set their clocks by NTP: seeds, API keys and menu items end at \
                 the wrong time",
            );
    }
}
