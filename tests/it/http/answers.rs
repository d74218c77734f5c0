//! Answers are the same byte for byte for all HTTP methods and versions.

use tokio::io::AsyncWriteExt;

use super::{next, raw, serve, statuses, validate};

const REFUSED: &str = "/packages/post/release/validate";

#[tokio::test]
async fn json_answers_have_the_headers_of_the_original_and_refusals_one_with_their_code() {
    let server = serve().await;
    for (target, status) in [(validate(), "ok"), (REFUSED.to_owned(), "REL_GNS")] {
        let reply = server.get(&target).await;
        assert_eq!((reply.status, reply.code().as_str()), (200, status));
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("content-disposition"), "attachment;filename=\"response.json\"");
        assert_eq!(reply.header("content-length"), reply.body.len().to_string());
        let mut names: Vec<_> = reply.headers.keys().map(String::as_str).collect();
        names.sort_unstable();
        let mut expected =
            vec!["connection", "content-disposition", "content-length", "content-type", "date"];
        if status != "ok" {
            expected.push("x-release-error");
            assert_eq!(reply.header("x-release-error"), status);
        }
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn every_verb_is_answered_alike() {
    let server = serve().await;
    let wanted = server.get(&validate()).await.text();
    for verb in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "FOO"] {
        let reply = server.client.send(verb, &validate(), &[], b"").await;
        assert_eq!((reply.status, reply.text()), (200, wanted.clone()), "{verb}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = serve().await;
    for target in [validate(), REFUSED.to_owned(), "/elsewhere".to_owned()] {
        let get = server.get(&target).await;
        let head = server.client.send("HEAD", &target, &[], b"").await;
        assert_eq!((head.status, head.text()), (get.status, String::new()));
        for name in ["content-type", "content-disposition", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {target}");
        }
    }
}

#[tokio::test]
async fn http_1_0_closes_unless_asked_to_keep_alive() {
    let server = serve().await;
    let answer = raw(&server, format!("GET {} HTTP/1.0\r\n\r\n", validate()).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n{\"status\":\"ok\"}"), "{answer}");
    assert!(!answer.contains("chunked"), "{answer}");

    let mut stream = server.client.connect().await;
    let request = format!("GET {} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", validate());
    for _ in 0..2 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let reply = next(&mut stream).await;
        assert_eq!((reply.code().as_str(), reply.header("connection")), ("ok", "keep-alive"));
    }
}

#[tokio::test]
async fn requests_in_a_row_and_pipelined_share_a_connection() {
    let server = serve().await;
    let mut stream = server.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", validate());
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(next(&mut stream).await.code(), "ok");
    }
    let form = "POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nid=grp";
    let three = format!("{request}{form}{request}");
    stream.write_all(three.as_bytes()).await.unwrap();
    for code in ["ok", "REL_GNF", "ok"] {
        assert_eq!(next(&mut stream).await.code(), code);
    }
}

#[tokio::test]
async fn connect_opens_no_tunnel() {
    let server = serve().await;
    for target in ["x.test:443", "/packages/post/release/validate/grp"] {
        let request = format!("CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        let answer = raw(&server, request.as_bytes()).await;
        assert_eq!(statuses(&answer), [501], "{target}: {answer}");
    }
}

/// warp's filters would panic on such a target, and the connection end without an answer.
#[tokio::test]
async fn a_target_that_is_only_a_host_is_answered() {
    let server = serve().await;
    for target in ["x.test:443", "x.test"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = raw(&server, request.as_bytes()).await;
        assert!(matches!(statuses(&answer).as_slice(), [400 | 404]), "{target}: {answer}");
    }
}

#[tokio::test]
async fn targets_without_a_path_are_answered() {
    let server = serve().await;
    let absolute = format!("http://other.test:99{}", validate());
    assert_eq!(server.code(&absolute).await, "ok");
    for (verb, target) in [("OPTIONS", "*"), ("GET", "*"), ("GET", "http://other.test")] {
        let reply = server.client.send(verb, target, &[], b"").await;
        assert_eq!(reply.status, 404, "{verb} {target}");
    }
}
