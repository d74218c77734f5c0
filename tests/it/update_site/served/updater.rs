//! The updaters of Joomla 3.10, 4.4 and 5.3 against the running server.

use sha2::{Digest, Sha256, Sha384, Sha512};
use testkit::fixture::Schema;

use super::{ENTERPRISE, PUBLIC, XML, eventually, listed, package, site, texts};
use crate::cli::updates::put;
use crate::common::site::{ALICE_KEY, Server, Site};
use crate::update_site::archive;
use crate::update_site::joomla;
use joomla_updates::entry::Checksums;

fn checksums(file: &[u8]) -> Checksums {
    let hexadecimal = base16ct::lower::encode_string;
    Checksums {
        sha256: hexadecimal(&Sha256::digest(file)),
        sha384: hexadecimal(&Sha384::digest(file)),
        sha512: hexadecimal(&Sha512::digest(file)),
    }
}

/// Packages: a line of the settings each, and a file with an element, a version and target
/// platforms.
const PACKAGES: [(&str, &str, &str, &str); 6] = [
    ("tool_1", "tool", "1.0", "[345]"),
    ("tool_2", "tool", "2.0", "[45]"),
    ("tool_21", "tool", "2.1", "5"),
    ("tool_3b", "tool", "3.0-beta1", "5"),
    ("paid_1", "paid", "1.0", "(3\\.10|4)"),
    ("paid_2", "paid", "2.0", "5\\.[1-9]"),
];

/// Sites: Joomla, the installed element and version, the expected version.
const SITES: [(&str, &str, &str, Option<&str>); 8] = [
    ("3.10.11", "tool", "0.9", Some("1.0")),
    ("4.4.0", "tool", "0.9", Some("2.0")),
    ("5.3.2", "tool", "0.9", Some("2.1")),
    ("5.3.2", "tool", "2.1", None),
    ("3.10.11", "paid", "0.9", Some("1.0")),
    ("4.4.0", "paid", "1.0", None),
    ("5.3.2", "paid", "1.0", Some("2.0")),
    ("5.0.3", "paid", "1.0", None),
];

async fn stocked(schema: Schema) -> Site {
    let mut site = site(schema).await;
    let mut lines = Vec::new();
    for (id, element, version, joomla) in PACKAGES {
        put(&site, &format!("{id}.zip"), &package(element, version, joomla));
        let group = if element == "paid" { ";redj_enterprise" } else { "" };
        lines.push(format!("{id};/{id}.zip{group}"));
    }
    site.config.release.folder = Some("files".into());
    site.config.release.groups = Some(vec!["redj_enterprise;11,12;HASH123KEY456;ReDJ".into()]);
    site.config.release.packages = Some(lines);
    site.config.updates.listed = vec!["redj_enterprise".into()];
    site
}

/// Updates as Joomla does: GET of the XML, the choice, GET of the XML again, GET of the download
/// with the site's extra query, the checksums.
async fn updates(
    server: &Server,
    joomla: &'static str,
    element: &str,
    installed: &str,
) -> Option<String> {
    let target = format!("/packages/updates/pkg_{element}.xml");
    let known = match element {
        "tool" => "pkg_tool",
        _ => "pkg_paid",
    };
    let site = joomla::Site {
        installed: (known, "package", "", 0, installed.to_owned()),
        ..joomla::Site::with(joomla, "")
    };
    let agent = format!("Mozilla/5.0 Joomla!/{joomla} Joomla");
    let headers = [("User-Agent", &*agent), ("Accept", "*/*")];
    let found = server.client.send("GET", &target, &headers, b"").await;
    assert_eq!((found.status, found.header("content-encoding")), (200, ""));
    let offered = joomla::find(&site, &found.text()).offered?;
    let again = server.client.send("GET", &target, &headers, b"").await.text();
    take(server, &site, &again, &offered, element).await
}

