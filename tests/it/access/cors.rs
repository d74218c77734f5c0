//! Scripts of other sites, and TLS.

use crate::common::site::{ALICE_KEY, Site};

const ASK: &[(&str, &str)] = &[
    ("Origin", "https://app.example.test"),
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "content-type, x-custom"),
];

#[tokio::test]
async fn a_preflight_is_answered_in_full_and_runs_nothing() {
    let server = Site::recorded().await.serve().await;
    let target = "/cors/post/release/keybyemail/redj_enterprise?email=alice@example.test";
    let reply = server.client.send("OPTIONS", target, ASK, b"").await;
    assert_eq!((reply.status, reply.text().as_str()), (200, r#"{"status":"ok"}"#));
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert!(reply.header("access-control-allow-methods").contains("POST"));
    assert_eq!(reply.header("access-control-allow-headers"), "content-type, x-custom");
    assert!(!reply.header("access-control-max-age").is_empty());
    assert!(!reply.header("vary").is_empty());
    assert_eq!(server.mails(), [""; 0]);
    // Without the preflight's header, the request is an ordinary one.
    let reply = server.client.send("OPTIONS", target, &[], b"").await;
    assert_eq!(reply.code(), "ok");
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_preflight_gets_the_checks_answers_but_counts_no_key() {
    let site = Site::recorded().await;
    site.run(
        "UPDATE #__menu SET params = '{\"access_type\":\"key\",\"enable_cors\":\"1\",\
         \"enable_trace\":\"1\"}' WHERE id = 206",
    )
    .await;
    let server = site.serve().await;
    let target = "/cors/post/release/validate/redj_enterprise";
    for (key, code) in [("", "REQ_AKR"), ("?api_key=nosuch", "REQ_AKI"), ("?api_key=goodkey", "ok")]
    {
        let reply = server.client.send("OPTIONS", &format!("{target}{key}"), ASK, b"").await;
        assert_eq!(reply.code(), code);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert!(!reply.header("access-control-allow-methods").is_empty());
    }
    let sql = "SELECT hits FROM #__jbackend_keys WHERE `key` = 'goodkey'";
    let hits: Option<i64> = server.site.rows(sql).await.pop().unwrap().take(0);
    assert_eq!(hits, Some(0));
}

#[tokio::test]
async fn without_enable_cors_there_are_no_headers() {
    let server = Site::recorded().await.serve().await;
    let reply = server.client.send("OPTIONS", "/packages", ASK, b"").await;
    assert!(!reply.headers.keys().any(|name| name.starts_with("access-control")));
}

#[tokio::test]
async fn tls_is_believed_from_a_trusted_proxy_alone() {
    let mut site = Site::recorded().await;
    site.config.server.trusted_proxies = vec!["192.0.2.1".parse().unwrap()];
    let server = site.serve().await;
    let https = [("X-Forwarded-Proto", "https")];
    let reply = server.client.send("GET", "/ssl/post/release/x?a=1", &https, b"").await;
    assert_eq!(reply.status, 303);
    let wanted = format!("https://{}/ssl/post/release/x?a=1", server.client.address);
    assert_eq!(reply.header("location"), wanted);
}

#[tokio::test]
async fn anything_but_http_from_a_proxy_is_tls_as_for_joomla() {
    let server = Site::recorded().await.serve().await;
    for told in ["https", "HTTPS", "https, http", "http, https", "on"] {
        let told = [("X-Forwarded-Proto", told)];
        assert_eq!(server.client.send("GET", "/ssl", &told, b"").await.code(), "REQ_MNS");
    }
    for told in ["http", "HTTP", ""] {
        let told = [("X-Forwarded-Proto", told)];
        assert_eq!(server.client.send("GET", "/ssl", &told, b"").await.status, 303);
    }
    let two = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")];
    assert_eq!(server.client.send("GET", "/ssl", &two, b"").await.code(), "REQ_MNS");
}

#[tokio::test]
async fn the_redirect_goes_to_the_public_url_where_it_is_known() {
    let mut site = Site::recorded().await;
    site.config.server.public_url = Some("https://www.example.test:8443".into());
    let server = site.serve().await;
    let reply = server.client.send("GET", "/ssl", &[], b"").await;
    assert_eq!(reply.header("location"), "https://www.example.test:8443/ssl");
    assert_eq!(reply.body, b"");
    // Behind the proxy that ends TLS, the redirect does not loop.
    let https = [("X-Forwarded-Proto", "https")];
    assert_eq!(server.client.send("GET", "/ssl", &https, b"").await.code(), "REQ_MNS");
}

#[tokio::test]
async fn a_forged_host_is_no_way_to_redirect_elsewhere() {
    let server = Site::recorded().await.serve().await;
    for host in ["evil.example/x", "user@evil.example", "a b", "\"", ""] {
        let head = format!("GET /ssl HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let reply = server.client.raw(head.as_bytes()).await;
        assert_eq!(reply.status, 400, "{host}");
    }
}

#[tokio::test]
async fn a_download_over_cors_is_untouched() {
    let server = Site::recorded().await.serve().await;
    let target =
        format!("/cors/get/release/download/redj_ent_190?email=alice@example.test&key={ALICE_KEY}");
    let reply = server.get(&target).await;
    assert_eq!(reply.header("content-type"), "application/octet-stream");
}
