//! Download keys, `dlid=<user id>:<license key>`: what they give access to, and what the log shows
//! of them.

use std::sync::Arc;

use jbackend_bridge::config::values::Privacy;
use jbackend_bridge::methods::{Argument, Arguments, Method, code};
use jbackend_bridge::packages::Packages;
use jbackend_bridge::packages::folder::Folder;
use jbackend_bridge::release::license::{GroupSeed, Person};
use testkit::fixture::Schema;

use super::parts;
use super::{GROUPS, PACKAGES, expect_codes, key, post, save_settings};
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, FREE_FILE, PAID_FILE, Server, Site};

pub(super) const GROUP: &str = "redj_enterprise";
pub(super) const HASH: &str = "HASH123KEY456";
const PAID: &str = "redj_ent_190";
/// The three methods that accept one, each with an id.
const METHODS: [(&str, &str); 3] = [("validate", GROUP), ("verify", PAID), ("download", PAID)];

fn alice() -> String {
    format!("100:{ALICE_KEY}")
}

/// Makes a request target with the parameters unchanged.
fn raw(resource: &str, id: &str, query: &str) -> String {
    format!("/packages/post/release/{resource}/{id}?{query}")
}

/// Makes requests of all three methods with this `dlid`.
fn asking<'a>(dlid: &str, code: &'a str) -> [(String, &'a str); 3] {
    METHODS.map(|(resource, id)| (post(resource, id, &[("dlid", dlid)]), code))
}

async fn expect_refused(server: &Server, dlid: &str) {
    expect_codes(server, &asking(dlid, "REL_KNV")).await;
}

/// Tells if the answer is the paid package.
pub(super) async fn downloads(server: &Server, query: &str) -> bool {
    server.get(&raw("download", PAID, query)).await.body == PAID_FILE
}

#[tokio::test]
async fn it_opens_what_email_and_key_open() {
    let server = Site::new(Schema::Joomla5).await.serve().await;
    let accepted = [
        format!("dlid=100:{ALICE_KEY}"),
        format!("dlid=100%3A{ALICE_KEY}"),
        format!("dlid=100%3a{ALICE_KEY}"),
        // Blanks around a key are ignored, as in `key`. The filter is the one of all
        // parameters.
        format!("dlid=100:%20{ALICE_KEY}%20"),
        format!("dlid=100:{ALICE_KEY}+"),
        format!("dlid=100%26%2358;{ALICE_KEY}"),
        format!("dlid=%3Cb%3E100%3C/b%3E:{ALICE_KEY}"),
        format!("&dlid=100:{ALICE_KEY}&src=joomla"),
        format!("dlid=104:{}", key("erin@example.test", GROUP, HASH)),
        format!("dlid=110:{}", key("Mixed.Case@Example.TEST", GROUP, HASH)),
        format!("dlid=111:{}", key("josé@exämple.test", GROUP, HASH)),
        // This is the second of two accounts with one e-mail; the first is blocked.
        format!("dlid=116:{}", key("dup@example.test", GROUP, HASH)),
    ];
    for query in accepted {
        let codes = [(raw("validate", GROUP, &query), "ok"), (raw("verify", PAID, &query), "ok")];
        expect_codes(&server, &codes).await;
        assert!(downloads(&server, &query).await, "{query}");
    }
    let get = format!("/packages/get/release/download/{PAID}?dlid={}", alice());
    assert_eq!(server.get(&get).await.body, PAID_FILE);
    let form = format!("dlid={}", alice());
    let posted = server.client.post(&raw("verify", PAID, ""), &form).await;
    assert_eq!(posted.text(), r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn anything_but_id_colon_key_is_no_valid_key() {
    for schema in [Schema::Joomla5, Schema::Sqlite] {
        let server = Site::new(schema).await.serve().await;
        let ids = [
            "",
            "0",
            "0100",
            "00100",
            "-100",
            "+100",
            "100 ",
            "1e2",
            "0x64",
            "100.0",
            "１００",
            "1\u{feff}00",
            "00000000100",
            "10000000000",
            "18446744073709551716",
            "4294967396",
            "alice",
            "alice@example.test",
            "100:",
            "'100'",
            "100 OR 1",
        ];
        for id in ids {
            expect_refused(&server, &format!("{id}:{ALICE_KEY}")).await;
        }
        let others = [
            String::new(),
            "100".to_owned(),
            ":".to_owned(),
            "100:".to_owned(),
            "100: ".to_owned(),
            ALICE_KEY.to_owned(),
            format!("100;{ALICE_KEY}"),
            format!("100{ALICE_KEY}"),
            format!("100%3A{ALICE_KEY}"),
            format!("100：{ALICE_KEY}"),
            format!("{ALICE_KEY}:100"),
            format!("100:{ALICE_KEY}:"),
            format!("100:{}", &ALICE_KEY[1..]),
            format!("100:{ALICE_KEY}&email=alice@example.test"),
        ];
        for dlid in others {
            expect_refused(&server, &dlid).await;
        }
        for (resource, id) in METHODS {
            let codes = [
                (raw(resource, id, &format!("dlid[]={}", alice())), "REL_KNV"),
                (raw(resource, id, &format!("dlid[a]={}", alice())), "REL_KNV"),
                (raw(resource, id, "dlid"), "REL_KNV"),
                (raw(resource, id, "dlid=100:%FF%00"), "REL_KNV"),
                (raw(resource, id, "dlid=%FF:x"), "REL_KNV"),
                (raw(resource, id, &format!("DLID={}", alice())), "REL_ENS"),
                (raw(resource, id, ""), "REL_ENS"),
            ];
            expect_codes(&server, &codes).await;
        }
    }
}

#[tokio::test]
async fn no_refusal_tells_which_ids_are_accounts() {
    let one = r#"{"status":"ko","error_code":"REL_KNV","error_description":"Key not valid"}"#;
    for privacy in [Privacy::Original, Privacy::Uniform] {
        let mut site = Site::new(Schema::Joomla5).await;
        site.config.release.privacy = privacy;
        let server = site.serve().await;
        let of = |id: &str, email: &str| format!("{id}:{}", key(email, GROUP, HASH));
        let refused = [
            of("102", "carol@example.test"), // blocked
            of("101", "bob@example.test"),   // in no group of the package group
            of("112", "nogroup@example.test"),
            of("115", "dup@example.test"), // blocked, the other account of the address is not
            of("9999999999", "nobody@example.invalid"),
            of("999", "nobody@example.invalid"),
            of("1", ""),
            of("104", "alice@example.test"), // the key of another account
            of("100", "erin@example.test"),
            "100:wrong".to_owned(),
        ];
        for dlid in refused {
            for (resource, id) in METHODS {
                let target = post(resource, id, &[("dlid", &dlid)]);
                let reply = server.get(&target).await;
                assert_eq!((reply.status, reply.text().as_str()), (200, one), "{dlid}");
            }
        }
        expect_codes(&server, &asking(&alice(), "ok")[..2]).await;
    }
}

/// Joomla puts its prefix before the typed text, and pasted text often has blanks around it.
#[tokio::test]
async fn what_was_pasted_around_it_does_not_count() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let good = alice();
    for pasted in [
        format!("dlid={good}"),
        format!("DLID={good}"),
        format!("dlid=dlid={good}"),
        format!(" dlid= {good}"),
        format!(" {good} "),
        format!("\t{good}\r\n"),
        format!("\u{a0}{good}\u{a0}"),
        format!("\u{2003}{good}\u{202f}\u{3000}"),
        format!("\u{feff}\u{200b}{good}\u{200d}\u{2060}"),
        format!("100:\u{a0}{ALICE_KEY}"),
        format!("dlid=100:{}", ALICE_KEY.to_uppercase()),
    ] {
        let target = post("verify", PAID, &[("dlid", &pasted)]);
        assert_eq!(server.code(&target).await, "ok", "{pasted:?}");
    }
    // In e-mail and key, the same additions do count.
    let upper = ALICE_KEY.to_uppercase();
    let no_break = format!("\u{a0}{ALICE_KEY}");
    let prefixed = format!("dlid={good}");
    for key in [&upper, &no_break, &prefixed] {
        let params = [("email", "alice@example.test"), ("key", key.as_str())];
        assert_eq!(server.code(&post("verify", PAID, &params)).await, "REL_KNV", "{key:?}");
    }
}

/// An id costs one look-up, whether an account has it or not. The key of another account is
/// refused.
#[tokio::test]
async fn an_id_costs_one_look_up() {
    let packages: Arc<dyn Packages> = Arc::new(Folder::new("/nowhere".into(), Vec::new()));
    let mut module = parts::module(parts::verifier(), &packages);
    let database = Arc::new(parts::Alice::that(parts::Mood::Answers));
    module.ask(database.clone());
    for uniform in [true, false] {
        module.release.policy.uniform = uniform;
        for (dlid, found) in [("100:x", true), ("7:x", false), ("100:y", true)] {
            let dlid = Argument::Text(dlid.into());
            let arguments = Arguments { dlid, ..parts::id("members") };
            let answer = module.run(Method::Validate, &arguments, None).await;
            assert_eq!(answer.unwrap_err().code, code::KEY_NOT_VALID);
            assert_eq!(std::mem::take(&mut *database.ids.lock().unwrap()), [found]);
        }
    }
    let right = module.release.keys.issue(
        &Person { user_id: 100, name: "Alice", username: "alice", email: "alice@example.test" },
        &GroupSeed { id: "members", hash: "seed", name: "" },
    );
    for (id, opens) in [(100, true), (7, false)] {
        let dlid = format!("{id}:{}", right.as_ref().unwrap().as_str());
        let dlid = Argument::Text(dlid.into_bytes());
        let arguments = Arguments { dlid, ..parts::id("members") };
        assert_eq!(module.run(Method::Validate, &arguments, None).await.is_ok(), opens, "{id}");
    }
}

#[tokio::test]
async fn email_or_key_beside_it_make_it_count_for_nothing() {
    let server = Site::new(Schema::Joomla5).await.serve().await;
    let (good, bad) = (alice(), "7:wrong");
    let right = format!("email=alice@example.test&key={ALICE_KEY}");
    for (resource, id) in [("validate", GROUP), ("verify", PAID)] {
        let cases = [
            (format!("dlid={good}&email=alice@example.test"), "REL_KNS"),
            (format!("dlid={good}&email="), "REL_KNS"),
            (format!("dlid={good}&email[]=x"), "REL_KNS"),
            (format!("dlid={good}&key={ALICE_KEY}"), "REL_ENS"),
            (format!("dlid={good}&key="), "REL_ENS"),
            (format!("dlid={good}&key[]=x"), "REL_ENS"),
            (format!("dlid={good}&email=&key="), "REL_UNF"),
            (format!("dlid={good}&email=alice@example.test&key=wrong"), "REL_KNV"),
            (format!("dlid={bad}&{right}"), "ok"),
            (format!("dlid[]=x&{right}"), "ok"),
        ];
        let cases = cases.map(|(query, code)| (raw(resource, id, &query), code));
        expect_codes(&server, &cases).await;
    }
    assert!(downloads(&server, &format!("dlid={bad}&{right}")).await);
    assert!(!downloads(&server, &format!("dlid={good}&email=bob@example.test&key=x")).await);
}

#[tokio::test]
async fn packages_and_groups_are_judged_as_ever() {
    let site = Site::new(Schema::Joomla5).await;
    let mut packages = PACKAGES.to_vec();
    packages.push("lost;/public/joomla/redj/small.zip;no_such_group");
    save_settings(&site, GROUPS, &packages).await;
    let server = site.serve().await;
    let nogroup = format!("112:{}", key("nogroup@example.test", "pub", ""));
    let requests = [
        (post("validate", "unknown", &[("dlid", &alice())]), "REL_GNF"),
        (post("verify", "unknown", &[("dlid", &alice())]), "REL_PNF"),
        (post("verify", "lost", &[("dlid", &alice())]), "REL_GNF"),
        ("/packages/post/release/verify?dlid=x".to_owned(), "REL_PNS"),
        // An account in no user group counts as Public.
        (post("validate", "pub", &[("dlid", &nogroup)]), "ok"),
        // A free package needs no key.
        (post("verify", "small", &[("dlid", "nonsense")]), "ok"),
        (raw("verify", "small", "dlid[]=x"), "ok"),
    ];
    expect_codes(&server, &requests).await;
    let free = post("download", "redj_com_190", &[("dlid", "1:wrong")]);
    assert_eq!(server.get(&free).await.body, FREE_FILE);
}

#[tokio::test]
async fn who_asks_for_a_key_has_none() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let requests = [
        (post("keybyauth", GROUP, &[("dlid", &alice())]), "REL_UNS"),
        (post("keybyemail", GROUP, &[("dlid", &alice())]), "REL_ENS"),
    ];
    expect_codes(&server, &requests).await;
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_database_that_fails_is_no_wrong_key() {
    for schema in [Schema::Joomla5, Schema::Sqlite] {
        let server = Site::new(schema).await.serve().await;
        server.site.run("ALTER TABLE #__user_usergroup_map RENAME TO #__gone").await;
        expect_codes(&server, &asking(&alice(), "REL_RGE")).await;
    }
}

#[tokio::test]
async fn the_log_never_holds_one() {
    let log = Log::keep();
    let mut site = Site::new(Schema::Joomla5).await;
    site.config.release.dlid_in_json = true;
    let server = site.serve().await;
    let login = [("username", "alice"), ("password", "alicepass")];
    let alice_by = [("email", "alice@example.test")];
    let mut requests = vec![
        (post("keybyauth", GROUP, &login), "ok"),
        (post("keybyemail", GROUP, &alice_by), "ok"),
        (raw("verify", PAID, "dlid=0100:SECRETSECRET"), "REL_KNV"),
    ];
    requests.extend_from_slice(&asking(&alice(), "ok")[..2]);
    requests.extend(asking("100:SECRETSECRET", "REL_KNV"));
    expect_codes(&server, &requests).await;
    assert!(downloads(&server, &format!("dlid={}", alice())).await);
    server.site.run("ALTER TABLE #__users RENAME TO #__gone").await;
    expect_codes(&server, &asking("100:SECRETSECRET", "REL_RGE")).await;
    let text = log.text();
    assert!(log.count(&["the database did not answer"]) >= 3, "{text}");
    assert!(log.count(&["REL_KNV"]) >= 4, "requests are logged: {text}");
    for secret in ["dlid=", "SECRET", ALICE_KEY] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
