//! `keybyauth`: which accounts may log in, by the logins recorded on real sites, and the effect of
//! a second factor.

use serde::Deserialize;
use testkit::fixture::Schema;

use super::{DATABASES, NewUser, add_user, await_code, expect_codes, key, post, save_settings};
use crate::common::site::{Server, Site};

/// A login on a real Joomla.
#[derive(Deserialize)]
struct Login {
    joomla: String,
    case: String,
    username: String,
    logged_in: bool,
}

#[derive(Deserialize)]
struct Password {
    kind: String,
    hash: String,
}

/// Finds the stored hash of a recorded password.
fn hash(kind: &str) -> String {
    let all: Vec<Password> = serde_json::from_str(include_str!(
        "../../../crates/joomla-password/tests/vectors/passwords.json"
    ))
    .unwrap();
    all.into_iter().find(|password| password.kind == kind).unwrap().hash
}

const USUAL: &str = "bcrypt 2y cost4";

/// The accounts of the recordings: name, kind of hash, block, activation, groups.
const ACCOUNTS: &[(&str, &str, i64, &str, &[u32])] = &[
    ("u_ok", USUAL, 0, "", &[2]),
    ("jose", USUAL, 0, "", &[2]),
    ("u_b1", USUAL, 1, "", &[2]),
    ("u_b1t", USUAL, 1, "0123456789abcdef0123456789abcdef", &[2]),
    ("u_b2", USUAL, 2, "", &[2]),
    ("u_bm", USUAL, -1, "", &[2]),
    ("u_a0", USUAL, 0, "0", &[2]),
    ("u_a1", USUAL, 0, "1", &[2]),
    ("u_at", USUAL, 0, "0123456789abcdef0123456789abcdef", &[2]),
    ("u_ar", USUAL, 0, "$2y$10$q7ps9Vf0ioZx/afQQDx1dex2gDGJNqwIbMXtK21pBJfdN/LrfEVgu", &[2]),
    ("u_rr", USUAL, 0, "", &[2]),
    ("u_ng", USUAL, 0, "", &[]),
    ("u_g1", USUAL, 0, "", &[1]),
    ("u_g9", USUAL, 0, "", &[9]),
    ("u_g6", USUAL, 0, "", &[6]),
    ("u_g8", USUAL, 0, "", &[8]),
    ("u_a2", "argon2id small: ascii", 0, "", &[2]),
    ("u_md", "md5 without salt: ascii", 0, "", &[2]),
    ("u_ms", "md5:salt32: ascii", 0, "", &[2]),
    ("u_sh", "{SHA256}hex:salt: ascii", 0, "", &[2]),
    ("u_c1", "crypt md5 $1$", 0, "", &[2]),
    ("u_pp", "phpass $P$ iteration_count_log2=8", 0, "", &[2]),
    ("u_z", "argon2id small: zero", 0, "", &[2]),
    ("u_e", "bcrypt 2y cost4: empty", 0, "", &[2]),
    ("u_sp", "argon2id small: trailing space", 0, "", &[2]),
    ("u_ht", "argon2id small: html", 0, "", &[2]),
    ("u_lg", "bcrypt 2y cost10 default: 80 bytes", 0, "", &[2]),
    ("u_eh", "malformed: empty hash", 0, "", &[2]),
];

/// Returns the password that was typed.
fn typed(case: &str) -> String {
    match case {
        "wrong password" => "wrong".into(),
        "password '0'" => "0".into(),
        "empty password" => String::new(),
        "password with blanks around" => "Secret123 ".into(),
        "blanks around not typed" => "Secret123".into(),
        "html password" => "<b>\"x\" & 'y'</b>".into(),
        "80 byte password" => "0123456789".repeat(8),
        _ => "Secret123!".into(),
    }
}

