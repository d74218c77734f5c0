//! The snapshot of the database.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Schema, check, findings, sound};
use crate::common::site::Site;

/// A site beside whose folder a service has taken a snapshot.
async fn taken() -> (Site, tempfile::TempDir) {
    let site = sound(Schema::Joomla5).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = site.config.clone();
    config.database.snapshot = jbackend_bridge::config::values::SnapshotRule::On;
    config.database.snapshot_file = folder.path().join("snapshot.db");
    let app = jbackend_bridge::app::App::start(&config).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(app.serve(async {
        let _ = stopped.await;
    }));
    while !config.database.snapshot_file.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    drop(stop);
    serving.await.unwrap();
    (site, folder)
}

fn wanted(folder: &tempfile::TempDir, more: &str) -> String {
    let file = folder.path().join("snapshot.db");
    format!("[database]\nsnapshot = 'on'\nsnapshot_file = '{}'\n{more}", file.display())
}

async fn about(site: &Site, folder: &tempfile::TempDir, more: &str) -> String {
    let found = findings(site, &wanted(folder, more), &["--offline"], "database").await;
    found
        .replace(&folder.path().display().to_string(), "FOLDER")
        .lines()
        .filter(|line| !line.contains("more rights"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn every_state_of_the_file_is_told() {
    let (site, folder) = taken().await;
    let file = folder.path().join("snapshot.db");
    let run = check(&site, &wanted(&folder, ""), &["--offline"]).await;
    assert!(run.stdout.contains("a snapshot of the database, "), "{}", run.stdout);
    let set = |statement: &str| {
        rusqlite::Connection::open(&file).unwrap().execute_batch(statement).unwrap();
    };

    set("UPDATE snapshot SET taken_at = taken_at - 4 * 3600");
    insta::assert_snapshot!(about(&site, &folder, "").await, @"");
    set("UPDATE snapshot SET taken_at = taken_at + 8 * 3600");
    insta::assert_snapshot!(about(&site, &folder, "").await, @"");
    set("UPDATE snapshot SET site = 'another:3306/joomla/jos_'");
    insta::assert_snapshot!(about(&site, &folder, "").await, @"");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    insta::assert_snapshot!(about(&site, &folder, "").await, @"");
    fs::write(&file, "nothing of the kind").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    insta::assert_snapshot!(about(&site, &folder, "").await, @"");
    fs::remove_file(&file).unwrap();
    insta::assert_snapshot!(about(&site, &folder, "snapshot_passwords = true\n").await, @"");
    insta::assert_snapshot!(about(&site, &folder, "snapshot_every = 4000\n").await, @"");
    let gone = tempfile::tempdir().unwrap();
    let nowhere = tempfile::TempDir::keep(gone);
    fs::remove_dir(&nowhere).unwrap();
    let toml =
        format!("[database]\nsnapshot = 'on'\nsnapshot_file = '{}/x.db'\n", nowhere.display());
    let found = findings(&site, &toml, &["--offline"], "database").await;
    insta::assert_snapshot!(found.replace(&nowhere.display().to_string(), "NOWHERE"), @"");
}

/// The web server would hand it out to everybody.
#[tokio::test]
async fn one_in_the_site_s_folder_is_told() {
    let site = sound(Schema::Joomla5).await;
    let file = site.folder.path().join("snapshot.db");
    let toml = format!("[database]\nsnapshot = 'on'\nsnapshot_file = '{}'\n", file.display());
    insta::assert_snapshot!(findings(&site, &toml, &["--offline"], "configuration").await, @"");
}
