//! Sides that are missing, are not a jBackend, or get into trouble.

use super::compare;
use super::fake::{Does, ENDPOINT, Fake, json, says};

/// Starts an end-point with the same answer to all requests.
async fn endpoint() -> Fake {
    Fake::start(|_, _| json(ENDPOINT)).await
}

/// Returns the message of a comparison that could not start, without ports.
async fn refusal(old: &str, new: &str, more: &[&str]) -> String {
    let run = compare(old, new, more).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    run.stderr.trim().replace(old, "OLD").replace(new, "NEW")
}

/// Returns an address without a listener.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/packages", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_side_that_is_not_there() {
    let (there, gone) = (endpoint().await, nobody().await);
    insta::assert_snapshot!(refusal(&gone, &there.url, &[]).await, @"error: the old side, `OLD`, cannot be asked: no answer: Connection refused (os error 111); check the URL, and that the site is up");
    insta::assert_snapshot!(refusal(&there.url, &gone, &[]).await, @"error: the new side, `NEW`, cannot be asked: no answer: Connection refused (os error 111); check the URL, and that the site is up");
}

#[tokio::test]
async fn an_old_side_that_is_no_end_point() {
    let new = endpoint().await;
    for (name, does) in [
        ("page", ("200 OK", "Content-Type: text/html\r\n")),
        (
            "redirect",
            ("301 Moved", "Location: https://other.example/packages?key=HASH123KEY456\r\n"),
        ),
        ("login", ("401 Unauthorized", "WWW-Authenticate: Basic\r\nContent-Type: text/html\r\n")),
        ("busy", ("429 Too Many Requests", "Content-Type: text/html\r\n")),
        ("trouble", ("503 Service Unavailable", "Content-Type: text/html\r\n")),
    ] {
        let (status, headers) = does;
        let old = Fake::start(move |_, _| says(status, headers, "<p>hello</p>")).await;
        let message = refusal(&old.url, &new.url, &[]).await;
        super::super::holds_no_secret(&message);
        insta::assert_snapshot!(format!("no_end_point_{name}"), message);
        assert_eq!(old.requests(), 1, "{name}: one look is enough");
    }
}

#[tokio::test]
async fn an_old_side_that_gets_into_trouble_is_left_alone() {
    let old = Fake::start(|number, _| match number {
        0..3 => json(ENDPOINT),
        _ => says("503 Service Unavailable", "Content-Type: text/html\r\n", "busy"),
    })
    .await;
    let new = endpoint().await;
    let run = compare(&old.url, &new.url, &[]).await;
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    insta::assert_snapshot!(run.stderr.trim(), @"error: the comparison is not complete: the old side failed 5 times in a row (no answer, 429 or a server's error), so it is left alone");
    assert_eq!(
        old.requests(),
        3 + 5 + 1,
        "three good answers, and five or six that show the trouble"
    );
    let last = run.stdout.lines().last().unwrap();
    insta::assert_snapshot!(last, @"NOT COMPLETE (6 cases sent: 3 equal, 3 different, 143 left out, 63 not reached)");
}

#[tokio::test]
async fn a_silent_side_is_given_up() {
    let old = endpoint().await;
    let new = Fake::start(|number, _| if number == 0 { json(ENDPOINT) } else { Does::Waits }).await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"name\": \"bare\"}").unwrap();
    let more = ["--timeout", "1", "--cases", file.to_str().unwrap(), "--json"];
    let run = compare(&old.url, &new.url, &more).await;
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let report = serde_json::from_str(&run.stdout).unwrap();
    insta::assert_snapshot!(super::differences(&report), @"bare | no_answer | REQ_MNS | no answer within 1 s");
}

#[tokio::test]
async fn sides_that_are_both_silent_are_not_equal() {
    let act = |number, _: &str| if number == 0 { json(ENDPOINT) } else { Does::Says(Vec::new()) };
    let (old, new) = (Fake::start(act).await, Fake::start(act).await);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"name\": \"bare\"}").unwrap();
    let run = compare(&old.url, &new.url, &["--cases", file.to_str().unwrap()]).await;
    assert_eq!(run.code, Some(2), "{}", run.stdout);
    insta::assert_snapshot!(run.stderr.trim(), @"error: neither side answered 1 of the requests: nothing is known of them");
}

#[tokio::test]
async fn what_is_no_http_is_no_answer() {
    let new = endpoint().await;
    let old = Fake::start(|_, _| Does::Says(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())).await;
    insta::assert_snapshot!(refusal(&old.url, &new.url, &[]).await, @"error: the old side, `OLD`, cannot be asked: no answer: invalid HTTP version parsed; check the URL, and that the site is up");
}

#[tokio::test]
async fn an_answer_without_an_end_is_left() {
    let endless = |number, _: &str| match number {
        0 => json(ENDPOINT),
        _ => Does::NeverEnds(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n".to_vec(),
        ),
    };
    let (old, new) = (Fake::start(endless).await, Fake::start(endless).await);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"name\": \"file\"}").unwrap();
    let more = ["--max-size", "1", "--cases", file.to_str().unwrap(), "--json"];
    let run = compare(&old.url, &new.url, &more).await;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

#[tokio::test]
async fn what_a_side_says_cannot_steer_the_terminal() {
    let old = endpoint().await;
    let new = Fake::start(|_, _| {
        json("{\"status\":\"ko\",\"error_code\":\"REQ_MNS\",\"error_description\":\"\\u001b[2J for bob@example.test\"}")
    })
    .await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"name\": \"bare\"}").unwrap();
    let run = compare(&old.url, &new.url, &["--cases", file.to_str().unwrap()]).await;
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("bob@"), "{}", run.stdout);
    assert!(run.stdout.contains("b***@example.test"), "{}", run.stdout);
}

#[tokio::test]
async fn a_comparison_that_is_stopped_shows_what_it_has() {
    let new = endpoint().await;
    let (asked, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let old = Fake::start(move |_, _| {
        asked.send(()).unwrap();
        json(ENDPOINT)
    })
    .await;
    // At one request in a hundred seconds, the second one is never sent.
    let arguments = ["compare", "--old", &old.url, "--new", &new.url, "--rate", "0.01"];
    let child = crate::cli::program(&arguments).spawn().unwrap();
    requests.recv().await.unwrap();
    let id = child.id().unwrap().to_string();
    tokio::process::Command::new("kill").args(["-s", "INT", &id]).status().await.unwrap();
    let output = child.wait_with_output();
    let output = tokio::time::timeout(crate::cli::PATIENCE, output).await.expect("an end").unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("NOT COMPLETE") && stdout.contains("not reached"), "{stdout}");
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_taken_on_request_alone() {
    let old = Fake::start_tls(|_, _| json(ENDPOINT)).await;
    let new = endpoint().await;
    insta::assert_snapshot!(refusal(&old.url, &new.url, &[]).await, @"error: the old side, `OLD`, cannot be asked: no answer: invalid peer certificate: UnknownIssuer; `--insecure` takes any certificate");
    let run = compare(&old.url, &new.url, &["--insecure"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
}

#[tokio::test]
async fn cases_that_are_all_left_out_are_no_comparison() {
    let (old, new) = (endpoint().await, endpoint().await);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"target\": \"post/release/validate/{group}\"}").unwrap();
    let more = ["--cases", file.to_str().unwrap()];
    insta::assert_snapshot!(refusal(&old.url, &new.url, &more).await, @"error: none of the 1 cases can be sent; `--dry-run` shows why each is left out");
    assert_eq!(old.requests(), 0);
}