/// Returns the code that keybyauth should answer with. It does not check Joomla's right to log in,
/// but it checks the package group.
fn wanted(login: &Login) -> &'static str {
    match login.case.as_str() {
        _ if login.logged_in => "ok",
        "block=1" | "block=1 with activation token" => "REL_UNE",
        "no group" | "group Public only" | "group Guest only" => "REL_ANA",
        _ => "REL_LIF",
    }
}

async fn site_with_accounts(schema: Schema) -> Site {
    let site = Site::new(schema).await;
    save_settings(&site, &["members;2,6,8;seed;Members"], &[]).await;
    for (id, (username, kind, block, activation, groups)) in (1000..).zip(ACCOUNTS) {
        let user = NewUser {
            id,
            username,
            email: &format!("{username}@example.com"),
            password: &hash(kind),
            block: *block,
            activation,
            require_reset: i64::from(*username == "u_rr"),
            groups,
            ..NewUser::default()
        };
        add_user(&site, user).await;
    }
    site
}

#[tokio::test]
async fn logins_recorded_on_real_sites() {
    let logins: Vec<Login> =
        serde_json::from_str(include_str!("../../vectors/logins.json")).unwrap();
    // SQLite cannot match names as Joomla's collation does.
    let collated = ["username with trailing blank", "accent-insensitive user name"];
    for (schema, version, recorded) in [
        (Schema::Joomla3, None, "3.10.11"),
        (Schema::Joomla5, None, "5.3.2"),
        (Schema::Joomla5, Some("4.4"), "4.4.0"),
        (Schema::Sqlite, None, "5.3.2"),
        (Schema::Sqlite, Some("3.10"), "3.10.11"),
    ] {
        let mut site = site_with_accounts(schema).await;
        site.config.joomla.version = version.map(str::to_owned);
        let server = site.serve().await;
        let mut requests = Vec::new();
        for login in logins.iter().filter(|login| login.joomla == recorded) {
            let params = [("username", login.username.as_str()), ("password", &typed(&login.case))];
            let unmatched = schema == Schema::Sqlite && collated.contains(&login.case.as_str());
            let code = if unmatched { "REL_LIF" } else { wanted(login) };
            requests.push((post("keybyauth", "members", &params), code));
        }
        assert_eq!(requests.len(), 35);
        expect_codes(&server, &requests).await;
    }
}

/// As PHP makes it by default: 64 MiB, four passes.
#[tokio::test]
async fn a_hash_of_argon2_with_default_costs_opens() {
    let site = Site::new(Schema::Joomla5).await;
    let stored = hash("argon2id default options");
    site.run(&format!("UPDATE #__users SET password = '{stored}' WHERE username = 'mia'")).await;
    let server = site.serve().await;
    let requests = [(login("mia", "Secret123!"), "ok"), (login("mia", "miapass"), "REL_LIF")];
    expect_codes(&server, &requests).await;
}

fn login(username: &str, password: &str) -> String {
    post("keybyauth", "redj_enterprise", &[("username", username), ("password", password)])
}

#[tokio::test]
async fn a_password_is_tried_as_the_filter_leaves_it_and_as_it_was_sent() {
    for schema in DATABASES {
        let server = Site::new(schema).await.serve().await;
        let requests = [
            // The filter changes Henry's password.
            (login("henry", "p<b>ss&amp;1"), "ok"),
            (login("henry", "pss&1"), "REL_LIF"),
            (login("henry", "p<b>ss&1"), "REL_LIF"),
            (login("henry", "pss&amp;1"), "REL_LIF"),
            // The password as the original reads it is accepted too.
            (login("alice", "alice<b>pass"), "ok"),
            (login("alice", "alice&lt;b&gt;pass"), "ok"),
            (login("alice", "alice&pass"), "REL_LIF"),
        ];
        expect_codes(&server, &requests).await;
    }
}

