//! Packages whose manifests contradict the update XML.

use testkit::fixture::Schema;

use super::{PUBLIC_URL, put, run, updates};
use crate::common::site::Site;
use crate::update_site::archive;

const HERE: &str = "https://www.example.com/shop/packages/updates/pkg_one.xml";

/// Returns the notes of `updates` about a package `pkg_one` with this in its manifest, and this
/// install script.
async fn told(site: &Site, inside: &str, script: &str) -> Vec<String> {
    let manifest = format!(
        "<extension type=\"package\"><name>One</name><packagename>one</packagename>\
         <version>1.0</version>{inside}<scriptfile>script.php</scriptfile></extension>"
    );
    put(site, "one.zip", &archive(&[("pkg_one.xml", &manifest), ("script.php", script)]));
    let toml = format!(
        "{PUBLIC_URL}[release]\nfolder = \"files\"\ngroups = []\npackages = [\"one;/one.zip\"]\n\
         [updates]\ntargetplatform = \"[45]\"\n"
    );
    let ran = run(updates(site, &toml, &["--json"])).await;
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    // The package is listed all the same, and nothing has to be fixed for that.
    assert_eq!((ran.code, &report["sound"]), (Some(0), &true.into()), "{}", ran.stdout);
    assert_eq!(report["packages"][0]["xml"], serde_json::json!(["pkg_one"]));
    let notes = report["notes"].as_array().unwrap();
    notes.iter().map(|note| note.as_str().unwrap().to_owned()).collect()
}

fn servers(list: &[(&str, &str)]) -> String {
    let server =
        |(kind, url): &(&str, &str)| format!("<server type=\"{kind}\" name=\"One\">{url}</server>");
    let list = list.iter().map(server).collect::<Vec<_>>().concat();
    format!("<updateservers>{list}</updateservers>")
}

#[tokio::test]
async fn update_servers() {
    let site = Site::new(Schema::Sqlite).await;
    for right in [
        servers(&[("extension", HERE)]),
        servers(&[("extension", &format!("\n  {HERE}\n"))]),
        servers(&[("extension", &HERE.replace("www.example.com", "WWW.Example.com:443"))]),
        servers(&[("extension", &format!("{HERE}/extension.xml"))]),
        servers(&[("collection", &HERE.replace("pkg_one", "collection"))]),
        servers(&[("extension", "https://mirror.example.net/one.xml"), ("extension", HERE)]),
        format!("<updateservers type=\"extension\">{HERE}</updateservers>"),
    ] {
        assert_eq!(told(&site, &right, "").await, [""; 0], "{right}");
    }
    let mut all = Vec::new();
    for wrong in [
        String::new(),
        "<updateservers/>".into(),
        servers(&[("extension", "https://user:secret@old.example.com/updates/one.xml?key=secret")]),
        servers(&[("extension", &HERE.replace("https:", "http:"))]),
        servers(&[("extension", &HERE.replace("pkg_one", "pkg_two"))]),
        servers(&[("collection", HERE)]),
        servers(&[("", HERE)]),
        servers(&[("extension", &HERE.replace("pkg_one", "collection"))]),
        servers(&[("extension", &HERE.replace("pkg_one", "changelogs/pkg_one"))]),
    ] {
        let notes = told(&site, &wrong, "").await;
        assert_eq!(notes.len(), 1, "{wrong}: {notes:#?}");
        assert!(!notes[0].contains("secret"), "{notes:?}");
        all.extend(notes);
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[tokio::test]
async fn changelogs_and_install_scripts() {
    let site = Site::new(Schema::Sqlite).await;
    let server = servers(&[("extension", HERE)]);
    let changelog = HERE.replace("pkg_one", "changelogs/pkg_one");
    let with = |more: &str| format!("{server}{more}");
    for (inside, script) in [
        (with("<changelogurl>https://elsewhere.example.com/changes.xml</changelogurl>"), ""),
        (with(""), "<?php protected $minimumJoomla = '4.0'; protected $minimumPhp = '7.2.5';"),
        (with("<php_minimum>8.1</php_minimum>"), "<?php protected $minimumPhp = '8.1.0';"),
        (
            with("<targetplatform name=\"joomla\" version=\"5\"/>"),
            "<?php protected $minimumJoomla = '5.0.0'; protected $minimumPhp = '8.1';",
        ),
    ] {
        assert_eq!(told(&site, &inside, script).await, [""; 0], "{inside} {script}");
    }
    let mut all = Vec::new();
    for (inside, script) in [
        (with(&format!("<changelogurl>{changelog}</changelogurl>")), ""),
        (with(""), "<?php protected $minimumJoomla = '4.4';"),
        (with(""), "<?php protected $minimumJoomla = '6.0';"),
        (with(""), "<?php protected $minimumPhp = '8.1';"),
        (with("<php_minimum>7.4</php_minimum>"), "<?php protected $minimumPhp = '8.1';"),
    ] {
        let notes = told(&site, &inside, script).await;
        assert_eq!(notes.len(), 1, "{inside} {script}: {notes:#?}");
        all.extend(notes);
    }
    insta::assert_snapshot!(all.join("\n"));
}
