//! Every code, in the documented order of the checks: each row of a table passes all checks of the
//! rows before it.

use jbackend_bridge::methods::code;
use testkit::fixture::Schema;

use super::{GROUPS, PACKAGES, expect_codes, key, save_settings};
use crate::common::site::{ALICE_KEY, FREE_FILE, PAID_FILE, Server, Site};

/// Starts the fixture's site with more packages: one of an unknown package group, one without a
/// file, one that leaves the folder. A blocked account that is also in no right group is added.
async fn serve(schema: Schema) -> Server {
    let site = Site::new(schema).await;
    let mut packages = PACKAGES.to_vec();
    packages.extend([
        "lost;/public/joomla/redj/small.zip;no_such_group",
        "paid_gone;/private/gone.zip;redj_enterprise",
        "outside;/../../etc/passwd",
    ]);
    save_settings(&site, GROUPS, &packages).await;
    site.run("UPDATE #__users SET block = 1 WHERE username = 'frank'").await;
    site.serve().await
}

/// Makes requests of the rows `end of the target → code`; `start` comes before each end.
fn requests(start: &str, rows: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    rows.iter().map(|(row, code)| (format!("{start}{row}"), *code)).collect()
}

#[tokio::test]
async fn keybyemail_checks_group_then_email_then_user() {
    let rows = [
        ("", "REL_GNS"),
        ("?email=alice@example.test", "REL_GNS"),
        ("?id=", "REL_GNF"),
        ("?id[]=redj_enterprise", "REL_GNF"),
        ("?id=%FF", "REL_GNF"),
        ("?id=REDJ_ENTERPRISE&email=alice@example.test", "REL_GNF"),
        ("?id=redj_enterprise%20", "REL_GNF"),
        ("?id=unknown", "REL_GNF"),
        ("/unknown?email=alice@example.test", "REL_GNF"),
        ("/redj_enterprise", "REL_ENS"),
        ("/redj_enterprise?mail=alice@example.test", "REL_ENS"),
        ("/redj_enterprise?email", "REL_UNF"),
        ("/redj_enterprise?email=", "REL_UNF"),
        ("/redj_enterprise?email[]=alice@example.test", "REL_UNF"),
        ("/redj_enterprise?email=%FF", "REL_UNF"),
        ("/redj_enterprise?email=nobody@example.test", "REL_UNF"),
        ("/redj_enterprise?email=frank@example.test", "REL_UNE"),
        ("/redj_enterprise?email=carol@example.test", "REL_UNE"),
        ("/redj_enterprise?email=dave@example.test", "REL_UNE"),
        ("/redj_enterprise?email=bob@example.test", "REL_ANA"),
        ("/zero?email=alice@example.test", "REL_ANA"),
        ("/redj_enterprise?email=alice@example.test", "ok"),
        ("/redj_enterprise?email=erin@example.test", "ok"),
    ];
    let server = serve(Schema::Joomla5).await;
    expect_codes(&server, &requests("/packages/post/release/keybyemail", &rows)).await;
    expect_codes(&server, &requests("/packages/post/release/keybymail", &rows)).await;
    assert_eq!(server.mails().len(), 4, "one mail for every `ok`");
}

