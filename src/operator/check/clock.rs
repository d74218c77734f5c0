//! Clocks: seeds, API keys and menu items end by date, and the days of API keys are the database's.

use std::time::Duration;

use super::database::Database;
use super::finding::FindingSink;
use super::public_site::SeenAnswer;
use crate::site::settings::unix_now;
use crate::words::span;

/// Seconds of difference that do no harm.
const TOLERANCE: i64 = 60;

pub(super) fn look(database: &Database, seen: Option<SeenAnswer>, notes: &mut FindingSink<'_>) {
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
            .warning(format!(
                "this machine's clock is {} {direction} {whose}",
                span(Duration::from_secs(ahead.unsigned_abs()))
            ))
            .at("`date` on both machines")
            .advise(
                "let both machines set their clocks by NTP: seeds, API keys and menu items end at \
                 the wrong time",
            );
    }
}
