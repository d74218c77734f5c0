//! Files in the package folder can only be downloaded through the download method.

use std::fs;
use std::os::unix::fs::symlink;

use jbackend_bridge::config::values::PackageFilesRule;

use super::upstream::Upstream;
use super::{configured, in_front_of};

const PAID: &str = "/files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";

#[tokio::test]
async fn no_spelling_of_a_path_into_the_folder_gets_through() {
    let upstream = Upstream::start().await;
    let server = in_front_of(&upstream).await;
    for target in [
        PAID,
        "/files",
        "/files/",
        "/FILES/private/x.zip",
        "//files//private/x.zip",
        "/./files/x.zip",
        "/images/../files/x.zip",
        "/images/%2e%2e/files/x.zip",
        "/%66iles/x.zip",
        "/%2566iles/x.zip",
        "/files%2fx.zip",
        "/files%252fx.zip",
        "/images\\..\\files\\x.zip",
        "/images%5c..%5cfiles%5cx.zip",
        "/files/x.zip?action=post&module=user",
        "/files/x.zip/more",
    ] {
        let reply = server.get(target).await;
        assert_eq!(reply.status, 403, "{target}");
        assert!(upstream.take().is_empty(), "{target}");
    }
    for target in ["/filesystem", "/file", "/images/files.png", "/index.php/files/x", "/a/files/x"]
    {
        assert_eq!(server.get(target).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn the_base_of_a_site_in_a_subdirectory_is_known() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, |config| {
        config.server.public_url = Some("https://www.example.com/shop".into());
    })
    .await;
    for target in ["/shop/files/x.zip", "/files/x.zip", "/SHOP/Files/x.zip"] {
        assert_eq!(server.get(target).await.status, 403, "{target}");
    }
    assert_eq!(server.get("/other/files/x.zip").await.status, 200);
}

#[tokio::test]
async fn a_folder_that_is_a_link_is_known_by_both_names() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, |config| {
        let root = config.joomla.root.clone().unwrap();
        symlink(root.join("files"), root.join("packages-link")).unwrap();
        config.release.folder = Some("x/../packages-link".into());
        config.release.packages = Some(vec!["free;/a.zip".into()]);
    })
    .await;
    for target in ["/packages-link/x.zip", PAID] {
        assert_eq!(server.get(target).await.status, 403, "{target}");
    }
}

#[tokio::test]
async fn a_folder_that_is_the_whole_site_keeps_its_packages_back() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, |config| {
        config.release.folder = Some(".".into());
        config.release.packages = Some(vec!["paid;/files/private/x.zip".into()]);
    })
    .await;
    assert_eq!(server.get("/files/private/x.zip").await.status, 403);
    assert_eq!(server.get("/files/private/y.zip").await.status, 200);
    assert_eq!(server.get("/").await.status, 200);
}

/// A link protects only its own path; the file's real place needs protection of its own.
#[tokio::test]
async fn packages_behind_links_are_refused_at_their_real_place_too() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, |config| {
        let root = config.joomla.root.clone().unwrap();
        for folder in ["media/store", "media/more", "images"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["media/store/paid.zip", "media/more/other.zip", "media/free.txt"] {
            fs::write(root.join(file), "content").unwrap();
        }
        let files = root.join("files");
        symlink(root.join("media/store/paid.zip"), files.join("linked.zip")).unwrap();
        symlink(root.join("media/more/other.zip"), files.join("forbidden.zip")).unwrap();
        fs::write(files.join("a.zip"), "content").unwrap();
        fs::hard_link(files.join("a.zip"), root.join("images/hard.zip")).unwrap();
        symlink(&files, root.join("images/link")).unwrap();
        symlink(files.join("a.zip"), root.join("images/one.zip")).unwrap();
        config.release.allow_roots = vec![root.join("media/store").display().to_string()];
        config.release.packages =
            Some(["a;/a.zip", "b;/linked.zip", "c;/forbidden.zip"].map(str::to_owned).to_vec());
        config.release.folder = Some("files".into());
        config.updates.checksum_file = Some(root.join("media/checksums"));
        config.mail.outbox = Some(root.join("mails"));
    })
    .await;
    for target in [
        "/media/store/paid.zip",
        "/media/store/whatever.zip",
        "/MEDIA/%73tore/",
        "/media/more/other.zip",
        "/media/./more//other.zip",
        "/media/more/OTHER.zip",
        "/images/hard.zip",
        "/images/%68ard.zip",
        "/images/one.zip",
        "/images/link/a.zip",
        "/images/link/anything.zip/../a.zip",
        "/media/checksums",
        "/mails/1.eml",
    ] {
        assert_eq!(server.get(target).await.status, 403, "{target}");
        assert!(upstream.take().is_empty(), "{target}");
    }
    for target in ["/", "/media/free.txt", "/media/more/x.zip", "/media/storeroom", "/images/"] {
        assert_eq!(server.get(target).await.status, 200, "{target}");
    }
}

/// Links may then lead to any place, and the site must still answer.
#[tokio::test]
async fn an_allowed_folder_that_holds_the_site_does_not_close_it() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, |config| {
        let root = config.joomla.root.clone().unwrap();
        config.release.allow_roots = vec!["/".into(), root.display().to_string()];
    })
    .await;
    assert_eq!(server.get("/index.html").await.status, 200);
    assert_eq!(server.get(PAID).await.status, 403);
}

#[tokio::test]
async fn a_folder_outside_the_site_hides_nothing() {
    let upstream = Upstream::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let server = configured(&upstream, |config| {
        config.release.folder = Some(elsewhere.path().display().to_string());
        config.release.packages = Some(vec!["free;/a.zip".into()]);
    })
    .await;
    assert_eq!(server.get(PAID).await.status, 200);
}

#[tokio::test]
async fn the_operator_may_allow_it() {
    let upstream = Upstream::start().await;
    let server = configured(&upstream, |config| {
        config.fallback.package_files = PackageFilesRule::Allow;
    })
    .await;
    assert_eq!(server.get(PAID).await.status, 200);
    assert_eq!(upstream.take_one().target(), PAID);
}
