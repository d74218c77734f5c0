//! Clocks: seeds, API keys and menu items end by date, and the days of API keys are the database's.

use super::database::Database;
use super::finding::Notes;
use super::public_site::Seen;
use crate::methods::settings::unix_now;

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
            .warning(format!(
                "this machine's clock is {} {direction} {whose}",
                span(ahead.unsigned_abs())
            ))
            .at("`date` on both machines")
            .advise(
                "let both machines set their clocks by NTP: seeds, API keys and menu items end at \
                 the wrong time",
            );
    }
}

/// `90 s`, `75 min`, `3 days`.
fn span(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_told_in_a_unit_that_fits() {
        for (seconds, told) in
            [(61, "61 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h"), (172_800, "2 days")]
        {
            assert_eq!(span(seconds), told);
        }
    }
}
