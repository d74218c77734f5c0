//! The addresses of update XML, its readers, and its place before all other checks.

use std::fmt::Write as _;

use jbackend_bridge::config::values::{ConfiguredEndpoint, EndpointAccess};
use testkit::fixture::Schema;

use super::{XML, eventually, listed, put_recorded, site};
use crate::common::site::Site;

async fn served(schema: Schema) -> String {
    let mut site = site(schema).await;
    site.config.updates.listed = vec!["all".into()];
    site.config.updates.infourl = Some("https://www.example.com/keys".into());
    let server = site.serve().await;
    listed(&server, XML, "1.9.0").await;
    listed(&server, "/packages/updates/redj_enterprise.xml", "1.9.0").await;
    let mut all = String::new();
    for name in ["pkg_redj", "pkg_redj_ent", "redj_enterprise", "collection", "small", "gone"] {
        let reply = server.get(&format!("/packages/updates/{name}.xml")).await;
        writeln!(all, "{name}: {} {}", reply.status, reply.header("content-type")).unwrap();
        all.push_str(&reply.text());
    }
    server.stopped().await;
    all
}

#[tokio::test]
async fn the_xml_of_a_site_on_every_database() {
    let joomla_3 = served(Schema::Joomla3).await;
    insta::assert_snapshot!(joomla_3);
    assert_eq!(served(Schema::Joomla5).await, joomla_3);
    assert_eq!(served(Schema::Sqlite).await, joomla_3);
}

/// This also holds if an end-point needs a key or leaves traces, and for all forms of a path.
#[tokio::test]
async fn every_end_point_that_serves_packages_has_it_for_everybody() {
    let server = site(Schema::Joomla3).await.serve().await;
    let xml = listed(&server, XML, "1.9.0").await.text();
    let rows = "SELECT COUNT(*) FROM #__jbackend_logs";
    let before = server.site.rows(rows).await;
    for target in [
        "/apikey/updates/pkg_redj.xml",
        "/apiuser/updates/pkg_redj.xml",
        "/trace/updates/pkg_redj.xml",
        "/tracekey/updates/pkg_redj.xml",
        "/selected/updates/pkg_redj.xml",
        "/api/v1/updates/pkg_redj.xml",
        "/PACKAGES/updates/pkg_redj.xml",
        "/index.php/packages/updates/pkg_redj.xml",
        "//packages/./updates//pkg_redj.xml",
        "/packages/updates/pkg%5Fredj%2Exml",
        "/packages/updates/pkg_redj.xml?format=json&view=x&a=b/extension.xml",
        "/packages/updates/pkg_redj.xml/extension.xml",
        "/packages/updates/pkg_redj/extension.xml",
    ] {
        let reply = server.get(target).await;
        assert_eq!((reply.status, reply.text()), (200, xml.clone()), "{target}");
    }
    // End-points with only other modules have no XML, and neither do other paths.
    for target in [
        "/selmissing/updates/pkg_redj.xml",
        "/packages/updates/pkg_redj",
        "/packages/updates/pkg_redj.xml/",
        "/packages/updates/PKG_REDJ.xml",
        "/packages/updates/pkg_redj.xml/other.xml",
        "/packages/x/updates/pkg_redj.xml",
        "/packages/Updates/pkg_redj.xml",
        "/elsewhere/updates/pkg_redj.xml",
        "/updates/pkg_redj.xml",
    ] {
        let text = server.get(target).await.text();
        assert!(!text.contains("<updates>"), "{target}: {text}");
    }
    assert_eq!(server.site.rows(rows).await, before, "no trace rows");
    let log = "SELECT daily_requests FROM #__jbackend_keys WHERE daily_requests < 0";
    assert!(server.site.rows(log).await.is_empty());
    server.stopped().await;
}

#[tokio::test]
async fn a_site_with_suffix_languages_and_a_subdirectory() {
    let mut site = site(Schema::Joomla5).await;
    site.config.server.public_url = Some("https://www.example.com/shop".into());
    site.config.joomla.sef_suffix = true;
    for statement in [
        "INSERT INTO #__languages (lang_code, title, sef, published) VALUES \
         ('en-GB', 'English', 'en', 1), ('de-DE', 'Deutsch', 'de', 1)",
        "INSERT INTO #__extensions (name, type, element, folder, client_id, enabled, params, \
         manifest_cache, custom_data) VALUES ('languagefilter', 'plugin', 'languagefilter', \
         'system', 0, 1, '', '', '')",
    ] {
        site.run(statement).await;
    }
    let server = site.serve().await;
    let reply = listed(&server, "/shop/packages/updates/pkg_redj.xml", "1.9.0").await;
    let url = "https://www.example.com/shop/packages/get/release/download/redj_com_190";
    assert!(reply.text().contains(url), "{}", reply.text());
    for target in ["/shop/index.php/packages", "/shop/de/packages", "/shop/index.php/en/packages"] {
        let other = server.get(&format!("{target}/updates/pkg_redj.xml")).await;
        assert_eq!(other.text(), reply.text(), "{target}");
    }
    assert_eq!(server.get(XML).await.status, 404, "outside the site");
    server.stopped().await;
}

