//! Changelogs beside the packages: named in the update XML, and served.

use std::fs;

use testkit::fixture::Schema;

use super::{XML, eventually, listed, replace, site, texts, version};
use crate::cli::updates::put;
use crate::common::site::{Server, Site};

const FILE: &str = "changes/pkg_redj.md";
const CHANGELOG: &str = "/packages/updates/changelogs/pkg_redj.xml";
const TEXT: &[u8] = b"## 1.9.0\n### Fixed\n- a **loop** of <redirects>\n";

/// Makes a site with the folder `changes`.
async fn with_changelogs(schema: Schema) -> Site {
    let mut site = site(schema).await;
    site.config.updates.changelogs = Some("changes".into());
    site
}

async fn named(server: &Server) -> Vec<String> {
    let text = server.get(XML).await.text();
    texts(&text, "changelogurl").into_iter().map(str::to_owned).collect()
}

async fn a_changelog_is_named_and_served(schema: Schema) {
    let site = with_changelogs(schema).await;
    put(&site, FILE, TEXT);
    let server = site.serve().await;
    listed(&server, XML, "1.9.0").await;
    assert_eq!(
        named(&server).await,
        ["https://www.example.com/packages/updates/changelogs/pkg_redj.xml"]
    );
    let reply = server.get(CHANGELOG).await;
    assert_eq!(reply.header("content-type"), "application/xml; charset=utf-8");
    insta::assert_snapshot!("served", reply.text());
    let condition = [("If-None-Match", reply.header("etag"))];
    assert_eq!(server.client.send("GET", CHANGELOG, &condition, b"").await.status, 304);
    assert_eq!(server.get("/packages/updates/changelogs/pkg_none.xml").await.status, 404);
    server.stopped().await;
}

#[tokio::test]
async fn a_changelog_is_named_and_served_on_mariadb() {
    a_changelog_is_named_and_served(Schema::Joomla5).await;
}

#[tokio::test]
async fn a_changelog_is_named_and_served_on_sqlite() {
    a_changelog_is_named_and_served(Schema::Sqlite).await;
}

#[tokio::test]
async fn a_changelog_follows_its_file() {
    let site = with_changelogs(Schema::Sqlite).await;
    let server = site.serve().await;
    listed(&server, XML, "1.9.0").await;
    assert_eq!(named(&server).await, [""; 0], "there is none");
    put(&server.site, FILE, TEXT);
    eventually("the changelog", async || named(&server).await.len() == 1).await;
    replace(&server.site, FILE, b"## 1.9.1\n- the next version\n");
    // The changelog is served, but has no entry for the current version.
    eventually("another text", async || server.get(CHANGELOG).await.text().contains("next")).await;
    assert_eq!(named(&server).await, [""; 0]);
    replace(&server.site, super::COMMUNITY, &version("1.9.1"));
    listed(&server, XML, "1.9.1").await;
    assert_eq!(named(&server).await.len(), 1);
    fs::remove_file(server.site.packages().join(FILE)).unwrap();
    eventually("its end", async || server.get(CHANGELOG).await.status == 404).await;
    assert_eq!(named(&server).await, [""; 0]);
    server.stopped().await;
}

/// A package that is not listed has no changelog, and only changelogs are served from the folder.
#[tokio::test]
async fn only_what_is_listed_has_a_changelog() {
    let site = with_changelogs(Schema::Sqlite).await;
    put(&site, "changes/pkg_redj_ent.md", TEXT);
    put(&site, "changes/other.md", TEXT);
    put(&site, FILE, TEXT);
    let server = site.serve().await;
    listed(&server, XML, "1.9.0").await;
    for name in ["pkg_redj_ent", "other", "..", "%2e%2e%2fother", "pkg_redj.md"] {
        let target = format!("/packages/updates/changelogs/{name}.xml");
        assert_ne!(server.get(&target).await.status, 200, "{target}");
    }
    server.stopped().await;
}