/// The hashes do match these passwords. The login refuses the passwords without a check, also if
/// only the filter makes them empty.
#[tokio::test]
async fn the_empty_passwords_open_nothing() {
    for schema in DATABASES {
        let server = site_with_accounts(schema).await.serve().await;
        let members = |username, password| {
            post("keybyauth", "members", &[("username", username), ("password", password)])
        };
        let requests = [
            (members("u_e", ""), "REL_LIF"),
            (members("u_e", "<b>"), "REL_LIF"),
            (members("u_z", "0"), "REL_LIF"),
            (members("u_z", "0<b>"), "REL_LIF"),
            (members("u_z", "<i>0"), "REL_LIF"),
            (members("u_ok", "Secret123!"), "ok"),
        ];
        expect_codes(&server, &requests).await;
    }
}

#[tokio::test]
async fn the_answer_carries_the_address_as_stored() {
    for schema in DATABASES {
        let server = Site::new(schema).await.serve().await;
        let answer = |email: &str, stored: &str| {
            let key = key(stored, "redj_enterprise", "HASH123KEY456");
            format!(r#"{{"status":"ok","email":"{email}","key":"{key}"}}"#)
        };
        assert_eq!(
            server.json(&login("mixed", "mixedpass")).await,
            answer("Mixed.Case@Example.TEST", "Mixed.Case@Example.TEST")
        );
        assert_eq!(
            server.json(&login("leo", "leopass")).await,
            answer(r"jos\u00e9@ex\u00e4mple.test", "josé@exämple.test")
        );
        assert_eq!(
            server.json(&login("judy", "judypass")).await,
            answer("o'neil+tag@example.test", "o'neil+tag@example.test")
        );
    }
}

#[tokio::test]
async fn on_joomla_3_a_password_alone_is_not_enough_with_a_second_factor() {
    let server = Site::new(Schema::Joomla3).await.serve().await;
    let alice = login("alice", "alicepass");
    server.site.run("UPDATE #__users SET otpKey = 'totp:abc' WHERE username = 'alice'").await;
    // No plugin requires the second factor.
    assert_eq!(server.code(&alice).await, "ok");
    enable_totp(&server, 1).await;
    await_code(&server, &alice, "REL_LIF").await;
    assert_eq!(server.code(&login("grace", "gracepass")).await, "ok", "she has none");
    let mail = post("keybyemail", "redj_enterprise", &[("email", "alice@example.test")]);
    assert_eq!(server.code(&mail).await, "ok", "a mail needs no login");
    enable_totp(&server, 0).await;
    await_code(&server, &alice, "ok").await;
}

async fn enable_totp(server: &Server, enabled: i64) {
    let change =
        format!("UPDATE #__extensions SET enabled = {enabled} WHERE folder = 'twofactorauth'");
    server.site.run(&change).await;
}

#[tokio::test]
async fn since_joomla_4_a_second_factor_is_asked_for_after_the_login() {
    for schema in [Schema::Joomla5, Schema::Sqlite] {
        let mut site = Site::new(schema).await;
        site.config.joomla.version = None;
        let server = site.serve().await;
        server.site.run("INSERT INTO #__user_mfa (user_id, method) VALUES (100, 'totp')").await;
        let requests = [(login("alice", "alicepass"), "ok"), (login("alice", "wrong"), "REL_LIF")];
        expect_codes(&server, &requests).await;
    }
}

#[tokio::test]
async fn an_operator_can_refuse_a_password_alone_on_every_joomla() {
    for schema in DATABASES {
        let mut site = Site::new(schema).await;
        site.config.joomla.version = None;
        site.config.release.two_factor = jbackend_bridge::config::values::TwoFactor::Refuse;
        if schema == Schema::Joomla3 {
            site.run("UPDATE #__users SET otpKey = 'totp:abc' WHERE username = 'alice'").await;
        } else {
            site.run("INSERT INTO #__user_mfa (user_id, method) VALUES (100, 'totp')").await;
        }
        let server = site.serve().await;
        let requests = [
            (login("alice", "alicepass"), "REL_LIF"),
            (login("alice", "wrong"), "REL_LIF"),
            (login("grace", "gracepass"), "ok"),
        ];
        expect_codes(&server, &requests).await;
    }
}
