//! Replays the recorded requests: each answer must be the recorded one, byte for byte.

mod parameters;
mod settings;
mod side_effects;

use testkit::client::Reply;
use testkit::fixture::Schema;
use testkit::transcript::{self, Case};

use crate::common::site::{Server, Site};

/// SQLite matches names exactly or except for ASCII case; these need Joomla's collation.
const NEED_COLLATION: &[(&str, &str)] = &[
    ("keybyauth_username_space", "REL_LIF"),
    ("sql_email_nul", "REL_UNF"),
    ("sql_email_zero_width", "REL_UNF"),
    ("sql_email_ctrl", "REL_UNF"),
    ("sql_email_nbsp_tail", "REL_UNF"),
    ("sql_username_accent", "REL_LIF"),
];

#[tokio::test]
async fn every_recording_on_mariadb() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let server = Site::new(schema).await.serve().await;
        let passed = replay(&server, transcript::all()).await;
        assert_eq!(passed, 327, "all recordings, on {schema:?}");
        server.stopped().await;
    }
}

#[tokio::test]
async fn release_answers_on_sqlite() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let mut cases = transcript::all();
    cases.retain(|case| {
        let needs_collation = NEED_COLLATION.iter().any(|(name, _)| case.name == *name);
        case.kind == "release" && !needs_collation
    });
    assert_eq!(replay(&server, cases).await, 57);
    for (name, code) in NEED_COLLATION {
        let case = transcript::all().into_iter().find(|case| case.name == *name).unwrap();
        assert_eq!(server.code(&case.request.target).await, *code, "{name}: an unknown user");
    }
}

/// Sends the requests in their order; returns the number of answers that are as recorded.
async fn replay(server: &Server, cases: Vec<Case>) -> usize {
    let mut wrong = Vec::new();
    let count = cases.len();
    for case in cases {
        if let Some(statement) = &case.before {
            server.site.run(statement).await;
        }
        let reply = send(server, &case).await;
        if let Some(text) = difference(server, &case, &reply) {
            wrong.push(format!("{} ({})\n{text}", case.name, case.kind));
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
    count
}

async fn send(server: &Server, case: &Case) -> Reply {
    let request = &case.request;
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = request.body.as_deref().unwrap_or_default();
    let target = request.target.replace("HOST", &server.client.address);
    server.client.send(&request.method, &target, &headers, body.as_bytes()).await
}

/// Finds the difference of an answer from the recorded one.
fn difference(server: &Server, case: &Case, reply: &Reply) -> Option<String> {
    let expect = &case.expect;
    let mut pairs = Vec::new();
    let mut compare = |wanted: &Option<String>, found: &str| {
        if let Some(wanted) = wanted {
            pairs.push((wanted.replace("HOST", &server.client.address), found.to_owned()));
        }
    };
    match case.kind.as_str() {
        // The recording has the site's own page, which is missing here.
        "site" => compare(&Some("404".into()), &reply.status.to_string()),
        // It was recorded with a resource that existed only for the recording.
        "params" => {
            let has_action = expect.seen.as_ref().is_some_and(|seen| seen.contains_key("action"));
            let code = if has_action { "REQ_RUN" } else { "REQ_ANS" };
            compare(&Some(code.into()), &reply.code());
            compare(
                &Some(expect.access_control_allow_origin.clone().unwrap_or_default()),
                reply.header("access-control-allow-origin"),
            );
        }
        _ => {
            compare(&expect.status.map(|status| status.to_string()), &reply.status.to_string());
            compare(&expect.content_type, reply.header("content-type"));
            compare(&expect.content_disposition, reply.header("content-disposition"));
            compare(&expect.location, reply.header("location"));
            compare(
                &Some(expect.access_control_allow_origin.clone().unwrap_or_default()),
                reply.header("access-control-allow-origin"),
            );
            compare(&expect.body, &reply.text());
        }
    }
    let lines: Vec<_> = pairs
        .iter()
        .filter(|(wanted, found)| wanted != found)
        .map(|(wanted, found)| format!("  - {wanted:?}\n  + {found:?}"))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
