//! The rules for differences: answers side by side, and the verdicts.

use std::fmt::Write as _;

use super::fake::{ENDPOINT, Fake, json, says};
use super::{compare, differences};

const JSON: &str = "Content-Type: application/json\r\n";
pub(super) const FILE: &str = "Content-Type: application/octet-stream\r\n";
pub(super) const HTML: &str = "Content-Type: text/html\r\n";
pub(super) const OK: &str = r#"{"status":"ok"}"#;

/// Status line, headers, body.
type Answer = (&'static str, &'static str, &'static str);

/// Starts a side that answers the bare end-point as usual, and all other requests like this.
async fn side((status, headers, body): Answer) -> Fake {
    Fake::start(move |number, _| match number {
        0 => json(ENDPOINT),
        _ => says(status, headers, body),
    })
    .await
}

/// Makes a file with one case.
pub(super) fn file_of(case: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, case).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (folder, file)
}

/// Judges one case: exit code and differences.
pub(super) async fn judged(case: &str, old: Answer, new: Answer, more: &[&str]) -> String {
    let (old, new) = (side(old).await, side(new).await);
    let (_folder, file) = file_of(case);
    let all = [&["--cases", file.as_str(), "--json"], more].concat();
    let run = compare(&old.url, &new.url, &all).await;
    let report = serde_json::from_str(&run.stdout);
    let report = report.unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    format!("{}: {}", run.code.unwrap(), differences(&report))
}

pub(super) const CASE: &str = r#"{"name": "case", "target": "x"}"#;

async fn table(pairs: &[(&str, Answer, Answer)]) -> String {
    let mut lines = String::new();
    for (name, old, new) in pairs {
        writeln!(lines, "{name}: {}", judged(CASE, *old, *new, &[]).await).unwrap();
    }
    lines
}

