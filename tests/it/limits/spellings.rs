//! Whatever MariaDB takes for one name spends one budget.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jbackend_bridge::limits::Account;
use mysql_async::Row;
use mysql_async::prelude::Queryable;

use crate::common::mariadb::MariaDb;

/// Collations that accounts of Joomla sites are compared by: of fresh sites, of old ones, of those
/// that somebody has converted.
const COLLATIONS: [&str; 4] =
    ["utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_unicode_520_ci", "utf8mb4_uca1400_ai_ci"];

/// Every character of the basic plane, and some beyond it.
fn characters() -> impl Iterator<Item = char> {
    let beyond = ['😀', '😎', '\u{1D400}', '\u{E0001}', '\u{1D173}'];
    (1..=0xFFFF_u32).filter_map(char::from_u32).chain(beyond)
}

/// Groups of characters that a collation takes for one, each in the place of a letter of a name.
async fn equal(collation: &str) -> Vec<Vec<char>> {
    let database = MariaDb::shared().empty_database().await;
    let mut admin = database.admin().await;
    admin.query_drop("SET NAMES utf8mb4").await.unwrap();
    let table =
        "CREATE TABLE letters (code INT PRIMARY KEY, name VARCHAR(9) CHARACTER SET utf8mb4)";
    admin.query_drop(table).await.unwrap();
    let all: Vec<char> = characters().collect();
    for part in all.chunks(5000) {
        let mut insert = "INSERT INTO letters VALUES ".to_owned();
        for (nth, letter) in part.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            let mut bytes = [0; 4];
            let hex = base16ct::upper::encode_string(letter.encode_utf8(&mut bytes).as_bytes());
            let code = u32::from(*letter);
            write!(insert, "{comma}({code},CONCAT('a',_utf8mb4 x'{hex}','z'))").unwrap();
        }
        admin.query_drop(insert).await.unwrap();
    }
    let query = format!("SELECT code, HEX(WEIGHT_STRING(name COLLATE {collation})) FROM letters");
    let rows: Vec<Row> = admin.query(query).await.unwrap();
    admin.disconnect().await.unwrap();
    let mut groups = BTreeMap::<String, Vec<char>>::new();
    for row in rows {
        let (code, weight): (u32, String) = mysql_async::from_row(row);
        groups.entry(weight).or_default().push(char::from_u32(code).unwrap());
    }
    groups.into_values().collect()
}

#[tokio::test]
async fn what_a_collation_takes_for_one_is_one_account() {
    for collation in COLLATIONS {
        let groups = equal(collation).await;
        assert!(groups.len() > 1000, "{collation}: {} groups", groups.len());
        let mut wrong = Vec::new();
        for group in groups {
            let account = |letter: &char| Account::typed(Some(&format!("a{letter}z")));
            let first = account(&group[0]);
            let others: Vec<_> = group.iter().filter(|other| account(other) != first).collect();
            if !others.is_empty() {
                let codes = |letters: &[&char]| {
                    let codes =
                        letters.iter().take(6).map(|l| format!("{l}={:04X}", u32::from(**l)));
                    codes.collect::<Vec<_>>().join(" ")
                };
                wrong.push(format!(
                    "{} and {} others: {}",
                    codes(&[&group[0]]),
                    others.len(),
                    codes(&others)
                ));
            }
        }
        assert!(wrong.is_empty(), "{collation}: {}\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn other_names_are_others() {
    let names = [
        "alice",
        "bob",
        "alice@example.test",
        "alice@example.org",
        "ali.ce",
        "иван",
        "олег",
        "張",
        "李",
        "a1",
        "a2",
    ];
    for one in names {
        for other in names {
            let same = Account::typed(Some(one)) == Account::typed(Some(other));
            assert_eq!(same, one == other, "{one} {other}");
        }
    }
}
