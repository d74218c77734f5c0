//! Answers from a standby copy, and requests that it refuses.

use md5::{Digest, Md5};
use testkit::fixture::Schema;
use testkit::mariadb::MariaDb;

use super::{await_back, eventually, is_of_snapshot, serve, site};
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, FREE_FILE, PAID_FILE, Server};

/// Computes the key of the fixture's recipe.
fn key(email: &str) -> String {
    let text = format!("{email}redj_enterpriseHASH123KEY456");
    base16ct::lower::encode_string(&Md5::digest(text))
}

fn asks(resource: &str, id: &str, email: &str, key: &str) -> String {
    let email = email.replace('+', "%2B").replace('@', "%40");
    format!("/packages/post/release/{resource}/{id}?email={email}&key={key}")
}

/// Lists requests with their codes: from the database, and from its standby copy.
fn requests() -> Vec<(String, &'static str, &'static str)> {
    let paid = "/packages/get/release/download/redj_ent_190";
    let login = "/packages/post/release/keybyauth/redj_enterprise?username=alice&password";
    let mut requests = Vec::new();
    for (email, code, wrong) in [
        ("alice@example.test", "ok", "REL_KNV"),
        ("bob@example.test", "REL_ANA", "REL_ANA"),
        ("carol@example.test", "REL_UNE", "REL_UNE"),
        ("nobody@example.test", "REL_UNF", "REL_UNF"),
        ("o'neil+tag@example.test", "ok", "REL_KNV"),
        ("o'neil tag@example.test", "ok", "REL_KNV"),
        // There are two accounts, and the first is blocked.
        ("dup@example.test", "ok", "REL_UNE"),
        ("nogroup@example.test", "REL_ANA", "REL_ANA"),
    ] {
        let stored = email.replace("neil ", "neil+");
        let key = key(&stored);
        let email = email.replace(' ', "%20");
        for (resource, id) in [("validate", "redj_enterprise"), ("verify", "redj_ent_190")] {
            requests.push((asks(resource, id, &email, &key), code, code));
            requests.push((asks(resource, id, &email, "0"), wrong, wrong));
        }
    }
    let mixed = asks(
        "validate",
        "redj_enterprise",
        "mixed.case@example.test",
        &key("Mixed.Case@Example.TEST"),
    );
    let alice = "email=alice@example.test";
    requests.extend([
        // Joomla's collation is not available without Joomla's database, so names match to the
        // letter.
        (mixed.clone(), "ok", "REL_UNF"),
        (mixed.replace("mixed.case%40example.test", "Mixed.Case%40Example.TEST"), "ok", "ok"),
        (format!("{paid}?dlid=100:0"), "REL_KNV", "REL_KNV"),
        (format!("{login}=alicepass"), "ok", "REL_RGE"),
        (format!("{login}=wrong"), "REL_LIF", "REL_RGE"),
        (format!("{login}=0"), "REL_LIF", "REL_LIF"),
        (format!("/packages/post/release/keybyemail/redj_enterprise?{alice}"), "ok", "REL_ESM"),
        (
            "/packages/post/release/keybyemail/redj_enterprise?email=nobody@example.test".into(),
            "REL_UNF",
            "REL_ESM",
        ),
        ("/packages/post/release/keybyemail/redj_enterprise".into(), "REL_ENS", "REL_ENS"),
        (
            "/packages/post/release/keybyemail/unknown?email=a@b.example".into(),
            "REL_GNF",
            "REL_GNF",
        ),
        ("/apikey/post/release/validate/x?api_key=goodkey".into(), "REL_GNF", "REQ_AKG"),
        ("/apiuser/post/release/validate/x".into(), "REQ_AUR", "REQ_AUR"),
        (
            format!("/trace/post/release/validate/redj_enterprise?{alice}&key={ALICE_KEY}"),
            "ok",
            "ok",
        ),
    ]);
    requests
}

