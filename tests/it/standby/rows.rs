//! A standby copy holds the same as the database: settings, end-points and accounts.

use std::path::Path;
use std::time::Duration;

use jbackend_bridge::store::{Joomla, MySqlStore, SqliteStore, TablePrefix};
use testkit::fixture::{self, Schema};
use testkit::mariadb::MariaDb;

use super::{file, serve, site};
use crate::common::store::StoreSettings as _;

fn open(file: &Path) -> SqliteStore {
    let prefix: TablePrefix = fixture::prefix().parse().unwrap();
    SqliteStore::open(file, &prefix, Duration::from_secs(5)).unwrap()
}

#[tokio::test]
async fn everything_that_answers_are_made_of_is_there() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let database = MariaDb::shared().database(schema).await;
        if schema == Schema::Joomla5 {
            database
                .run(
                    "UPDATE #__menu SET publish_up = '2020-01-01 00:00:00', \
                     publish_down = UTC_TIMESTAMP() + INTERVAL 1 HOUR WHERE id = 205",
                )
                .await;
            database.run("UPDATE #__menu SET publish_down = '2020-01-01' WHERE id = 206").await;
            database
                .run("UPDATE #__menu SET publish_up = UTC_TIMESTAMP() + INTERVAL 1 HOUR WHERE id = 207")
                .await;
        }
        database
            .run(
                "INSERT INTO #__languages (lang_code, title, sef, published) \
                 VALUES ('fr-FR', 'x', 'fr', 1), ('de-DE', 'x', 'de', 0)",
            )
            .await;
        database
            .run("UPDATE #__extensions SET element = 'languagefilter' WHERE folder = 'system'")
            .await;
        let server = serve(site(&database)).await;
        let live = MySqlStore::connect(database.settings()).await.unwrap();
        let copy = open(&file(&server.site));
        assert_eq!(copy.site_rows().await.unwrap(), live.site_rows().await.unwrap());
        let menu = live.endpoint_rows().await.unwrap();
        assert_eq!(copy.endpoint_rows().await.unwrap(), menu);
        assert_eq!(menu.languages.len(), 1);
        assert!(menu.menu.len() > 10);
        if schema == Schema::Joomla5 {
            // An item that ends while the copy answers ends in the copy, too.
            let ends: bool = rusqlite::Connection::open(file(&server.site))
                .unwrap()
                .query_row(
                    &fixture::sql(
                        "SELECT publish_down > DATETIME('now') FROM #__menu WHERE id = 205",
                    ),
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            assert!(ends);
        }
        for id in 40..130 {
            let account = live.user_by_id(id).await.unwrap();
            assert_eq!(copy.user_by_id(id).await.unwrap(), account, "{schema:?}, account {id}");
        }
        server.stopped().await;
    }
}

/// The copy holds only the needed columns, and only its owner may read it.
#[tokio::test]
async fn needed_columns_alone_for_the_owner_alone() {
    use std::os::unix::fs::MetadataExt;
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    let server = serve(site(&database)).await;
    let file = file(&server.site);
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    let content = std::fs::read(&file).unwrap();
    let holds = |text: &str| content.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("alice@example.test"));
    assert!(!holds("$2y$") && !holds("$P$"), "password hashes are in the file");
    let mut names: Vec<_> = std::fs::read_dir(server.site.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("snapshot"))
        .collect();
    names.sort();
    assert_eq!(names, ["snapshot.db", "snapshot.db.lock"]);
}
