//! Which requests the bridge answers, and which go to the site.

use jbackend_bridge::config::values::Upstream as Address;
use testkit::transcript::{self, Case};

use super::log::Log;
use super::upstream::Upstream;
use super::{in_front_of, stand_before};
use crate::common::site::Site;

#[tokio::test]
async fn recordings_reach_the_site_byte_for_byte_or_are_answered_as_recorded() {
    let upstream = Upstream::start().await;
    let mut site = Site::recorded().await;
    stand_before(&mut site, &upstream);
    let server = site.serve().await;
    let (mut there, mut here) = (0, 0);
    for case in transcript::all() {
        if let Some(statement) = &case.before {
            server.site.run(statement).await;
        }
        let request = &case.request;
        let headers: Vec<_> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = request.body.as_deref().unwrap_or_default();
        let target = request.target.replace("HOST", &server.client.address);
        let reply = server.client.send(&request.method, &target, &headers, body.as_bytes()).await;
        let arrived = upstream.take();
        assert!(arrived.len() < 2, "{}: {arrived:?}", case.name);
        assert!(!is_foreign(&case) || arrived.len() == 1, "{} did not arrive", case.name);
        let Some(found) = arrived.first() else {
            here += 1;
            continue;
        };
        there += 1;
        assert!(!is_ours(&case), "{} reached the site", case.name);
        assert_eq!(reply.status, 200, "{}", case.name);
        assert_eq!(found.head.split(' ').next(), Some(request.method.as_str()));
        assert_eq!(found.body, body.as_bytes(), "{}", case.name);
        if !has_dots_or_encoded_slashes(&target) {
            let sent = target.strip_prefix(&format!("http://{}", server.client.address));
            assert_eq!(found.target(), sent.unwrap_or(&target), "{}", case.name);
        }
    }
    assert!(there > 60 && here > 200, "{there} there, {here} here");
}

#[tokio::test]
async fn what_goes_to_the_site_is_logged_without_its_address() {
    let upstream = Upstream::start().await;
    let log = Log::start();
    let server = in_front_of(&upstream).await;
    server.get("/page/of/somebody?token=t0ken").await;
    let ours = server.get("/packages/post/release/validate/redj_enterprise").await;
    server.get("/..").await;
    server.stopped().await;
    let ours = format!("validate REL_ENS 200 {}", ours.body.len());
    assert_eq!(log.requests()[..2], ["- - 200 8", &ours]);
    assert!(log.requests()[2].starts_with("- - 400 "));
    assert!(!log.text().contains("t0ken") && !log.text().contains("somebody"));
}

#[test]
fn an_upstream_is_a_web_server_without_a_path() {
    for right in ["http://127.0.0.1:8081", "http://[::1]:81/", "http://web-1.internal:80"] {
        assert!(right.parse::<Address>().is_ok(), "{right}");
    }
    for wrong in [
        "127.0.0.1:8081",
        "https://127.0.0.1:8081",
        "http://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://:8081",
        "http://user:password@host:80",
        "http://host:80/path",
        "http://ho st:80",
        "",
    ] {
        let said = wrong.parse::<Address>().unwrap_err();
        assert!(said.to_string().contains("write `http://127.0.0.1:8081`"), "{wrong}: {said}");
    }
}

/// Does the request belong to the site in any case?
fn is_foreign(case: &Case) -> bool {
    let module = case.expect.seen.as_ref().map(|seen| seen.get("module"));
    let foreign =
        module.is_some_and(|module| module.and_then(|name| name.as_str()) != Some("release"));
    case.kind == "site" || foreign || code(case).contains("REQ_MNS")
}

fn is_ours(case: &Case) -> bool {
    case.kind == "release" || ["REQ_RUN", "REQ_ANS"].iter().any(|ours| code(case).contains(ours))
}

fn code(case: &Case) -> &str {
    case.expect.body.as_deref().unwrap_or_default()
}

fn has_dots_or_encoded_slashes(target: &str) -> bool {
    let path = target.split('?').next().unwrap().to_lowercase();
    path.contains("/.") || path.contains("%2f") || path.contains("%2e")
}
