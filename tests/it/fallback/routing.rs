//! Whose request is it?

use super::stand_before;
use super::upstream::Upstream;
use crate::common::site::Site;
use crate::common::transcript::{self, Case};

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

/// What belongs to the site in any case.
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
