//! `updates`: lists which package is in which update XML, and why some are in none.

mod agreement;
mod chain;
mod changelogs;
mod checksums;
mod defects;
mod hostile;
mod settings;

use std::fmt::Write as _;
use std::fs;

use secrecy::ExposeSecret;
use testkit::fixture::{self, Schema};
use tokio::process::Command;

use super::{Run, neutral, program, run, write_configuration_php};
use crate::common::site::Site;
use crate::update_site::archive;

/// The configuration of the sites here, besides their database.
const PUBLIC_URL: &str = "[server]\npublic_url = \"https://www.example.com/shop\"\n";

/// Makes a package for the Joomla versions that the pattern names; an empty pattern names none.
pub(crate) fn package(element: &str, version: &str, joomla: &str) -> Vec<u8> {
    let platform = match joomla {
        "" => String::new(),
        pattern => format!("<targetplatform name=\"joomla\" version=\"{pattern}\"/>"),
    };
    let manifest = format!(
        "<?xml version=\"1.0\"?><extension type=\"package\"><name>{element}</name>\
         <packagename>{element}</packagename><version>{version}</version>\
         <author>Jane</author>{platform}</extension>"
    );
    archive(&[(&format!("pkg_{element}.xml"), &manifest), ("readme.txt", "hello")])
}

/// Puts a file into the package folder.
pub(crate) fn put(site: &Site, path: &str, content: &[u8]) {
    let file = site.packages().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}

/// Makes the command on a site, with these lines of configuration and no recipe.
fn updates(site: &Site, toml: &str, arguments: &[&str]) -> Command {
    let root = site.folder.path();
    let mut text = toml.to_owned();
    if let Some(url) = &site.config.database.url {
        fs::write(root.join("configuration.php"), "<?php\nclass JConfig {\n}").unwrap();
        let (url, prefix) = (url.expose_secret(), fixture::prefix());
        write!(text, "\n[database]\nurl = \"{url}\"\nprefix = \"{prefix}\"\n").unwrap();
    } else {
        write_configuration_php(site, &[]);
    }
    let file = root.join("bridge.toml");
    fs::write(&file, text).unwrap();
    let site = ["--config", file.to_str().unwrap(), "--joomla-root", root.to_str().unwrap()];
    program(&[&["updates"], &site[..], arguments].concat())
}

/// Joins the results of a run for a snapshot.
fn all(site: &Site, run: &Run) -> String {
    let text = format!("exit code {}\n{}{}", run.code.unwrap(), run.stdout, run.stderr);
    super::holds_no_secret(&text);
    neutral(site, &text)
}

/// Writes the packages of the recorded site, as on a real one.
pub(crate) fn put_recorded(site: &Site) {
    let joomla = "redj/ReDJ1.9.0Community_J3.zip";
    put(site, &format!("public/joomla/{joomla}"), &package("redj", "1.9.0", "[345]"));
    let enterprise = package("redj_ent", "1.9.0", "3");
    put(site, "private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip", &enterprise);
    put(site, "public/joomla/redj/small.zip", &archive(&[("readme.txt", "no manifest")]));
}

async fn report(schema: Schema) -> String {
    let site = Site::new(schema).await;
    put_recorded(&site);
    let table = run(updates(&site, PUBLIC_URL, &[])).await;
    let xml = run(updates(&site, PUBLIC_URL, &["pkg_redj"])).await;
    format!("{}\n{}", all(&site, &table), all(&site, &xml))
}

#[tokio::test]
async fn a_site_s_packages_on_every_database() {
    let report_3 = report(Schema::Joomla3).await;
    insta::assert_snapshot!(report_3);
    assert_eq!(report(Schema::Joomla5).await, report_3);
    assert_eq!(report(Schema::Sqlite).await, report_3);
}

#[tokio::test]
async fn for_scripts_and_as_a_collection() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let toml =
        format!("{PUBLIC_URL}[updates]\nlisted = [\"all\"]\ninfourl = \"https://a.example\"\n");
    let json = run(updates(&site, &toml, &["--json"])).await;
    serde_json::from_str::<serde_json::Value>(&json.stdout).expect("JSON");
    let collection = run(updates(&site, &toml, &["--collection"])).await;
    insta::assert_snapshot!(format!("{}\n{}", all(&site, &json), all(&site, &collection)));
}

#[tokio::test]
async fn of_the_help() {
    insta::assert_snapshot!(run(program(&["updates", "--help"])).await.stdout);
}

/// `demo --dir` makes all that this command needs, in any folder.
#[tokio::test]
async fn the_sample_site_has_update_xml() {
    let parent = tempfile::TempDir::new().unwrap();
    let folder = parent.path().join("it's a \"sample\"\\ site");
    jbackend_bridge::service::demo::make(&folder).unwrap();
    let config = folder.join("bridge.toml");
    let ran = run(program(&["updates", "--config", config.to_str().unwrap()])).await;
    insta::assert_snapshot!(format!("{}{}{}", ran.code.unwrap(), ran.stdout, ran.stderr));
}
