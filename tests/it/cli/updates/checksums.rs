//! `updates` reads what the service remembers.

use std::fs;
use std::sync::Arc;

use jbackend_bridge::packages::Packages;
use jbackend_bridge::packages::folder::Folder;
use jbackend_bridge::release::package_path::PackagePath;
use jbackend_bridge::updates::memory::{Memory, Options, Wanted};

use super::{PUBLIC_URL, put_recorded, run, updates};
use crate::common::fixture::Schema;
use crate::common::site::Site;
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
    memory.want(&folder, &[Wanted { path, version: String::new(), bytes: 0 }]);
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
