//! The database fails or hangs while requests come in.

use std::time::{Duration, Instant};

use testkit::fixture::Schema;
use testkit::mariadb::MariaDb;

use super::{await_body, await_code, expect_codes, post};
use crate::common::site::{ALICE_KEY, FREE_FILE, PAID_FILE, Server, Site};

const CONNECT_TIMEOUT: u64 = 2;
const QUERY_TIMEOUT: u64 = 1;
/// The sum of both time limits, and a margin for a busy machine.
const BOUND: Duration = Duration::from_secs(CONNECT_TIMEOUT + QUERY_TIMEOUT + 7);

async fn serve(mariadb: &MariaDb) -> Server {
    let database = mariadb.database(Schema::Joomla5).await;
    let mut site = Site::on(&database);
    site.config.database.connect_timeout = CONNECT_TIMEOUT;
    site.config.database.query_timeout = QUERY_TIMEOUT;
    site.serve().await
}

const ALICE: [(&str, &str); 2] = [("email", "alice@example.test"), ("key", ALICE_KEY)];

/// Makes requests that need an account from the database.
fn asking() -> [String; 5] {
    let login = [("username", "alice"), ("password", "alicepass")];
    [
        post("validate", "redj_enterprise", &ALICE),
        post("keybyemail", "redj_enterprise", &ALICE),
        post("keybyauth", "redj_enterprise", &login),
        post("verify", "redj_ent_190", &ALICE),
        post("download", "redj_ent_190", &ALICE),
    ]
}

/// Checks that all requests that need the database fail within the bound, and that all others
/// succeed.
async fn expect_failing(server: &Server) {
    for target in asking() {
        let started = Instant::now();
        let reply = server.get(&target).await;
        assert_eq!(reply.code(), "REL_RGE", "{target}");
        assert_eq!(
            reply.text(),
            r#"{"status":"ko","error_code":"REL_RGE","error_description":"Release generic error"}"#
        );
        assert!(started.elapsed() < BOUND, "{target}: {:?}", started.elapsed());
    }
    let requests = [
        (post("verify", "small", &[]), "ok"),
        (post("validate", "redj_enterprise", &[]), "REL_ENS"),
        (post("validate", "unknown", &ALICE), "REL_GNF"),
        (post("keybyauth", "redj_enterprise", &[("username", "alice")]), "REL_PWS"),
    ];
    expect_codes(server, &requests).await;
    let free = server.get("/packages/get/release/download/redj_com_190").await;
    assert_eq!(free.body, FREE_FILE);
}

/// Waits until every kind of request succeeds again. On a busy machine, a healthy database may
/// still need longer than the short time limit of a query.
async fn expect_healthy_again(server: &Server) {
    let [asked @ .., download] = asking();
    for target in asked {
        await_code(server, &target, "ok").await;
    }
    await_body(server, &download, PAID_FILE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_killed_is_an_error_until_it_is_back() {
    let mariadb = MariaDb::own();
    let server = serve(&mariadb).await;
    expect_healthy_again(&server).await;
    mariadb.kill();
    expect_failing(&server).await;
    mariadb.start();
    expect_healthy_again(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_is_given_up_in_time() {
    let mariadb = MariaDb::own();
    let server = serve(&mariadb).await;
    expect_healthy_again(&server).await;
    mariadb.hang();
    expect_failing(&server).await;
    mariadb.go_on();
    expect_healthy_again(&server).await;
}

/// Under uniform privacy, a failing database must not look like "key not valid", and a failed mail
/// request must not look like "ok".
#[tokio::test(flavor = "multi_thread")]
async fn uniform_privacy_does_not_hide_a_failing_database() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla3).await;
    let mut site = Site::on(&database);
    site.config.release.privacy = jbackend_bridge::config::values::Privacy::Uniform;
    let server = site.serve().await;
    mariadb.kill();
    expect_codes(&server, &asking().map(|target| (target, "REL_RGE"))).await;
}
