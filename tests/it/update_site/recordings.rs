//! Compares the model of Joomla's updater with recordings of three Joomla versions.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use super::archive;
use super::joomla::{Found, Site, find, find_in_collection, order};
use super::joomla_download::{Answer, Outcome, checksums_of, failure, install};

const RECORDINGS: &str = include_str!("../../vectors/updater.jsonl");
const DOWNLOAD: &str = "http://updates.example.test/packages/get/release/download/example_110";

/// Returns the reason if a recording is not about the contents of an XML or a download.
fn left_out(case: &Value) -> Option<&'static str> {
    let name = case["name"].as_str().unwrap();
    let server = case["server"].as_object().unwrap();
    let answer = server.get("xmlresp");
    if answer.is_some_and(|answer| answer["status"] != 200) {
        return Some("no XML, or one elsewhere");
    }
    if answer.is_some_and(|answer| !answer["path"].is_null()) {
        return Some("the second request for an XML");
    }
    match name {
        "K1 XML gone at update time" => Some("no XML, or one elsewhere"),
        "A46 https with refused port" => Some("a server that is not there"),
        _ => None,
    }
}

#[tokio::test]
async fn the_model_does_what_joomla_did() {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut applicable, mut downloads, mut failed) = (0, 0, 0);
    for line in RECORDINGS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if let Some(reason) = left_out(&case) {
            *reasons.entry(reason).or_default() += 1;
            continue;
        }
        applicable += 1;
        let site = site(&case);
        let (collection, xml) = documents(&case["server"]);
        if !is_noted(&case, &site, collection.as_deref(), &xml) {
            assert!(case["update_messages"].is_null() && case["version_after"] == "1.0.0");
            continue;
        }
        downloads += 1;
        failed += usize::from(!is_applied(&case, &site, &xml).await);
    }
    // The counts show that no recording is skipped silently; the sums are those of the file.
    insta::assert_snapshot!(format!(
        "{applicable} applicable, of them {downloads} applied, {failed} in vain; left out: {reasons:?}"
    ));
}

fn site(case: &Value) -> Site {
    let joomla = match case["joomla"].as_str().unwrap() {
        "3.10" => "3.10.11",
        "4.4" => "4.4.0",
        "5.3" => "5.3.2",
        other => panic!("{other}"),
    };
    Site::with(joomla, case["version_before"].as_str().unwrap())
}

/// Looks for updates, which is the first half. Is there one to apply?
fn is_noted(case: &Value, site: &Site, collection: Option<&str>, xml: &str) -> bool {
    let found = match collection {
        None => find(site, xml),
        Some(collection) => find_in_collection(site, collection),
    };
    let about = |what: &str| format!("{}, {}: {what}: {found:?}", site.joomla, case["name"]);
    let said = |text: &str| case["find_messages"].to_string().contains(text);
    let Found { noted, offered, unparseable, breaks, php_warning, database_warning, .. } = &found;

    assert_eq!(noted.is_some(), case["found"].as_bool().unwrap(), "{}", about("noted"));
    assert_eq!(offered.is_some(), case["offered"].as_bool().unwrap(), "{}", about("offered"));
    assert_eq!(*unparseable, said("Could not parse"), "{}", about("parse"));
    assert_eq!(*breaks, said("HTTP 500"), "{}", about("HTTP 500"));
    assert_eq!(*php_warning, said("at least PHP version"), "{}", about("PHP"));
    assert_eq!(*database_warning, said("your current database"), "{}", about("database"));
    noted.is_some()
}

