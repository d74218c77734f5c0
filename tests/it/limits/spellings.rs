//! All spellings that MariaDB takes for one name spend one budget.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jbackend_bridge::limits::AccountName;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use testkit::mariadb::MariaDb;

/// Collations of accounts on Joomla sites: fresh ones, old ones, and converted ones.
const COLLATIONS: [&str; 4] =
    ["utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_unicode_520_ci", "utf8mb4_uca1400_ai_ci"];

/// Lists every character of the basic plane, and some beyond it.
fn characters() -> Vec<char> {
    let beyond = ['😀', '😎', '\u{1D400}', '\u{E0001}', '\u{1D173}'];
    (1..=0xFFFF_u32).filter_map(char::from_u32).chain(beyond).collect()
}

async fn fill(admin: &mut Conn) {
    let table =
        "CREATE TABLE letters (code INT PRIMARY KEY, letter VARCHAR(1) CHARACTER SET utf8mb4)";
    admin.query_drop(table).await.unwrap();
    for part in characters().chunks(5000) {
        let mut insert = "INSERT INTO letters VALUES ".to_owned();
        for (nth, letter) in part.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            let hex = base16ct::upper::encode_string(letter.to_string().as_bytes());
            write!(insert, "{comma}({},_utf8mb4 x'{hex}')", u32::from(*letter)).unwrap();
        }
        admin.query_drop(insert).await.unwrap();
    }
}

/// Reads the weights of each character: two names are equal if their weights are, one after the
/// other.
async fn weights(admin: &mut Conn, collation: &str) -> BTreeMap<char, Vec<String>> {
    let query = format!("SELECT code, HEX(WEIGHT_STRING(letter COLLATE {collation})) FROM letters");
    let rows: Vec<Row> = admin.query(query).await.unwrap();
    let weights = rows.into_iter().map(|row| {
        let (code, weights): (u32, String) = mysql_async::from_row(row);
        let each = weights.as_bytes().chunks(4);
        let each = each.map(|weight| String::from_utf8(weight.to_vec()).unwrap());
        (char::from_u32(code).unwrap(), each.collect())
    });
    weights.collect()
}

/// No spelling of an ASCII name is found by the database and has another budget.
#[tokio::test]
async fn every_spelling_of_an_ascii_name_is_the_same_account() {
    let database = MariaDb::shared().empty_database().await;
    let mut admin = database.admin().await;
    fill(&mut admin).await;
    for collation in COLLATIONS {
        let weights = weights(&mut admin, collation).await;
        let ascii: BTreeMap<&str, char> = ('\u{20}'..='\u{7E}')
            .map(|letter| match weights[&letter].as_slice() {
                [weight] => (weight.as_str(), letter),
                others => panic!("{letter}: {others:?}"),
            })
            .collect();
        let (mut spellings, mut wrong) = (0, Vec::new());
        for (letter, weights) in &weights {
            let plain: Option<String> =
                weights.iter().map(|weight| ascii.get(weight.as_str())).collect();
            let Some(plain) = plain else { continue };
            spellings += 1;
            let typed = AccountName::typed(Some(&format!("a{letter}z")));
            if typed != AccountName::typed(Some(&format!("a{plain}z"))) {
                wrong
                    .push(format!("{letter} ({:04X}) is {plain:?}: {typed:?}", u32::from(*letter)));
            }
        }
        assert!(spellings > 500, "{collation}: {spellings}");
        assert!(wrong.is_empty(), "{collation}:\n{}", wrong.join("\n"));
    }
    admin.disconnect().await.unwrap();
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
            let same = AccountName::typed(Some(one)) == AccountName::typed(Some(other));
            assert_eq!(same, one == other, "{one} {other}");
        }
    }
}

#[test]
fn spellings_of_one_name() {
    for (one, other) in [
        ("alice", " ALICE\t"),
        ("José", "jose\u{301}"),
        ("straße", "STRASSE"),
        ("strase", "straße"),
        ("a+b@example.test", "a b@example.test"),
        ("user1", "user\u{661}"),
        ("\u{ff41}lice", "\u{24d0}l\u{200d}ice\0"),
        ("😀", "😎"),
        ("иван", "ИВАН"),
        ("", " "),
    ] {
        assert_eq!(AccountName::typed(Some(one)), AccountName::typed(Some(other)), "{one} {other}");
    }
    assert_eq!(AccountName::typed(None), AccountName::typed(Some("")));
}
