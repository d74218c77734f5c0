//! API keys that have ended, end soon, or are used up for today.

use super::database::Database;
use super::finding::without_database;
use super::finding::{Finding, FindingSink};
use crate::mask;
use crate::site::endpoint::{Access, Endpoints};
use crate::store::inspection::{ApiKey, MOST_ROWS};

/// Days ahead that an end is told.
const SOON: i64 = 30;

pub(super) async fn look(
    endpoints: Option<&Endpoints>,
    database: &Database,
    notes: &mut FindingSink<'_>,
) {
    let Some(endpoints) = endpoints else { return without_database("API keys", notes) };
    if !endpoints.iter().any(|endpoint| endpoint.behaviour.access == Access::Key) {
        notes.ok("no end-point asks for an API key");
        return;
    }
    let Some(place) = &database.place else { return };
    let keys = match place.inspect_as_writer().await {
        Ok(None) => {
            notes.skipped("API keys: a SQLite file has none");
            return;
        }
        Ok(Some(inspection)) => inspection.api_keys().await,
        Err(error) => Err(error),
    };
    let Some(keys) = notes.read("API keys", keys) else { return };
    let keys = keys.unwrap_or_default();
    let published: Vec<_> = keys.iter().filter(|key| key.is_published).collect();
    if published.is_empty() {
        notes
            .warning("an end-point asks for an API key, and there is none that counts")
            .at("API keys of the component jBackend")
            .advise("publish one, or change the end-point's access type");
        return;
    }
    let sound = published.iter().filter(|key| !worth_telling(key, notes)).count();
    let more = if keys.len() >= MOST_ROWS { "at least " } else { "" };
    notes.ok(format!("{more}{sound} API keys are good for at least {SOON} days"));
}

/// Tells what there is to tell of a key.
fn worth_telling(key: &ApiKey, notes: &mut FindingSink<'_>) -> bool {
    let name = mask::key(&key.key);
    let dated = |finding: &mut Finding| {
        finding.at(format!("API key `{name}`, ends {} UTC", key.expires)).advise(
            "tell its holder, and set another expiration date in jBackend's list of API keys",
        );
    };
    match key.days_left {
        Some(days) if days < 0 => {
            dated(notes.warning("an API key that is published has ended: REQ_AKE"));
            true
        }
        Some(days) if days < SOON => {
            dated(notes.warning(format!("an API key ends in {}", in_days(days))));
            true
        }
        _ if key.daily_requests > 0 && key.today >= key.daily_requests => {
            notes
                .notice(format!(
                    "an API key has used up its {} requests of today: REQ_AKL",
                    key.daily_requests
                ))
                .at(format!("API key `{name}`"))
                .advise("nothing until midnight UTC, or raise its daily limit");
            true
        }
        _ => false,
    }
}

fn in_days(days: i64) -> String {
    match days {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}
