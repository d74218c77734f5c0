//! `sql/grants.sql`: its account serves every method, and has no further rights.

use jbackend_bridge::jbackend::access::Sessions;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use testkit::client::Client;
use testkit::fixture::{self, Schema};
use testkit::mariadb::MariaDb;

use super::serve::answers_all_methods;
use super::{Running, serve, write_configuration_php};
use crate::common::site::Site;

/// Reads the file's statements for a version of Joomla, by the file's own instructions.
pub(super) fn statements(schema: Schema) -> Vec<String> {
    let text = include_str!("../../../sql/grants.sql");
    let (common, rest) = text.split_once("-- Joomla 3.2 to 4.1").unwrap();
    let (old, new) = rest.split_once("-- Joomla 4.0 and later").unwrap();
    let part = if schema == Schema::Joomla3 { old } else { new };
    let part = part.split_once('\n').unwrap().1;
    let code = format!("{common}{part}");
    let code: Vec<_> = code.lines().filter(|line| !line.starts_with("--")).collect();
    let code = code.join("\n");
    let statements = code.split(';').filter(|statement| !statement.trim().is_empty());
    statements.map(str::to_owned).collect()
}

/// Runs the file's statements for an account that only this test uses.
pub(super) async fn grant(database: &str, schema: Schema, user: &str) {
    let mut admin = MariaDb::shared().admin(None).await;
    for statement in statements(schema) {
        let statement = statement
            .replace("`joomla`", &format!("`{database}`"))
            .replace("`jos_", &format!("`{}", fixture::prefix()))
            .replace("'localhost'", "'%'")
            .replace("'jbackend_bridge'", &format!("'{user}'"))
            .replace("'jbackend_writer'", &format!("'{user}_writer'"));
        admin.query_drop(statement).await.unwrap();
    }
    admin.disconnect().await.unwrap();
}

#[tokio::test]
async fn regression_dates_of_menu_items_that_may_not_be_read_were_taken_for_none() {
    let mut site = Site::new(Schema::Joomla5).await;
    let database = site.config.database.name.clone().unwrap();
    grant(&database, Schema::Joomla5, "dateless").await;
    let revoke = format!(
        "REVOKE SELECT (publish_up, publish_down) ON `{database}`.`{}menu` FROM 'dateless'@'%'",
        fixture::prefix()
    );
    let mut admin = MariaDb::shared().admin(None).await;
    admin.query_drop(revoke).await.unwrap();
    admin.disconnect().await.unwrap();
    site.config.database.user = Some("dateless".into());
    site.config.database.password = Some("choose-a-password".into());
    let refused =
        jbackend_bridge::service::App::start(&site.config).await.err().unwrap().to_string();
    assert!(refused.contains("publish_up") || refused.contains("publish_down"), "{refused}");
}

async fn account(database: &str, user: &str, password: &str) -> Conn {
    let server = MariaDb::shared();
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(server.port)
        .user(Some(user))
        .pass(Some(password))
        .db_name(Some(database));
    Conn::new(options).await.unwrap()
}

#[tokio::test]
async fn the_account_of_least_rights_serves_every_method() {
    for (schema, user) in [(Schema::Joomla3, "reader3"), (Schema::Joomla5, "reader5")] {
        let mut site = Site::new(schema).await;
        let database = site.config.database.name.clone().unwrap();
        grant(&database, schema, user).await;
        site.config.database.user = Some(user.into());
        site.config.database.password = Some("choose-a-password".into());
        write_configuration_php(&site, &[]);
        let writer = format!("{user}_writer");
        let mails = site.folder.path().join("mails");
        let snapshot = site.folder.path().join("snapshot.db");
        let toml = format!(
            "[license]\nrecipe = '{}'\n[database]\nwriter_user = \"{writer}\"\n\
             writer_password = \"choose-another-password\"\nsnapshot = \"on\"\n\
             snapshot_passwords = true\nsnapshot_file = \"{}\"\n[mail]\ntransport = \"file\"\n\
             from = \"a@example.com\"\noutbox = \"{}\"\n",
            fixture::recipe(),
            snapshot.display(),
            mails.display()
        );
        site.run(
            "INSERT INTO #__session (session_id, time, client_id, guest, userid) \
             VALUES ('alice', UNIX_TIMESTAMP() - 100, 0, 0, 100)",
        )
        .await;
        let running = Running::start(serve(&site, &toml), "listening on ").await;
        let address = running.said.trim().trim_start_matches("listening on ").to_owned();
        let client = Client::new(&address);
        answers_all_methods(&client).await;
        let cookie = format!("{}=alice", Sessions::cookie_name(fixture::secret(), "site"));
        let headers = [("Cookie", cookie.as_str())];
        let target = "/apiuser/post/release/x";
        assert_eq!(client.send("GET", target, &headers, b"").await.code(), "REQ_RUN");
        let used = "SELECT 1 FROM #__session WHERE time > UNIX_TIMESTAMP() - 60";
        while site.rows(used).await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        for (target, code) in [
            ("/apikey/post/release/x?api_key=goodkey", "REQ_RUN"),
            ("/apikey/post/release/x?api_key=expired", "REQ_AKE"),
            ("/trace", "REQ_MNS"),
            ("/apiuser/post/release/x", "REQ_AUR"),
        ] {
            assert_eq!(client.send("GET", target, &[], b"").await.code(), code, "{target}");
        }
        while !snapshot.exists() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let (status, _, log) = running.stop("TERM").await;
        assert!(status.success() && !log.contains("ERROR"), "{log}");

        let mut rows = site.rows("SELECT COUNT(*) FROM #__jbackend_logs").await;
        assert_eq!(rows.pop().unwrap().take::<i64, _>(0), Some(1));

        let mut conn = account(&database, user, "choose-a-password").await;
        for (columns, table) in
            [("*", "users"), ("activation", "users"), ("params", "users"), ("name", "extensions")]
        {
            let statement = format!("SELECT {columns} FROM {}{table}", fixture::prefix());
            conn.query_drop(&statement).await.expect_err(&statement);
        }
        let update = format!("UPDATE {}users SET block = 1", fixture::prefix());
        conn.query_drop(&update).await.expect_err(&update);
        conn.disconnect().await.unwrap();

        let mut conn = account(&database, &writer, "choose-another-password").await;
        for statement in [
            "SELECT * FROM #__jbackend_logs",
            "SELECT name FROM #__users",
            "SELECT data FROM #__session",
            "UPDATE #__session SET guest = 0",
            "DELETE FROM #__session",
            "UPDATE #__jbackend_keys SET published = 1",
            "DELETE FROM #__jbackend_keys",
        ] {
            conn.query_drop(fixture::sql(statement)).await.expect_err(statement);
        }
        conn.disconnect().await.unwrap();
    }
}
