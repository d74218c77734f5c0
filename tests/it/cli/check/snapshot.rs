//! The standby copy of the database.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Schema, check, findings, sound};
use crate::common::site::Site;

/// Makes a site, and lets a service write a standby copy beside its folder.
async fn taken() -> (Site, tempfile::TempDir) {
    let site = sound(Schema::Joomla5).await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = site.config.clone();
    config.database.snapshot = jbackend_bridge::config::values::StandbyRule::On;
    config.database.snapshot_file = folder.path().join("snapshot.db");
    let app = jbackend_bridge::service::App::start(&config).await.unwrap();
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

/// Returns only the findings about the standby copy.
async fn about(site: &Site, folder: &tempfile::TempDir, more: &str) -> String {
    let found = findings(site, &wanted(folder, more), &["--offline"], "database").await;
    let found = found.replace(&folder.path().display().to_string(), "FOLDER");
    let mut is_ours = false;
    let ours = found.lines().filter(|line| {
        if !line.starts_with(' ') {
            is_ours = line.contains("snapshot");
        }
        is_ours
    });
    ours.collect::<Vec<_>>().join("\n")
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
    insta::assert_snapshot!(about(&site, &folder, "").await, @r"
    warning: the snapshot of the database is 4 h old: it would answer nothing
      at `FOLDER/snapshot.db`
      → see whether the service runs, and in its log why it takes no other
    ");
    set("UPDATE snapshot SET taken_at = taken_at + 8 * 3600");
    insta::assert_snapshot!(about(&site, &folder, "").await, @r"
    warning: the snapshot of the database is from the future: it would answer nothing
      at `FOLDER/snapshot.db`
      → see whether the service runs, and in its log why it takes no other
    ");
    set("UPDATE snapshot SET site = 'another:3306/joomla/jos_'");
    insta::assert_snapshot!(about(&site, &folder, "").await, @r"
    warning: the snapshot `FOLDER/snapshot.db` is of another site, `another:3306/joomla/jos_`
      at -
      → name a file of its own for each site in `snapshot_file`, or delete it
    ");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    insta::assert_snapshot!(about(&site, &folder, "").await, @r"
    warning: the snapshot `FOLDER/snapshot.db` is open to others than the service's user
      at -
      → delete it, a new one is written with the right permissions
    ");
    fs::write(&file, "nothing of the kind").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    insta::assert_snapshot!(about(&site, &folder, "").await, @r"
    warning: `FOLDER/snapshot.db` is no snapshot that can be read: file is not a database
      at -
      → delete it
    ");
    fs::remove_file(&file).unwrap();
    insta::assert_snapshot!(about(&site, &folder, "snapshot_passwords = true\n").await, @r"
    notice: there is no snapshot of the database yet
      at `FOLDER/snapshot.db`
      → start the service: it takes one at once
    notice: the snapshot of the database holds the password hashes of all accounts
      at `database.snapshot_passwords`
      → leave it off unless keybyauth has to work without the database
    ");
    insta::assert_snapshot!(about(&site, &folder, "snapshot_every = 4000\n").await, @r"
    error: `database.snapshot_every`: a snapshot every 4000 s would be older than `snapshot_max_age`, 3600 s, before the next one is taken
      at -
      → make it shorter
    ");
    let gone = tempfile::tempdir().unwrap();
    let nowhere = tempfile::TempDir::keep(gone);
    fs::remove_dir(&nowhere).unwrap();
    let toml =
        format!("[database]\nsnapshot = 'on'\nsnapshot_file = '{}/x.db'\n", nowhere.display());
    let found = findings(&site, &toml, &["--offline"], "database").await;
    let found = found.replace(&nowhere.display().to_string(), "NOWHERE");
    let (_, ours) = found.split_once("error: ").unwrap();
    insta::assert_snapshot!(ours, @r"
    no snapshot of the database can be taken: its folder is not there, or may not be written
      at `NOWHERE`
      → make the folder and give it to the service's user (systemd: `StateDirectory=jbackend-bridge`), or correct `snapshot_file` in `[database]`
    notice: there is no snapshot of the database yet
      at `NOWHERE/x.db`
      → start the service: it takes one at once
    ");
}

/// The web server would send it to every visitor.
#[tokio::test]
async fn one_in_the_site_s_folder_is_told() {
    let site = sound(Schema::Joomla5).await;
    let file = site.folder.path().join("snapshot.db");
    let toml = format!("[database]\nsnapshot = 'on'\nsnapshot_file = '{}'\n", file.display());
    insta::assert_snapshot!(findings(&site, &toml, &["--offline"], "configuration").await, @r"
    warning: the snapshot of the database lies in the site's folder: the web server may hand it out to all visitors
      at `DIR/snapshot.db`
      → move it out of there, for example into `/etc/jbackend-bridge`
    ");
}
