//! The HTTP status of refusals, and their names.

use jbackend_bridge::config::values::{CodeName, HttpStatus};
use jbackend_bridge::methods::code;
use testkit::fixture::Schema;

use super::post;
use crate::common::site::{ALICE_KEY, PAID_FILE, Server, Site};

async fn serve(status: HttpStatus) -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.http_status = status;
    site.config.mail.transport = Some(jbackend_bridge::config::values::MailTransport::Off);
    site.serve().await
}

/// Lists a request for every code that needs no fault, with the real status.
fn refusals() -> Vec<(String, &'static str, u16)> {
    let validate =
        |email, key| post("validate", "redj_enterprise", &[("email", email), ("key", key)]);
    let alice = [("email", "alice@example.test")];
    let requests = vec![
        ("/packages/post/release/validate".to_owned(), "REL_GNS"),
        ("/packages/post/release/verify".to_owned(), "REL_PNS"),
        (post("validate", "unknown", &[]), "REL_GNF"),
        (post("verify", "unknown", &[]), "REL_PNF"),
        (post("validate", "redj_enterprise", &[]), "REL_ENS"),
        (post("validate", "redj_enterprise", &alice), "REL_KNS"),
        (post("keybyauth", "redj_enterprise", &[]), "REL_UNS"),
        (post("keybyauth", "redj_enterprise", &[("username", "x")]), "REL_PWS"),
        (post("keybyauth", "redj_enterprise", &[("username", "x"), ("password", "x")]), "REL_LIF"),
        (validate("nobody@example.test", "x"), "REL_UNF"),
        (validate("carol@example.test", "x"), "REL_UNE"),
        (validate("bob@example.test", "x"), "REL_ANA"),
        (validate("alice@example.test", "x"), "REL_KNV"),
        (post("download", "gone", &[]), "REL_FNF"),
        (post("keybyemail", "redj_enterprise", &alice), "REL_ESM"),
    ];
    let status = |name| code::ALL.iter().find(|code| code.name == name).unwrap().status;
    let mut all: Vec<_> =
        requests.into_iter().map(|(target, code)| (target, code, status(code))).collect();
    all.extend([
        ("/packages".to_owned(), "REQ_MNS", 400),
        ("/packages/post/other/verify/x".to_owned(), "REQ_MNF", 404),
        ("/packages/put/release/verify/x".to_owned(), "REQ_RUN", 404),
        ("/packages?module=release&resource=verify".to_owned(), "REQ_ANS", 400),
    ]);
    all
}

#[tokio::test]
async fn refusals_are_200_unless_real_ones_are_asked_for() {
    let original = serve(HttpStatus::Always200).await;
    let real = serve(HttpStatus::Real).await;
    for (target, code, status) in refusals() {
        let (first, second) = (original.get(&target).await, real.get(&target).await);
        assert_eq!((first.status, first.code().as_str()), (200, code), "{target}");
        assert_eq!((second.status, second.code().as_str()), (status, code), "{target}");
        assert_eq!(first.body, second.body, "the body is the same");
        assert_eq!(second.header("content-type"), "application/json");
    }
    let ok = post("verify", "small", &[]);
    assert_eq!(real.get(&ok).await.status, 200);
}

/// The headers of the updaters' requests, as they were recorded, without `Host` and `Connection`,
/// which every client sends.
const UPDATERS: &[&[(&str, &str)]] = &[
    // Joomla 3.10's download sends no name.
    &[("Accept", "*/*")],
    &[("User-Agent", "Mozilla/5.0 Joomla!/4.4.0 Joomla"), ("Accept", "*/*")],
    &[("User-Agent", "Mozilla/5.0 Joomla!/5.3.2 Joomla"), ("Accept", "*/*")],
];

const OTHERS: &[&[(&str, &str)]] = &[
    &[],
    &[("User-Agent", "curl/8.5.0"), ("Accept", "*/*")],
    &[("User-Agent", "Wget/1.21"), ("Accept", "*/*"), ("Accept-Encoding", "identity")],
    &[
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("Accept", "text/html,application/xhtml+xml"),
        ("Accept-Language", "en"),
        ("Accept-Encoding", "gzip"),
    ],
    &[("User-Agent", "Joomla"), ("Accept", "*/*")],
    &[("User-Agent", ""), ("Accept", "*/*")],
    &[("Accept", "*/*"), ("Accept-Language", "en")],
    &[("Accept", "*/*"), ("Accept-Encoding", "gzip")],
    &[("Accept", "*/*"), ("Cookie", "a=b")],
    &[("Accept", "application/zip")],
];