#[tokio::test]
async fn verbs_and_unknown_names() {
    let server = site(Schema::Sqlite).await.serve().await;
    let xml = listed(&server, XML, "1.9.0").await;
    let head = server.client.send("HEAD", XML, &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["content-length", "etag", "last-modified", "content-type", "cache-control"] {
        assert_eq!(head.header(name), xml.header(name), "{name}");
    }
    for verb in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let reply = server.client.send(verb, XML, &[], b"").await;
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD"), "{verb}");
    }
    for name in ["nobody", "collection2", "..", "-", "redj_enterprise"] {
        let reply = server.get(&format!("/packages/updates/{name}.xml")).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (404, "text/plain; charset=utf-8")
        );
        assert_eq!(reply.text(), "There is no update XML of this name.\n", "{name}");
        assert_eq!(reply.header("cache-control"), "no-cache");
    }
    server.stopped().await;
}

/// The host that a client sends never appears in an XML.
#[tokio::test]
async fn a_host_header_builds_no_url() {
    let server = site(Schema::Sqlite).await.serve().await;
    let xml = listed(&server, XML, "1.9.0").await.text();
    let request = format!(
        "GET {XML} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\
         Connection: close\r\n\r\n"
    );
    assert_eq!(server.client.raw(request.as_bytes()).await.text(), xml);
    server.stopped().await;
    // Without a configured address the site has no XML.
    let mut site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    site.config.updates.targetplatform = Some("[345]".into());
    let server = site.serve().await;
    assert_eq!(server.get("/packages/get/release/download/redj_com_190").await.status, 200);
    assert_eq!(server.get(XML).await.status, 404);
    server.stopped().await;
}

#[tokio::test]
async fn tls_is_asked_for_where_the_end_point_does() {
    let server = site(Schema::Sqlite).await.serve().await;
    listed(&server, XML, "1.9.0").await;
    let reply = server.get("/ssl/updates/pkg_redj.xml").await;
    let there = "https://www.example.com/ssl/updates/pkg_redj.xml";
    assert_eq!((reply.status, reply.header("location")), (303, there));
    let by_tls = [("X-Forwarded-Proto", "https")];
    let target = "/ssl/updates/pkg_redj.xml";
    assert_eq!(server.client.send("GET", target, &by_tls, b"").await.status, 200);
    let cors = server.get("/cors/updates/pkg_redj.xml").await;
    assert_eq!(cors.header("access-control-allow-origin"), "*");
    assert_eq!(server.get(XML).await.header("access-control-allow-origin"), "");
    server.stopped().await;
}

/// If update XML is switched off, the path is an end-point's again; if the end-point is closed,
/// there is none.
#[tokio::test]
async fn switched_off_it_is_no_address() {
    let mut site = site(Schema::Sqlite).await;
    site.config.updates.enabled = false;
    let server = site.serve().await;
    assert_eq!(server.code(XML).await, "REQ_MNS");
    server.stopped().await;
}

/// The XML never offers a package that no client could download.
#[tokio::test]
async fn an_end_point_that_closes_takes_the_xml_with_it() {
    let mut site = site(Schema::Sqlite).await;
    site.config.joomla.menu = false;
    let path = "packages".to_owned();
    site.config.endpoints = vec![ConfiguredEndpoint { path, access: EndpointAccess::Key }];
    let server = site.serve().await;
    assert_eq!(server.get(XML).await.status, 404);
    server.stopped().await;
}

/// With `require_enabled`, the module goes away with the plugin, and so does the XML.
#[tokio::test]
async fn a_plugin_that_is_disabled_advertises_nothing() {
    let mut site = site(Schema::Sqlite).await;
    site.config.release.require_enabled = true;
    let server = site.serve().await;
    listed(&server, XML, "1.9.0").await;
    server.site.run("UPDATE #__extensions SET enabled = 0 WHERE element = 'release'").await;
    eventually("the end of the XML", async || server.get(XML).await.status == 404).await;
    server.stopped().await;
}
