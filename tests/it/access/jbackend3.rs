//! The further inputs of jBackend 3, which the bridge reads if the operator switches that on.

use crate::common::site::{ALICE_KEY, Server, Site};

const JSON: (&str, &str) = ("Content-Type", "application/json");

async fn site(jbackend3: bool) -> Server {
    let mut site = Site::recorded().await;
    site.config.joomla.jbackend3 = jbackend3;
    site.serve().await
}

async fn post(server: &Server, target: &str, header: (&str, &str), body: &str) -> String {
    server.client.send("POST", target, &[header], body.as_bytes()).await.code()
}

#[tokio::test]
async fn parameters_are_read_from_json_bodies() {
    let server = site(true).await;
    let target = "/packages/post/release/validate/redj_enterprise";
    let body = format!(r#"{{"email":"alice@example.test","key":"{ALICE_KEY}"}}"#);
    assert_eq!(post(&server, target, JSON, &body).await, "ok");
    let utf8 = ("Content-Type", "Application/JSON; charset=utf-8");
    assert_eq!(post(&server, target, utf8, &body).await, "ok");
    for (body, code) in [
        (r#"{"id":"nosuch"}"#, "REL_GNF"),
        (r#"{"id":7}"#, "REL_GNF"),
        (r#"{"module":["release"]}"#, "REQ_MNF"),
        (r#"{"module":null}"#, "REL_ENS"),
        (r#"{"email":"#, "REL_ENS"),
        ("[1]", "REL_ENS"),
        ("", "REL_ENS"),
    ] {
        assert_eq!(post(&server, target, JSON, body).await, code, "{body}");
    }
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(70_000));
    assert_eq!(post(&server, target, JSON, &long).await, "REL_ENS");
}

#[tokio::test]
async fn the_api_key_is_read_from_the_header() {
    let server = site(true).await;
    let target = "/apikey/post/release/x";
    for (value, code) in [
        ("api_key goodkey", "REQ_RUN"),
        ("API_KEY  goodkey ", "REQ_RUN"),
        ("api_key nosuch", "REQ_AKI"),
        ("api_key ", "REQ_AKR"),
        ("Bearer goodkey", "REQ_AKR"),
        ("api_keygoodkey", "REQ_AKR"),
    ] {
        let header = [("Authorization", value)];
        let reply = server.client.send("GET", target, &header, b"").await;
        assert_eq!(reply.code(), code, "{value}");
    }
    // A parameter comes before the header.
    let header = [("Authorization", "api_key goodkey")];
    let reply = server.client.send("GET", &format!("{target}?api_key=expired"), &header, b"").await;
    assert_eq!(reply.code(), "REQ_AKE");
    assert_eq!(post(&server, target, JSON, r#"{"api_key":"goodkey"}"#).await, "REQ_RUN");
}

#[tokio::test]
async fn neither_is_read_where_it_is_not_switched_on() {
    let server = site(false).await;
    let target = "/packages/post/release/validate/redj_enterprise";
    assert_eq!(post(&server, target, JSON, r#"{"id":"nosuch"}"#).await, "REL_ENS");
    let header = [("Authorization", "api_key goodkey")];
    let reply = server.client.send("GET", "/apikey/post/release/x", &header, b"").await;
    assert_eq!(reply.code(), "REQ_AKR");
}
