//! Arguments and files: the message names the fault and its place, and holds no secret.

use super::fake::{ENDPOINT, Fake, json};
use super::{compare, program, run};
use crate::cli::holds_no_secret;

const OLD: &str = "http://127.0.0.1:9/packages";

/// Returns the message about arguments that are not valid.
async fn wrong(arguments: &[&str]) -> String {
    let run = run(program(&[&["compare"], arguments].concat())).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    holds_no_secret(&run.stderr);
    run.stderr.trim().to_owned()
}

#[tokio::test]
async fn urls() {
    let mut messages = Vec::new();
    for url in [
        "shop.example/packages",
        "ftp://me:hunter2@shop.example/packages",
        "https://me:hunter2@shop.example",
        "https://me:hunter2@shop.example/index.php",
        "https://me:hunter2@shop.example/packages?a=b",
        "https:///packages",
    ] {
        messages.push(wrong(&["--old", url, "--new", OLD]).await);
    }
    messages.push(wrong(&["--old", OLD, "--new", OLD, "--endpoint", "api/v1"]).await);
    messages.push(wrong(&["--old", OLD, "--new", OLD, "--header", "hunter2"]).await);
    insta::assert_snapshot!(messages.join("\n"));
}

#[tokio::test]
async fn files_of_cases() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    let mut messages = Vec::new();
    for text in [
        "",
        "# only a comment\n",
        "{\"name\": \"good\"}\n{\"name\": \"hunter2\"",
        "\n{\"password\": \"hunter2\"}",
        "{\"headers\": {\"hunter2 \": \"x\"}}",
        "{\"method\": \"hunter2 x\"}",
        "{\"target\": \"post/{hunter2}\"}",
        "{\"form\": {\"a\": \"{hunter2\"}}",
        "{\"form\": {\"a\": \"b\"}, \"body\": \"hunter2\"}",
        "{\"form\": \"hunter2\"}",
        "[\"hunter2\"]",
    ] {
        std::fs::write(&file, text).unwrap();
        let path = file.to_str().unwrap();
        let message = wrong(&["--old", OLD, "--new", OLD, "--cases", path]).await;
        messages.push(message.replace(path, "FILE"));
    }
    insta::assert_snapshot!(messages.join("\n"));
}

#[tokio::test]
async fn files_of_values() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("values.toml");
    let mut messages = Vec::new();
    for text in ["email = hunter2", "\nkey = [\"hunter2\"]", "passwort = \"hunter2\""] {
        std::fs::write(&file, text).unwrap();
        let path = file.to_str().unwrap();
        let message = wrong(&["--old", OLD, "--new", OLD, "--values", path]).await;
        messages.push(message.replace(path, "FILE"));
    }
    insta::assert_snapshot!(messages.join("\n"));
}

#[tokio::test]
async fn secrets_of_a_file_are_not_echoed() {
    let old = Fake::start(|_, _| json(ENDPOINT)).await;
    let new = Fake::start(|number, _| match number {
        0 => json(ENDPOINT),
        _ => json("{\"status\":\"ok\",\"email\":\"alice@example.test\",\"key\":\"HASH123KEY456\"}"),
    })
    .await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    let cases = "\
        {\"name\": \"query\", \"target\": \"post/release/validate/g?email=alice%40example.test&key=HASH123KEY456&token=hunter2&hunter2\"}\n\
        {\"name\": \"form\", \"target\": \"alice@example.test\", \"form\": {\"password\": \"hunter2\", \"id\": \"g\"}}\n\
        {\"name\": \"body\", \"method\": \"PUT\", \"body\": \"hunter2\", \"headers\": {\"Cookie\": \"hunter2\"}}\n";
    std::fs::write(&file, cases).unwrap();
    for json in [&["--json"][..], &[], &["--dry-run"], &["--dry-run", "--json"]] {
        let login = |url: &str| url.replace("http://", "http://me:hunter2@");
        let more = [
            &["--cases", file.to_str().unwrap(), "--all", "--new-header", "X-Secret: hunter2"],
            json,
        ]
        .concat();
        let run = compare(&login(&old.url), &login(&new.url), &more).await;
        let expected = i32::from(!json.contains(&"--dry-run"));
        assert_eq!((run.code, run.stderr.as_str()), (Some(expected), ""));
        holds_no_secret(&run.stdout);
        assert!(!run.stdout.contains("alice@"), "{}", run.stdout);
        if json == ["--dry-run"] {
            insta::assert_snapshot!(run.stdout.replace(&old.url, "OLD"));
        }
    }
}

#[tokio::test]
async fn a_login_in_a_url_and_headers_are_sent_to_their_side_alone() {
    let is_asked = |login: bool, host: bool| {
        move |_: usize, head: &str| {
            let head = head.to_lowercase();
            let as_expected = head.contains("authorization: basic bwu6ahvudgvyma==\r\n") == login
                && head.contains("host: shop.example\r\n") == host
                && head.contains("user-agent: jbackend-bridge/");
            json(if as_expected { ENDPOINT } else { "{\"status\":\"ok\"}" })
        }
    };
    let old = Fake::start(is_asked(true, false)).await;
    let new = Fake::start(is_asked(false, true)).await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"name\": \"bare\"}").unwrap();
    let old = (old.url.replace("http://", "http://me:hunter%30@"), old);
    let more = ["--new-header", "Host: shop.example", "--cases", file.to_str().unwrap()];
    let run = compare(&old.0, &new.url, &more).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert!(run.stdout.contains("2 cases sent: 2 equal"), "{}", run.stdout);
}

#[tokio::test]
async fn help() {
    let run = run(program(&["compare", "--help"])).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(run.stdout);
}
