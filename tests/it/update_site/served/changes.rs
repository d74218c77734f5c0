//! Packages that change while they are listed: the last entry stays until the new file has been
//! read.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::FileExt;
use std::time::{Duration, SystemTime};

use testkit::fixture::Schema;

use super::{COMMUNITY, XML, eventually, listed, package, replace, site, texts, version};
use crate::common::log::Log;
use crate::common::site::Server;

/// Returns the versions in the XML; none if there is no XML.
async fn versions(server: &Server) -> Vec<String> {
    let text = server.get(XML).await.text();
    texts(&text, "version").into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_entry_of_a_file_that_is_gone_stays() {
    let log = Log::keep();
    let server = site(Schema::Sqlite).await.serve().await;
    listed(&server, XML, "1.9.0").await;
    eventually("the sum", async || log.count(&["in 1 update XML"]) == 1).await;
    let (file, away) = (server.site.packages().join(COMMUNITY), server.site.packages().join("x"));
    fs::rename(&file, &away).unwrap();
    assert_eq!(versions(&server).await, ["1.9.0"]);
    let told = ["redj_com_190", "its file is not in the update XML, its last entry stays there"];
    eventually("a line", async || log.count(&told) == 1).await;
    assert_eq!(versions(&server).await, ["1.9.0"]);
    let target = "/packages/get/release/download/redj_com_190";
    assert!(server.get(target).await.text().contains("REL_FNF"), "its download is judged as ever");
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
    assert_eq!(versions(&server).await, ["1.9.0"]);
    assert!(server.get("/packages/updates/collection.xml").await.text().contains("pkg_redj"));
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
    assert_eq!(versions(&server).await, ["1.9.0"], "while it is written");
    file.write_all_at(&version("1.9.5"), 0).unwrap();
    listed(&server, XML, "1.9.5").await;
    // The file has its old size, and its date is put back.
    let kept = file.metadata().unwrap().modified().unwrap();
    file.write_all_at(&version("1.9.6"), 0).unwrap();
    file.set_times(FileTimes::new().set_modified(kept)).unwrap();
    assert_eq!(versions(&server).await, ["1.9.5"]);
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

/// An older file, or one of another extension, replaces the listed one. Sites must not get it as an
/// update.
#[tokio::test]
async fn a_file_that_steps_back_is_told_and_not_listed() {
    let log = Log::keep();
    let server = site(Schema::Sqlite).await.serve().await;
    listed(&server, XML, "1.9.0").await;
    eventually("the sum", async || log.count(&["in 1 update XML"]) == 1).await;
    for (file, told) in [
        (version("1.8.9"), "its file now holds version 1.8.9, and 1.9.0 stood in the update XML"),
        (package("other", "2.0", "[345]"), "its file now holds package pkg_other"),
    ] {
        replace(&server.site, COMMUNITY, &file);
        eventually(told, async || {
            assert_eq!(versions(&server).await, ["1.9.0"]);
            log.count(&["redj_com_190", told]) == 1
        })
        .await;
        assert_eq!(server.get("/packages/updates/pkg_other.xml").await.status, 404);
    }
    replace(&server.site, COMMUNITY, &version("1.9.1"));
    listed(&server, XML, "1.9.1").await;
    assert_eq!(versions(&server).await, ["1.9.1"]);
    server.stopped().await;
}

/// The settings decide which file a package has: it must not keep the checksums of its former file.
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
    // A new file in the line is the maker's decision, so it is listed even with a lower version.
    listed(&server, XML, "1.8.0").await;
    assert_eq!(versions(&server).await, ["1.8.0"]);
    let paid = "UPDATE #__extensions SET params = REPLACE(params, 'other.zip', \
                'other.zip;redj_enterprise') WHERE element = 'release'";
    server.site.run(paid).await;
    eventually("a paid package", async || server.get(target).await.text().contains("REL_")).await;
    assert_eq!(versions(&server).await, [""; 0], "not to be advertised");
    server.stopped().await;
}
