//! `ledger backup`, `restore`, `confirm` and `export`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::House;

#[tokio::test]
async fn a_restore_begins_an_epoch_and_suspends_tokens_until_they_are_confirmed() {
    let house = House::new();
    house.json(&["status"]).await;
    house.put_token(1);
    let backup = house.path("monday.db");
    let backup = backup.to_str().unwrap();
    let taken = house.json(&["backup", backup]).await;
    assert_eq!(fs::metadata(backup).unwrap().permissions().mode() & 0o777, 0o600);

    // A later token is lost, a later revision is not taken back.
    house.put_token(2);
    let later = house.json(&["confirm"]).await["revision"].as_i64().unwrap();
    let restored = house.json(&["restore", backup]).await;
    assert_eq!((&restored["epoch"], &restored["suspended_tokens"]), (&2.into(), &1.into()));
    let seconds = |time: &serde_json::Value| time.as_str().unwrap()[..19].to_owned();
    assert_eq!(seconds(&restored["complete_until"]), seconds(&taken["complete_until"]));
    let status = house.json(&["status"]).await;
    assert_eq!((&status["tokens"], &status["suspended_tokens"]), (&1.into(), &1.into()));
    assert!(status["revision"].as_i64().unwrap() > later, "{status}");

    let confirmed = house.json(&["confirm"]).await;
    assert_eq!(confirmed["tokens"], 1);
    assert_eq!(house.json(&["status"]).await["suspended_tokens"], 0);
}

#[tokio::test]
async fn a_restore_says_which_time_must_be_repeated() {
    let house = House::new();
    let backup = house.path("monday.db");
    let backup = backup.to_str().unwrap();
    let written = house.ledger(&["backup", backup]).await;
    let (_, until) = written.stdout.trim().split_once("complete until ").unwrap();
    let restored = house.ledger(&["restore", backup]).await;
    assert_eq!((restored.code, restored.stderr.as_str()), (Some(0), ""));
    let line = format!("repeat every revocation and withdrawal made from {until} until ");
    assert!(restored.stdout.contains(&line), "{}", restored.stdout);
}

#[tokio::test]
async fn a_restore_works_while_another_program_has_the_ledger_open() {
    let house = House::new();
    let backup = house.path("monday.db");
    house.json(&["backup", backup.to_str().unwrap()]).await;
    let service = house.file();
    let epoch =
        || -> i64 { service.query_row("SELECT epoch FROM ledger", [], |row| row.get(0)).unwrap() };
    assert_eq!(epoch(), 1);
    house.json(&["restore", backup.to_str().unwrap()]).await;
    assert_eq!(epoch(), 2);
    service.execute("UPDATE ledger SET revision = revision + 1", []).unwrap();
    assert_eq!(house.json(&["status"]).await["damage"], serde_json::json!([]));
}

#[tokio::test]
async fn a_backup_never_writes_over_a_file() {
    let house = House::new();
    let file = house.path("monday.db");
    fs::write(&file, "something else").unwrap();
    let refused = house.ledger(&["backup", file.to_str().unwrap()]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("cannot write the backup"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "something else");
    assert_no_temporary_files(&house);
}

#[tokio::test]
async fn files_that_are_no_sound_backup_change_nothing() {
    let house = House::new();
    house.json(&["status"]).await;
    house.put_token(1);
    let before = house.json(&["export"]).await;

    let good = house.path("good.db");
    house.json(&["backup", good.to_str().unwrap()]).await;
    let bytes = fs::read(&good).unwrap();
    fs::write(house.path("cut.db"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(
        house.path("text.db"),
        "no database at all, but longer than a header of SQLite\n".repeat(9),
    )
    .unwrap();
    fs::write(house.path("empty.db"), "").unwrap();
    let other = rusqlite::Connection::open(house.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(other);
    for (name, why) in [
        ("cut.db", "is damaged"),
        ("text.db", "is damaged"),
        ("empty.db", "is not a ledger"),
        ("other.db", "is not a ledger"),
        ("missing.db", "No such file"),
    ] {
        let refused = house.ledger(&["restore", house.path(name).to_str().unwrap()]).await;
        assert_eq!(refused.code, Some(2), "{name}: {}", refused.stdout);
        assert!(refused.stderr.contains(why), "{name}: {}", refused.stderr);
        assert_eq!(house.json(&["export"]).await, before, "{name}");
    }
    assert_no_temporary_files(&house);
}

#[tokio::test]
async fn an_export_has_every_table_and_row() {
    let house = House::new();
    house.json(&["status"]).await;
    house.put_token(0xab);
    let all = house.json(&["export"]).await;
    assert_eq!(all["schema"], 1);
    let tables: Vec<_> = all["tables"].as_object().unwrap().keys().collect();
    let expected = [
        "audit",
        "extensions",
        "ledger",
        "pins",
        "releases",
        "token_extensions",
        "tokens",
        "webhook_queue",
    ];
    assert_eq!(tables, expected);
    assert_eq!(all["tables"]["tokens"][0]["hash"], "ab".repeat(32));
    assert_eq!(all["tables"]["tokens"][0]["revoked_at"], serde_json::Value::Null);
}

fn assert_no_temporary_files(house: &House) {
    let names = fs::read_dir(house.folder.path()).unwrap();
    let left: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".ledger-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
