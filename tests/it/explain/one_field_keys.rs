//! The answer of an explanation masks the license key inside a download key.

use std::sync::Arc;

use jbackend_bridge::operator::explain::{Question, explain};
use jbackend_bridge::service::site::OpenSite;
use testkit::fixture::Schema;

use crate::common::site::{ALICE_KEY, Site};

#[tokio::test]
async fn the_key_in_a_one_field_key_is_masked() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.dlid_in_json = true;
    let open = OpenSite::open(&site.config).await.unwrap();
    let question = Question {
        who: "alice".into(),
        what: "redj_enterprise".into(),
        key: None,
        password: Some("alicepass".to_owned().into()),
    };
    let explained = explain(&open, &question, Arc::new(|_, _| {})).await.unwrap();
    let login = explained.answers.iter().find(|answer| answer.method == "keybyauth").unwrap();
    let body = login.body.as_deref().unwrap();
    assert_eq!(
        body,
        r#"{"status":"ok","email":"alice@example.test","key":"7759...","dlid":"100:7759..."}"#
    );
    assert!(!format!("{explained:?}").contains(ALICE_KEY));
}
