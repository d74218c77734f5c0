//! End-points: from the menu, kept fresh, with additions of the configuration; and the URL forms of
//! real sites.

use std::time::Duration;

use jbackend_bridge::config::values::{ConfiguredEndpoint, EndpointAccess};
use testkit::fixture::Schema;

use crate::common::site::{ALICE_KEY, Server, Site};

const ALL: [Schema; 3] = [Schema::Joomla3, Schema::Joomla5, Schema::Sqlite];

fn validate(path: &str) -> String {
    format!("{path}/post/release/validate/redj_enterprise?email=alice@example.test&key={ALICE_KEY}")
}

/// Waits until a target has this status; settings are refreshed every second here.
async fn becomes(server: &Server, target: &str, status: u16) {
    for _ in 0..100 {
        if server.get(target).await.status == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("`{target}` never answered {status}");
}

#[tokio::test]
async fn a_changed_menu_is_in_force_within_seconds() {
    for schema in ALL {
        let server = Site::new(schema).await.serve().await;
        assert_eq!(server.get("/packages").await.status, 200);
        server.site.run("UPDATE #__menu SET published = 0 WHERE id = 201").await;
        becomes(&server, "/packages", 404).await;
        let back = "UPDATE #__menu SET published = 1, path = 'files/here' WHERE id = 201";
        server.site.run(back).await;
        becomes(&server, "/files/here", 200).await;
        assert_eq!(server.code(&validate("/files/here")).await, "ok");
        assert_eq!(server.get("/packages").await.status, 404);
        server.site.run("UPDATE #__menu SET access = 2 WHERE id = 201").await;
        becomes(&server, "/files/here", 404).await;
    }
}

#[tokio::test]
async fn an_item_out_of_its_dates_is_none() {
    for (up, down, status) in [
        ("NULL", "NULL", 200),
        ("'2001-01-01 00:00:00'", "'2999-01-01 00:00:00'", 200),
        ("'2999-01-01 00:00:00'", "NULL", 404),
        ("NULL", "'2001-01-01 00:00:00'", 404),
    ] {
        for schema in [Schema::Joomla5, Schema::Sqlite] {
            let site = Site::new(schema).await;
            site.run(&format!(
                "UPDATE #__menu SET publish_up = {up}, publish_down = {down} WHERE id = 201"
            ))
            .await;
            let server = site.serve().await;
            assert_eq!(server.get("/packages").await.status, status, "{up} {down} {schema:?}");
        }
    }
}

#[tokio::test]
async fn items_of_other_components_clients_and_types_are_none() {
    let site = Site::recorded().await;
    for (id, change) in [
        (204, "client_id = 1"),
        (205, "link = 'index.php?option=com_content'"),
        (206, "published = -2"),
    ] {
        site.run(&format!("UPDATE #__menu SET {change} WHERE id = {id}")).await;
    }
    let server = site.serve().await;
    for path in ["/selected", "/ssl", "/cors"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    assert_eq!(server.get("/packages").await.status, 200);
}

#[tokio::test]
async fn an_alias_answers_with_the_components_default() {
    let site = Site::recorded().await;
    site.run(
        "UPDATE #__extensions SET params = '{\"default_access_type\":\"free\"}' \
         WHERE element = 'com_jbackend'",
    )
    .await;
    let server = site.serve().await;
    assert_eq!(server.code(&validate("/pkgalias")).await, "ok");
    assert_eq!(server.code(&validate("/component/jbackend")).await, "ok");
    // A menu item without params keeps the item's own default.
    assert_eq!(server.code(&validate("/defaults")).await, "REQ_AKR");
}

#[tokio::test]
async fn a_joomla_in_a_subdirectory() {
    let mut site = Site::recorded().await;
    site.config.server.public_url = Some("https://www.example.test/shop/joomla/".into());
    let server = site.serve().await;
    for path in ["/shop/joomla/packages", "/Shop/joomla/index.php/packages"] {
        assert_eq!(server.code(&validate(path)).await, "ok", "{path}");
    }
    let query = "/shop/joomla/index.php?option=com_jbackend&Itemid=201";
    assert_eq!(server.code(query).await, "REQ_MNS");
    for path in ["/packages", "/shop/packages", "/index.php/packages", "/"] {
        assert_eq!(server.get(&validate(path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_multilingual_site_answers_with_and_without_the_prefix() {
    let site = Site::recorded().await;
    let languages = "INSERT INTO #__languages (lang_code, title, sef, published) VALUES \
                     ('en-GB', 'English', 'en', 1), ('de-DE', 'Deutsch', 'de', 1), \
                     ('fr-FR', 'French', 'fr', 0)";
    site.run(languages).await;
    let server = site.serve().await;
    // Without the language filter the prefix is an ordinary path.
    assert_eq!(server.get(&validate("/en/packages")).await.status, 404);
    server
        .site
        .run(
            "INSERT INTO #__extensions (name, type, element, folder, client_id, enabled, params, \
             manifest_cache, custom_data, system_data) VALUES ('languagefilter', 'plugin', \
             'languagefilter', 'system', 0, 1, '', '', '', '')",
        )
        .await;
    becomes(&server, "/en/packages", 200).await;
    for path in [
        "/packages",
        "/en/packages",
        "/DE/packages",
        "/index.php/en/packages",
        "/de/index.php/packages",
    ] {
        let wanted = if path.starts_with("/de/index.php") { 404 } else { 200 };
        assert_eq!(server.get(&validate(path)).await.status, wanted, "{path}");
    }
    assert_eq!(server.code(&validate("/en/component/jbackend")).await, "REQ_AKR");
    assert_eq!(server.get(&validate("/fr/packages")).await.status, 404);
    assert_eq!(server.get(&validate("/en/de/packages")).await.status, 404);
}

#[tokio::test]
async fn an_end_point_that_is_the_start_page() {
    let site = Site::recorded().await;
    site.run("UPDATE #__menu SET home = 0 WHERE id = 101").await;
    site.run("UPDATE #__menu SET home = 1 WHERE id = 201").await;
    let server = site.serve().await;
    assert_eq!(server.code("/").await, "REQ_MNS");
    let query = format!(
        "/?action=post&module=release&resource=validate&id=redj_enterprise\
         &email=alice@example.test&key={ALICE_KEY}"
    );
    assert_eq!(server.code(&query).await, "ok");
    assert_eq!(server.code(&validate("/packages")).await, "ok");
    assert_eq!(server.get("/?view=other").await.status, 404);
    assert_eq!(server.get("/nosuch").await.status, 404);
}

#[tokio::test]
async fn the_configuration_adds_overrides_and_fixes() {
    let configured = |path: &str, access| ConfiguredEndpoint { path: path.into(), access };
    let mut site = Site::recorded().await;
    site.config.endpoints = vec![
        configured("/own/path/", EndpointAccess::Free),
        configured("packages", EndpointAccess::Key),
    ];
    let server = site.serve().await;
    assert_eq!(server.code(&validate("/own/path")).await, "ok");
    assert_eq!(server.code(&validate("/packages")).await, "REQ_AKR");
    assert_eq!(server.code(&validate("/my-packages")).await, "ok");
    assert_eq!(server.code("/index.php?option=com_jbackend&Itemid=201&module=x").await, "REQ_AKR");

    let mut site = Site::recorded().await;
    site.config.joomla.menu = false;
    site.config.endpoints = vec![configured("own", EndpointAccess::Free)];
    let server = site.serve().await;
    assert_eq!(server.code(&validate("/own")).await, "ok");
    assert_eq!(server.get(&validate("/packages")).await.status, 404);
}

#[tokio::test]
async fn the_longest_path_wins() {
    let site = Site::recorded().await;
    site.run("UPDATE #__menu SET path = 'packages/post' WHERE id = 202").await;
    let server = site.serve().await;
    assert_eq!(server.code("/packages/post").await, "REQ_MNS");
    // After the nested end-point with a key, three segments are left, and they have other meanings.
    assert_eq!(server.code("/packages/post/a/release/c").await, "REQ_AKR");
    assert_eq!(server.code("/packages/get/release/download/nosuch").await, "REL_PNF");
}

#[tokio::test]
async fn regression_configured_access_did_not_reach_the_start_page() {
    let mut site = Site::recorded().await;
    site.run("UPDATE #__menu SET home = 0 WHERE id = 101").await;
    site.run("UPDATE #__menu SET home = 1 WHERE id = 201").await;
    let path = "packages".into();
    site.config.endpoints = vec![ConfiguredEndpoint { path, access: EndpointAccess::Key }];
    let server = site.serve().await;
    for target in [
        "/?module=release",
        "/packages?module=release",
        "/?option=com_jbackend&Itemid=201&module=x",
    ] {
        assert_eq!(server.code(target).await, "REQ_AKR", "{target}");
    }
}

#[tokio::test]
async fn items_of_two_languages_may_share_a_path() {
    let mut site = Site::new(Schema::Joomla5).await;
    for statement in [
        "INSERT INTO #__languages (lang_code, title, sef, published) VALUES \
         ('en-GB', 'English', 'en', 1), ('de-DE', 'Deutsch', 'de', 1)",
        "INSERT INTO #__extensions (name, type, element, folder, client_id, enabled, params, \
         manifest_cache, custom_data) VALUES ('languagefilter', 'plugin', 'languagefilter', \
         'system', 0, 1, '', '', '')",
        "UPDATE #__menu SET language = 'en-GB' WHERE id = 201",
        "UPDATE #__menu SET path = 'packages', language = 'de-DE' WHERE id = 202",
    ] {
        site.run(statement).await;
    }
    site.config.joomla.version = None;
    let server = site.serve().await;
    assert_eq!(server.code(&validate("/en/packages")).await, "ok");
    assert_eq!(server.code(&validate("/de/packages")).await, "REQ_AKR");
    // Without the language the item is ambiguous: the stricter one answers.
    assert_eq!(server.code(&validate("/packages")).await, "REQ_AKR");
    server.stopped().await;
}

#[tokio::test]
async fn configured_access_reaches_every_item_of_a_path() {
    let mut site = Site::recorded().await;
    site.run("UPDATE #__menu SET path = 'Packages', language = 'de-DE' WHERE id = 211").await;
    let path = "packages".into();
    site.config.endpoints = vec![ConfiguredEndpoint { path, access: EndpointAccess::Key }];
    let server = site.serve().await;
    for item in [201, 211] {
        let target = format!("/index.php?option=com_jbackend&module=release&Itemid={item}");
        assert_eq!(server.code(&target).await, "REQ_AKR", "{item}");
    }
}

#[tokio::test]
async fn a_dot_in_the_subdirectory_is_no_suffix() {
    let mut site = Site::recorded().await;
    site.config.server.public_url = Some("https://www.example.test/joomla5.3".into());
    site.config.joomla.sef_suffix = true;
    let server = site.serve().await;
    for root in ["/joomla5.3", "/joomla5.3/", "/joomla5.3/index.php"] {
        let target = format!("{root}?option=com_jbackend&Itemid=201");
        assert_eq!(server.code(&target).await, "REQ_MNS", "{target}");
    }
    assert_eq!(server.code("/joomla5.3/packages.html").await, "REQ_MNS");
}

#[tokio::test]
async fn a_menu_that_may_not_be_read_is_told_at_start() {
    let site = Site::recorded().await;
    site.run("DROP TABLE #__menu").await;
    let refused =
        jbackend_bridge::service::App::start(&site.config).await.err().unwrap().to_string();
    assert!(
        refused.contains("menu may not be read") && refused.contains("grants.sql"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_form_alone_names_the_end_point_where_the_query_names_the_component() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let form = "Itemid=201&action=post&module=release&resource=validate&id=redj_enterprise&email=x";
    for query in ["", "&view=request", "&format=html", "&view=request&format=html"] {
        for path in ["/index.php", "/"] {
            let target = format!("{path}?option=com_jbackend{query}");
            assert_eq!(server.client.post(&target, form).await.code(), "REL_KNS", "{target}");
        }
    }
    let in_the_form = format!("option=com_jbackend&{form}");
    assert_eq!(server.client.post("/index.php", &in_the_form).await.code(), "REQ_AKR");
    for (format, status) in [("html", 200), ("raw", 404), ("HTML", 404), ("", 404), ("x", 404)] {
        let target = format!("{}&format={format}", validate("/packages"));
        assert_eq!(server.get(&target).await.status, status, "{format}");
    }
    assert_eq!(server.get(&format!("{}&format[]=html", validate("/packages"))).await.status, 404);
}

#[tokio::test]
async fn a_form_feed_is_part_of_a_key() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    for (blank, code) in
        [("%20", "ok"), ("%09", "ok"), ("%0B", "ok"), ("%00", "ok"), ("%0C", "REL_KNV")]
    {
        let target = format!("{}{blank}", validate("/packages"));
        assert_eq!(server.code(&target).await, code, "{blank}");
    }
}
