//! E-mails that several accounts share.

use super::{Schema, findings, sound};

#[tokio::test]
async fn addresses_are_masked_unless_they_are_asked_for() {
    for schema in [Schema::Joomla3, Schema::Joomla5, Schema::Sqlite] {
        let site = sound(schema).await;
        site.run("UPDATE #__users SET email = 'Bob@Example.test' WHERE id = 107").await;
        let masked = findings(&site, "", &["--offline"], "accounts").await;
        insta::allow_duplicates!(insta::assert_snapshot!(masked, @r##"
warning: 2 accounts: e-mails that differ in upper and lower case only
  at user ids 101, 107
  → give each account an e-mail of its own, or delete those that are not used; the key goes to the first that is enabled and in the user group
         101  `b***@example.test`
         107  `B***@Example.test`
"##));
        let whole = findings(&site, "", &["--offline", "--show-emails"], "accounts").await;
        assert!(whole.contains("101  `bob@example.test`\n") && !masked.contains("bob"), "{whole}");
    }
}

#[tokio::test]
async fn what_the_collation_takes_for_equal() {
    let site = sound(Schema::Joomla5).await;
    for (id, email) in [
        (104, "ａlice@example.test"),
        (105, "alice@example.test "),
        (106, "ALICE@example.test"),
        (107, "josé@example.test"),
        (108, "jose@example.test"),
        (109, "straße@example.test"),
        (110, "strasse@example.test"),
    ] {
        site.run(&format!("UPDATE #__users SET email = '{email}' WHERE id = {id}")).await;
    }
    insta::assert_snapshot!(findings(&site, "", &["--offline"], "accounts").await, @r##"
warning: 4 accounts: look-alike e-mails, which the database takes for equal
  at user ids 100, 104, 105, 106
  → give each account an e-mail of its own, or delete those that are not used; the key goes to the first that is enabled and in the user group
         100  `a***@example.test`
         104  `ａ***@example.test`
         105  `a***@example.test `
         106  `A***@example.test`
warning: 3 accounts: look-alike e-mails, which the database takes for equal
  at user ids 107, 108, 111
  → give each account an e-mail of its own, or delete those that are not used; the key goes to the first that is enabled and in the user group
         107  `j***@example.test`
         108  `j***@example.test`
         111  `j***@exämple.test`
warning: 2 accounts: look-alike e-mails, which the database takes for equal
  at user ids 109, 110
  → give each account an e-mail of its own, or delete those that are not used; the key goes to the first that is enabled and in the user group
         109  `s***@example.test`
         110  `s***@example.test`
notice: 1 account without a valid e-mail: it is empty or holds a blank, so that no key can be mailed there
  at user ids 105
  → correct it in Joomla's user manager
         105  `a***@example.test `
"##);
}

#[tokio::test]
async fn many_are_counted_and_some_are_shown() {
    let site = sound(Schema::Joomla5).await;
    let rows: Vec<_> = (1000..1060)
        .map(|id| format!("({id}, 'n', 'u{id}', 'twin{}@example.test', NOW(), '')", id / 2))
        .collect();
    site.run(&format!(
        "INSERT INTO #__users (id, name, username, email, registerDate, params) VALUES {}",
        rows.join(",")
    ))
    .await;
    let found = findings(&site, "", &["--offline"], "accounts").await;
    assert_eq!(found.matches("2 accounts: the same e-mail").count(), 10);
    let last: Vec<_> = found.lines().rev().take(3).collect();
    assert_eq!(last[2], "notice: 20 more e-mails are shared by several accounts");
}

/// `check` reads at most 200 rows.
#[tokio::test]
async fn what_was_not_counted_to_the_end_is_told_as_at_least() {
    let site = sound(Schema::Sqlite).await;
    let many = |first: u32, email: &str| {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first} + 249) \
             INSERT INTO #__users (id, name, username, email, password) \
             SELECT i, 'N', 'u' || i, {email}, '' FROM n"
        )
    };
    site.run(&many(10_000, "'same@example.test'")).await;
    site.run(&many(20_000, "'\u{441}' || i || '@example.test'")).await;
    site.run(&many(30_000, "'a ' || i || '@example.test'")).await;
    let found = findings(&site, "", &["--offline"], "accounts").await;
    for told in [
        "warning: at least 200 accounts: the same e-mail",
        "skipped: look-alike e-mails: at least 200 accounts hold letters beyond ASCII",
        "notice: at least 200 accounts without a valid e-mail",
    ] {
        assert!(found.contains(told), "{told}: {found}");
    }
}
