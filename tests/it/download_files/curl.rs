//! Downloads with a common client. These tests need the program `curl`.

use std::{
    fs,
    process::{Command, Output},
};

use super::{Site, pattern};

#[test]
fn downloads_under_the_name_of_the_header() {
    let site = Site::new();
    let content = pattern(3_000_000);
    site.write("redj.zip", &content);
    let target = tempfile::tempdir().unwrap();
    let directory = target.path().to_str().unwrap();
    succeed(&["-OJ", "--output-dir", directory, &site.url("redj.zip")]);
    assert!(fs::read(target.path().join("redj.zip")).unwrap() == content);
}

#[test]
fn resumes_a_broken_download() {
    let site = Site::new();
    let content = pattern(2_000_000);
    site.write("a.zip", &content);
    let target = tempfile::NamedTempFile::new().unwrap();
    let name = target.path().to_str().unwrap();
    for already_there in [1, 262_144, 1_999_999] {
        fs::write(target.path(), &content[..already_there]).unwrap();
        let output = succeed(&["-C", "-", "-o", name, "-w", "%{http_code}", &site.url("a.zip")]);
        assert_eq!(output.stdout, b"206");
        assert!(fs::read(target.path()).unwrap() == content, "{already_there}");
    }
    let complete = succeed(&["-C", "-", "-o", name, "-w", "%{http_code}", &site.url("a.zip")]);
    assert_eq!(complete.stdout, b"416");
    assert!(fs::read(target.path()).unwrap() == content);
}

#[test]
fn asks_for_ranges() {
    let site = Site::new();
    let content = pattern(600_000);
    site.write("a.zip", &content);
    let url = site.url("a.zip");
    assert_eq!(succeed(&["-r", "10-19", &url]).stdout, &content[10..20]);
    assert_eq!(succeed(&["-r", "-100", &url]).stdout, &content[599_900..]);
    assert!(succeed(&["-r", "100000-", &url]).stdout == content[100_000..]);
    assert!(succeed(&["-r", "0-1,5-6", &url]).stdout == content);
}

#[test]
fn asks_for_the_head() {
    let site = Site::new();
    site.write_sparse("a.zip", 1 << 33);
    let output = succeed(&["-I", &site.url("a.zip")]);
    let head = String::from_utf8(output.stdout).unwrap();
    assert!(head.contains("\r\ncontent-length: 8589934592\r\n"), "{head}");
}

#[test]
fn compares_dates_and_entity_tags() {
    let site = Site::new();
    site.write("a.zip", b"content");
    let directory = tempfile::tempdir().unwrap();
    let tag = directory.path().join("tag");
    let (tag, url) = (tag.to_str().unwrap(), site.url("a.zip"));
    assert_eq!(succeed(&["--etag-save", tag, &url]).stdout, b"content");
    let again = succeed(&["--etag-compare", tag, "-w", "%{http_code}", &url]);
    assert_eq!(again.stdout, b"304");
    let file = site.path("a.zip");
    let dated = succeed(&["-z", file.to_str().unwrap(), "-w", "%{http_code}", &url]);
    assert_eq!(dated.stdout, b"304");
}

#[test]
fn reads_slowly() {
    let site = Site::new();
    let content = pattern(1_000_000);
    site.write("a.zip", &content);
    let output = succeed(&["--limit-rate", "600k", &site.url("a.zip")]);
    assert!(output.stdout == content);
}

#[test]
fn posts_for_the_whole_file() {
    let site = Site::new();
    site.write("a.zip", b"0123456789");
    let output = succeed(&["-d", "email=a&key=b", "-r", "1-2", &site.url("a.zip")]);
    assert_eq!(output.stdout, b"0123456789");
}

fn succeed(arguments: &[&str]) -> Output {
    let output = Command::new("curl")
        .args(["-sS", "--max-time", "60", "--noproxy", "*"])
        .args(arguments)
        .output()
        .expect("the program `curl` must be installed for this test");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "curl {arguments:?}: {complaint}");
    output
}
