//! Compares the steps of an explanation, its answer, and the service's real answer, for every
//! account, package and kind of key.

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::future::join_all;
use jbackend_bridge::config::values::Privacy;
use jbackend_bridge::operator::explain::answer::{Answered, KeySent};
use jbackend_bridge::operator::explain::step::{Step, StepOutcome};
use jbackend_bridge::operator::explain::{Explanation, Gets, Question, explain};
use jbackend_bridge::service::site::OpenSite;
use md5::{Digest, Md5};
use testkit::client::Reply;
use testkit::fixture::Schema;

use crate::common::site::{Server, Site};

/// The fixture's package groups, one that does not exist, and seeds worth trying.
const GROUPS: &[(&str, &str)] = &[
    ("redj_enterprise", "HASH123KEY456"),
    ("redj_ent", ""),
    ("nohash", ""),
    ("pub", ""),
    ("grp2", ""),
    ("zero", ""),
    ("none_such", ""),
];

const PACKAGES: &[&str] =
    &["redj_com_190", "redj_ent_190", "gone", "paid_gone", "redj_1.9", "orphaned", "outside", ""];

/// E-mails in several spellings, and user names.
const PEOPLE: &[&str] = &[
    "admin@example.test",
    "alice@example.test",
    "ALICE@Example.Test",
    "alice",
    "bob@example.test",
    "carol@example.test",
    "dave",
    "erin@example.test",
    "frank@example.test",
    "o'neil+tag@example.test",
    "o'neil tag@example.test",
    "mixed.case@example.test",
    "jos\u{e9}@ex\u{e4}mple.test",
    "JOSE@example.test",
    "nogroup@example.test",
    "dup@example.test",
    "pia",
    "olga",
    "orphan@example.test",
    "nobody@example.test",
    "nobody",
    "a<b>lice@example.test",
    " alice@example.test ",
    "",
];

/// Adds packages to the fixture's: a paid one without a file, one of an unknown package group, one
/// whose path is not valid.
async fn more_packages(site: &Site) {
    let lines = "redj_com_190;/public/joomla/redj/ReDJ1.9.0Community_J3.zip\\\\r\\\\n\
                 redj_ent_190;/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip;redj_enterprise\\\\r\\\\n\
                 gone;/public/gone.zip\\\\r\\\\npaid_gone;/private/gone.zip;redj_enterprise\\\\r\\\\n\
                 orphaned;/public/joomla/redj/small.zip;no_group\\\\r\\\\n\
                 redj_1.9;/public/joomla/redj/small.zip;grp2\\\\r\\\\n\
                 outside;../configuration.php";
    let lines = lines.replace("\\\\", "\\");
    let old = "small;/public/joomla/redj/small.zip\\r\\ngone;/public/gone.zip";
    let change = format!(
        "UPDATE #__extensions SET params = REPLACE(params, '{old}', '{lines}') \
         WHERE folder = 'jbackend' AND element = 'release'"
    );
    site.run(&change).await;
}

fn md5_hex(text: &str) -> String {
    base16ct::lower::encode_string(&Md5::digest(text))
}

/// Makes keys of each kind: none, the right one for each stored spelling, those of other package
/// groups, damaged ones.
fn keys(what: &str) -> Vec<Option<String>> {
    let alice = |group: &str, hash: &str| md5_hex(&format!("alice@example.test{group}{hash}"));
    let right = alice("redj_enterprise", "HASH123KEY456");
    let hash = GROUPS.iter().find(|(id, _)| *id == what).map_or("HASH123KEY456", |(_, hash)| hash);
    let group = if PACKAGES.contains(&what) { "redj_enterprise" } else { what };
    let of = |email: &str| md5_hex(&format!("{email}{group}{hash}"));
    vec![
        None,
        Some(of("alice@example.test")),
        Some(of("Mixed.Case@Example.TEST")),
        Some(of("o'neil+tag@example.test")),
        Some(of("dup@example.test")),
        Some(format!(" {right}\t")),
        Some(right.to_uppercase()),
        Some(alice("grp2", "")),
        Some(right[..10].to_owned()),
        Some("a<b>c".to_owned()),
        Some(String::new()),
    ]
}

