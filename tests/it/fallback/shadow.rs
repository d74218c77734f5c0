//! Shadow mode: PHP answers, the bridge compares, and no row is written.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use jbackend_bridge::config::Config;
use jbackend_bridge::service::App;
use mysql_async::prelude::Queryable as _;
use testkit::fixture::Schema;
use testkit::mariadb::MariaDb;

use super::log::Log;
use super::upstream::{Reaction, Received, Upstream, answer, json, page};
use super::{configured, stand_before};
use crate::common::site::{ALICE_KEY, PAID_FILE, Server, Site};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn everything(config: &mut Config) {
    config.fallback.shadow = vec!["all".into()];
    // The requests of a test come faster than passwords are checked.
    config.fallback.shadow_limit = 100;
}

/// Makes answers for a PHP side: to each request the body of another bridge.
async fn relay(twin: &Server, requests: &[(&str, &str)]) -> Vec<Vec<u8>> {
    let mut answers = Vec::new();
    for (target, form) in requests {
        let reply = twin.client.send("POST", target, &[FORM], form.as_bytes()).await;
        let kind = reply.header("content-type").to_owned();
        answers.push(answer("200 OK", &format!("Content-Type: {kind}\r\n"), &reply.body));
    }
    answers
}

async fn scripted(answers: Vec<Vec<u8>>) -> Upstream {
    let next = AtomicUsize::new(0);
    Upstream::with(move |_| {
        let turn = next.fetch_add(1, Ordering::SeqCst);
        Reaction::Reply(answers[turn].clone())
    })
    .await
}

fn login(password: &str) -> String {
    format!("username=alice&password={password}")
}

fn requests() -> Vec<(&'static str, String)> {
    let key = format!("email=alice@example.test&key={ALICE_KEY}");
    vec![
        ("/packages/post/release/validate/redj_enterprise", key.clone()),
        (
            "/packages/post/release/validate/redj_enterprise",
            "email=alice@example.test&key=x".into(),
        ),
        ("/packages/post/release/validate/nosuch", key.clone()),
        ("/packages/post/release/verify/redj_ent_190", key.clone()),
        ("/packages/post/release/keybyauth/redj_enterprise", login("wrong")),
        ("/packages/post/release/keybyauth/redj_enterprise", login("alicepass")),
        ("/packages/post/release/keybyemail/redj_enterprise", "email=alice@example.test".into()),
        ("/packages/post/release/keybyemail/redj_enterprise", "email=nobody@example.com".into()),
        ("/packages/post/release/download/redj_ent_190", key.clone()),
        ("/packages/get/release/download/redj_ent_190", key),
        ("/packages/get/release/download/gone", String::new()),
        ("/packages/post/release/nosuch/x", String::new()),
        ("/packages/get/release/validate/x", String::new()),
    ]
}

#[tokio::test]
async fn two_that_answer_alike_are_all_the_same() {
    let requests = requests();
    let pairs: Vec<_> = requests.iter().map(|(target, form)| (*target, form.as_str())).collect();
    let twin = Site::new(Schema::Sqlite).await.serve().await;
    let upstream = scripted(relay(&twin, &pairs).await).await;
    let log = Log::start();
    let server = configured(&upstream, everything).await;
    for (target, form) in &pairs {
        let reply = server.client.send("POST", target, &[FORM], form.as_bytes()).await;
        let found = upstream.take_one();
        assert_eq!((found.target(), found.body.as_slice()), (*target, form.as_bytes()));
        assert_eq!(reply.status, 200);
    }
    let key_came = pairs.iter().any(|(target, _)| target.contains("keybyauth"));
    assert!(key_came && server.mails().is_empty(), "no mail is sent beside PHP's");
    server.stopped().await;
    assert_eq!(log.differences(), Vec::<String>::new());
    assert_eq!(log.counts(), [pairs.len() as u64, 0, 0, 0]);
}

