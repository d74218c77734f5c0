//! Access type `user`: the visitor's Joomla session decides.

use std::time::{SystemTime, UNIX_EPOCH};

use jbackend_bridge::jbackend::access::Sessions;

use crate::common::fixture::{self, Schema};
use crate::common::site::{ALICE_KEY, Server, Site};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

async fn log_in(site: &Site, id: &str, columns: &str, values: &str) {
    let time = now();
    site.run(&format!(
        "INSERT INTO #__session (session_id, time, {columns}) VALUES ('{id}', {time}, {values})"
    ))
    .await;
}

async fn code(server: &Server, cookie: &str) -> String {
    let target = format!(
        "/apiuser/post/release/validate/redj_enterprise?email=alice@example.test&key={ALICE_KEY}"
    );
    server.client.send("GET", &target, &[("Cookie", cookie)], b"").await.code()
}

fn cookie(id: &str) -> String {
    format!("other=1; {}={id}; x=y", Sessions::cookie_name(fixture::secret(), "site"))
}

#[tokio::test]
async fn a_visitor_logged_in_to_joomla_passes_and_nobody_else() {
    for schema in [Schema::Joomla3, Schema::Joomla5, Schema::Sqlite] {
        let site = Site::new(schema).await;
        log_in(&site, "alice", "client_id, guest, userid", "0, 0, 100").await;
        log_in(&site, "shared", "client_id, guest, userid", "NULL, 0, 100").await;
        log_in(&site, "admin", "client_id, guest, userid", "1, 0, 42").await;
        log_in(&site, "guest", "client_id, guest, userid", "0, 1, 0").await;
        log_in(&site, "nulls", "client_id, guest, userid", "0, NULL, NULL").await;
        log_in(&site, "blocked", "client_id, guest, userid", "0, 0, 102").await;
        log_in(&site, "deleted", "client_id, guest, userid", "0, 0, 4711").await;
        site.run(
            "INSERT INTO #__session (session_id, time, client_id, guest, userid) \
                  VALUES ('stale', 1000, 0, 0, 100)",
        )
        .await;
        let server = site.serve().await;
        for (id, wanted) in [
            ("alice", "ok"),
            ("shared", "ok"),
            ("admin", "REQ_AUR"),
            ("guest", "REQ_AUR"),
            ("nulls", "REQ_AUR"),
            ("blocked", "REQ_AUR"),
            ("deleted", "REQ_AUR"),
            ("stale", "REQ_AUR"),
            ("nosuch", "REQ_AUR"),
            ("", "REQ_AUR"),
        ] {
            assert_eq!(code(&server, &cookie(id)).await, wanted, "{id} on {schema:?}");
        }
        // No id of PHP's: not even asked for.
        assert_eq!(code(&server, &cookie("alice😀")).await, "REQ_AUR");
        assert_eq!(code(&server, "alice=alice").await, "REQ_AUR");
        assert_eq!(code(&server, "").await, "REQ_AUR");
    }
}

#[tokio::test]
async fn the_first_of_two_cookies_counts_as_in_php() {
    let site = Site::recorded().await;
    log_in(&site, "alice", "client_id, guest, userid", "0, 0, 100").await;
    let server = site.serve().await;
    assert_eq!(code(&server, &format!("{}; {}", cookie("alice"), cookie("x"))).await, "ok");
    assert_eq!(code(&server, &format!("{}; {}", cookie("x"), cookie("alice"))).await, "REQ_AUR");
}

#[tokio::test]
async fn the_lifetime_and_the_cookie_can_be_configured() {
    let mut site = Site::recorded().await;
    site.config.joomla.lifetime = 60;
    site.config.joomla.session_cookie = Some("mine".into());
    let half_an_hour_ago = now() - 1800;
    site.run(&format!(
        "INSERT INTO #__session (session_id, time, client_id, guest, userid) \
         VALUES ('alice', {half_an_hour_ago}, 0, 0, 100)"
    ))
    .await;
    let server = site.serve().await;
    assert_eq!(code(&server, "mine=alice").await, "ok");
    assert_eq!(code(&server, &cookie("alice")).await, "REQ_AUR");
}

#[tokio::test]
async fn the_sites_session_name_makes_the_cookie() {
    let mut site = Site::recorded().await;
    site.config.joomla.session_name = "shop".into();
    log_in(&site, "alice", "client_id, guest, userid", "0, 0, 100").await;
    let server = site.serve().await;
    let named = Sessions::cookie_name(fixture::secret(), "shop");
    assert_eq!(code(&server, &format!("{named}=alice")).await, "ok");
    assert_eq!(code(&server, &cookie("alice")).await, "REQ_AUR");
}

#[tokio::test]
async fn where_sessions_cannot_be_read_nobody_is_let_in() {
    let mut elsewhere = Site::recorded().await;
    elsewhere.config.joomla.session_handler = "redis".into();
    let mut without_secret = Site::recorded().await;
    without_secret.config.joomla.secret = None;
    let no_table = Site::recorded().await;
    no_table.run("DROP TABLE #__session").await;
    for site in [elsewhere, without_secret, no_table] {
        let server = site.serve().await;
        assert_eq!(code(&server, &cookie("alice")).await, "REQ_UCA");
        // The module list and a missing module are judged first.
        assert_eq!(server.code("/apiuser").await, "REQ_MNS");
    }
}

#[tokio::test]
async fn the_login_itself_is_open_but_no_module_of_ours() {
    let server = Site::recorded().await.serve().await;
    assert_eq!(server.code("/apiuser/post/user/login").await, "REQ_MNF");
    assert_eq!(server.code("/apiuser/get/user/login").await, "REQ_AUR");
    assert_eq!(server.code("/apiuser/post/user/logout").await, "REQ_AUR");
}

#[test]
fn the_cookie_is_named_as_joomla_names_it() {
    // md5(md5("Lab3SecretLab3Secr" . "site")), computed with md5sum.
    assert_eq!(
        Sessions::cookie_name("Lab3SecretLab3Secr", "site"),
        "c9c0cbee0e3c2a38d9c3d3fc30368e09"
    );
}
