//! Habits of PHP sites that are not faults: the exit code stays 0.

use super::compare;
use super::fake::{Does, ENDPOINT, Fake, json, says};
use super::rules::{CASE, FILE, HTML, OK, file_of, judged};

#[tokio::test]
async fn a_condition_that_php_does_not_know_is_minor() {
    let whole = ("200 OK", FILE, "PK");
    let failed = ("412 Precondition Failed", "", "");
    let known = ("304 Not Modified", "ETag: \"1\"\r\n", "");
    for (header, answer) in [
        ("If-Match", failed),
        ("If-Unmodified-Since", failed),
        ("If-None-Match", known),
        ("If-Modified-Since", known),
    ] {
        let case = format!("{{\"name\": \"case\", \"headers\": {{\"{header}\": \"x\"}}}}");
        let found = judged(&case, whole, answer, &[]).await;
        assert!(found.starts_with("0: case | ranges"), "{header}: {found}");
        assert_eq!(judged(&case, whole, whole, &[]).await, "0: ", "{header}");
        assert_eq!(judged(&case, answer, answer, &[]).await, "0: ", "{header}");
        let lost = judged(&case, answer, whole, &[]).await;
        assert!(lost.starts_with("1: "), "{header}: {lost}");
        let unasked = judged(CASE, whole, answer, &[]).await;
        assert!(unasked.starts_with("1: "), "{header}: {unasked}");
    }
}

#[tokio::test]
async fn what_a_304_says_of_the_file_is_minor() {
    let case = r#"{"name": "case", "headers": {"If-None-Match": "*"}}"#;
    let old = (
        "304 Not Modified",
        "Content-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\n",
        "",
    );
    let found = judged(case, old, ("304 Not Modified", "ETag: \"1\"\r\n", ""), &[]).await;
    assert!(found.starts_with("0: case | minor_header"), "{found}");
}

#[tokio::test]
async fn a_range_of_another_version_is_the_whole_file_or_different() {
    let case = r#"{"name": "case", "headers": {"Range": "bytes=0-0", "If-Range": "\"1\""}}"#;
    let whole = ("200 OK", FILE, "PK");
    let part = (
        "206 Partial Content",
        "Content-Type: application/octet-stream\r\nContent-Range: bytes 0-0/2\r\n",
        "P",
    );
    assert_eq!(judged(case, whole, whole, &[]).await, "0: ");
    assert!(judged(case, whole, part, &[]).await.starts_with("0: case | ranges"));
    // Parts of two versions do not make a whole file.
    assert!(judged(case, part, whole, &[]).await.starts_with("1: "));
    // Without a range, `If-Range` is not a condition.
    let alone = r#"{"name": "case", "headers": {"If-Range": "\"1\""}}"#;
    assert!(judged(alone, whole, part, &[]).await.starts_with("1: "));
}

/// Starts a side whose files have this `Content-Disposition`.
async fn naming(disposition: &[u8]) -> Fake {
    let disposition = disposition.to_vec();
    Fake::start(move |number, _| {
        if number == 0 {
            return json(ENDPOINT);
        }
        let mut answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n".to_vec();
        if !disposition.is_empty() {
            answer.extend(b"Content-Disposition: ");
            answer.extend(&disposition);
            answer.extend(b"\r\n");
        }
        answer.extend(b"Content-Length: 2\r\nConnection: close\r\n\r\nPK");
        Does::Says(answer)
    })
    .await
}

/// Compares two names of a file: exit code and first difference.
async fn named(old: &[u8], new: &[u8]) -> (Option<i32>, String) {
    let (old, new) = (naming(old).await, naming(new).await);
    let (_folder, file) = file_of(CASE);
    let run = compare(&old.url, &new.url, &["--cases", &file, "--json"]).await;
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let what = report["cases"][1]["differences"][0]["what"].as_str();
    (run.code, what.unwrap_or("equal").to_owned())
}

#[tokio::test]
async fn a_file_is_called_the_same_however_php_spells_it() {
    for (name, spellings) in [
        (
            "attachment; filename=\"_1.zip\"; filename*=UTF-8''%C3%A91.zip",
            &[
                "attachment; filename=\"é1.zip\"".as_bytes(),
                "attachment; filename=é1.zip".as_bytes(),
                "attachment;filename=é1.zip;".as_bytes(),
                // Latin-1.
                b"attachment; filename=\"\xe91.zip\"",
                b"attachment; filename=\"_1.zip\"",
                b"attachment; filename*=UTF-8''%C3%A91.zip",
                b"attachment; filename*=iso-8859-1''%E91.zip",
                b"attachment; Filename=\"\xe91.zip\"; size=2",
            ][..],
        ),
        (
            // In Latin-1 these two bytes are characters; in UTF-8 they could begin one.
            "attachment; filename=\"__.zip\"; filename*=UTF-8''%C3%A0%C2%BB.zip",
            &[b"attachment; filename=\"\xe0\xbb.zip\""],
        ),
        (
            "attachment; filename=\"a_b.zip\"; filename*=UTF-8''a%3Bb.zip",
            &[
                b"attachment; filename=\"a;b.zip\"",
                b"attachment; filename=a;b.zip",
                b"attachment; filename=\"a;b.zip\"; size=2",
            ],
        ),
        (
            "attachment; filename=\"a_b.zip\"; filename*=UTF-8''a%22b.zip",
            &[b"attachment; filename=\"a\"b.zip\"", b"attachment; filename=\"a\\\"b.zip\""],
        ),
        (
            "attachment; filename=\"a_b.zip\"; filename*=UTF-8''a%5Cb.zip",
            &[b"attachment; filename=\"a\\b.zip\"", b"attachment; filename=\"a\\\\b.zip\""],
        ),
        (
            "attachment; filename=\"a__b.zip\"; filename*=UTF-8''a%22%3Bb.zip",
            &[b"attachment; filename=\"a\";b.zip\""],
        ),
    ] {
        for spelling in spellings {
            let shown = String::from_utf8_lossy(spelling);
            let (code, what) = named(spelling, name.as_bytes()).await;
            assert_eq!(code, Some(0), "{shown}: {what}");
            assert!(["equal", "minor_header"].contains(&what.as_str()), "{shown}: {what}");
        }
    }
}