async fn take(
    server: &Server,
    site: &joomla::Site,
    xml: &str,
    offered: &str,
    element: &str,
) -> Option<String> {
    let urls = texts(xml, "version").into_iter().zip(urls(xml));
    let (_, url) = urls.into_iter().find(|(version, _)| *version == offered).unwrap();
    let mut target = url.strip_prefix(PUBLIC).unwrap().replace("&amp;", "&");
    // Only the download gets the extra query, after `?` or `&`.
    if element == "paid" {
        let mark = if target.contains('?') { '&' } else { '?' };
        target = format!("{target}{mark}email=alice@example.test&key={ALICE_KEY}");
    }
    // Joomla 3 sends no name.
    let file = server.client.send("GET", &target, &[("Accept", "*/*")], b"").await;
    assert_eq!(file.status, 200, "{target}");
    let name = file.header("content-disposition");
    assert!(name.contains("filename=\"") && name.contains(".zip"), "{name}");
    let installed = joomla::apply(site, xml, &checksums(&file.body));
    let url = url.replace("&amp;", "&");
    let clean = joomla::Applied::Installed { url, checksum_failed: false, checksum_missing: false };
    assert_eq!(installed, clean);
    Some(offered.to_owned())
}

fn urls(xml: &str) -> Vec<&str> {
    let open = "<downloadurl type=\"full\" format=\"zip\">";
    xml.split(open).skip(1).map(|rest| rest.split('<').next().unwrap()).collect()
}

async fn every_site_gets_its_version(schema: Schema) {
    let server = stocked(schema).await.serve().await;
    eventually("all packages", async || {
        let tools = server.get("/packages/updates/pkg_tool.xml").await.text();
        let paid = server.get("/packages/updates/pkg_paid.xml").await.text();
        texts(&tools, "version").len() == 4 && texts(&paid, "version").len() == 2
    })
    .await;
    for (joomla, element, installed, expected) in SITES {
        let got = updates(&server, joomla, element, installed).await;
        assert_eq!(got.as_deref(), expected, "{joomla} with {element} {installed}");
    }
    // The list of all leads to the same choice, and it names one of these XML.
    let list = server.get("/packages/updates/collection.xml").await.text();
    for (joomla, element, installed, expected) in SITES {
        let known = if element == "tool" { "pkg_tool" } else { "pkg_paid" };
        let site = joomla::Site {
            installed: (known, "package", "", 0, installed.to_owned()),
            ..joomla::Site::with(joomla, "")
        };
        let mine: String = list
            .lines()
            .filter(|line| !line.contains("<extension ") || line.contains(&format!("\"{known}\"")))
            .collect();
        let found = joomla::find_in_collection(&site, &mine);
        assert_eq!(found.offered.as_deref(), expected, "{joomla} with {element} {installed}");
        if expected.is_some() {
            let details = format!("{PUBLIC}/packages/updates/{known}.xml");
            assert_eq!(found.details, Some(details));
        }
    }
    server.stopped().await;
}

#[tokio::test]
async fn every_site_gets_its_version_on_mariadb() {
    every_site_gets_its_version(Schema::Joomla3).await;
}

#[tokio::test]
async fn every_site_gets_its_version_on_sqlite() {
    every_site_gets_its_version(Schema::Sqlite).await;
}

/// The updater does not see a package that it cannot install; customers can still download it.
#[tokio::test]
async fn a_broken_manifest_keeps_a_package_out_of_the_xml_alone() {
    let site = site(Schema::Sqlite).await;
    let broken = archive(&[("pkg_redj_ent.xml", "<extension type=\"package\"><name>x")]);
    put(&site, ENTERPRISE, &broken);
    let mut site = site;
    site.config.updates.listed = vec!["all".into()];
    let server = site.serve().await;
    listed(&server, XML, "1.9.0").await;
    let target = format!(
        "/packages/get/release/download/redj_ent_190?email=alice@example.test&key={ALICE_KEY}"
    );
    assert_eq!(server.get(&target).await.body, broken);
    assert_eq!(server.get("/packages/updates/pkg_redj_ent.xml").await.status, 404);
    let all = server.get("/packages/updates/collection.xml").await.text();
    assert!(all.contains("pkg_redj\"") && !all.contains("pkg_redj_ent"), "{all}");
    server.stopped().await;
}
