//! The audit log: each change leaves a row, the key stands outside the ledger, and `audit verify`
//! finds rows that were changed past the program.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::House;
use crate::cli::{Run, program, run};

/// A ledger with five rows.
async fn with_rows() -> House {
    let house = House::new();
    for _ in 0..5 {
        house.json(&["confirm"]).await;
    }
    house
}

impl House {
    async fn audit(&self, arguments: &[&str]) -> Run {
        run(program(&[&["audit"], arguments, &["--config", &self.toml]].concat())).await
    }

    /// Verifies the log, and gives the exit code and the JSON.
    async fn verify(&self, more: &[&str]) -> (i32, Value) {
        let run = self.audit(&[&["verify", "--json"], more].concat()).await;
        assert_eq!(run.stderr, "");
        (run.code.unwrap(), serde_json::from_str(&run.stdout).unwrap())
    }

    /// Lets the log be found unsound, and gives the findings.
    async fn findings(&self, more: &[&str]) -> String {
        let (code, report) = self.verify(more).await;
        assert_eq!(code, 1, "{report}");
        report["findings"].to_string()
    }

    /// The head, as the log of the service has it.
    async fn head(&self) -> String {
        let head = &self.verify(&[]).await.1["head"];
        format!("{}:{}", head["number"], head["hmac"].as_str().unwrap())
    }

    /// Changes the rows past the program, as someone with the file can.
    fn forge(&self, statements: &str) {
        let file = self.file();
        let drop = "DROP TRIGGER audit_is_not_altered; DROP TRIGGER audit_is_not_shortened;";
        file.execute_batch(drop).unwrap();
        file.execute_batch(statements).unwrap();
    }
}