#[tokio::test]
async fn a_file_of_another_name_is_different() {
    for (old, new) in [
        ("attachment; filename=\"é1.zip\"", "attachment; filename=\"_2.zip\""),
        ("attachment; filename=\"é1.zip\"", "attachment; filename=\"_1.tar\""),
        ("attachment; filename=\"éé.zip\"", "attachment; filename=\"_.zip\""),
        ("attachment; filename=\"a;b.zip\"", "attachment; filename=\"a\""),
        ("attachment; filename=\"a.zip\"", "attachment"),
        ("", "attachment; filename=\"a.zip\""),
    ] {
        let found = named(old.as_bytes(), new.as_bytes()).await;
        assert_eq!(found, (Some(1), "file_name".to_owned()), "{old}");
    }
}

/// Starts a plugin without `keybymail` that takes empty for missing, on a PHP that fails at arrays.
async fn plugin(is_old: bool) -> Fake {
    let refused = |code: &str| {
        let text = r#"{"status":"ko","error_code":"CODE","error_description":"No"}"#;
        json(&text.replace("CODE", code))
    };
    Fake::start(move |number, head| {
        let asked = head.lines().next().unwrap();
        let is_empty = ["email=&", "key= ", "password= ", "email= ", "?id=&", "&id=&"]
            .iter()
            .any(|part| asked.contains(part));
        match (number, is_old) {
            (0, _) => json(ENDPOINT),
            (_, true) if asked.contains("module[]") => says("500 Error", HTML, "TypeError"),
            (_, true) if asked.contains("/keybymail") => refused("REQ_RUN"),
            (_, true) if is_empty && asked.contains("/release/") => refused("REL_ENS"),
            _ => refused("REL_UNF"),
        }
    })
    .await
}

#[tokio::test]
async fn what_is_known_of_the_plugin_is_told_by_switches() {
    for (switches, code) in [
        (&["--without-keybymail", "--empty-is-missing"][..], 0),
        (&["--without-keybymail"], 1),
        (&["--empty-is-missing"], 1),
    ] {
        let (old, new) = (plugin(true).await, plugin(false).await);
        let run = compare(&old.url, &new.url, switches).await;
        assert_eq!(run.code, Some(code), "{switches:?}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("core: module is an array"), "{}", run.stdout);
    }
}

#[tokio::test]
async fn the_switches_are_hinted_at() {
    let (old, new) = (plugin(true).await, plugin(false).await);
    let run = compare(&old.url, &new.url, &["--all"]).await;
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("`--without-keybymail` if that is"), "{text}");
    assert!(text.contains("if it does, `--empty-is-missing`"), "{text}");
}

#[tokio::test]
async fn a_module_that_is_a_list_is_refused_in_any_way_but_refused() {
    let list = |old: fn() -> Does| async move {
        let side = |answer: fn() -> Does| {
            Fake::start(move |number, head| {
                let is_list = number > 0 && head.contains("module[]=");
                if is_list { answer() } else { json(ENDPOINT) }
            })
        };
        let refused = || json(r#"{"status":"ko","error_code":"REQ_MNF","error_description":"N"}"#);
        let (old, new) = (side(old).await, side(refused).await);
        compare(&old.url, &new.url, &["--all"]).await
    };
    for old in [
        || says("500 Error", HTML, "TypeError"),
        || says("500 Error", "", ""),
        || says("200 OK", HTML, "<b>Warning</b>"),
        || json("<b>Warning</b>{\"status\":\"ko\"}"),
        || json(ENDPOINT),
        || json(r#"{"status":"ko","error_code":"REQ_MNF","error_description":"N"}"#),
    ] as [fn() -> Does; 6]
    {
        let run = list(old).await;
        assert_eq!(run.code, Some(0), "{}", run.stdout);
    }
    for old in [|| json(OK), || says("200 OK", FILE, "PK")] as [fn() -> Does; 2] {
        assert_eq!(list(old).await.code, Some(1));
    }
}

#[tokio::test]
async fn a_bridge_without_tls_is_told_of_the_site_with_it() {
    let old = Fake::start_tls(|_, _| json(ENDPOINT)).await;
    let new = Fake::start(|_, head| {
        if head.contains("x-forwarded-proto: https") {
            return json(ENDPOINT);
        }
        says("303 See Other", "Location: https://shop.example/\r\n", "")
    })
    .await;
    let (_folder, file) = file_of(CASE);
    let all = ["--cases", &file, "--insecure"];
    let run = compare(&old.url, &new.url, &all).await;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let more = [&all[..], &["--new-header", "X-Forwarded-Proto: http"]].concat();
    assert_eq!(compare(&old.url, &new.url, &more).await.code, Some(1), "what is given wins");
}