#[tokio::test]
async fn answers_of_jbackend_side_by_side() {
    let refused = r#"{"status":"ko","error_code":"REL_UNF","error_description":"No bob@b.test"}"#;
    let renamed = r#"{"status":"ko","error_code":"REL_USR","error_description":"No bob@b.test"}"#;
    let retold = r#"{"status":"ko","error_code":"REL_UNF","error_description":"Nobody"}"#;
    let pairs = [
        ("equal", ("200 OK", JSON, OK), ("200 OK", JSON, OK)),
        (
            "what web servers add",
            (
                "200 OK",
                "Content-Type: application/json\r\nServer: Apache\r\nX-Powered-By: PHP\r\n\
                 Set-Cookie: a=b\r\nVary: Cookie\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
                OK,
            ),
            ("200 OK", JSON, OK),
        ),
        ("blanks", ("200 OK", JSON, OK), ("200 OK", JSON, r#"{ "status": "ok" }"#)),
        (
            "escapes",
            ("200 OK", JSON, r#"{"status":"ok","key":"a\/b"}"#),
            ("200 OK", JSON, r#"{"status":"ok","key":"a/b"}"#),
        ),
        ("status", ("200 OK", JSON, OK), ("202 Accepted", JSON, OK)),
        (
            "charset",
            ("200 OK", JSON, OK),
            ("200 OK", "Content-Type: application/json; charset=utf-8\r\n", OK),
        ),
        ("code", ("200 OK", JSON, refused), ("200 OK", JSON, renamed)),
        ("text", ("200 OK", JSON, refused), ("200 OK", JSON, retold)),
        (
            "keys that begin alike",
            ("200 OK", JSON, r#"{"status":"ok","email":"a@b.test","key":"1234567890"}"#),
            ("200 OK", JSON, r#"{"status":"ok","email":"A@b.test","key":"1234567891"}"#),
        ),
        (
            "fields",
            ("200 OK", JSON, r#"{"status":"ok","more":1}"#),
            ("200 OK", JSON, r#"{"status":"ok","less":2}"#),
        ),
        ("broken JSON", ("200 OK", JSON, OK), ("200 OK", JSON, r#"{"status":"#)),
        (
            "CORS",
            ("200 OK", "Content-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\n", OK),
            (
                "200 OK",
                "Content-Type: application/json\r\nAccess-Control-Allow-Methods: GET\r\n",
                OK,
            ),
        ),
    ];
    insta::assert_snapshot!(table(&pairs).await);
}

#[tokio::test]
async fn files_and_pages_side_by_side() {
    let pairs = [
        ("file or JSON", ("200 OK", FILE, "PK"), ("200 OK", JSON, OK)),
        ("page or JSON", ("200 OK", HTML, "<p>"), ("200 OK", JSON, OK)),
        ("pages", ("200 OK", HTML, "<p>1"), ("200 OK", HTML, "<p>2")),
        (
            "pages of errors",
            ("404 Not Found", HTML, "<p>1"),
            ("404 Not Found", "Content-Type: text/plain\r\n", "none"),
        ),
        ("pages of two errors", ("404 Not Found", HTML, "<p>1"), ("403 Forbidden", HTML, "<p>1")),
        ("files", ("200 OK", FILE, "PK1"), ("200 OK", FILE, "PK2")),
        (
            "names of files",
            (
                "200 OK",
                "Content-Type: application/zip\r\n\
                 Content-Disposition: attachment; filename=\"a.zip\"\r\n",
                "PK",
            ),
            (
                "200 OK",
                "Content-Type: application/octet-stream\r\n\
                 Content-Disposition: attachment; filename=\"b.zip\"\r\n",
                "PK",
            ),
        ),
        (
            "a name in other words",
            (
                "200 OK",
                "Content-Type: application/zip\r\nContent-Disposition: attachment;filename=a.zip\r\n",
                "PK",
            ),
            (
                "200 OK",
                "Content-Type: application/zip\r\n\
                 Content-Disposition: attachment; filename=\"a.zip\"; filename*=UTF-8''a.zip\r\n",
                "PK",
            ),
        ),
        (
            "a compressed file",
            ("200 OK", FILE, "PK"),
            (
                "200 OK",
                "Content-Type: application/octet-stream\r\nContent-Encoding: gzip\r\n",
                "PK",
            ),
        ),
        (
            "caching",
            (
                "200 OK",
                "Content-Type: application/zip\r\nETag: \"1\"\r\nCache-Control: no-cache\r\n",
                "PK",
            ),
            (
                "200 OK",
                "Content-Type: application/zip\r\nETag: \"2\"\r\n\
                 Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
                "PK",
            ),
        ),
        (
            "redirect or JSON",
            ("200 OK", JSON, OK),
            ("303 See Other", "Location: https://shop.example/x?key=1234567890\r\n", ""),
        ),
        (
            "redirects",
            ("303 See Other", "Location: https://shop.example/x\r\n", ""),
            ("303 See Other", "Location: https://shop.example/y\r\n", ""),
        ),
        (
            "redirects of another kind",
            ("303 See Other", "Location: /x\r\n", ""),
            ("301 Moved", "Location: /x\r\n", ""),
        ),
    ];
    insta::assert_snapshot!(table(&pairs).await);
}

#[tokio::test]
async fn minor_differences_count_on_request() {
    let (old, new) = (("200 OK", JSON, OK), ("200 OK", JSON, r#"{"status": "ok"}"#));
    assert!(judged(CASE, old, new, &[]).await.starts_with("0: case | spelling"));
    assert!(judged(CASE, old, new, &["--strict"]).await.starts_with("1: case | spelling"));
}

#[tokio::test]
async fn a_side_that_knows_ranges_is_not_wrong() {
    let case = r#"{"name": "case", "headers": {"Range": "bytes=0-0"}}"#;
    let whole = ("200 OK", FILE, "PK");
    let part = (
        "206 Partial Content",
        "Content-Type: application/octet-stream\r\nContent-Range: bytes 0-0/2\r\n",
        "P",
    );
    assert!(judged(case, whole, part, &[]).await.starts_with("0: case | ranges"));
    // The other way round a feature is lost. Without a range the answer is wrong.
    assert!(judged(case, part, whole, &[]).await.starts_with("1: "));
    assert!(judged(CASE, whole, part, &[]).await.starts_with("1: "));
}

#[tokio::test]
async fn a_place_at_the_own_side_is_the_same_place() {
    let home = |_: usize, head: &str| {
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let path = head.split(' ').nth(1).unwrap();
        if path.ends_with("/packages") {
            return json(ENDPOINT);
        }
        let place = format!("Location: http://{host}{path}/elsewhere\r\n");
        says("303 See Other", &place, "")
    };
    let (old, new) = (Fake::start(home).await, Fake::start(home).await);
    let (_folder, file) = file_of(CASE);
    let run = compare(&old.url, &new.url, &["--cases", &file]).await;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert_eq!(new.requests(), 2, "what is equal is not asked again");
}

#[tokio::test]
async fn targets_are_below_the_end_point_or_below_the_site() {
    let (asked, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let side = Fake::start(move |_, head| {
        asked.send(head.split(' ').nth(1).unwrap().to_owned()).unwrap();
        json(ENDPOINT)
    })
    .await;
    let other = Fake::start(|_, _| json(ENDPOINT)).await;
    let cases = ["a//b/?c", "?d={group}", "/", "/{endpoint}/e", "{ENDPOINT}/f"];
    let cases = cases.map(|target| format!("{{\"target\": \"{target}\"}}")).join("\n");
    let (_folder, file) = file_of(&cases);
    let mut lines = String::new();
    for (path, more) in [
        ("packages", &[][..]),
        ("shop/packages/", &[]),
        ("index.php/packages", &[]),
        ("shop/index.php/api/v1", &["--endpoint", "/api/v1/"]),
        ("", &["--endpoint", "/"]),
        ("shop", &["--endpoint", "/"]),
    ] {
        let url = |fake: &Fake| fake.url.replace("packages", path);
        let all = [&["--cases", file.as_str(), "--group", "a b&c{d}é"], more].concat();
        let run = compare(&url(&side), &url(&other), &all).await;
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        let mut targets = Vec::new();
        while let Ok(target) = requests.try_recv() {
            targets.push(target);
        }
        writeln!(lines, "/{path}: {}", targets.join("  ")).unwrap();
    }
    insta::assert_snapshot!(lines);
}

#[tokio::test]
async fn requests_with_an_api_key_are_counted() {
    let old = Fake::start(|_, _| json(ENDPOINT)).await;
    let new = Fake::start(|_, _| json(ENDPOINT)).await;
    let (_folder, file) = file_of("api_key = \"HASH123KEY456\"");
    let run = compare(&old.url, &new.url, &["--values", &file]).await;
    crate::cli::holds_no_secret(&run.stdout);
    let note = run.stdout.lines().find(|line| line.starts_with("Note: ")).unwrap();
    let counted: usize = note.split(' ').nth(1).unwrap().parse().unwrap();
    // The request of the end-point itself holds no API key, and neither do the three cases about
    // the key.
    assert_eq!(counted, old.requests() - 4, "{note}");
}

#[tokio::test]
async fn a_form_of_url_that_php_does_not_get() {
    let page = ("404 Not Found", HTML, "<p>");
    let asked = r#"{"status":"ko","error_code":"REQ_AKR","error_description":"API key required"}"#;
    for answer in [OK, asked] {
        let (old, new) = (side(page).await, side(("200 OK", JSON, answer)).await);
        let (_folder, file) = file_of(CASE);
        let run = compare(&old.url, &new.url, &["--cases", &file]).await;
        assert_eq!(run.code, Some(1));
        let hint = "Hint: on the old side this form of URL does not come to jBackend";
        assert!(run.stdout.contains(hint), "{}", run.stdout);
    }
}