async fn expect(server: &Server, by_snapshot: bool) {
    for (target, code, snapshot_code) in requests() {
        let reply = server.get(&target).await;
        let code = if by_snapshot { snapshot_code } else { code };
        assert_eq!(reply.code(), code, "{target}, by the snapshot: {by_snapshot}");
        assert_eq!(is_of_snapshot(&reply), by_snapshot, "{target}");
    }
    let paid = format!(
        "/packages/get/release/download/redj_ent_190?email=alice@example.test&key={ALICE_KEY}"
    );
    for target in
        [&paid, &format!("/packages/get/release/download/redj_ent_190?dlid=100:{ALICE_KEY}")]
    {
        let reply = server.get(target).await;
        assert_eq!(reply.body, PAID_FILE);
        assert_eq!(is_of_snapshot(&reply), by_snapshot);
    }
    let free = server.get("/packages/get/release/download/redj_com_190").await;
    assert_eq!(free.body, FREE_FILE);
    let user = [("Cookie", "session=1234567890")];
    let session = server.client.send("GET", "/apiuser/post/release/validate/x", &user, b"").await;
    assert_eq!(session.code(), if by_snapshot { "REQ_UCA" } else { "REQ_AUR" });
    assert_eq!(server.get("/off/post/release/validate/x").await.status, 404);
}

#[tokio::test]
async fn a_database_that_was_killed_is_stood_in_for_until_it_is_back() {
    let mariadb = MariaDb::own();
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let log = Log::keep();
        let database = mariadb.database(schema).await;
        let mut site = site(&database);
        site.config.joomla.session_cookie = Some("session".into());
        let server = serve(site).await;
        expect(&server, false).await;
        let mails = server.mails().len();
        mariadb.kill();
        expect(&server, true).await;
        assert_eq!(server.mails().len(), mails, "a mail was sent for what a snapshot says");
        assert_eq!(log.count(&["ERROR", "the database has failed: its snapshot answers"]), 1);
        mariadb.start();
        await_back(&server).await;
        expect(&server, false).await;
        assert_eq!(log.count(&["INFO", "the database answers again"]), 1, "{}", log.text());
        assert_eq!(log.count(&["settings in Joomla have changed"]), 0, "{}", log.text());
        server.stopped().await;
    }
}

/// If the copy has the hashes, it can check logins, too, second factors included.
#[tokio::test]
async fn logins_work_where_password_hashes_are_copied() {
    let mariadb = MariaDb::own();
    for (schema, second_factor) in [
        (Schema::Joomla3, "UPDATE #__users SET otpKey = 'totp:x' WHERE id = 100"),
        (Schema::Joomla5, "INSERT INTO #__user_mfa (user_id, method) VALUES (100, 'totp')"),
    ] {
        let database = mariadb.database(schema).await;
        database.run(second_factor).await;
        let mut site = site(&database);
        site.config.database.snapshot_passwords = true;
        site.config.release.two_factor = jbackend_bridge::config::values::TwoFactor::Refuse;
        let server = serve(site).await;
        let login = |user: &str, password: &str| {
            format!(
                "/packages/post/release/keybyauth/redj_enterprise?username={user}&password={password}"
            )
        };
        let logins = [
            (login("grace", "gracepass"), "ok"),
            (login("grace", "wrong"), "REL_LIF"),
            (login("nobody", "gracepass"), "REL_LIF"),
            (login("alice", "alicepass"), "REL_LIF"),
        ];
        for (target, code) in &logins {
            assert_eq!(server.code(target).await, *code, "{target}");
        }
        mariadb.kill();
        for (target, code) in &logins {
            let reply = server.get(target).await;
            assert_eq!(reply.code(), *code, "{target}");
            assert!(is_of_snapshot(&reply));
        }
        let other_case = server.code(&login("GRACE", "gracepass")).await;
        assert_eq!(other_case, "REL_LIF");
        mariadb.start();
        await_back(&server).await;
        server.stopped().await;
    }
}

