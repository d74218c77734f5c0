//! Packages that change while they are listed: never a checksum of something else than what is served.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::FileExt;
use std::time::{Duration, SystemTime};

use super::{COMMUNITY, XML, eventually, listed, replace, site, texts, version};
use crate::common::fixture::Schema;
use crate::common::log::Log;
use crate::common::site::Server;

/// What stands in the XML now; nothing where there is no XML.
async fn versions(server: &Server) -> Vec<String> {
    let text = server.get(XML).await.text();
    texts(&text, "version").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_file_that_is_gone_is_left_out_at_once_and_comes_back() {
    let log = Log::keep();
    let server = site(Schema::Sqlite).await.serve().await;
    listed(&server, XML, "1.9.0").await;
    eventually("the sum", async || log.count(&["in 1 update XML"]) == 1).await;
    let (file, away) = (server.site.packages().join(COMMUNITY), server.site.packages().join("x"));
    fs::rename(&file, &away).unwrap();
    assert_eq!(versions(&server).await, [""; 0], "at once, not at the next look");
    eventually("a line", async || log.count(&["redj_com_190", "not in the update XML"]) == 1).await;
    fs::rename(&away, &file).unwrap();
    listed(&server, XML, "1.9.0").await;
    eventually("a line", async || log.count(&["redj_com_190", "in the update XML again"]) == 1)
        .await;
    assert_eq!(log.count(&["not in the update XML"]), 1, "{}", log.text());
    server.stopped().await;
}

#[tokio::test]
async fn the_whole_folder_is_away_for_a_while() {
    let server = site(Schema::Sqlite).await.serve().await;
    let before = listed(&server, XML, "1.9.0").await;
    let (folder, away) = (server.site.packages(), server.site.folder.path().join("away"));
    fs::rename(&folder, &away).unwrap();
    assert_eq!(versions(&server).await, [""; 0]);
    assert!(!server.get("/packages/updates/collection.xml").await.text().contains("pkg_redj"));
    fs::rename(&away, &folder).unwrap();
    let after = listed(&server, XML, "1.9.0").await;
    assert_eq!(after.header("etag"), before.header("etag"), "the same content again");
    let modified = |reply: &str| httpdate::parse_http_date(reply).unwrap();
    let (old, new) = (before.header("last-modified"), after.header("last-modified"));
    assert!(modified(new) >= modified(old), "{old}, {new}");
    server.stopped().await;
}

#[tokio::test]
async fn a_file_that_is_overwritten_in_place() {
    let server = site(Schema::Sqlite).await.serve().await;
    listed(&server, XML, "1.9.0").await;
    let path = server.site.packages().join(COMMUNITY);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(0).unwrap();
    assert_eq!(versions(&server).await, [""; 0], "while it is written");
    file.write_all_at(&version("1.9.5"), 0).unwrap();
    listed(&server, XML, "1.9.5").await;
    // Same size, and the date is put back.
    let kept = file.metadata().unwrap().modified().unwrap();
    file.write_all_at(&version("1.9.6"), 0).unwrap();
    file.set_times(FileTimes::new().set_modified(kept)).unwrap();
    assert_eq!(versions(&server).await, [""; 0]);
    listed(&server, XML, "1.9.6").await;
    server.stopped().await;
}

#[tokio::test]
async fn a_file_that_is_touched_keeps_its_checksums() {
    let server = site(Schema::Sqlite).await.serve().await;
    let before = listed(&server, XML, "1.9.0").await;
    let file = File::options().write(true).open(server.site.packages().join(COMMUNITY)).unwrap();
    let date = SystemTime::now() - Duration::from_hours(1);
    file.set_times(FileTimes::new().set_modified(date)).unwrap();
    let after = listed(&server, XML, "1.9.0").await;
    assert_eq!(after.text(), before.text());
    server.stopped().await;
}

/// The settings decide which file a package is: checksums of the former one are none of its.
#[tokio::test]
async fn a_package_that_gets_another_file_or_group() {
    let server = site(Schema::Sqlite).await.serve().await;
    listed(&server, XML, "1.9.0").await;
    replace(&server.site, "other.zip", &version("1.8.0"));
    let change = "UPDATE #__extensions SET params = REPLACE(params, \
                  'public/joomla/redj/ReDJ1.9.0Community_J3.zip', 'other.zip') \
                  WHERE element = 'release'";
    server.site.run(change).await;
    let target = "/packages/get/release/download/redj_com_190";
    eventually("the other file", async || server.get(target).await.body == version("1.8.0")).await;
    assert!(!versions(&server).await.contains(&"1.9.0".to_owned()), "at once");
    listed(&server, XML, "1.8.0").await;
    let paid = "UPDATE #__extensions SET params = REPLACE(params, 'other.zip', \
                'other.zip;redj_enterprise') WHERE element = 'release'";
    server.site.run(paid).await;
    eventually("a paid package", async || server.get(target).await.text().contains("REL_")).await;
    assert_eq!(versions(&server).await, [""; 0], "not to be advertised");
    server.stopped().await;
}