async fn ask(site: &OpenSite, server: &Server, who: &str, what: &str, key: Option<&str>) {
    let question = Question {
        who: who.to_owned(),
        what: what.to_owned(),
        key: key.map(Into::into),
        password: None,
    };
    let explained = explain(site, &question, Arc::new(|_, _| {})).await.unwrap();
    has_reasons(&explained);
    for answer in &explained.answers {
        compare(server, &explained, answer, key).await;
    }
}

/// Checks that a refusal has a step that says NO, and a success has none, except for another
/// account of the e-mail.
fn has_reasons(explained: &Explanation) {
    let of_all = |step: &&Step| step.account.is_none();
    let refused = |step: &Step| step.outcome == StepOutcome::Refused;
    match explained.gets_it {
        Gets::Yes => {
            assert!(!explained.steps.iter().filter(of_all).any(&refused), "{explained:#?}");
        }
        Gets::No(_) => assert!(explained.steps.iter().any(&refused), "{explained:#?}"),
        Gets::Unknown(_) => panic!("{explained:#?}"),
    }
}

/// Sends the request that the explanation shows.
async fn compare(server: &Server, explained: &Explanation, answer: &Answered, key: Option<&str>) {
    let curl = answer.curl.as_deref().unwrap();
    let url = curl.split('\'').nth(1).unwrap();
    let target = url.strip_prefix("https://YOUR-SITE").unwrap();
    let key = match answer.key {
        KeySent::Given => key.unwrap(),
        KeySent::Any => "any",
        // The right key is not shown, so there is no request to send.
        KeySent::Own => return,
        KeySent::No => "",
    };
    let target = target.replace('…', &percent_encoded(key));
    if answer.method == "keybyemail" {
        return;
    }
    let reply: Reply = server.get(&target).await;
    assert_eq!(reply.status, answer.status, "{target}: {explained:#?}");
    if let Some(body) = &answer.body {
        assert_eq!(&reply.text(), body, "{target}: {explained:#?}");
    } else {
        let disposition = reply.headers.get("content-disposition");
        assert_eq!(disposition, answer.disposition.as_ref(), "{target}: {explained:#?}");
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        write!(out, "%{byte:02X}").unwrap();
        out
    })
}

async fn compare_all(server: &Server) {
    let open = OpenSite::open(&server.site.config).await.unwrap();
    let groups = GROUPS.iter().map(|(id, _)| *id);
    for what in PACKAGES.iter().copied().chain(groups) {
        for key in keys(what) {
            let asked = PEOPLE.iter().map(|who| ask(&open, server, who, what, key.as_deref()));
            join_all(asked).await;
        }
    }
}

#[tokio::test]
async fn on_sqlite_with_everybody() {
    let site = Site::new(Schema::Sqlite).await;
    more_packages(&site).await;
    let server = site.serve().await;
    compare_all(&server).await;
    server.stopped().await;
}

#[tokio::test]
async fn on_mariadb_with_another_policy_each() {
    let mut site = Site::new(Schema::Joomla5).await;
    more_packages(&site).await;
    site.config.release.inherit_groups = true;
    site.config.license.recipe = Some("md5($email . $user_id . $group . $hash)".into());
    site.config.license.accepted_recipes = vec!["md5($email . $group . $hash)".into()];
    let server = site.serve().await;
    compare_all(&server).await;
    server.stopped().await;
}

#[tokio::test]
async fn where_clients_learn_one_code() {
    let mut site = Site::new(Schema::Sqlite).await;
    more_packages(&site).await;
    site.config.release.privacy = Privacy::Uniform;
    site.config.license.recipe = Some("default".into());
    site.config.joomla.secret = None;
    let server = site.serve().await;
    compare_all(&server).await;
    server.stopped().await;
}

#[tokio::test]
async fn where_the_plugin_is_off() {
    let mut site = Site::new(Schema::Sqlite).await;
    more_packages(&site).await;
    let off =
        "UPDATE #__extensions SET enabled = 0 WHERE folder = 'jbackend' AND element = 'release'";
    site.run(off).await;
    site.config.release.require_enabled = true;
    let server = site.serve().await;
    let open = OpenSite::open(&server.site.config).await.unwrap();
    for what in ["redj_ent_190", "redj_com_190", "redj_enterprise", "nothing"] {
        ask(&open, &server, "alice@example.test", what, None).await;
        ask(&open, &server, "nobody@example.test", what, Some("x")).await;
    }
    server.stopped().await;
}