/// The rows, as another program sees them.
async fn rows(house: &House) -> Vec<Value> {
    house.json(&["export"]).await["tables"]["audit"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_confirmation_leaves_a_row_and_makes_the_key() {
    let house = House::new();
    house.json(&["status"]).await;
    assert!(!house.path("audit.key").exists(), "without a row no key is needed");
    house.put_token(1);
    house.json(&["confirm"]).await;
    house.json(&["confirm"]).await;
    let rows = rows(&house).await;
    assert_eq!((&rows[0]["number"], &rows[1]["number"]), (&1.into(), &2.into()));
    assert_eq!(rows[0]["what"], "tokens.confirmed");
    assert!(rows[0]["actor"].as_str().unwrap().starts_with("command of "), "{}", rows[0]);
    assert_ne!(rows[0]["hmac"], rows[1]["hmac"]);
    let key = fs::metadata(house.path("audit.key")).unwrap();
    assert_eq!((key.permissions().mode() & 0o777, key.len()), (0o600, 32));
    let key = base16ct::lower::encode_string(&fs::read(house.path("audit.key")).unwrap());
    assert!(!house.json(&["export"]).await.to_string().contains(&key));
}

#[tokio::test]
async fn without_its_key_the_ledger_is_not_changed() {
    let house = House::new();
    house.json(&["confirm"]).await;
    let backup = house.path("monday.db");
    let backup = backup.to_str().unwrap();
    house.json(&["backup", backup]).await;
    let before = house.json(&["export"]).await;
    let key = fs::read(house.path("audit.key")).unwrap();
    fs::remove_file(house.path("audit.key")).unwrap();
    for command in [&["confirm"][..], &["restore", backup]] {
        let refused = house.ledger(command).await;
        assert_eq!(refused.code, Some(2), "{command:?}");
        assert!(refused.stderr.contains("the key of the audit log"), "{}", refused.stderr);
        assert_eq!(house.json(&["export"]).await, before, "{command:?}");
        assert!(!house.path("audit.key").exists(), "another key would hide the loss");
    }
    fs::write(house.path("audit.key"), &key[1..]).unwrap();
    let refused = house.ledger(&["confirm"]).await;
    assert!(refused.stderr.contains("fewer than 32 bytes"), "{}", refused.stderr);
    fs::write(house.path("audit.key"), key).unwrap();
    house.json(&["confirm"]).await;
}

#[tokio::test]
async fn a_restore_leaves_a_row_that_names_the_head_of_the_rows_that_were_lost() {
    let house = House::new();
    house.json(&["confirm"]).await;
    let backup = house.path("monday.db");
    let backup = backup.to_str().unwrap();
    house.json(&["backup", backup]).await;
    house.json(&["confirm"]).await;
    house.json(&["confirm"]).await;
    let lost = rows(&house).await.pop().unwrap();
    house.json(&["restore", backup]).await;
    let rows = rows(&house).await;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["what"], "ledger.restored");
    let before: Value = serde_json::from_str(rows[1]["before"].as_str().unwrap()).unwrap();
    assert_eq!(before["head"], serde_json::json!({ "number": 3, "hmac": lost["hmac"] }));
}

#[tokio::test]
async fn a_log_that_was_left_alone_is_sound() {
    let empty = House::new();
    assert_eq!(empty.verify(&[]).await.0, 0);
    let house = with_rows().await;
    let (code, report) = house.verify(&["--head", &house.head().await]).await;
    assert_eq!((code, &report["rows"]), (0, &5.into()), "{report}");
    let old = house.head().await;
    house.json(&["confirm"]).await;
    assert_eq!(house.verify(&["--head", &old]).await.0, 0, "rows were only added");
}

#[tokio::test]
async fn altered_rows_are_found() {
    for change in [
        "at = at - 3600",
        "actor = 'command of another'",
        "what = 'release.published'",
        "after = NULL",
        "before = ''",
        "actor = actor || 't', what = substr(what, 2)",
        "actor = CAST(x'ff' AS TEXT)",
        "hmac = randomblob(32)",
    ] {
        let house = with_rows().await;
        house.forge(&format!("UPDATE audit SET {change} WHERE number = 3"));
        let found = house.findings(&[]).await;
        let expected = if change.starts_with("hmac") { "rows 3 to 4" } else { "row 3" };
        assert!(found.contains(expected), "{change}: {found}");
    }
}

#[tokio::test]
async fn removed_rows_are_found() {
    for (removed, expected) in
        [("number = 1", "row 1 was removed"), ("number IN (3, 4)", "rows 3 to 4 were removed")]
    {
        let house = with_rows().await;
        house.forge(&format!("DELETE FROM audit WHERE {removed}"));
        let found = house.findings(&[]).await;
        assert!(found.contains(expected), "{found}");
    }
    // The rows after it moved up.
    let house = with_rows().await;
    house.forge(
        "DELETE FROM audit WHERE number = 3; \
         UPDATE audit SET number = number - 1 WHERE number > 3;",
    );
    let found = house.findings(&[]).await;
    assert!(found.contains("rows 3 to 4"), "{found}");
}

#[tokio::test]
async fn reordered_rows_are_found() {
    let house = with_rows().await;
    house.forge(
        "UPDATE audit SET number = 99 WHERE number = 2; \
         UPDATE audit SET number = 2 WHERE number = 4; \
         UPDATE audit SET number = 4 WHERE number = 99;",
    );
    let found = house.findings(&[]).await;
    assert!(found.contains("rows 2 to 5"), "{found}");
}

#[tokio::test]
async fn rows_that_were_cut_off_are_found_by_an_earlier_head() {
    let house = with_rows().await;
    let head = house.head().await;
    house.forge("DELETE FROM audit WHERE number > 3");
    assert_eq!(house.verify(&[]).await.0, 0, "the rest vouches for itself");
    let found = house.findings(&["--head", &head]).await;
    assert!(found.contains("cut off: it has had 5 rows, the last one is 3"), "{found}");
    // Also if the program went on meanwhile.
    house.put_token(1);
    house.file().execute("UPDATE tokens SET epoch = 0", []).unwrap();
    house.json(&["confirm"]).await;
    house.json(&["confirm"]).await;
    let found = house.findings(&["--head", &head]).await;
    assert!(found.contains("row 5 is not the row of the given head"), "{found}");
    let refused = house.audit(&["verify", "--head", "5:abc"]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("64 hexadecimal digits"), "{}", refused.stderr);
}

#[tokio::test]
async fn a_wrong_and_a_missing_key_are_found() {
    let house = with_rows().await;
    let key = house.path("audit.key");
    let right = fs::read(&key).unwrap();
    fs::write(&key, [7; 32]).unwrap();
    let found = house.findings(&[]).await;
    assert!(found.contains("it is not the key of this log"), "{found}");
    fs::remove_file(&key).unwrap();
    let found = house.findings(&[]).await;
    assert!(found.contains("the key of the audit log"), "{found}");
    assert!(!key.exists());
    fs::write(&key, right).unwrap();
    assert_eq!(house.verify(&[]).await.0, 0);
}

#[tokio::test]
async fn a_restore_keeps_a_log_that_can_be_verified() {
    let house = with_rows().await;
    let backup = house.path("monday.db");
    let backup = backup.to_str().unwrap();
    house.json(&["backup", backup]).await;
    house.json(&["confirm"]).await;
    let lost = house.head().await;
    house.json(&["confirm"]).await;
    house.json(&["restore", backup]).await;
    house.json(&["confirm"]).await;
    let (code, report) = house.verify(&["--head", &lost]).await;
    assert_eq!((code, &report["rows"]), (0, &7.into()), "{report}");
    assert_eq!(report["notes"][0], "row 6 was lost by the restore of row 6");
    // The reason counts only if its row is sound.
    house.forge("UPDATE audit SET actor = 'another' WHERE number = 6");
    let found = house.findings(&["--head", &lost]).await;
    assert!(found.contains("row 6 is not the row of the given head"), "{found}");
}

#[tokio::test]
async fn rows_are_listed_for_people_and_scripts() {
    let house = House::new();
    house.json(&["status"]).await;
    house.json(&["confirm"]).await;
    let text = house.audit(&["list"]).await.stdout;
    let mut lines = text.lines();
    assert!(lines.next().unwrap().contains("Z  tokens.confirmed  command of "), "{text}");
    assert!(lines.next().unwrap().contains(r#"after   {"epoch":1,"tokens":0}"#), "{text}");
    let json = async |since: &str| -> Value {
        let run = house.audit(&["list", "--json", "--since", since]).await;
        serde_json::from_str(&run.stdout).unwrap()
    };
    assert_eq!(json("2020-01-01").await[0]["after"]["epoch"], 1);
    assert_eq!(json("2999-01-01T00:00:00Z").await, serde_json::json!([]));
    let refused = house.audit(&["list", "--since", "yesterday"]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("write a date like"), "{}", refused.stderr);
}
