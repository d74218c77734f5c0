//! Faults of the ledger's file: each is told in one sentence, and no answered write is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use super::House;
use crate::cli::{program, run};

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let house = House::new();
    house.json(&["status"]).await;
    house.file().pragma_update(None, "user_version", 7).unwrap();
    let refused = house.ledger(&["status"]).await;
    assert_eq!(refused.code, Some(2));
    let why = "has tables of version 7, this program knows them up to version 1";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
}

#[tokio::test]
async fn a_file_of_another_program_is_refused_and_left_alone() {
    let house = House::new();
    house.file().execute_batch("CREATE TABLE jos_users (id)").unwrap();
    let before = fs::read(house.path("bridge.db")).unwrap();
    let refused = house.ledger(&["status"]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("is not a ledger"), "{}", refused.stderr);
    assert_eq!(fs::read(house.path("bridge.db")).unwrap(), before);
}

#[tokio::test]
async fn a_ledger_that_another_program_locks_is_read_and_not_written() {
    let house = House::new();
    house.json(&["status"]).await;
    let other = house.file();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(house.json(&["status"]).await["revision"], 1);
    let refused = house.ledger(&["confirm"]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("another program keeps it locked"), "{}", refused.stderr);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(house.json(&["confirm"]).await["revision"], 2);
}

/// A limit of the size of files stands for a full disk: the system refuses the write.
#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_answered() {
    let house = House::new();
    let full = |arguments: &str| {
        let script = format!("ulimit -f 8; exec \"$0\" {arguments} --config \"$1\"");
        let mut command = program(&[]);
        let binary = command.as_std().get_program().to_owned();
        command = tokio::process::Command::new("sh");
        command.args(["-c", &script]).arg(binary).arg(&house.toml);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    // Not even the tables fit.
    let refused = run(full("ledger status")).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("its disk is full or broken"), "{}", refused.stderr);
    assert_eq!(house.json(&["confirm"]).await["revision"], 2);
    // The copy for a backup does not fit.
    let backup = house.path("monday.db");
    let refused = run(full(&format!("ledger backup {}", backup.display()))).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(!backup.exists());
    let status = house.json(&["status"]).await;
    assert_eq!((&status["revision"], &status["damage"]), (&2.into(), &serde_json::json!([])));
}

#[tokio::test]
async fn a_damaged_ledger_is_told_with_exit_code_1_or_2_and_the_way_out() {
    let house = House::new();
    house.json(&["status"]).await;
    let mut bytes = fs::read(house.path("bridge.db")).unwrap();
    // Every page but the first, which has the header.
    bytes[4096..].fill(0x5a);
    fs::write(house.path("bridge.db"), &bytes).unwrap();
    let told = house.ledger(&["status"]).await;
    assert_ne!(told.code, Some(0), "{}", told.stdout);
    let text = told.stdout + &told.stderr;
    assert!(text.contains("`jbackend-bridge ledger restore`"), "{text}");
}

/// Whatever a killed command has printed was committed.
#[tokio::test]
async fn commands_that_are_killed_lose_nothing_they_answered() {
    let house = House::new();
    house.json(&["status"]).await;
    let mut answered = 1;
    for round in 0..12_u64 {
        let arguments = ["ledger", "confirm", "--json", "--config", &house.toml];
        let mut child = program(&arguments).spawn().unwrap();
        // Each round ends at another point of the run; the last ones end by themselves.
        for _ in 0..round * round * 40 {
            tokio::task::yield_now().await;
        }
        let _ = child.start_kill();
        let output = child.wait_with_output().await.unwrap();
        if let Ok(confirmed) = serde_json::from_slice::<serde_json::Value>(&output.stdout) {
            answered = confirmed["revision"].as_i64().unwrap();
        }
        let status = house.json(&["status"]).await;
        assert!(status["revision"].as_i64().unwrap() >= answered, "{status}");
        assert_eq!(status["damage"], serde_json::json!([]));
    }
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_told() {
    let house = House::new();
    let state = house.path("state");
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write everywhere; the owner of the folder may not.
    if std::os::unix::fs::chown(&state, Some(65534), Some(65534)).is_ok() {
        fs::set_permissions(house.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = program(&["ledger", "status", "--config", &house.toml]);
    command.env("JBRIDGE_LEDGER_URL", format!("sqlite:{}/bridge.db", state.display()));
    let refused = run(command).await;
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    let advice = "give the service's user the right to write the file and its folder";
    assert!(refused.stderr.contains(advice), "{}", refused.stderr);
}
