//! `check` on the update XML.

use testkit::fixture::Schema;

use super::{findings, sound, write_joomla};
use crate::cli::updates::{package, put, put_recorded};
use crate::common::site::Site;

const COMMUNITY: &str = "public/joomla/redj/ReDJ1.9.0Community_J3.zip";
const PUBLIC: &str = "[server]\npublic_url = \"https://www.example.com\"\n";

async fn stocked() -> Site {
    let site = sound(Schema::Sqlite).await;
    put_recorded(&site);
    write_joomla(&site, &[]);
    site
}

async fn found(site: &Site, toml: &str) -> String {
    findings(site, toml, &["--offline"], "updates").await
}

#[tokio::test]
async fn a_site_that_never_asked_for_it_gets_notices() {
    let site = stocked().await;
    put(&site, COMMUNITY, b"PK no zip");
    let text = [found(&site, "").await, found(&site, PUBLIC).await].join("\n---\n");
    assert!(!text.contains("warning") && !text.contains("error"), "{text}");
    insta::assert_snapshot!(text);
    assert_eq!(found(&site, &format!("{PUBLIC}[updates]\nenabled = false\n")).await, "");
}

#[tokio::test]
async fn packages_that_cannot_be_listed() {
    let site = stocked().await;
    put(&site, COMMUNITY, &package("small", "v2", "[45]"));
    let wanted = format!("{PUBLIC}[updates]\nlisted = [\"all\", \"nobody\"]\n");
    let text = [found(&site, "[updates]\nlisted = [\"all\"]\n").await, found(&site, &wanted).await];
    insta::assert_snapshot!(text.join("\n---\n"));
}

/// The names clash: a package group is named like an extension; an extension and a package group
/// are named like the list of all.
#[tokio::test]
async fn names_that_are_taken() {
    let site = stocked().await;
    put(&site, "one.zip", &package("one", "1.0", "[45]"));
    let library = crate::update_site::archive(&[(
        "collection.xml",
        "<extension type=\"library\"><name>C</name><libraryname>collection</libraryname>\
         <version>1.0</version><targetplatform name=\"joomla\" version=\"5\"/></extension>",
    )]);
    put(&site, "library.zip", &library);
    let toml = format!(
        "{PUBLIC}[release]\nfolder = \"files\"\n\
         groups = [\"pkg_one;11;HASH;One\", \"collection;11;HASH;All\"]\n\
         packages = [\"a;/one.zip;pkg_one\", \"b;/library.zip\", \"c;/one.zip;collection\"]\n\
         [updates]\nlisted = [\"all\"]\ninfourl = \"https://www.example.com/keys\"\n"
    );
    insta::assert_snapshot!(found(&site, &toml).await);
}

#[tokio::test]
async fn a_section_that_makes_no_sense() {
    let site = stocked().await;
    let toml = format!("{PUBLIC}[updates]\ntargetplatform = \"*\"\n");
    insta::assert_snapshot!(found(&site, &toml).await);
}
