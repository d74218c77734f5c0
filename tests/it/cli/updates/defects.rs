//! Packages that cannot be listed, and sites that cannot list any.

use std::fmt::Write as _;
use std::fs;

use testkit::fixture::Schema;

use super::{PUBLIC_URL, all, archive, package, put, put_recorded, run, updates};
use crate::common::site::Site;

/// Makes settings in the configuration file, in place of the plugin's.
fn release(packages: &[&str]) -> String {
    let packages = serde_json::to_string(packages).unwrap();
    format!(
        "[release]\nfolder = \"files\"\ngroups = [\"club;2\", \"pkg_two;2\"]\npackages = {packages}\n"
    )
}

/// Packs a manifest into a ZIP.
fn zip(manifest: &str) -> Vec<u8> {
    archive(&[("x.xml", manifest)])
}

#[tokio::test]
async fn every_package_left_out_is_told_with_the_reason() {
    let site = Site::new(Schema::Sqlite).await;
    let plugin = |folder: &str| {
        zip(&format!(
            "<extension type=\"plugin\" group=\"{folder}\"><files><f plugin=\"shop\"/></files>\
             <version>1.0</version><targetplatform name=\"joomla\" version=\"5\"/></extension>"
        ))
    };
    let doctype = "<!DOCTYPE x [<!ENTITY a \"b\">]><extension type=\"file\"/>";
    let library = "<extension type=\"library\"><libraryname>a/b</libraryname><version>1</version>\
                   <targetplatform name=\"joomla\" version=\"5\"/></extension>";
    for (path, content) in [
        ("good.zip", package("one", "1.0", "5")),
        ("old.zip", package("one", "0.9", "5")),
        ("twin.zip", package("one", "1.0", "[45]")),
        ("paid.zip", package("one", "1.0", "5")),
        ("v.zip", package("two", "v1.0", "5")),
        ("anywhere.zip", package("two", "1.0", "")),
        ("slash.zip", package("two", "1.0", "5/")),
        ("two.zip", package("two", "1.1", "[45]")),
        ("text.zip", b"hello".to_vec()),
        ("doctype.zip", zip(doctype)),
        ("system.zip", plugin("system")),
        ("content.zip", plugin("content")),
        ("library.zip", zip(library)),
        ("a\u{1b}[31mb.zip", package("one", "2.0\u{9b}", "5")),
    ] {
        put(&site, path, &content);
    }
    let settings = release(&[
        "good;good.zip",
        "old;old.zip",
        "twin;twin.zip",
        "paid;paid.zip;club",
        "two;two.zip;pkg_two",
        "v;v.zip",
        "anywhere;anywhere.zip",
        "slash;slash.zip",
        "text;text.zip",
        "doctype;doctype.zip",
        "system;system.zip",
        "content;content.zip",
        "library;library.zip",
        "missing;missing.zip",
        "outside;../x.zip",
        "lost;good.zip;nobody",
        "unlisted;good.zip;club",
        "control;a\u{1b}[31mb.zip",
    ]);
    let overrides = "[updates]\nlisted = [\"pkg_two\", \"nogroup\"]\n\
                     packages = [{ package = \"nopackage\", tag = \"rc\" }]\n";
    let toml = format!("{PUBLIC_URL}{settings}{overrides}");
    let ran = run(updates(&site, &toml, &[])).await;
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{9b}'), "{:?}", ran.stdout);
    insta::assert_snapshot!(all(&site, &ran));

    let newest = format!("{toml}versions = \"newest\"\n").replace("\"pkg_two\", ", "\"all\", ");
    let ran = run(updates(&site, &newest, &["--json"])).await;
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let of = |package: &str| {
        let list = told["packages"].as_array().unwrap();
        list.iter().find(|one| one["package"] == package).unwrap().clone()
    };
    assert_eq!(
        (&of("old")["defect"], &of("old")["xml"]),
        (&false.into(), &Vec::<String>::new().into())
    );
    assert!(of("old")["reason"].as_str().unwrap().contains("superseded by `control`"), "{told}");
    // The paid package is only in its group's XML; the extension's XML has the free one.
    assert_eq!(of("paid")["xml"], serde_json::json!(["club"]));
    assert_eq!(of("paid")["defect"], false);
    let printed = run(updates(&site, &toml, &["pkg_one"])).await;
    assert_eq!(printed.code, Some(0));
    assert!(printed.stdout.starts_with("<?xml"));
    insta::assert_snapshot!(printed.stderr, @"12 of 18 packages should be listed and cannot be: `jbackend-bridge updates` without a name tells why");
}

