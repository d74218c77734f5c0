//! Input that makes no release: each gets an answer in JSON, and leaves nothing.

use tokio::io::AsyncWriteExt;

use super::*;
use crate::cli::operations::eventually;
use crate::publish::errors;
use crate::update_site::archive;
use testkit::client::read;

#[tokio::test]
async fn names_of_other_files_are_refused() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let long = format!("{}.zip", "a".repeat(300));
    for (name, reason) in [
        ("../x.zip", "is a path"),
        ("..%2Fx.zip", "is a path"),
        ("..%5Cx.zip", "is a path"),
        ("%2Fetc%2Fx.zip", "is a path"),
        ("a%00.zip", "characters that do not work everywhere"),
        ("gr%C3%B6%C3%9Fe.zip", "characters that do not work everywhere"),
        ("%FF.zip", "characters that do not work everywhere"),
        (".zip", "characters that do not work everywhere"),
        (&long, "has 304 characters"),
        ("x.php", "does not end in `.zip`"),
        ("x.zip.php", "does not end in `.zip`"),
        ("", "does not end in `.zip`"),
    ] {
        let reply = upload(&service, &token, name, &package("shop", "1.0.0", "5")).await;
        let said = refusal(400, &reply);
        assert!(said.contains(reason), "{name}: {said}");
    }
    assert_eq!(shop.files(), 0);
}

#[tokio::test]
async fn everything_in_the_head_is_told_at_once() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let headers = [("Content-Digest", "sha-512=:AAAA:"), ("Release-Changelog", "?")];
    let name = "x.php?channel=nightly&sekurity=1";
    let reply = upload_with(&service, &token, name, b"x", &headers).await;
    refusal(400, &reply);
    assert_eq!(errors(&json(&reply)).len(), 5, "{}", reply.text());
}

#[tokio::test]
async fn digests_and_lengths_must_be_there_and_right() {
    let shop = shop().await;
    shop.configure("releases.upload = true\nreleases.max_size = 1000\n");
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let file = package("shop", "1.0.0", "5");
    let with = async |content: &[u8], headers: &[(&str, &str)]| {
        upload_with(&service, &token, "x.zip", content, headers).await
    };
    let other = digest(b"another file");
    for (digest, reason) in [
        ("", "has no header `Content-Digest`"),
        ("sha-256=:AAAA:", "is not the base64 of 32 bytes"),
        (other.as_str(), "the body has the SHA-256 sum"),
    ] {
        let reply = with(&file, &[("Content-Digest", digest)]).await;
        assert!(refusal(400, &reply).contains(reason), "{digest}: {}", reply.text());
    }
    let chunked = [("Transfer-Encoding", "chunked")];
    assert!(refusal(411, &with(b"0\r\n\r\n", &chunked).await).contains("comes in chunks"));
    assert!(refusal(411, &with(b"", &[]).await).contains("no `Content-Length`"));
    assert!(refusal(400, &with(b"", &[("Content-Length", "0")]).await).contains("is empty"));
    assert!(refusal(413, &with(&[0; 1001], &[]).await).contains("raise `max_size`"));
    for header in
        [("Content-Type", "multipart/form-data; boundary=x"), ("Content-Encoding", "gzip")]
    {
        assert!(refusal(415, &with(&file, &[header]).await).contains("send the ZIP itself"));
    }
    assert_eq!(shop.files(), 0);
}

#[tokio::test]
async fn files_that_are_no_extension_are_refused_with_every_finding() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let good = package("shop", "1.0.0", "5");
    let cut = &good[..good.len() / 2];
    let bomb = archive(&[("pkg_shop.xml", &"<extension>".repeat(200_000))]);
    let entity = archive(&[(
        "pkg_shop.xml",
        "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><extension>&a;</extension>",
    )]);
    let outside = archive(&[("../../pkg_shop.xml", "<extension/>")]);
    for (what, content) in [
        ("no ZIP", b"PK\x03\x04 and no more".as_slice()),
        ("half a ZIP", cut),
        ("a bomb", &bomb),
        ("an entity", &entity),
        ("a path", &outside),
    ] {
        let reply = upload(&service, &token, "x.zip", content).await;
        refusal(422, &reply);
        assert_eq!(errors(&json(&reply)).len(), 1, "{what}: {}", reply.text());
        assert!(!reply.text().contains("root:"), "{what}");
    }
    let reply = upload(&service, &token, "x.zip?id=a/b", &package("shop", "1.0.0", "")).await;
    refusal(422, &reply);
    assert_eq!(errors(&json(&reply)).len(), 2, "id and platform: {}", reply.text());
    assert_eq!(shop.files(), 0);
    assert_eq!(shop.json(0, &["releases", "list"]).await, serde_json::json!([]));
}

#[tokio::test]
async fn a_body_that_comes_slowly_or_breaks_off_leaves_nothing() {
    let shop = shop().await;
    shop.configure("releases.upload = true\nserver.body_timeout = 1\n");
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let mut slow = begin(&service, &token, 100_000, 10).await;
    assert!(refusal(408, &read(&mut slow).await).contains("too slowly"));
    let mut cut = begin(&service, &token, 100_000, 50_000).await;
    cut.shutdown().await.unwrap();
    assert!(refusal(400, &read(&mut cut).await).contains("ended early"));
    eventually("an empty folder", async || shop.files() == 0).await;
}

#[tokio::test]
async fn a_client_that_goes_leaves_nothing() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let stream = begin(&service, &token, 100_000, 50_000).await;
    eventually("a file", async || shop.files() == 1).await;
    drop(stream);
    eventually("an empty folder", async || shop.files() == 0).await;
}

#[tokio::test]
async fn no_body_is_asked_for_before_its_head_is_judged() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let wrong = format!("jbp_{}", "0".repeat(64));
    for (token, answer) in [(&wrong, "HTTP/1.1 401 "), (&token, "HTTP/1.1 100 ")] {
        let head = head(token, 1000) + "Expect: 100-continue\r\n\r\n";
        let mut stream = service.client.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut first = vec![0; answer.len()];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
        assert_eq!(String::from_utf8(first).unwrap(), answer);
    }
}

#[tokio::test]
async fn uploads_are_off_by_default_and_other_verbs_are_refused() {
    let shop = Shop::new().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let file = package("shop", "1.0.0", "5");
    let reply = upload(&service, &token, "x.zip", &file).await;
    assert!(!reply.text().contains("stored"), "{}", reply.text());
    assert_eq!(shop.files(), 0);
    drop(service);
    shop.configure("releases.upload = true\n");
    let service = shop.start().await;
    let origin = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "PUT")];
    for verb in ["OPTIONS", "DELETE", "PATCH"] {
        let reply = service.client.send(verb, "/packages/releases/x.zip", &origin, b"").await;
        assert!(refusal(405, &reply).contains("takes uploads"));
        assert_eq!(reply.header("allow"), "PUT, POST");
    }
    let reply = service.get("/packages/releases/x.zip").await;
    assert!(reply.text().contains("error_code"), "jBackend's own: {}", reply.text());
}
