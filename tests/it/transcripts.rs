//! The recorded requests, replayed: what came back must come back, byte for byte.

use jbackend_bridge::jbackend::endpoint::{Access, Behaviour, Endpoint, Endpoints, Modules};
use jbackend_bridge::jbackend::params::Params;
use jbackend_bridge::jbackend::route::{self, Call, Route};
use jbackend_bridge::jbackend::target::SitePath;
use jbackend_bridge::methods::Argument;
use jbackend_bridge::php::query;
use jbackend_bridge::web::body::{Bodies, Memory};
use serde_json::Value;

use crate::common::fixture::Schema;
use crate::common::site::{Server, Site};
use crate::common::transcript::{self, Case};

/// SQLite matches names exactly or but for ASCII case: these need Joomla's collation.
const NEED_COLLATION: &[(&str, &str)] = &[
    ("keybyauth_username_space", "REL_LIF"),
    ("sql_email_nul", "REL_UNF"),
    ("sql_email_zero_width", "REL_UNF"),
    ("sql_email_ctrl", "REL_UNF"),
    ("sql_email_nbsp_tail", "REL_UNF"),
    ("sql_username_accent", "REL_LIF"),
];

#[tokio::test]
async fn release_answers_on_mariadb() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let server = Site::new(schema).await.serve().await;
        let passed = replay(&server, &[]).await;
        assert_eq!(passed, 63, "all recordings of the release module, on {schema:?}");
        server.stopped().await;
    }
}

#[tokio::test]
async fn release_answers_on_sqlite() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let left_out: Vec<_> = NEED_COLLATION.iter().map(|(case, _)| *case).collect();
    assert_eq!(replay(&server, &left_out).await, 57);
    for (name, code) in NEED_COLLATION {
        let case = transcript::all().into_iter().find(|case| case.case == *name).unwrap();
        assert_eq!(server.code(&case.request.target).await, *code, "{name}: an unknown user");
    }
}

async fn replay(server: &Server, left_out: &[&str]) -> usize {
    let mut wrong = Vec::new();
    let mut passed = 0;
    for case in transcript::all() {
        if case.kind != "release" || left_out.contains(&case.case.as_str()) {
            continue;
        }
        match difference(server, &case).await {
            None => passed += 1,
            Some(text) => wrong.push(format!("{}\n{text}", case.case)),
        }
    }
    assert!(wrong.is_empty(), "{} answers differ:\n{}", wrong.len(), wrong.join("\n"));
    passed
}

/// Where the answer differs from the recorded one.
async fn difference(server: &Server, case: &Case) -> Option<String> {
    let request = &case.request;
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = request.body.as_deref().unwrap_or_default();
    let client = &server.client;
    let reply = client.send(&request.method, &request.target, &headers, body.as_bytes()).await;
    let expect = &case.expect;
    let found = [
        reply.status.to_string(),
        reply.header("content-type").to_owned(),
        reply.header("content-disposition").to_owned(),
        reply.text(),
    ];
    let wanted = [
        expect.status.map_or_else(String::new, |status| status.to_string()),
        expect.content_type.clone().unwrap_or_default(),
        expect.content_disposition.clone().unwrap_or_default(),
        expect.body.clone().unwrap_or_default(),
    ];
    let lines: Vec<_> = wanted
        .iter()
        .zip(&found)
        .filter(|(wanted, found)| wanted != found)
        .map(|(wanted, found)| format!("  - {wanted:?}\n  + {found:?}"))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[tokio::test]
async fn parameters_are_read_as_recorded() {
    let endpoints = endpoints();
    let mut checked = 0;
    for case in transcript::all() {
        let named = ["filter_", "post_", "prec_", "sef_"];
        if case.kind != "params" || !named.iter().any(|start| case.case.starts_with(start)) {
            continue;
        }
        check_params(&case, &endpoints).await;
        checked += 1;
    }
    assert_eq!(checked, 92);
}

async fn check_params(case: &Case, endpoints: &Endpoints) {
    let request = &case.request;
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let mut headers = warp::http::HeaderMap::new();
    for (name, value) in &request.headers {
        let name: warp::http::HeaderName = name.parse().unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    let body = request.body.clone().unwrap_or_default().into_bytes();
    let body = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from(body))]);
    let verb = request.method.parse().unwrap();
    let silence = std::time::Duration::from_secs(5);
    let bodies = Bodies { memory: Memory::default(), silence };
    let fields = bodies.fields(&verb, &headers, body).await.unwrap().fields;

    let path = SitePath::parse(path.as_bytes()).unwrap();
    let query = query::parse_query(query.as_bytes());
    let Route::Endpoint(Call { endpoint, params, .. }) =
        route::route(&path, query, fields, endpoints)
    else {
        panic!("{}: not taken for an end-point's request", case.case)
    };
    assert_eq!(endpoint.map(|found| found.path), case.expect.endpoint, "{}", case.case);
    for (name, wanted) in case.expect.seen.as_ref().unwrap() {
        assert_seen(&params, name, wanted, &case.case);
    }
    if let Some(hex) = &case.expect.x_hex {
        let Argument::Text(found) = params.argument("x") else { panic!("{}", case.case) };
        assert_eq!(base16ct::lower::encode_string(&found), *hex, "{}", case.case);
    }
}

fn assert_seen(params: &Params, name: &str, wanted: &Value, case: &str) {
    match (params.argument(name), wanted) {
        (Argument::Text(found), Value::String(wanted)) => {
            assert_eq!(String::from_utf8_lossy(&found), *wanted, "{case}: {name}");
        }
        (Argument::Unusable, Value::Array(_) | Value::Object(_)) => {}
        (_, wanted) => panic!("{case}: {name} should be {wanted}"),
    }
}

fn endpoints() -> Endpoints {
    let endpoint = Endpoint {
        item: Some(201),
        path: "packages".into(),
        behaviour: Behaviour { access: Access::Free, modules: Modules::All },
    };
    Endpoints::new(vec![endpoint], Behaviour::default(), "")
}