#[tokio::test]
async fn keybyauth_checks_group_then_user_name_then_password() {
    let rows = [
        ("?username=alice&password=alicepass", "REL_GNS"),
        ("/unknown?username=alice&password=alicepass", "REL_GNF"),
        ("/redj_enterprise", "REL_UNS"),
        ("/redj_enterprise?password=alicepass", "REL_UNS"),
        ("/redj_enterprise?username=nobody", "REL_PWS"),
        ("/redj_enterprise?username=", "REL_PWS"),
        ("/redj_enterprise?username[]=alice&password=alicepass", "REL_LIF"),
        ("/redj_enterprise?username=&password=alicepass", "REL_LIF"),
        ("/redj_enterprise?username=%FF&password=alicepass", "REL_LIF"),
        ("/redj_enterprise?username=nobody&password=alicepass", "REL_LIF"),
        ("/redj_enterprise?username=alice@example.test&password=alicepass", "REL_LIF"),
        ("/redj_enterprise?username=alice&password[]=alicepass", "REL_LIF"),
        ("/redj_enterprise?username=alice&password=", "REL_LIF"),
        ("/redj_enterprise?username=alice&password=0", "REL_LIF"),
        ("/redj_enterprise?username=alice&password=%FF%FE", "REL_LIF"),
        ("/redj_enterprise?username=alice&password=Alicepass", "REL_LIF"),
        ("/redj_enterprise?username=alice&password=alicepass%20", "REL_LIF"),
        ("/redj_enterprise?username=carol&password=wrong", "REL_LIF"),
        ("/redj_enterprise?username=bob&password=wrong", "REL_LIF"),
        ("/redj_enterprise?username=carol&password=carolpass", "REL_UNE"),
        ("/redj_enterprise?username=frank&password=frankpass", "REL_UNE"),
        ("/redj_enterprise?username=bob&password=bobpass", "REL_ANA"),
        ("/redj_enterprise?username=alice&password=alicepass", "ok"),
        ("/redj_enterprise?username=ALICE&password=alicepass", "ok"),
        ("/redj_enterprise?username=grace&password=gracepass", "ok"),
    ];
    let server = serve(Schema::Joomla5).await;
    expect_codes(&server, &requests("/packages/post/release/keybyauth", &rows)).await;
    let right = "/packages/post/release/keybyauth/redj_enterprise?username=Alice";
    let ok = server.json(&format!("{right}&password=alicepass")).await;
    let wanted = format!(r#"{{"status":"ok","email":"alice@example.test","key":"{ALICE_KEY}"}}"#);
    assert_eq!(ok, wanted);
}

/// Makes the rows of the checks that `validate`, `verify` and `download` share, for the text after
/// the id.
fn holder_rows(done: &'static str) -> Vec<(String, &'static str)> {
    let bob = key("bob@example.test", "redj_enterprise", "HASH123KEY456");
    let carol = key("carol@example.test", "redj_enterprise", "HASH123KEY456");
    let other_group = key("alice@example.test", "redj_ent", "");
    [
        ("", "REL_ENS"),
        ("?key=KEY", "REL_ENS"),
        ("?email=nobody@example.test", "REL_KNS"),
        ("?email[]=x", "REL_KNS"),
        ("?email=&key=KEY", "REL_UNF"),
        ("?email[]=alice@example.test&key=KEY", "REL_UNF"),
        ("?email=%FF&key=KEY", "REL_UNF"),
        ("?email=nobody@example.test&key=KEY", "REL_UNF"),
        ("?email=frank@example.test&key=KEY", "REL_UNE"),
        ("?email=carol@example.test&key=CAROL", "REL_UNE"),
        ("?email=bob@example.test&key=BOB", "REL_ANA"),
        ("?email=alice@example.test&key=", "REL_KNV"),
        ("?email=alice@example.test&key[]=KEY", "REL_KNV"),
        ("?email=alice@example.test&key=%FF", "REL_KNV"),
        ("?email=alice@example.test&key=KEYx", "REL_KNV"),
        ("?email=alice@example.test&key=OTHER", "REL_KNV"),
        ("?email=alice@example.test&key=7759BE2E42149D8DE20744AF04915090", "REL_KNV"),
        ("?email=alice@example.test&key=%20KEY%0D%0A", done),
        ("?email=ALICE@example.test&key=KEY", done),
        ("?email=alice@example.test&key=KEY", done),
    ]
    .map(|(row, code)| {
        let row = row.replace("KEY", ALICE_KEY).replace("CAROL", &carol);
        (row.replace("BOB", &bob).replace("OTHER", &other_group), code)
    })
    .to_vec()
}

#[tokio::test]
async fn validate_checks_group_then_email_then_key() {
    let server = serve(Schema::Joomla5).await;
    let start = "/packages/post/release/validate";
    let before = [("", "REL_GNS"), ("?id=", "REL_GNF"), ("?id[]=redj_enterprise", "REL_GNF")];
    expect_codes(&server, &requests(start, &before)).await;
    expect_codes(&server, &requests(start, &[("/redj_ent_190", "REL_GNF")])).await;
    let rows = holder_rows("ok");
    let rows: Vec<_> = rows.iter().map(|(row, code)| (row.as_str(), *code)).collect();
    expect_codes(&server, &requests(&format!("{start}/redj_enterprise"), &rows)).await;
}

/// Checks on the package that `verify` and `download` share, before any check on the user.
const PACKAGE_ROWS: &[(&str, &str)] = &[
    ("", "REL_PNS"),
    ("?email=alice@example.test&key=x", "REL_PNS"),
    ("?id=", "REL_PNF"),
    ("?id[]=small", "REL_PNF"),
    ("?id=%FF", "REL_PNF"),
    ("/redj_enterprise", "REL_PNF"),
    ("/SMALL", "REL_PNF"),
    ("/lost", "REL_GNF"),
    ("/lost?email=alice@example.test&key=x", "REL_GNF"),
];

#[tokio::test]
async fn verify_checks_package_then_email_then_key() {
    let server = serve(Schema::Joomla5).await;
    let start = "/packages/post/release/verify";
    expect_codes(&server, &requests(start, PACKAGE_ROWS)).await;
    let rows = holder_rows("ok");
    let rows: Vec<_> = rows.iter().map(|(row, code)| (row.as_str(), *code)).collect();
    expect_codes(&server, &requests(&format!("{start}/redj_ent_190"), &rows)).await;
    let free = [
        ("/small", "ok"),
        ("/small?email=nobody@example.test&key=x", "ok"),
        ("/small?email[]=&key[]=", "ok"),
        // Only a download checks the file.
        ("/gone", "ok"),
    ];
    expect_codes(&server, &requests(start, &free)).await;
}

#[tokio::test]
async fn download_checks_package_then_email_then_key_then_file() {
    let server = serve(Schema::Joomla5).await;
    for start in ["/packages/get/release/download", "/packages/post/release/download"] {
        expect_codes(&server, &requests(start, PACKAGE_ROWS)).await;
        // If all checks except the file's pass, the code is the file's.
        let rows = holder_rows("REL_FNF");
        let rows: Vec<_> = rows.iter().map(|(row, code)| (row.as_str(), *code)).collect();
        expect_codes(&server, &requests(&format!("{start}/paid_gone"), &rows)).await;
        let rest = [("/gone", "REL_FNF"), ("/outside", "REL_FNF")];
        expect_codes(&server, &requests(start, &rest)).await;

        let free = server.get(&format!("{start}/redj_com_190")).await;
        assert_eq!((free.status, free.body.as_slice()), (200, FREE_FILE));
        let paid = format!("{start}/redj_ent_190?email=alice@example.test&key={ALICE_KEY}");
        let paid = server.get(&paid).await;
        assert_eq!((paid.status, paid.body.as_slice()), (200, PAID_FILE));
        assert_eq!(paid.header("content-type"), "application/octet-stream");
    }
}

#[tokio::test]
async fn other_actions_are_unknown_and_a_missing_one_is_missed() {
    let server = serve(Schema::Sqlite).await;
    let mut requests = Vec::new();
    let rest = format!("?email=alice@example.test&key={ALICE_KEY}&username=alice&password=x");
    for (resource, id) in [
        ("keybyemail", "redj_enterprise"),
        ("keybymail", "redj_enterprise"),
        ("keybyauth", "redj_enterprise"),
        ("validate", "redj_enterprise"),
        ("verify", "redj_ent_190"),
        ("download", "redj_ent_190"),
    ] {
        for action in ["put", "delete", "POST", "Get", "post%20"] {
            let target = format!("/packages/{action}/release/{resource}/{id}{rest}");
            requests.push((target, "REQ_RUN"));
        }
        if resource != "download" {
            requests.push((format!("/packages/get/release/{resource}/{id}{rest}"), "REQ_RUN"));
        }
        let query = format!("/packages{rest}&module=release&resource={resource}&id={id}");
        requests.push((query.clone(), "REQ_ANS"));
        requests.push((format!("{query}&action="), "REQ_RUN"));
        requests.push((format!("{query}&action[]=post"), "REQ_RUN"));
    }
    expect_codes(&server, &requests).await;
    assert!(server.mails().is_empty(), "nothing was run");
}

#[test]
fn the_table_of_the_documentation_is_the_one_of_the_code() {
    let page = include_str!("../../../docs/release.md");
    let documented: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| REL_"))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let name = cells[1].split(' ').next().unwrap();
            (name.to_owned(), cells[2].to_owned(), cells[4].parse::<u16>().unwrap())
        })
        .collect();
    let coded: Vec<_> = code::ALL
        .iter()
        .map(|code| (code.name.to_owned(), code.text.to_owned(), code.status))
        .collect();
    assert_eq!(documented, coded);
}
