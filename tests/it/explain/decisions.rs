//! The steps are the decisions of the methods, also if a request ended before all of them were
//! made.

use std::sync::Arc;

use jbackend_bridge::config::values::Privacy;
use jbackend_bridge::operator::explain::step::StepOutcome;
use jbackend_bridge::operator::explain::{Explanation, Question, explain};
use jbackend_bridge::service::site::OpenSite;
use testkit::fixture::Schema;

use crate::common::site::{ALICE_KEY, Site};

async fn explained(site: &Site, who: &str, key: Option<&str>) -> Explanation {
    let open = OpenSite::open(&site.config).await.unwrap();
    let question = Question {
        who: who.into(),
        what: "redj_ent_190".into(),
        key: key.map(Into::into),
        password: None,
    };
    explain(&open, &question, Arc::new(|_, _| {})).await.unwrap()
}

/// Lists the outcomes of the steps with this name.
fn outcomes(explained: &Explanation, name: &str) -> Vec<(Option<i64>, StepOutcome)> {
    let named = explained.steps.iter().filter(|step| step.name == name);
    named.map(|step| (step.account, step.outcome)).collect()
}

#[tokio::test]
async fn accounts_behind_the_one_that_counts_are_judged_too() {
    let site = Site::new(Schema::Sqlite).await;
    site.run("UPDATE #__users SET block = 0 WHERE id = 115").await;
    site.run("UPDATE #__users SET block = 1 WHERE id = 116").await;
    let explained = explained(&site, "dup@example.test", None).await;
    let both = |first, second| vec![(Some(115), first), (Some(116), second)];
    assert_eq!(outcomes(&explained, "enabled"), both(StepOutcome::Ok, StepOutcome::Refused));
    assert_eq!(outcomes(&explained, "user groups"), both(StepOutcome::Ok, StepOutcome::Ok));
    assert_eq!(outcomes(&explained, "choice"), [(None, StepOutcome::Ok)]);
}

#[tokio::test]
async fn a_refused_request_does_not_hide_the_later_steps() {
    let site = Site::new(Schema::Sqlite).await;
    let explained = explained(&site, "alice", Some("wrong")).await;
    assert_eq!(outcomes(&explained, "key"), [(None, StepOutcome::Refused)]);
    assert_eq!(outcomes(&explained, "file"), [(None, StepOutcome::Ok)]);
    assert!(explained.file.is_some());
}

#[tokio::test]
async fn privacy_is_a_step_where_it_hides_a_reason() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.privacy = Privacy::Uniform;
    for (who, key, expected) in [
        ("alice", ALICE_KEY, vec![]),
        ("alice", "wrong", vec![(None, StepOutcome::Info)]),
        ("carol", "wrong", vec![(None, StepOutcome::Info)]),
    ] {
        let explained = explained(&site, who, Some(key)).await;
        assert_eq!(outcomes(&explained, "privacy"), expected, "{who} {key}: {explained:#?}");
    }
}
