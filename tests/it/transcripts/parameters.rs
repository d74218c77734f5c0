//! Decodes the recorded requests without a server: end-point and parameters.

use jbackend_bridge::http::body::{Bodies, Memory};
use jbackend_bridge::jbackend::params::Params;
use jbackend_bridge::jbackend::route::{self, Call, Route};
use jbackend_bridge::methods::Argument;
use jbackend_bridge::site::endpoint::{Behaviour, Endpoint, Endpoints, SiteUrls};
use jbackend_bridge::site::menu;
use jbackend_bridge::site::target::SitePath;
use php_compat::query;
use serde_json::Value;
use testkit::fixture;
use testkit::transcript::{self, Case};

#[tokio::test]
async fn parameters_are_read_as_recorded() {
    let endpoints = endpoints(SiteUrls::default());
    let mut checked = 0;
    for case in transcript::all().iter().filter(|case| case.kind == "params") {
        check(case, &endpoints).await;
        checked += 1;
    }
    assert_eq!(checked, 154);
}

#[tokio::test]
async fn parameters_are_read_as_recorded_under_other_settings() {
    let mut checked = 0;
    for case in transcript::under_settings().iter().filter(|case| case.kind == "params") {
        let setting = case.setting.as_deref().unwrap_or_default();
        let urls = SiteUrls {
            sef: setting != "sef=0",
            suffix: setting == "sef_suffix=1",
            ..SiteUrls::default()
        };
        check(case, &endpoints(urls)).await;
        checked += 1;
    }
    assert_eq!(checked, 12);
}

async fn check(case: &Case, endpoints: &Endpoints) {
    let request = &case.request;
    let target = request.target.trim_start_matches("http://HOST");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = http::HeaderMap::new();
    for (name, value) in &request.headers {
        let name: http::HeaderName = name.parse().unwrap();
        headers.insert(name, value.parse().unwrap());
    }
    let body = request.body.clone().unwrap_or_default().into_bytes();
    let body = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from(body))]);
    let verb = request.method.parse().unwrap();
    let silence = std::time::Duration::from_secs(5);
    let bodies = Bodies { memory: Memory::default(), silence, json: false };
    let fields = bodies.fields(&verb, &headers, None, body).await.unwrap().fields;

    let path = SitePath::parse(path.as_bytes()).unwrap();
    let query = query::parse_query(query.as_bytes());
    let Route::Endpoint(call) = route::route(path, query, fields, endpoints) else {
        panic!("{}: not taken for an end-point's request", case.name)
    };
    let Call { endpoint, params, .. } = *call;
    assert_eq!(endpoint.map(|found| found.path.clone()), case.expect.endpoint, "{}", case.name);
    for (name, wanted) in case.expect.seen.as_ref().unwrap() {
        assert_seen(&params, name, wanted, &case.name);
    }
    if let Some(hex) = &case.expect.x_hex {
        let Argument::Text(found) = params.argument("x") else { panic!("{}", case.name) };
        assert_eq!(base16ct::lower::encode_string(&found), *hex, "{}", case.name);
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

/// Makes the end-points of the recorded site that guests may see.
fn endpoints(urls: SiteUrls) -> Endpoints {
    let list = fixture::endpoints()
        .into_iter()
        .map(|(item, path, params)| Endpoint {
            item: Some(item),
            path,
            language: None,
            behaviour: menu::of_item(&params),
        })
        .collect();
    Endpoints::new(list, Behaviour::default(), urls)
}
