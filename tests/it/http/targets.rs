//! Request targets: those of Joomla's updater, and hostile ones.

use super::{raw, serve, statuses, validate};
use crate::common::site::{ALICE_KEY, PAID_FILE};

#[tokio::test]
async fn targets_of_joomlas_updater_reach_the_release_module() {
    let server = serve().await;
    let path = "/packages/get/release/download/redj_ent_190";
    let right = format!("email=alice@example.test&key={ALICE_KEY}");
    for query in [
        format!("?{right}"),
        format!("?&{right}"),
        format!("??{right}&email=alice@example.test"),
        format!("?{right}&note={{}}|\\^'üñ€%zz%&x[]=1"),
        format!("?x=%&{right}"),
        format!("?email=alice%40example.test&amp;key={ALICE_KEY}"),
    ] {
        let reply = server.get(&format!("{path}{query}")).await;
        assert_eq!((reply.status, reply.body.as_slice()), (200, PAID_FILE), "{query}");
    }
    for (query, code) in [
        (format!("??{right}"), "REL_ENS"),
        ("?email=ü{}|\\^'@example.test&key=%zz".to_owned(), "REL_UNF"),
        ("?email=alice@example.test&key={}|\\^'ü%".to_owned(), "REL_KNV"),
        ("?email=&key=".to_owned(), "REL_UNF"),
    ] {
        assert_eq!(server.code(&format!("{path}{query}")).await, code, "{query}");
    }
    assert_eq!(server.code("/packages/get/release/verify/ü{}|^'%zz").await, "REQ_RUN");
    assert_eq!(server.code("/packages/post/release/verify/ü{}|^'%zz").await, "REL_PNF");
}

#[tokio::test]
async fn hostile_paths_are_answered_and_lead_nowhere() {
    let server = serve().await;
    let slashes = format!("/{}packages/post/release/validate", "/".repeat(8 * 1024));
    let dots = format!("/packages{}", "/..".repeat(2 * 1024));
    for (target, status) in [
        ("/../etc/passwd", 400),
        ("/%2e%2e/etc/passwd", 400),
        ("/packages/%2e%2e/%2E%2E/x", 400),
        ("/packages/..%2f..%2fx", 400),
        ("/packages/get/release/download/%00", 400),
        (dots.as_str(), 400),
        ("/packages\\..\\..\\x", 404),
        ("//", 404),
        ("/%", 404),
        ("/%ff%fe", 404),
        ("/packages%ff/post", 404),
    ] {
        assert_eq!(server.get(target).await.status, status, "{target:.60}");
    }
    for (target, code) in [
        (slashes.as_str(), "REL_GNS"),
        ("//packages//post///release/validate//", "REL_GNS"),
        ("/x/../packages/./post/release/validate", "REL_GNS"),
        ("/packages/get/release/download/..%5c..%5cx", "REL_PNF"),
        ("/packages/get/release/download/%ff", "REL_PNF"),
        ("/packages/get/release/download?id=../../site.db", "REL_PNF"),
        ("/packages/get/release/download?id=%00", "REL_PNF"),
        ("/packages/post/release/validate/redj_enterprise?email=%ff%00&key=%fe", "REL_UNF"),
    ] {
        assert_eq!(server.code(target).await, code, "{target:.60}");
    }
}

#[tokio::test]
async fn targets_beyond_every_length_are_refused() {
    let server = serve().await;
    for length in [40 * 1024, 70 * 1024, 200 * 1024] {
        let in_path = format!("/packages/{}", "x".repeat(length));
        let in_query = format!("{}&x={}", validate(), "x".repeat(length));
        for target in [in_path, in_query] {
            let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            let answer = raw(&server, request.as_bytes()).await;
            let status = statuses(&answer);
            assert!(matches!(status.as_slice(), [414 | 431]), "{length}: {answer:.200}");
        }
    }
    let long = format!("{}&x={}", validate(), "x".repeat(30 * 1024));
    assert_eq!(server.code(&long).await, "ok");
}

#[tokio::test]
async fn bytes_the_http_library_refuses_are_400_and_never_a_hang() {
    let server = serve().await;
    for target in [&b"/packages/\xff\xfe"[..], b"/packages?x=\xff", b"/pack\x01ages", b"/a<b"] {
        let request = [b"GET ", target, b" HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
        let answer = raw(&server, &request).await;
        assert_eq!(statuses(&answer), [400], "{:?}: {answer}", String::from_utf8_lossy(target));
    }
}

#[tokio::test]
async fn only_the_first_thousand_parameters_of_a_query_count() {
    let server = serve().await;
    let target = |before: usize| {
        let fill: Vec<_> = (0..before).map(|n| format!("p{n}=&")).collect();
        format!("/packages/post/release/validate?{}id=redj_enterprise", fill.concat())
    };
    assert_eq!(server.code(&target(999)).await, "REL_ENS");
    assert_eq!(server.code(&target(1000)).await, "REL_GNS");
}
