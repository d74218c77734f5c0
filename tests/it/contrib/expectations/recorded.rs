//! All recorded requests, with and without the web server.

use testkit::client::{Client, Reply};
use testkit::fixture::Schema;
use testkit::transcript::{self, Case};
use testkit::web_server::{self, PHP};

use super::Kind;
use crate::common::site::Site;

/// Recordings whose answer is different behind a web server, and should be.
const DIFFERENT: &[&str] = &[
    // Only the menu item's number or a form field shows that these requests are for the bridge. A
    // web server cannot see that, and sends them to PHP.
    "nonsef_itemid_only1",
    "nonsef_post_form",
    // The request names a proxy that does not exist; the web server replaces its header.
    "ssl_ep_xfp",
];

/// Sends all recordings to two equal sites: directly to one, through the web server to the other.
pub(in crate::contrib) async fn recorded_requests(kind: Kind) {
    let alone = Site::new(Schema::Joomla3).await.serve().await;
    let behind = Site::new(Schema::Joomla3).await.serve().await;
    let snippet = kind.end_point().all_end_points().bridge_at(&behind.client.address);
    let web = kind.start(web_server::Site::new(), &snippet);
    let (mut different, mut report) = (Vec::new(), Vec::new());
    let mut of_the_site = 0;
    for case in transcript::all() {
        if let Some(statement) = &case.before {
            alone.site.run(statement).await;
            behind.site.run(statement).await;
        }
        let direct = send(&case, &alone.client.address).await;
        let through = send(&case, &web.address).await;
        let pair = [facts(&direct, &alone.client.address), facts(&through, &web.address)];
        if direct.status == 404 && through.text() == PHP {
            of_the_site += 1;
        } else if pair[0] != pair[1] {
            report.push(format!("{} {}\n{pair:#?}", case.name, case.request.target));
            different.push(case.name);
        }
    }
    assert_eq!(different, DIFFERENT, "{}", report.join("\n"));
    // These are for other paths and components; all others came to the bridge.
    assert_eq!(of_the_site, 11);
}

async fn send(case: &Case, address: &str) -> Reply {
    let request = &case.request;
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = request.body.as_deref().unwrap_or_default();
    let target = request.target.replace("HOST", address);
    Client::new(address).send(&request.method, &target, &headers, body.as_bytes()).await
}

/// Returns the parts of an answer that a client uses.
fn facts(reply: &Reply, host: &str) -> (u16, Vec<String>, String) {
    let names = [
        "content-type",
        "content-disposition",
        "location",
        "access-control-allow-origin",
        "access-control-allow-methods",
    ];
    let headers = names.map(|name| reply.header(name).replace(host, "HOST"));
    (reply.status, headers.to_vec(), reply.text())
}
