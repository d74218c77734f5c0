//! The header `X-Release-Error`: the code of a refusal, for clients that do not read the body.

use jbackend_bridge::config::sections::Release;
use jbackend_bridge::config::values::{CodeName, HttpStatus, MailTransport};
use jbackend_bridge::http::reply::Refusals;
use jbackend_bridge::{jbackend, methods};
use testkit::fixture::Schema;

use super::post;
use crate::common::site::{ALICE_KEY, PAID_FILE, Site};

const HEADER: &str = "x-release-error";
const ALICE: [(&str, &str); 2] = [("email", "alice@example.test"), ("key", ALICE_KEY)];
const STATUSES: [HttpStatus; 3] =
    [HttpStatus::Always200, HttpStatus::Real, HttpStatus::JoomlaUpdater];

#[test]
fn every_code_stands_in_it_whatever_the_status() {
    let codes = methods::code::ALL.iter().chain(jbackend::code::ALL);
    for (code, status) in codes.flat_map(|code| STATUSES.map(|status| (code, status))) {
        let refusals = Refusals::new(&Release { http_status: status, ..Release::default() });
        for to_updater in [false, true] {
            let reply = refusals.reply(*code, to_updater);
            assert_eq!(reply.headers().get(HEADER).unwrap(), code.name);
        }
    }
}

#[tokio::test]
async fn refusals_of_module_and_core_have_it_and_other_answers_do_not() {
    let mut site = Site::new(Schema::Joomla5).await;
    site.config.mail.transport = Some(MailTransport::Off);
    let server = site.serve().await;
    let wrong = [("email", "alice@example.test"), ("key", "x")];
    let refused = [
        post("validate", "unknown", &[]),
        post("validate", "redj_enterprise", &[]),
        post("validate", "redj_enterprise", &wrong),
        post("verify", "redj_ent_190", &wrong),
        post("download", "redj_ent_190", &wrong),
        post("download", "gone", &[]),
        post("keybyauth", "redj_enterprise", &[("username", "x"), ("password", "x")]),
        post("keybyemail", "redj_enterprise", &ALICE),
        "/packages".to_owned(),
        "/packages/put/release/verify/x".to_owned(),
    ];
    for target in refused {
        for verb in ["GET", "POST"] {
            let reply = server.client.send(verb, &target, &[], b"").await;
            assert_eq!(reply.header(HEADER), reply.code(), "{target}");
        }
        let head = server.client.send("HEAD", &target, &[], b"").await;
        let code = server.code(&target).await;
        assert_eq!((head.header(HEADER), head.body.len()), (code.as_str(), 0), "{target}");
    }
    let login = [("username", "alice"), ("password", "alicepass")];
    let fine = [
        post("validate", "redj_enterprise", &ALICE),
        post("verify", "small", &[]),
        post("keybyauth", "redj_enterprise", &login),
    ];
    for target in fine {
        let reply = server.get(&target).await;
        assert_eq!(reply.code(), "ok", "{target}");
        assert!(!reply.headers.contains_key(HEADER), "{target}");
    }
    let package = server.get(&post("download", "redj_ent_190", &ALICE)).await;
    assert_eq!(package.body, PAID_FILE);
    assert!(!package.headers.contains_key(HEADER));
}

#[tokio::test]
async fn it_has_the_sites_own_name_of_the_code_where_a_header_can_hold_it() {
    let mut site = Site::new(Schema::Sqlite).await;
    let row = |(old, new): (&str, &str)| {
        (old.to_owned(), CodeName { code: Some(new.into()), text: None })
    };
    let renamed = [
        ("REL_KNV", "REL_XYZ"),
        ("REL_UNF", "REL CLÉ"),
        ("REL_UNE", " REL_UNE "),
        ("REL_ANA", "REL\r\nSet-Cookie: a=b"),
        ("REL_ENS", ""),
    ];
    site.config.release.error_codes = renamed.map(row).into();
    let server = site.serve().await;
    let validate = |email| post("validate", "redj_enterprise", &[("email", email), ("key", "x")]);
    let cases = [
        (validate("alice@example.test"), "REL_XYZ", Some("REL_XYZ")),
        (validate("nobody@example.test"), "REL CLÉ", None),
        (validate("carol@example.test"), " REL_UNE ", None),
        (validate("bob@example.test"), "REL\r\nSet-Cookie: a=b", None),
        (post("validate", "redj_enterprise", &[]), "", None),
        (post("validate", "unknown", &[]), "REL_GNF", Some("REL_GNF")),
    ];
    for (target, code, header) in cases {
        let reply = server.get(&target).await;
        assert_eq!(reply.code(), code, "{target}");
        assert_eq!(reply.headers.get(HEADER).map(String::as_str), header, "{target}");
        assert!(!reply.headers.contains_key("set-cookie"));
    }
}
