//! Access type `key`: limits that hold, codes, and a bridge that may not write.

use std::collections::BTreeMap;

use testkit::fixture::Schema;
use testkit::mariadb::{Database, MariaDb};

use crate::common::site::{ALICE_KEY, Server, Site};

pub(super) fn validate(end_point: &str, rest: &str) -> String {
    format!(
        "/{end_point}/post/release/validate/redj_enterprise?email=alice@example.test\
         &key={ALICE_KEY}{rest}"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_holds_under_parallel_requests() {
    let site = Site::recorded().await;
    site.run("UPDATE #__jbackend_keys SET daily_requests = 37 WHERE `key` = 'goodkey'").await;
    let server = site.serve().await;
    let requests = (0..100).map(|_| {
        let client = server.client.clone();
        let target = validate("apikey", "&api_key=goodkey");
        tokio::spawn(async move { client.send("GET", &target, &[], b"").await.code() })
    });
    let mut codes = BTreeMap::new();
    for request in requests.collect::<Vec<_>>() {
        *codes.entry(request.await.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(codes, BTreeMap::from([("ok".into(), 37), ("REQ_AKL".into(), 63)]));
    let sql = "SELECT hits, current_hits FROM #__jbackend_keys WHERE `key` = 'goodkey'";
    let mut row = server.site.rows(sql).await.pop().unwrap();
    assert_eq!(row.take::<i64, _>("hits"), Some(37));
    assert_eq!(row.take::<i64, _>("current_hits"), Some(37));
}

#[tokio::test]
async fn refused_requests_change_nothing() {
    let server = Site::recorded().await.serve().await;
    let before = all_keys(&server).await;
    for (key, code) in [
        ("", "REQ_AKI"),
        ("nosuch", "REQ_AKI"),
        ("unpub", "REQ_AKI"),
        ("expired", "REQ_AKE"),
        ("%ff%fe", "REQ_AKI"),
        ("%F0%9F%98%80", "REQ_AKI"),
        ("goodkey'--", "REQ_AKI"),
    ] {
        assert_eq!(server.code(&validate("apikey", &format!("&api_key={key}"))).await, code);
    }
    assert_eq!(server.code(&validate("apikey", "&api_key[]=goodkey")).await, "REQ_AKI");
    assert_eq!(server.code(&validate("apikey", "")).await, "REQ_AKR");
    assert_eq!(server.code("/apikey").await, "REQ_MNS");
    assert_eq!(all_keys(&server).await, before);
}

/// Some servers convert a character that a column cannot hold to `?`, which makes another key.
#[tokio::test]
async fn a_key_that_the_column_cannot_hold_is_nobody_s() {
    for (charset, held) in [("utf8", "gk%C3%A9"), ("latin1", "gk%C3%A9"), ("latin2", "gk%C3%A9")] {
        let site = Site::recorded().await;
        site.run(&format!("ALTER TABLE #__jbackend_keys CONVERT TO CHARACTER SET {charset}")).await;
        for key in ["gk?", "gk????", "gké"] {
            let copy = format!(
                "INSERT INTO #__jbackend_keys (`key`, user_id, daily_requests, expiration_date, \
                 published) SELECT '{key}', user_id, 0, expiration_date, published \
                 FROM #__jbackend_keys WHERE `key` = 'goodkey'"
            );
            site.run(&copy).await;
        }
        let server = site.serve().await;
        let code =
            async |key: &str| server.code(&validate("apikey", &format!("&api_key={key}"))).await;
        assert_eq!(code("gk%F0%9F%98%80").await, "REQ_AKI", "{charset}");
        assert_eq!(code(held).await, "ok", "{charset}");
        assert_eq!(code("gk?").await, "ok", "{charset}");
    }
}

async fn all_keys(server: &Server) -> Vec<String> {
    let rows = server.site.rows("SELECT * FROM #__jbackend_keys ORDER BY id").await;
    rows.into_iter().map(|row| format!("{:?}", row.unwrap_raw())).collect()
}

#[tokio::test]
async fn an_expiration_date_that_is_null_is_none() {
    let site = Site::recorded().await;
    site.run("ALTER TABLE #__jbackend_keys MODIFY expiration_date datetime NULL").await;
    site.run("ALTER TABLE #__jbackend_keys MODIFY current_day datetime NULL").await;
    site.run("UPDATE #__jbackend_keys SET expiration_date = NULL, current_day = NULL").await;
    let server = site.serve().await;
    for _ in 0..2 {
        assert_eq!(server.code(&validate("apikey", "&api_key=limit2")).await, "ok");
    }
    assert_eq!(server.code(&validate("apikey", "&api_key=limit2")).await, "REQ_AKL");
}

#[tokio::test]
async fn without_the_right_to_write_a_key_end_point_is_closed_and_the_others_are_open() {
    let mut site = Site::recorded().await;
    site.config.database.read_only = true;
    let server = site.serve().await;
    assert_eq!(server.code(&validate("apikey", "&api_key=goodkey")).await, "REQ_AKG");
    assert_eq!(server.code(&validate("apikey", "")).await, "REQ_AKR");
    assert_eq!(server.code(&validate("packages", "")).await, "ok");
    assert_eq!(server.code(&validate("trace", "")).await, "ok");
}

#[tokio::test]
async fn a_site_without_key_end_points_and_traces_opens_no_writing_connection() {
    let server_side = MariaDb::own();
    let database = server_side.database(Schema::Joomla5).await;
    for statement in [
        "DROP TABLE #__jbackend_keys",
        "DROP TABLE #__jbackend_logs",
        "UPDATE #__menu SET published = 0 WHERE id <> 201",
    ] {
        database.run(statement).await;
    }
    let server = Site::on(&database).serve().await;
    assert_eq!(server.code(&validate("packages", "")).await, "ok");
    // The component's own URLs need a key: only now the bridge notices that the tables are missing.
    let component = "/component/jbackend/post/release/validate/x";
    assert_eq!(server.code(component).await, "REQ_AKR");
    assert_eq!(server.code(&format!("{component}?api_key=a")).await, "REQ_AKG");
    server.stopped().await;
}

#[tokio::test]
async fn a_writer_of_its_own_is_used() {
    let mut site = Site::recorded().await;
    let name = site.database().name.clone();
    let grant = |user: &str, rights: &str| {
        format!("GRANT {rights} ON `{name}`.* TO '{user}'@'%' IDENTIFIED BY 'pw'")
    };
    site.run(&grant("only_reads", "SELECT")).await;
    site.run(&grant("also_writes", "SELECT, INSERT, UPDATE")).await;
    site.config.database.user = Some("only_reads".into());
    site.config.database.password = Some("pw".to_owned().into());
    site.config.database.writer_user = Some("also_writes".into());
    site.config.database.writer_password = Some("pw".to_owned().into());
    let server = site.serve().await;
    assert_eq!(server.code(&validate("apikey", "&api_key=goodkey")).await, "ok");
}

#[tokio::test]
async fn the_database_gone_closes_a_key_end_point_and_it_opens_again_by_itself() {
    let server_side = MariaDb::own();
    let database: Database<'_> = server_side.database(Schema::Joomla3).await;
    // The tests' servers keep committed data in memory for a while. This one must not.
    database.run("SET GLOBAL innodb_flush_log_at_trx_commit = 1").await;
    let server = Site::on(&database).serve().await;
    let target = validate("apikey", "&api_key=goodkey");
    assert_eq!(server.code(&target).await, "ok");
    server_side.kill();
    assert_eq!(server.code(&target).await, "REQ_AKG");
    server_side.start();
    let mut code = server.code(&target).await;
    for _ in 0..50 {
        if code == "ok" {
            break;
        }
        code = server.code(&target).await;
    }
    assert_eq!(code, "ok");
}
