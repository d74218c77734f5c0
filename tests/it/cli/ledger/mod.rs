//! `ledger`: the commands as an operator runs them, with what can go wrong with its file.

mod audit;
mod copies;
mod faults;
mod owner;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::{Run, program, run};

/// A configuration with a ledger in a folder of its own.
struct House {
    folder: TempDir,
    toml: String,
}

impl House {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let ledger = format!("url = 'sqlite:{}'", folder.path().join("bridge.db").display());
        Self::with(folder, &ledger)
    }

    fn with(folder: TempDir, ledger: &str) -> Self {
        fs::write(folder.path().join("configuration.php"), "<?php\nclass JConfig {\n}\n").unwrap();
        let toml = folder.path().join("bridge.toml");
        let root = folder.path().display();
        fs::write(&toml, format!("[joomla]\nroot = '{root}'\n[ledger]\n{ledger}\n")).unwrap();
        let toml = toml.to_str().unwrap().to_owned();
        Self { folder, toml }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn ledger(&self, arguments: &[&str]) -> Run {
        let arguments = [&["ledger"], arguments, &["--config", &self.toml]].concat();
        run(program(&arguments)).await
    }

    /// Runs a command that must succeed, and reads its JSON.
    async fn json(&self, arguments: &[&str]) -> Value {
        let run = self.ledger(&[arguments, &["--json"]].concat()).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// The file, past the program.
    fn file(&self) -> Connection {
        Connection::open(self.path("bridge.db")).unwrap()
    }

    /// Gives the ledger an upload token that counts.
    fn put_token(&self, hash: u8) {
        let put = "INSERT INTO tokens (hash, epoch, may, created_at, created_by) \
             VALUES (?1, (SELECT epoch FROM ledger), 'publish', 0, 'test')";
        self.file().execute(put, [[hash; 32]]).unwrap();
    }
}

#[tokio::test]
async fn a_new_ledger_is_made_and_shown() {
    let house = House::new();
    let status = house.json(&["status"]).await;
    let expected = serde_json::json!({
        "schema": 1, "epoch": 1, "revision": 1, "releases": 0, "tokens": 0,
        "suspended_tokens": 0, "audit_rows": 0, "damage": [],
    });
    assert_eq!(status, expected);
    let mode = fs::metadata(house.path("bridge.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "only its owner reads it");
    let shown = house.ledger(&["status"]).await;
    assert!(shown.stdout.contains("upload tokens 0, of which suspended: 0"), "{}", shown.stdout);
}

#[tokio::test]
async fn without_a_ledger_the_commands_say_how_to_get_one() {
    for ledger in ["", "url = ''"] {
        let house = House::with(TempDir::new().unwrap(), ledger);
        let refused = house.ledger(&["status"]).await;
        assert_eq!(refused.code, Some(2), "{ledger}");
        assert!(refused.stderr.contains("set `url` in `[ledger]`"), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn addresses_that_name_no_ledger_are_refused_without_being_shown() {
    for (url, advice) in [
        ("mysql://bridge:s3cret@db/ledger", "not possible in this version"),
        ("sqlite:bridge.db", "the whole path"),
        ("sqlite:///var/s3cret.db", "the whole path"),
        ("/var/s3cret.db", "write `sqlite:`"),
    ] {
        let house = House::with(TempDir::new().unwrap(), &format!("url = '{url}'"));
        let refused = house.ledger(&["status"]).await;
        assert_eq!(refused.code, Some(2), "{url}");
        assert!(refused.stderr.contains(advice), "{}", refused.stderr);
        assert!(!refused.stderr.contains("s3cret"), "{}", refused.stderr);
    }
}

#[tokio::test]
async fn the_ledger_stands_in_the_state_directory_by_default() {
    let house = House::with(TempDir::new().unwrap(), "");
    let state = house.path("state");
    fs::create_dir(&state).unwrap();
    let mut command = program(&["ledger", "status", "--config", &house.toml]);
    command.env("STATE_DIRECTORY", &state);
    let shown = run(command).await;
    assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""));
    assert!(state.join("bridge.db").exists());
}

#[tokio::test]
async fn programs_that_start_at_once_make_the_tables_once() {
    for _ in 0..5 {
        let house = House::new();
        let status = || house.json(&["status"]);
        let (a, b, c, d) = tokio::join!(status(), status(), status(), status());
        assert_eq!([&a, &b, &c], [&d; 3]);
    }
}

#[tokio::test]
async fn rows_of_the_audit_log_are_neither_altered_nor_removed() {
    let house = House::new();
    house.json(&["status"]).await;
    let file = house.file();
    let put = "INSERT INTO audit (at, actor, what, hmac) VALUES (0, 'test', 'test', ?1)";
    file.execute(put, [[0_u8; 32]]).unwrap();
    for change in ["UPDATE audit SET what = 'other'", "DELETE FROM audit"] {
        file.execute(change, []).unwrap_err();
    }
    assert_eq!(house.json(&["status"]).await["audit_rows"], 1);
}
