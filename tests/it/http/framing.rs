//! The end of a request, which proxies and the bridge could see in different places.

use tokio::io::AsyncWriteExt;

use super::{next, raw, serve, statuses, validate};

const POST: &str = "POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn requests_whose_end_is_ambiguous_are_refused() {
    let server = serve().await;
    let smuggled = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", validate());
    for framing in [
        "Content-Length: 6\r\nContent-Length: 7\r\n",
        "Content-Length: 6, 7\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +6\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Content-Length : 6\r\n",
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
    ] {
        let answer = raw(&server, format!("{POST}{framing}\r\nid=grp{smuggled}").as_bytes()).await;
        assert_eq!(statuses(&answer), [400], "{framing}: {answer}");
    }
}

#[tokio::test]
async fn the_same_length_twice_is_one_length() {
    let server = serve().await;
    let twice = "Content-Length: 6\r\nContent-Length: 6\r\nConnection: close\r\n";
    let answer = raw(&server, format!("{POST}{twice}\r\nid=grp").as_bytes()).await;
    assert!(answer.contains("REL_GNF"), "{answer}");
}

#[tokio::test]
async fn broken_chunks_are_refused() {
    let server = serve().await;
    for chunks in ["zz\r\n", "6\r\nid=grpXX", "ffffffffffffffffff\r\nid=grp\r\n0\r\n\r\n"] {
        let request = format!("{POST}Transfer-Encoding: chunked\r\n\r\n{chunks}");
        let answer = raw(&server, request.as_bytes()).await;
        assert_eq!(statuses(&answer), [400], "{chunks}: {answer}");
    }
}

#[tokio::test]
async fn a_client_that_expects_100_continue_gets_it_when_its_body_is_wanted() {
    let server = serve().await;
    let mut stream = server.client.connect().await;
    let head = format!("{POST}Expect: 100-continue\r\nContent-Length: 6\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(next(&mut stream).await.status, 100);
    stream.write_all(b"id=grp").await.unwrap();
    assert_eq!(next(&mut stream).await.code(), "REL_GNF");

    let length = 17 * 1024 * 1024;
    let head = format!("{POST}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
    assert_eq!(statuses(&raw(&server, head.as_bytes()).await), [413]);
}

#[tokio::test]
async fn too_many_headers_and_no_http_at_all_are_refused() {
    let server = serve().await;
    let many = "X-A: b\r\n".repeat(1000);
    let long = format!("X-A: {}\r\n", "b".repeat(100 * 1024));
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\n{many}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\n{long}\r\n"), 431),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0".to_owned(), 400),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("GET /\r\n\r\n".to_owned(), 400),
    ] {
        let answer = raw(&server, request.as_bytes()).await;
        assert_eq!(statuses(&answer), [status], "{request:.40}: {answer}");
    }
}
