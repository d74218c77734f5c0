//! `updates` reads the checksums that the service has stored.

use std::fs;
use std::sync::Arc;

use jbackend_bridge::packages::Packages;
use jbackend_bridge::packages::folder::Folder;
use jbackend_bridge::release::package_path::PackagePath;
use jbackend_bridge::updates::memory::{Memory, Options, WantedChecksums};
use testkit::fixture::Schema;

use super::{PUBLIC_URL, package, put, put_recorded, run, updates};
use crate::common::site::Site;
use crate::update_site::served::listed;
use jbackend_bridge::supervise::Tasks;

#[tokio::test]
async fn packages_the_service_knows_are_not_read_again() {
    let site = Site::new(Schema::Sqlite).await;
    put_recorded(&site);
    let file = site.folder.path().join("checksums");
    let toml = format!("{PUBLIC_URL}[updates]\nchecksum_file = \"{}\"\n", file.display());
    let reading = "computing checksums of 1 package";

    let alone = run(updates(&site, &toml, &["-v", "pkg_redj"])).await;
    assert!(alone.stderr.contains(reading), "{}", alone.stderr);
    assert!(alone.stderr.contains("checksums of 1 package computed"), "{}", alone.stderr);
    assert!(!file.exists(), "only the service writes it");

    let folder: Arc<dyn Packages> = Arc::new(Folder::new(site.packages(), Vec::new()));
    let options = |file| Options {
        file,
        read_only: false,
        workers: 1,
        progress: Arc::new(()),
        tasks: Tasks::default(),
    };
    let memory = Memory::open(options(Some(file.clone()))).await;
    let path = PackagePath::parse("public/joomla/redj/ReDJ1.9.0Community_J3.zip").unwrap();
    memory.want(&folder, &[WantedChecksums { path, version: String::new(), bytes: 0 }]);
    memory.idle().await;
    memory.close().await;

    let knowing = run(updates(&site, &toml, &["-v", "pkg_redj"])).await;
    assert_eq!(knowing.stdout, alone.stdout);
    assert!(!knowing.stderr.contains("computing"), "{}", knowing.stderr);

    fs::write(&file, "something else").unwrap();
    let foreign = run(updates(&site, &toml, &["-v", "pkg_redj"])).await;
    assert_eq!((foreign.code, foreign.stdout), (Some(0), alone.stdout));
    assert!(foreign.stderr.contains("it is something else"), "{}", foreign.stderr);
    assert!(foreign.stderr.contains(reading), "{}", foreign.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "something else");
}

#[tokio::test]
async fn entries_kept_from_what_a_file_held_before_are_marked() {
    let mut site = Site::new(Schema::Sqlite).await;
    let file = site.folder.path().join("checksums");
    put(&site, "one.zip", &package("one", "1.5", "[345]"));
    put(&site, "two.zip", &package("two", "2.0", "[345]"));
    site.config.server.public_url = Some("https://www.example.com".into());
    site.config.updates.enabled = true;
    site.config.updates.checksum_file = Some(file.clone());
    site.config.release.folder = Some("files".into());
    site.config.release.groups = Some(Vec::new());
    site.config.release.packages = Some(vec!["one;/one.zip".into(), "two;/two.zip".into()]);
    let server = site.serve().await;
    for (name, version) in [("one", "1.5"), ("two", "2.0")] {
        listed(&server, &format!("/packages/updates/pkg_{name}.xml"), version).await;
    }
    put(&server.site, "one.zip", &package("one", "1.4", "[345]"));
    let toml = format!(
        "[server]\npublic_url = \"https://www.example.com\"\n[release]\nfolder = \"files\"\ngroups = []\n\
         packages = [\"one;/one.zip\", \"two;/two.zip\"]\n\
         [updates]\nchecksum_file = \"{}\"\n",
        file.display()
    );
    let ran = run(updates(&server.site, &toml, &["--json"])).await;
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let (packages, xml) = (&told["packages"], &told["xml"]);
    assert_eq!((&packages[0]["kept"], &packages[0]["version"]), (&true.into(), &"1.5".into()));
    assert_eq!(packages[1]["kept"], false, "{}", ran.stdout);
    assert_eq!(xml[0]["kept"], serde_json::json!([{ "package": "one", "version": "1.5" }]));
    assert_eq!(xml[1]["kept"], serde_json::json!([]), "{}", ran.stdout);
}
