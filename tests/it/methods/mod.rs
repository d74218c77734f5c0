//! The five methods, end to end: requests over HTTP, accounts in a database, files in a folder.
//!
//! `docs/release.md` has the rules; the files here follow its sections.

mod accounts;
mod codes;
mod database_faults;
mod groups;
mod keys;
mod letters;
mod logins;
mod one_field_keys;
mod one_field_keys_sent;
pub(crate) mod parts;
mod privacy;
mod queue;
mod release_error;
mod same_time;
mod settings;
mod status;
mod storage;
mod turns;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use md5::{Digest, Md5};
use testkit::fixture::Schema;

use crate::common::site::{Server, Site};

/// The databases on which a rule is tested: rules must not depend on the database.
const DATABASES: [Schema; 3] = [Schema::Joomla3, Schema::Joomla5, Schema::Sqlite];

/// The package groups of the fixture.
const GROUPS: &[&str] = &[
    "redj_enterprise;11,12;HASH123KEY456;ReDJ Enterprise",
    "redj_ent;12;;",
    "nohash;12",
    "pub;1;;Public",
    "grp2;2;;Registered",
    "zero;0;;Zero",
];
/// The packages of the fixture.
const PACKAGES: &[&str] = &[
    "redj_com_190;/public/joomla/redj/ReDJ1.9.0Community_J3.zip",
    "redj_ent_190;/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip;redj_enterprise",
    "small;/public/joomla/redj/small.zip",
    "gone;/public/gone.zip",
];

/// Time for an event to come by itself, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Computes the key of the fixture's recipe, `md5($email . $group . $hash)`.
pub(crate) fn key(email: &str, group: &str, hash: &str) -> String {
    md5_hex(&format!("{email}{group}{hash}"))
}

pub(crate) fn md5_hex(text: &str) -> String {
    base16ct::lower::encode_string(&Md5::digest(text))
}

/// Makes the request target of an action `post`.
pub(crate) fn post(resource: &str, id: &str, params: &[(&str, &str)]) -> String {
    let mut target = format!("/packages/post/release/{resource}/{id}?");
    for (name, value) in params {
        write!(target, "{name}={}&", encoded(value)).unwrap();
    }
    target
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").unwrap(),
        }
        out
    })
}

/// Sends every request and compares the codes, then lists all that are wrong.
async fn expect_codes(server: &Server, requests: &[(String, &str)]) {
    let mut wrong = Vec::new();
    for (target, code) in requests {
        let found = server.code(target).await;
        if found != *code {
            wrong.push(format!("{target}\n  {found} in place of {code}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sends the request until its code is this one.
async fn await_code(server: &Server, target: &str, code: &str) {
    let started = Instant::now();
    let mut found = server.code(target).await;
    while found != code {
        assert!(started.elapsed() < PATIENCE, "{target}: still {found} in place of {code}");
        tokio::time::sleep(Duration::from_millis(20)).await;
        found = server.code(target).await;
    }
}

/// Downloads until the body is the expected one.
async fn await_body(server: &Server, target: &str, body: &[u8]) {
    let started = Instant::now();
    loop {
        let reply = server.get(target).await;
        if reply.body == body {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{target}: still {}", reply.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until an event has happened.
async fn eventually(what: &str, happened: impl Fn() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Saves the plugin's settings, in the form that Joomla saves.
async fn save_settings(site: &Site, groups: &[&str], packages: &[&str]) {
    let params = serde_json::json!({
        "folder": "files",
        "groups": groups.join("\r\n"),
        "packages": packages.join("\r\n"),
    });
    save_params(site, &params.to_string()).await;
}

/// Writes the plugin's `params` column.
async fn save_params(site: &Site, params: &str) {
    let params = params.replace('\'', "''");
    let change = format!(
        "UPDATE #__extensions SET params = '{params}' \
         WHERE type = 'plugin' AND folder = 'jbackend' AND element = 'release'"
    );
    site.run(&change).await;
}

/// An account for [`add_user`]: it is enabled, and no password matches its hash.
struct NewUser<'a> {
    id: i64,
    name: &'a str,
    username: &'a str,
    email: &'a str,
    password: &'a str,
    block: i64,
    activation: &'a str,
    require_reset: i64,
    groups: &'a [u32],
}

impl Default for NewUser<'_> {
    fn default() -> Self {
        Self {
            id: 0,
            name: "Somebody",
            username: "somebody",
            email: "somebody@example.test",
            password: "x",
            block: 0,
            activation: "",
            require_reset: 0,
            groups: &[12],
        }
    }
}

async fn add_user(site: &Site, user: NewUser<'_>) {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let insert = format!(
        "INSERT INTO #__users \
         (id, name, username, email, password, block, activation, requireReset) \
         VALUES ({}, {}, {}, {}, {}, {}, {}, {})",
        user.id,
        quoted(user.name),
        quoted(user.username),
        quoted(user.email),
        quoted(user.password),
        user.block,
        quoted(user.activation),
        user.require_reset,
    );
    site.run(&insert).await;
    for group in user.groups {
        let map = format!(
            "INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES ({}, {group})",
            user.id
        );
        site.run(&map).await;
    }
}