#[tokio::test]
async fn planted_differences_are_found_and_no_others() {
    let php = |request: &Received| {
        let target = request.target();
        Reaction::Reply(if target.contains("keybyauth") {
            json(r#"{"status":"ok","email":"alice@example.test","key":"phps-own-secret-key"}"#)
        } else if target.contains("download/redj_ent") {
            answer("200 OK", "Content-Type: application/zip\r\n", b"PK another file")
        } else if target.contains("download") {
            page("a page of the site")
        } else if target.contains("keybyemail") {
            json(r#"{"status":"ko","error_code":"REL_<evil>\n","error_description":"x"}"#)
        } else if target.contains("moved") {
            answer("303 See Other", "Location: https://x/\r\n", b"")
        } else {
            json(r#"{"status":"ok"}"#)
        })
    };
    let upstream = Upstream::with(php).await;
    let log = Log::start();
    let server = configured(&upstream, everything).await;
    let key = format!("email=alice@example.test&key={ALICE_KEY}");
    let gone = "email=not.there@example.com&key=x";
    for (target, form) in [
        ("/packages/post/release/validate/redj_enterprise", key.as_str()),
        ("/packages/post/release/validate/redj_enterprise", gone),
        ("/packages/post/release/validate/made%0Aup", gone),
        ("/packages/post/release/keybyauth/redj_enterprise", &login("alicepass")),
        ("/packages/post/release/keybyemail/redj_enterprise", "email=alice@example.test"),
        ("/packages/get/release/download/redj_ent_190", &key),
        ("/packages/get/release/download/nosuch", ""),
        ("/packages/post/release/verify/redj_ent_190?moved", &key),
    ] {
        server.client.send("POST", target, &[FORM], form.as_bytes()).await;
    }
    server.stopped().await;
    assert_eq!(
        log.differences(),
        [
            "download - file REL_PNF - -",
            "download redj_ent_190 file file - -",
            "keybyauth redj_enterprise ok ok different same",
            "keybyemail redj_enterprise REL_evil ok - -",
            "validate - ok REL_GNF - -",
            "validate redj_enterprise ok REL_UNF - -",
            "verify redj_ent_190 http_303 ok - -",
        ]
    );
    assert_eq!(log.counts(), [1, 7, 0, 0]);
    let text = log.text();
    for secret in ["phps-own-secret-key", ALICE_KEY, "alicepass", "alice@", "not.there", "made"] {
        assert!(!text.contains(secret), "{secret} in the log");
    }
}

#[tokio::test]
async fn codes_are_compared_as_the_operator_renames_them() {
    let php = json(r#"{"status":"ko","error_code":"REL_XYZ","error_description":"x"}"#);
    let upstream = Upstream::with(move |_| Reaction::Reply(php.clone())).await;
    let log = Log::start();
    let server = configured(&upstream, |config| {
        everything(config);
        let renamed =
            jbackend_bridge::config::values::CodeName { code: Some("REL_XYZ".into()), text: None };
        config.release.error_codes.insert("REL_GNF".into(), renamed);
    })
    .await;
    server.get("/packages/post/release/validate/nosuch?email=a&key=b").await;
    server.stopped().await;
    assert_eq!(log.counts(), [1, 0, 0, 0]);
}

#[tokio::test]
async fn compressed_answers_are_read_and_go_on_untouched() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(br#"{"status":"ko","error_code":"REL_GNF","error_description":""}"#).unwrap();
    let packed = packed.finish().unwrap();
    let kind = "Content-Type: application/json\r\nContent-Encoding: ";
    let gzip = answer("200 OK", &format!("{kind}gzip\r\n"), &packed);
    let strange = answer("200 OK", &format!("{kind}br\r\n"), &packed);
    let upstream = scripted(vec![gzip, strange]).await;
    let log = Log::start();
    let server = configured(&upstream, everything).await;
    for _ in 0..2 {
        let reply = server.get("/packages/post/release/validate/nosuch?email=a&key=b").await;
        assert_eq!(reply.body, packed);
    }
    server.stopped().await;
    assert_eq!(log.counts(), [1, 0, 0, 1]);
}

#[tokio::test]
async fn one_resource_after_the_other_goes_live() {
    let upstream = Upstream::with(|_| Reaction::Reply(json(r#"{"status":"php"}"#))).await;
    let server = configured(&upstream, |config| {
        config.fallback.shadow = vec!["keybyauth".into(), "keybyemail".into()];
    })
    .await;
    for (resource, is_php) in [
        ("keybyauth", true),
        ("keybyemail", true),
        ("keybymail", true),
        ("validate", false),
        ("verify", false),
        ("download", false),
        ("nosuch", false),
    ] {
        let reply = server.get(&format!("/packages/post/release/{resource}/x")).await;
        assert_eq!(reply.text().contains("php"), is_php, "{resource}");
        assert_eq!(upstream.take().len(), usize::from(is_php), "{resource}");
    }
}

#[tokio::test]
async fn nothing_is_written_beside_php() {
    let upstream = Upstream::with(|_| Reaction::Reply(json(r#"{"status":"ok"}"#))).await;
    let mut site = Site::recorded().await;
    stand_before(&mut site, &upstream);
    everything(&mut site.config);
    let log = Log::start();
    let server = site.serve().await;
    let state = "SELECT (SELECT GROUP_CONCAT(`key`, hits, current_hits, last_visit ORDER BY id) \
                 FROM #__jbackend_keys) AS k, (SELECT COUNT(*) FROM #__jbackend_logs) AS l";
    let before = server.site.rows(state).await.pop().unwrap();
    for target in [
        "/apikey/post/release/x?api_key=goodkey",
        "/apikey/post/release/validate/redj_enterprise?api_key=goodkey",
        "/trace/post/release/validate/redj_enterprise?email=a&key=b",
        "/packages/post/release/keybyemail/redj_enterprise?email=alice@example.test",
    ] {
        assert_eq!(server.code(target).await, "ok", "{target}: PHP's answer");
    }
    assert_eq!(upstream.take().len(), 4);
    assert!(server.mails().is_empty());
    let database = server.site.database();
    server.stopped().await;
    let mut admin = database.admin().await;
    let after: mysql_async::Row =
        admin.query_first(testkit::fixture::sql(state)).await.unwrap().unwrap();
    assert_eq!(before.unwrap(), after.unwrap());
    let [same, different, dropped, unread] = log.counts();
    assert_eq!((same + different, dropped, unread), (4, 0, 0));
}

#[tokio::test]
async fn php_is_never_kept_waiting_and_what_is_too_much_is_dropped() {
    let upstream = Upstream::with(|_| Reaction::Reply(json(r#"{"status":"ok"}"#))).await;
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla3).await;
    let mut site = Site::on(&database);
    stand_before(&mut site, &upstream);
    everything(&mut site.config);
    site.config.fallback.shadow_limit = 1;
    site.config.database.query_timeout = 60;
    site.config.server.shutdown_deadline = 1;
    let log = Log::start();
    let server = site.serve().await;
    // The bridge's own answers wait for the database; PHP's do not.
    mariadb.hang();
    let target = "/packages/post/release/validate/redj_enterprise?email=a@b.test&key=b";
    for _ in 0..4 {
        assert_eq!(server.code(target).await, "ok");
    }
    assert_eq!(upstream.take().len(), 4);
    let app = server.stopped();
    mariadb.go_on();
    app.await;
    let [_, _, dropped, _] = log.counts();
    assert_eq!(dropped, 3);
}

#[tokio::test]
async fn a_slow_php_is_waited_for_and_a_broken_one_is_not_compared() {
    let paused = Reaction::Pause(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"sta"
            .to_vec(),
        b"tus\":\"ok\"}".to_vec(),
    );
    let broken = Reaction::ReplyAndClose(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"s"
            .to_vec(),
    );
    let upstream = Upstream::with(move |request| {
        if request.target().contains("broken") { broken.clone() } else { paused.clone() }
    })
    .await;
    let log = Log::start();
    let server = configured(&upstream, everything).await;
    let target = format!(
        "/packages/post/release/verify/redj_ent_190?email=alice@example.test&key={ALICE_KEY}"
    );
    upstream.release();
    assert_eq!(server.code(&target).await, "ok");
    server.get(&format!("{target}&broken")).await;
    server.stopped().await;
    assert_eq!(log.counts(), [1, 0, 0, 1]);
}

#[tokio::test]
async fn what_cannot_be_compared_is_left_alone() {
    let upstream = Upstream::with(|_| Reaction::Reply(page(""))).await;
    let log = Log::start();
    let server = configured(&upstream, everything).await;
    let target = "/packages/get/release/download/redj_com_190";
    server.client.send("HEAD", target, &[], b"").await;
    server.client.send("GET", target, &[("Range", "bytes=0-1")], b"").await;
    server.client.send("GET", target, &[("If-None-Match", "\"x\"")], b"").await;
    let preflight = [("Origin", "https://x"), ("Access-Control-Request-Method", "POST")];
    server.client.send("OPTIONS", target, &preflight, b"").await;
    server.stopped().await;
    assert_eq!(log.counts(), [0, 0, 0, 0]);
}

#[tokio::test]
async fn settings_that_make_no_sense_stop_the_start() {
    for (upstream, shadow, said) in [
        (None, "all", "`fallback.upstream` is not set"),
        (Some("http://127.0.0.1:1"), "nosuch", "`nosuch` is no resource"),
    ] {
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.fallback.upstream = upstream.map(|address| address.parse().unwrap());
        site.config.fallback.shadow = vec![shadow.into()];
        let error = App::start(&site.config).await.err().unwrap().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[tokio::test]
async fn a_download_of_equal_length_is_the_same() {
    let bytes = answer("200 OK", "Content-Type: application/octet-stream\r\n", PAID_FILE);
    let upstream = Upstream::with(move |_| Reaction::Reply(bytes.clone())).await;
    let log = Log::start();
    let server = configured(&upstream, everything).await;
    let target = format!(
        "/packages/get/release/download/redj_ent_190?email=alice@example.test&key={ALICE_KEY}"
    );
    assert_eq!(server.get(&target).await.body, PAID_FILE);
    server.stopped().await;
    assert_eq!(log.counts(), [1, 0, 0, 0]);
}