#[tokio::test]
async fn a_file_that_may_not_be_read_is_told() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let folder = site.packages().join("public/joomla/redj");
    fs::remove_file(folder.join("small.zip")).unwrap();
    fs::create_dir(folder.join("small.zip")).unwrap();
    let ran = run(updates(&site, PUBLIC_URL, &[])).await;
    assert_eq!(ran.code, Some(1));
    let wanted = "small: package file `public/joomla/redj/small.zip` is not a regular file";
    assert!(ran.stdout.contains(wanted), "{}", ran.stdout);
}

#[tokio::test]
async fn a_site_that_can_list_nothing_says_why() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let mut told = String::new();
    for toml in [
        "",
        "[server]\npublic_url = \"https://www.example.com\"\n[updates]\nenabled = false\n",
        "[server]\npublic_url = \"https://www.example.com\"\n[joomla]\nsef = false\n",
        "[server]\npublic_url = \"https://www.example.com\"\n[updates]\nendpoint = \"apikey\"\n",
        "[server]\npublic_url = \"https://www.example.com\"\n[joomla]\nmenu = false\n",
    ] {
        let table = run(updates(&site, toml, &[])).await;
        let because = table.stdout.split_once("No update XML:\n").unwrap().1;
        let because = because.lines().next().unwrap();
        let xml = run(updates(&site, toml, &["pkg_redj"])).await;
        assert_eq!((xml.code, xml.stdout.as_str()), (Some(2), ""));
        assert!(xml.stderr.contains(because.trim()), "{}", xml.stderr);
        assert!(!format!("{}{}", table.stdout, xml.stderr).contains("hunter2"));
        writeln!(told, "{} {because}", table.code.unwrap()).unwrap();
    }
    insta::assert_snapshot!(told);
    for url in ["www.example.com", "https://user:hunter2@www.example.com"] {
        let toml = format!("[server]\npublic_url = \"{url}\"\n");
        let refused = run(updates(&site, &toml, &[])).await;
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
        assert!(refused.stderr.contains("`public_url` in `[server]`"), "{}", refused.stderr);
        assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn wrong_settings_and_names_are_told() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let mut told = String::new();
    for lines in [
        "targetplatform = \"5/\"",
        "versions = \"some\"",
        "infourl = \"www.example.com\"",
        "packages = [{ tag = \"rc\" }]",
        "packages = [{ package = \"a\", group = \"b\" }]",
        "packages = [{ package = \"a\" }, { package = \"a\" }]",
        "packages = [{ package = \"a\", tag = \"Stable\" }]",
        "packages = [{ package = \"a\", targetplatform = \"*\" }]",
        "packages = [{ package = \"a\", php_minimum = \"PHP 8\" }]",
        "packages = [{ package = \"a\", xml = \"a/b\" }]",
        "packages = [{ package = \"a\", xml = \"collection\" }]",
        "packages = [{ package = \"a\", supported_databases = { oracle = \"8\" } }]",
        "packages = [{ package = \"a\", platform = \"5\" }]",
        "targetplatforms = \"5\"",
    ] {
        let ran = run(updates(&site, &format!("{PUBLIC_URL}[updates]\n{lines}\n"), &[])).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{lines}");
        told.push_str(&ran.stderr);
    }
    for arguments in [
        &["nothing"][..],
        &["redj_enterprise"],
        &["pkg_redj", "--json"],
        &["--collection", "--json"],
    ] {
        let ran = run(updates(&site, PUBLIC_URL, arguments)).await;
        write!(told, "{} {}", ran.code.unwrap(), ran.stderr).unwrap();
    }
    insta::assert_snapshot!(super::neutral(&site, &told));
}
