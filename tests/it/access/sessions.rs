//! Access type `user`: the visitor's Joomla session decides.

use std::time::{SystemTime, UNIX_EPOCH};

use jbackend_bridge::jbackend::access::Sessions;
use jbackend_bridge::store::{MySqlSessionTimes, SessionTimes, UsedSession};
use testkit::fixture::{self, Schema};

use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, Server, Site};
use crate::common::store::StoreSettings as _;

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
        // PHP makes no such id, so the database is not queried.
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
        // The module list and a missing module are checked first.
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

/// Reads the time and the data of a session.
async fn session(server: &Server, id: &str) -> (u64, String) {
    let sql = format!("SELECT time, COALESCE(data, '') FROM #__session WHERE session_id = '{id}'");
    let mut row = server.site.rows(&sql).await.pop().unwrap();
    (row.take::<u64, _>(0).unwrap(), row.take::<String, _>(1).unwrap())
}

async fn used(site: &Site, id: &str, seconds_ago: u64, user: i64) {
    let time = now() - seconds_ago;
    site.run(&format!(
        "INSERT INTO #__session (session_id, time, client_id, guest, userid, data) \
         VALUES ('{id}', {time}, 0, 0, {user}, 'joomla|s:1:\"x\";')"
    ))
    .await;
}

/// Waits until a session's time is renewed.
async fn renewed(server: &Server, id: &str) {
    let started = std::time::Instant::now();
    while session(server, id).await.0 + 60 < now() {
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "`{id}` is not renewed");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Otherwise a client that only uses the bridge would be logged out after a quarter of an hour.
#[tokio::test]
async fn a_session_that_is_used_is_renewed_and_nothing_else_of_it() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let site = Site::new(schema).await;
        used(&site, "young", 20, 100).await;
        used(&site, "dead", 901, 100).await;
        used(&site, "idle", 800, 100).await;
        used(&site, "old", 890, 100).await;
        let server = site.serve().await;
        let before = [session(&server, "young").await, session(&server, "dead").await];
        let idle = session(&server, "idle").await;
        assert_eq!(code(&server, &cookie("young")).await, "ok");
        assert_eq!(code(&server, &cookie("dead")).await, "REQ_AUR");
        assert_eq!(code(&server, &cookie("old")).await, "ok");
        // Sessions are written in the order of their use.
        renewed(&server, "old").await;
        assert_eq!(session(&server, "old").await.1, "joomla|s:1:\"x\";", "its data stays");
        assert_eq!([session(&server, "young").await, session(&server, "dead").await], before);
        assert_eq!(session(&server, "idle").await, idle);
    }
}

#[tokio::test]
async fn a_session_in_an_sqlite_file_is_renewed() {
    let site = Site::new(Schema::Sqlite).await;
    let time = now() - 100;
    log_in(&site, "alice", "client_id, guest, userid", "0, 0, 100").await;
    site.run(&format!("UPDATE #__session SET time = {time}")).await;
    let file = site.config.database.url.clone().unwrap();
    let server = site.serve().await;
    assert_eq!(code(&server, &cookie("alice")).await, "ok");
    let file = secrecy::ExposeSecret::expose_secret(&file).trim_start_matches("sqlite:").to_owned();
    let connection = rusqlite::Connection::open(file).unwrap();
    let started = std::time::Instant::now();
    loop {
        let sql = fixture::sql("SELECT time FROM #__session");
        let at: i64 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        if at.unsigned_abs() + 60 >= now() {
            return;
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "not renewed");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// A session may end between its check and its renewal.
#[tokio::test]
async fn a_session_that_ended_meanwhile_is_not_revived() {
    let site = Site::recorded().await;
    let database = site.database();
    used(&site, "alice", 100, 100).await;
    let times = MySqlSessionTimes::new(database.settings());
    let server = site.serve().await;
    let before = session(&server, "alice").await;
    let session_of = |user_id| UsedSession { id: "alice".into(), user_id, lifetime: 900 };
    let at = i64::try_from(now()).unwrap();
    // The session now belongs to another user; its lifetime is over; it was written just before.
    times.renew(&session_of(101), at).await.unwrap();
    times.renew(&session_of(100), at + 900).await.unwrap();
    times.renew(&session_of(100), at - 60).await.unwrap();
    server.site.run("UPDATE #__session SET guest = 1").await;
    times.renew(&session_of(100), at).await.unwrap();
    assert_eq!(session(&server, "alice").await, before);
    server.site.run("UPDATE #__session SET guest = 0").await;
    times.renew(&session_of(100), at).await.unwrap();
    assert_eq!(session(&server, "alice").await, (at.unsigned_abs(), before.1));
}

/// If the bridge may not write, it does not renew, and the answer is the same.
#[tokio::test]
async fn without_the_right_a_session_is_taken_as_before() {
    let log = Log::keep();
    let site = Site::recorded().await;
    site.run(
        "CREATE TRIGGER frozen BEFORE UPDATE ON #__session FOR EACH ROW SIGNAL SQLSTATE '45000'",
    )
    .await;
    used(&site, "alice", 100, 100).await;
    let server = site.serve().await;
    let before = session(&server, "alice").await;
    for _ in 0..3 {
        assert_eq!(code(&server, &cookie("alice")).await, "ok");
    }
    let started = std::time::Instant::now();
    while log.count(&["sessions are not renewed"]) == 0 {
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "{}", log.text());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(code(&server, &cookie("alice")).await, "ok");
    assert_eq!(session(&server, "alice").await, before);
    assert_eq!(log.count(&["sessions are not renewed"]), 1, "{}", log.text());
}

#[tokio::test]
async fn a_bridge_that_only_reads_renews_nothing() {
    let mut reading = Site::recorded().await;
    reading.config.database.read_only = true;
    used(&reading, "alice", 100, 100).await;
    let reading = reading.serve().await;
    let before = session(&reading, "alice").await;
    assert_eq!(code(&reading, &cookie("alice")).await, "ok");
    let database = reading.site.database();
    reading.stopped().await;
    let mut admin = database.admin().await;
    let sql = fixture::sql("SELECT time FROM #__session");
    let time: Option<u64> =
        mysql_async::prelude::Queryable::query_first(&mut admin, sql).await.unwrap();
    assert_eq!(time, Some(before.0));
}
