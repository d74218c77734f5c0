//! The model of Joomla's updater against what three Joomla versions did.

use std::collections::BTreeMap;

use serde_json::Value;

use super::checksums;
use super::joomla::{Applied, Found, Site, apply, find, find_in_collection};

const RECORDINGS: &str = include_str!("../../vectors/updater.jsonl");
const DOWNLOAD: &str = "http://updates.example.test/packages/get/release/download/example_110";

/// Why a recording is not about what stands in an XML.
fn left_out(case: &Value) -> Option<&'static str> {
    let name = case["name"].as_str().unwrap();
    let server = case["server"].as_object().unwrap();
    let answer = server.get("xmlresp");
    if server.contains_key("dl") {
        return Some("the answer to the download");
    }
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

#[test]
fn the_model_does_what_joomla_did() {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut applicable = 0;
    for line in RECORDINGS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        if let Some(reason) = left_out(&case) {
            *reasons.entry(reason).or_default() += 1;
            continue;
        }
        applicable += 1;
        check(&case);
    }
    // None is passed over silently: the sums are those of the file.
    insta::assert_snapshot!(format!("{applicable} applicable, left out: {reasons:?}"));
}

fn check(case: &Value) {
    let joomla = match case["joomla"].as_str().unwrap() {
        "3.10" => "3.10.11",
        "4.4" => "4.4.0",
        "5.3" => "5.3.2",
        other => panic!("{other}"),
    };
    let site = Site::with(joomla, case["version_before"].as_str().unwrap());
    let (collection, xml) = documents(&case["server"]);
    let found = match &collection {
        None => find(&site, &xml),
        Some(collection) => find_in_collection(&site, collection),
    };
    let about = |what: &str| format!("{joomla}, {}: {what}: {found:?}", case["name"]);
    let said = |list: &str, text: &str| case[list].to_string().contains(text);
    let Found { noted, offered, unparseable, breaks, php_warning, database_warning, .. } = &found;

    assert_eq!(noted.is_some(), case["found"].as_bool().unwrap(), "{}", about("noted"));
    assert_eq!(offered.is_some(), case["offered"].as_bool().unwrap(), "{}", about("offered"));
    assert_eq!(*unparseable, said("find_messages", "Could not parse"), "{}", about("parse"));
    assert_eq!(*breaks, said("find_messages", "HTTP 500"), "{}", about("HTTP 500"));
    assert_eq!(*php_warning, said("find_messages", "at least PHP version"), "{}", about("PHP"));
    let database = said("find_messages", "your current database");
    assert_eq!(*database_warning, database, "{}", about("database"));

    if noted.is_none() {
        assert!(case["update_messages"].is_null() && case["version_after"] == "1.0.0");
        return;
    }
    let applied = apply(&site, &xml, &checksums());
    let about = |what: &str| format!("{joomla}, {}: {what}: {applied:?}", case["name"]);
    let (installed, failed, missing) = match &applied {
        Applied::Installed { checksum_failed, checksum_missing, .. } => {
            (true, *checksum_failed, *checksum_missing)
        }
        other => (false, *other == Applied::WrongChecksum, false),
    };
    assert_eq!(case["version_after"] == "1.1.0", installed, "{}", about("installed"));
    let says = |text| said("update_messages", text);
    assert_eq!(says("Updating package was successful"), installed, "{}", about("success"));
    assert_eq!(says("checksum verification failed"), failed, "{}", about("checksum"));
    assert_eq!(says("does not provide a checksum"), missing, "{}", about("no checksum"));
    let invalid = applied == Applied::Invalid;
    assert_eq!(says("Invalid extension update"), invalid, "{}", about("invalid"));
    let no_download = applied == Applied::NoDownload;
    assert_eq!(says("Failed to download"), no_download, "{}", about("download"));
}

/// The collection, where there is one, and the XML the recording server answered with.
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
         </downloadurl></downloads>{tag}{extra}<targetplatform name=\"joomla\" version=\"{tp}\"/>\
         </update></updates>",
        client = text("client", "<client>0</client>"),
        url = text("downloadurl", DOWNLOAD),
        tag = tag.unwrap_or_default(),
        extra = text("extra", ""),
        tp = text("tp", "[3456].*"),
    );
    let sums = checksums();
    let xml = text("xml", &usual)
        .replace("{sha256}", &sums.sha256)
        .replace("{sha384}", &sums.sha384)
        .replace("{sha512}", &sums.sha512);
    (collection, xml)
}