/// The URLs in an explanation lead to its answers, in every form of the site's URLs.
#[tokio::test]
async fn however_urls_are_made() {
    for (sef, suffix, url) in [
        (true, false, None),
        (true, true, None),
        (false, false, None),
        (true, true, Some("https://YOUR-SITE/a shop/")),
        (false, false, Some("https://YOUR-SITE/shop")),
    ] {
        let mut site = Site::new(Schema::Sqlite).await;
        more_packages(&site).await;
        site.config.joomla.sef = sef;
        site.config.joomla.sef_suffix = suffix;
        site.config.server.public_url = url.map(Into::into);
        let server = site.serve().await;
        let open = OpenSite::open(&server.site.config).await.unwrap();
        for what in ["redj_1.9", "redj_ent_190", "redj_enterprise", "a/b", "..", "\u{e9} & c", ""] {
            for who in ["alice@example.test", "o'neil+tag@example.test"] {
                ask(&open, &server, who, what, Some("a&b=c #+%")).await;
            }
        }
        server.stopped().await;
    }
}

/// A login costs tens of milliseconds twice, so only a few are tried: `alice` and every account
/// that differs from hers.
#[tokio::test]
async fn logins() {
    for schema in [Schema::Sqlite, Schema::Joomla3] {
        let site = Site::new(schema).await;
        more_packages(&site).await;
        site.run(
            "UPDATE #__extensions SET enabled = 1 WHERE folder = 'twofactorauth' AND element = 'totp'",
        )
        .await;
        if schema == Schema::Joomla3 {
            site.run("UPDATE #__users SET otpKey = 'totp:x', otep = '' WHERE id = 108").await;
        }
        let server = site.serve().await;
        let open = OpenSite::open(&server.site.config).await.unwrap();
        let cases = [
            ("alice", "alicepass", "redj_enterprise"),
            ("alice@example.test", "alicepass", "redj_ent_190"),
            ("alice", "wrong", "redj_enterprise"),
            ("alice", "", "redj_enterprise"),
            ("alice", "0", "redj_enterprise"),
            ("alice", "alicepass", "zero"),
            ("alice", "alicepass", "nothing"),
            ("alice", "alicepass", "orphaned"),
            ("bob", "bobpass", "redj_enterprise"),
            ("carol", "carolpass", "redj_enterprise"),
            ("henry", "p<b>ss&amp;1", "redj_enterprise"),
            ("ivan", "ivanpass", "redj_enterprise"),
            ("dup@example.test", "piapass", "redj_enterprise"),
            ("dup@example.test", "olgapass", "redj_enterprise"),
            ("orphan", "x", "redj_enterprise"),
            ("nobody", "x", "redj_enterprise"),
        ];
        for (who, password, what) in cases {
            let question = Question {
                who: who.to_owned(),
                what: what.to_owned(),
                key: None,
                password: Some(password.to_owned().into()),
            };
            let explained = explain(&open, &question, Arc::new(|_, _| {})).await.unwrap();
            let login = explained.answers.iter().find(|answer| answer.method == "keybyauth");
            let login = login.unwrap_or_else(|| panic!("{explained:#?}"));
            has_reasons(&explained);

            let curl = login.curl.as_deref().unwrap();
            let target = curl.split('\'').nth(1).unwrap().trim_start_matches("https://YOUR-SITE");
            let name = curl.split("username=").nth(1).unwrap().split('\'').next().unwrap();
            let form = format!(
                "username={}&password={}",
                percent_encoded(name),
                percent_encoded(password)
            );
            let kind = [("Content-Type", "application/x-www-form-urlencoded")];
            let reply = server.client.send("POST", target, &kind, form.as_bytes()).await;
            let code = login.code.as_deref().unwrap_or("ok");
            assert_eq!(reply.code(), code, "{who} {password} {what}: {explained:#?}");
        }
        server.stopped().await;
    }
}