/// Applies the update, which is the second half. Compares the administrator's messages and the
/// requests to the letter. Was it installed?
async fn is_applied(case: &Value, site: &Site, xml: &str) -> bool {
    let mut asked = Vec::new();
    let extra_query = case["extra_query"].as_str().unwrap();
    let outcome = match order(site, xml) {
        None => {
            let messages = vec![(failure(site), "Invalid extension update".to_owned())];
            Outcome { is_installed: false, messages }
        }
        Some(order) => {
            let ask = async |url: &str| {
                let answer = answer(&case["server"], url);
                asked.push(format!("GET {} -> {}", target(url), answer.status));
                answer
            };
            install(site, &order, extra_query, ask).await
        }
    };
    let name = format!("{}, {}", site.joomla, case["name"]);
    let messages: Vec<(String, String)> =
        serde_json::from_value(case["update_messages"].clone()).unwrap();
    let told: Vec<_> =
        outcome.messages.iter().map(|(kind, text)| ((*kind).to_owned(), text.clone())).collect();
    assert_eq!(told, messages, "{name}");
    assert_eq!(outcome.is_installed, case["version_after"] == "1.1.0", "{name}");
    let requests: Vec<String> = serde_json::from_value(case["requests"].clone()).unwrap();
    let downloads = requests.iter().filter(|request| !request.starts_with("GET /updates/"));
    let downloads: Vec<_> = downloads.map(|request| utf8(request)).collect();
    assert_eq!(asked, downloads, "{name}");
    outcome.is_installed
}

/// Returns path and query of a URL.
fn target(url: &str) -> &str {
    let host = url.split_once("//").unwrap().1;
    &host[host.find('/').unwrap()..]
}

/// Decodes a recorded request, which shows each byte as a character.
fn utf8(request: &str) -> String {
    String::from_utf8(request.chars().map(|c| u8::try_from(c).unwrap()).collect()).unwrap()
}

/// Makes a package with a manifest, longer than the cuts in the recordings.
fn package() -> Vec<u8> {
    let description: String = (0..400_u32).map(|n| (n * n * n).to_string()).collect();
    archive(&[
        ("pkg_example.xml", "<extension type=\"package\"><version>1.1.0</version></extension>"),
        ("readme.txt", &description),
    ])
}

/// Returns the answer of the recording server. If the recording has none, it was a correct ZIP.
fn answer(server: &Value, url: &str) -> Answer {
    let elsewhere = ["/real/", "/mirror/"].iter().any(|path| target(url).starts_with(path));
    let scripted = server.get("dl").filter(|_| !elsewhere);
    let Some(scripted) = scripted else {
        let disposition = "attachment; filename=\"pkg_example_1.1.0.zip\"".to_owned();
        let headers = [("content-disposition".to_owned(), disposition)].into();
        return Answer { status: 200, headers, body: package() };
    };
    let headers = scripted["headers"].as_object().unwrap().iter();
    let headers =
        headers.map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().into()));
    let status = scripted["status"].as_u64().unwrap_or(200);
    let mut body = if scripted["zip"] == 1 {
        package()
    } else {
        scripted["body"].as_str().unwrap_or_default().into()
    };
    if let Some(length) = scripted["truncate"].as_u64() {
        body.truncate(usize::try_from(length).unwrap());
    }
    if scripted["gzip"] == 1 {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&body).unwrap();
        body = gzip.finish().unwrap();
    }
    Answer { status: u16::try_from(status).unwrap(), headers: headers.collect(), body }
}

/// Returns the collection, if there is one, and the XML that the recording server sent.
fn documents(server: &Value) -> (Option<String>, String) {
    let text = |key: &str, default: &str| server[key].as_str().unwrap_or(default).to_owned();
    let collection = server["xmls"]["/updates/collection.xml"].as_str().map(str::to_owned);
    if let Some(body) = server["xmlresp"]["body"].as_str() {
        return (collection, body.to_owned());
    }
    let tag = server["tag"].as_str().map(|tag| format!("<tags><tag>{tag}</tag></tags>"));
    let usual = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><updates><update><name>Example</name>\
         <description>d</description><element>pkg_example</element><type>package</type>\
         <version>1.1.0</version>{client}<downloads><downloadurl type=\"full\" format=\"zip\">{url}\
         </downloadurl>{sources}</downloads>{tag}{extra}<targetplatform name=\"joomla\" version=\"{tp}\"/>\
         </update></updates>",
        client = text("client", "<client>0</client>"),
        url = text("downloadurl", DOWNLOAD),
        sources = text("sources", ""),
        tag = tag.unwrap_or_default(),
        extra = text("extra", ""),
        tp = text("tp", "[3456].*"),
    );
    let sums = checksums_of(&package());
    let xml = text("xml", &usual)
        .replace("{sha256}", &sums.sha256)
        .replace("{sha384}", &sums.sha384)
        .replace("{sha512}", &sums.sha512);
    (collection, xml)
}
