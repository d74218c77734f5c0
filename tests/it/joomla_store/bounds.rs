//! Very many rows: the number that leaves the database is bounded, other accounts lose nothing, and
//! the log tells it once.

use jbackend_bridge::store::{Ids, Joomla, MySqlStore};
use mysql_async::prelude::Queryable;
use testkit::mariadb::{Database, MariaDb};

use super::{Schema, sites};
use crate::common::log::Log;
use crate::common::store::StoreSettings as _;

/// Counts the rows that the server has sent and read so far.
async fn rows(database: &Database<'_>) -> (u64, u64) {
    let mut admin = database.admin().await;
    let mut count = async |name: &str| {
        let sql = format!("SHOW GLOBAL STATUS LIKE '{name}'");
        let (_, count): (String, u64) = admin.query_first(sql).await.unwrap().unwrap();
        count
    };
    let sent = count("Rows_sent").await;
    (sent, count("Rows_read").await)
}

#[tokio::test]
async fn an_account_with_a_million_memberships_costs_others_nothing() {
    let log = Log::keep();
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    database
        .run(
            "INSERT INTO #__user_usergroup_map (user_id, group_id) \
             SELECT 101, seq FROM seq_1_to_1000000 \
             ON DUPLICATE KEY UPDATE group_id = VALUES(group_id)",
        )
        .await;
    database.run("UPDATE #__users SET email = 'both@example.test' WHERE id IN (100, 101)").await;
    let store = MySqlStore::connect(database.settings()).await.unwrap();
    let before = rows(&database).await;
    let users = store.users_by_email("both@example.test").await.unwrap();
    let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
    assert_eq!(ids, [100, 101]);
    assert_eq!(users[0].groups, [2, 12]);
    assert_eq!(users[1].groups, (1..=1000).collect::<Vec<u32>>());
    let accounts = store.users_by_username("bob").await.unwrap();
    assert_eq!(accounts[0].user.groups.len(), 1000);
    assert_eq!(store.user_by_id(101).await.unwrap().unwrap().groups.len(), 1000);
    assert_eq!(store.users_from(100).await.unwrap()[0].groups, [2, 12]);
    let after = rows(&database).await;
    assert!(after.0 - before.0 < 20_000, "{} rows sent", after.0 - before.0);
    assert!(after.1 - before.1 < 60_000, "{} rows read", after.1 - before.1);
    // Samples search the members of a range of ids, so they read more.
    let ids = Ids { first: 100, last: 200 };
    assert_eq!(store.members_between(12, ids).await.unwrap()[1].groups.len(), 1000);
    assert_eq!(log.count(&["more user groups than are looked at", "account=101"]), 1);
    assert_eq!(log.count(&["than are looked at"]), 1, "{}", log.text());
}

#[tokio::test]
async fn a_hundred_thousand_accounts_of_one_e_mail_are_not_ranked_all() {
    let log = Log::keep();
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla3).await;
    database
        .run(
            "INSERT INTO #__users (id, name, username, email, password, params) \
             SELECT seq, 'n', CONCAT('u', seq), 'alice@example.test', 'x', '' \
             FROM seq_1000_to_100999",
        )
        .await;
    let store = MySqlStore::connect(database.settings()).await.unwrap();
    let before = rows(&database).await;
    for _ in 0..3 {
        let users = store.users_by_email("alice@example.test").await.unwrap();
        assert_eq!(users.len(), 20);
        assert_eq!((users[0].id, users[0].groups.as_slice()), (100, &[2, 12][..]));
    }
    let after = rows(&database).await;
    assert!(after.0 - before.0 < 1_000, "{} rows sent", after.0 - before.0);
    assert!(after.1 - before.1 < 20_000, "{} rows read", after.1 - before.1);
    assert_eq!(log.count(&["more accounts than are looked at"]), 1, "{}", log.text());
}

/// This holds on every kind of database: no account's groups are cut because of another's.
#[tokio::test]
async fn many_memberships_of_one_account_cut_off_no_other_s() {
    for site in sites().await {
        for thousand in 0..3 {
            let values: Vec<String> = (1..=1000)
                .map(|group| format!("(102, {})", 10_000 + thousand * 1000 + group))
                .collect();
            site.run(&format!(
                "INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES {}",
                values.join(", ")
            ))
            .await;
        }
        let users = site.store.users_from(100).await.unwrap();
        let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
        assert_eq!(ids, (100..=117).collect::<Vec<_>>(), "{:?}", site.schema);
        assert_eq!(users[0].groups, [2, 12]);
        assert_eq!(users[2].groups.len(), 1000);
        assert_eq!(users[12].groups, [0_u32; 0]);
        let one = site.store.user_by_id(102).await.unwrap().unwrap();
        assert_eq!(one.groups, users[2].groups);
    }
}

/// The site's own tables are read every few seconds.
#[tokio::test]
async fn tables_of_a_site_are_cut_and_jbackend_s_rows_stay() {
    let log = Log::keep();
    let database = MariaDb::shared().database(Schema::Joomla3).await;
    let store = MySqlStore::connect(database.settings()).await.unwrap();
    let before = store.endpoint_rows().await.unwrap();
    let site = store.site_rows().await.unwrap();
    let own = before.menu.iter().filter(|item| !item.is_alias).count();
    assert!(own > 0);
    for statement in [
        "INSERT INTO #__usergroups (id, parent_id, lft, rgt, title) \
         SELECT 1000 + seq, 1, 0, 0, seq FROM seq_1_to_20000",
        "INSERT INTO #__viewlevels (id, title, rules) \
         SELECT 1000 + seq, seq, '[]' FROM seq_1_to_20000",
        // These aliases have lower ids than every end-point.
        "UPDATE #__menu SET id = id + 1000000 ORDER BY id DESC",
        "INSERT INTO #__menu (id, menutype, title, alias, path, link, type, published, params, img) \
         SELECT seq, 'm', seq, seq, seq, 'index.php?Itemid=', 'alias', 1, '{}', '' \
         FROM seq_1_to_20000",
    ] {
        database.run(statement).await;
    }
    for _ in 0..2 {
        let rows = store.endpoint_rows().await.unwrap();
        assert_eq!(rows.menu.len(), 10_000);
        assert_eq!(rows.menu.iter().filter(|item| !item.is_alias).count(), own);
        assert!(rows.menu.is_sorted_by_key(|item| item.id));
        let rows = store.site_rows().await.unwrap();
        assert_eq!((rows.groups.len(), rows.view_levels.len()), (10_000, 10_000));
        assert_eq!(rows.release_plugins, site.release_plugins);
    }
    assert_eq!(log.count(&["more rows than are looked at"]), 3, "{}", log.text());
}