#[tokio::test]
async fn joomlas_updater_gets_real_ones_for_downloads_alone() {
    let server = serve(HttpStatus::JoomlaUpdater).await;
    let paid = |key: &str| {
        format!("/packages/get/release/download/redj_ent_190?email=alice@example.test&key={key}")
    };
    let downloads = [
        (paid("wrong"), "REL_KNV", 403),
        ("/packages/get/release/download/redj_ent_190".to_owned(), "REL_ENS", 401),
        ("/packages/get/release/download/gone".to_owned(), "REL_FNF", 404),
        ("/packages/get/release/download/unknown".to_owned(), "REL_PNF", 404),
        ("/packages/post/release/download/gone".to_owned(), "REL_FNF", 404),
        // The core's own refusals of a download.
        ("/packages/put/release/download/gone".to_owned(), "REQ_RUN", 404),
        ("/packages?module=release&resource=download&id=gone".to_owned(), "REQ_ANS", 400),
    ];
    for (target, code, real) in &downloads {
        for (clients, status) in [(UPDATERS, *real), (OTHERS, 200)] {
            for headers in clients {
                let reply = server.client.send("GET", target, headers, b"").await;
                let found = (reply.status, reply.code());
                assert_eq!(found, (status, (*code).to_owned()), "{target}, {headers:?}");
            }
        }
    }
    for (target, code, _) in refusals() {
        if target.contains("/download/") {
            continue;
        }
        for headers in UPDATERS {
            let reply = server.client.send("GET", &target, headers, b"").await;
            assert_eq!((reply.status, reply.code().as_str()), (200, code), "{target}");
        }
    }
    for headers in UPDATERS.iter().chain(OTHERS) {
        let reply = server.client.send("GET", &paid(ALICE_KEY), headers, b"").await;
        assert_eq!((reply.status, reply.body.as_slice()), (200, PAID_FILE));
    }
}

/// Joomla 3's updater only sends GET; a POST without a name comes from a script.
#[tokio::test]
async fn a_nameless_post_is_not_joomlas_updater() {
    let server = serve(HttpStatus::JoomlaUpdater).await;
    let target = "/packages/get/release/download/gone";
    let reply = server.client.send("POST", target, &[("Accept", "*/*")], b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (200, "REL_FNF"));
}

#[tokio::test]
async fn an_operator_renames_codes_and_texts() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.http_status = HttpStatus::Real;
    let name = |code: Option<&str>, text: Option<&str>| CodeName {
        code: code.map(str::to_owned),
        text: text.map(str::to_owned),
    };
    site.config.release.error_codes = [
        ("REL_KNV", name(Some("REL_XYZ"), Some("Clé / \"fausse\""))),
        ("REL_UNF", name(None, Some("Who?"))),
        ("REL_UNE", name(Some("REL_BLK"), None)),
        ("REQ_RUN", name(Some("REQ_UNK"), None)),
    ]
    .map(|(old, new)| (old.to_owned(), new))
    .into();
    let server = site.serve().await;
    let validate = |email| post("validate", "redj_enterprise", &[("email", email), ("key", "x")]);
    let cases = [
        (validate("alice@example.test"), 403, "REL_XYZ", r#"Cl\u00e9 \/ \"fausse\""#),
        (validate("nobody@example.test"), 403, "REL_UNF", "Who?"),
        (validate("carol@example.test"), 403, "REL_BLK", "User not enabled"),
        (validate("bob@example.test"), 403, "REL_ANA", "Access not authorized"),
        ("/packages/x/release/verify/small".to_owned(), 404, "REQ_UNK", "Request unknown"),
    ];
    for (target, status, code, text) in cases {
        let reply = server.get(&target).await;
        let body =
            format!(r#"{{"status":"ko","error_code":"{code}","error_description":"{text}"}}"#);
        assert_eq!((reply.status, reply.text()), (status, body), "{target}");
    }
}