/// Refusals of the copy must not tell which accounts exist.
#[tokio::test]
async fn uniform_privacy_stays_uniform() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let mut site = site(&database);
    site.config.release.privacy = jbackend_bridge::config::values::Privacy::Uniform;
    let server = serve(site).await;
    mariadb.kill();
    for email in ["alice@example.test", "carol@example.test", "nobody@example.test", "%FF"] {
        let target = format!("/packages/post/release/keybyemail/redj_enterprise?email={email}");
        assert_eq!(server.code(&target).await, "REL_ESM", "{email}");
        let wrong = format!("/packages/post/release/validate/redj_enterprise?email={email}&key=0");
        assert_eq!(server.code(&wrong).await, "REL_KNV", "{email}");
    }
    assert_eq!(server.mails(), [""; 0]);
}

/// Accounts of the copy with newer settings of the database could give access that neither of the
/// two gives.
#[tokio::test]
async fn settings_and_accounts_are_of_one_moment() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let server = serve(site(&database)).await;
    let alice = format!("email=alice@example.test&key={ALICE_KEY}");
    let target = format!("/packages/post/release/validate/redj_enterprise?{alice}");
    let bob = asks("validate", "redj_enterprise", "bob@example.test", &key("bob@example.test"));
    assert_eq!(
        (server.code(&target).await, server.code(&bob).await),
        ("ok".into(), "REL_ANA".into())
    );

    // Bob leaves group 2, and then the package group gets group 2 in place of Alice's.
    database.run("UPDATE #__user_usergroup_map SET group_id = 3 WHERE user_id = 101").await;
    database
        .run(
            "UPDATE #__extensions SET params = REPLACE(params, 'redj_enterprise;11,12', 'redj_enterprise;2') \
             WHERE element = 'release'",
        )
        .await;
    database.run("UPDATE #__menu SET path = 'renamed' WHERE id = 205").await;
    database.run("DELETE FROM #__user_usergroup_map WHERE user_id = 100").await;
    super::await_answer(&server, &target, "by the new rows", |reply| reply.code() == "REL_ANA")
        .await;
    super::await_answer(&server, "/renamed/x", "of the new end-point", |reply| reply.status != 404)
        .await;
    assert_eq!(server.code(&bob).await, "REL_ANA");

    mariadb.kill();
    assert_eq!(server.code(&bob).await, "REL_ANA");
    assert_eq!(server.code(&target).await, "ok");
    assert_eq!(server.get("/renamed/x").await.status, 404);
    mariadb.start();
    super::await_answer(&server, &target, "of the database", |reply| reply.code() == "REL_ANA")
        .await;
    assert_eq!(server.code(&bob).await, "REL_ANA");
    assert_ne!(server.get("/renamed/x").await.status, 404);
}

#[tokio::test]
async fn a_snapshot_that_grows_too_old_answers_nothing() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let mut site = site(&database);
    site.config.database.snapshot_every = 1;
    site.config.database.snapshot_max_age = 10;
    let log = Log::keep();
    let server = serve(site).await;
    mariadb.kill();
    let reply = server.get(&super::validate()).await;
    assert_eq!((reply.code().as_str(), is_of_snapshot(&reply)), ("ok", true), "{}", log.text());
    assert_eq!(log.count(&["ERROR", "the database has failed: its snapshot answers"]), 1);
    let reply = super::await_answer(&server, &super::validate(), "at the end", |reply| {
        reply.code() == "REL_RGE"
    })
    .await;
    assert!(!is_of_snapshot(&reply));
    let older = ["ERROR", "the snapshot is older than `snapshot_max_age`"];
    eventually("a line in the log", || log.count(&older) > 0).await;
    mariadb.start();
    await_back(&server).await;
    assert_eq!(log.count(&older), 1, "{}", log.text());
    assert_eq!(log.count(&["no snapshot young enough"]), 0, "{}", log.text());
}
