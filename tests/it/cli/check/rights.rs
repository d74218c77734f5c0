//! The rights of the accounts: those that are needed, and those beyond.

use mysql_async::prelude::Queryable;
use testkit::mariadb::MariaDb;

use super::super::grants::{grant, statements};
use super::{Schema, Site, check, findings, sound, write_joomla};

const WRITER: &str =
    "[database]\nwriter_user = 'jbackend_writer'\nwriter_password = 'choose-another-password'\n";

/// On such a server, every account has all rights in the database `test`.
#[tokio::test]
async fn grants_sql_as_it_stands_is_enough_and_no_more() {
    let server = MariaDb::with_test_database();
    let mut admin = server.admin(None).await;
    let databases: Vec<String> = admin.query("SHOW DATABASES").await.unwrap();
    assert!(databases.contains(&"test".to_owned()), "{databases:?}");
    let database = server.named_database(Schema::Joomla5, "joomla").await;
    for statement in statements(Schema::Joomla5) {
        admin.query_drop(statement).await.unwrap();
    }
    let mut site = Site::on(&database);
    site.config.database.host = Some(format!("localhost:{}", server.socket().display()));
    site.config.database.user = Some("jbackend_bridge".into());
    site.config.database.password = Some("choose-a-password".into());
    write_joomla(&site, &[]);
    let run = check(&site, WRITER, &["--offline"]).await;
    for sound in [
        "the account may only read the site's tables",
        "the writing account may do only what is needed",
        "API keys can be counted and trace rows added",
        "sessions of logged-in visitors can be renewed",
    ] {
        assert!(run.stdout.contains(sound), "{sound}: {}", run.stdout);
    }
    assert_eq!(findings(&site, WRITER, &["--offline"], "database").await, "");

    // Rights of all accounts in other databases are reported.
    let joomla_too = "GRANT SELECT, INSERT ON joomla.* TO PUBLIC";
    admin.query_drop(joomla_too).await.unwrap();
    admin.disconnect().await.unwrap();
    insta::assert_snapshot!(findings(&site, "", &["--offline"], "database").await);
}

#[tokio::test]
async fn rights_beyond_the_site_s_tables() {
    let mut site = sound(Schema::Joomla5).await;
    let database = site.config.database.name.clone().unwrap();
    grant(&database, Schema::Joomla5, "beyond").await;
    site.config.database.user = Some("beyond".into());
    site.config.database.password = Some("choose-a-password".into());
    write_joomla(&site, &[]);
    let mut admin = MariaDb::shared().admin(None).await;
    let mut all = Vec::new();
    for (give, take) in [
        ("GRANT SELECT ON *.* TO beyond@'%'", "REVOKE SELECT ON *.* FROM beyond@'%'"),
        ("GRANT PROCESS, FILE ON *.* TO beyond@'%'", "REVOKE PROCESS, FILE ON *.* FROM beyond@'%'"),
        ("GRANT SUPER ON *.* TO beyond@'%'", "REVOKE SUPER ON *.* FROM beyond@'%'"),
        ("GRANT SELECT ON mysql.* TO beyond@'%'", "REVOKE SELECT ON mysql.* FROM beyond@'%'"),
        (
            "GRANT SELECT (user) ON mysql.global_priv TO beyond@'%'",
            "REVOKE SELECT (user) ON mysql.global_priv FROM beyond@'%'",
        ),
        ("GRANT SELECT ON `%`.* TO beyond@'%'", "REVOKE SELECT ON `%`.* FROM beyond@'%'"),
        ("GRANT SELECT ON DB.* TO beyond@'%'", "REVOKE SELECT ON DB.* FROM beyond@'%'"),
        (
            "GRANT SELECT ON DB.other_users TO beyond@'%'",
            "REVOKE SELECT ON DB.other_users FROM beyond@'%'",
        ),
        (
            "GRANT UPDATE ON DB.jos_session TO beyond@'%'",
            "REVOKE UPDATE ON DB.jos_session FROM beyond@'%'",
        ),
        (
            "GRANT DELETE ON DB.jos_session TO beyond@'%'",
            "REVOKE DELETE ON DB.jos_session FROM beyond@'%'",
        ),
        ("GRANT SELECT ON shop.* TO sellers", "REVOKE SELECT ON shop.* FROM sellers"),
    ] {
        if give.ends_with("sellers") {
            for statement in [
                "CREATE ROLE sellers",
                "CREATE ROLE staff",
                "GRANT sellers TO staff",
                "GRANT staff TO beyond@'%'",
            ] {
                admin.query_drop(statement).await.unwrap();
            }
        }
        if give.contains("other_users") {
            site.run("CREATE TABLE other_users (id int)").await;
        }
        let for_site = |statement: &str| statement.replace("DB.", &format!("`{database}`."));
        admin.query_drop(for_site(give)).await.unwrap();
        let found = findings(&site, "", &["--offline"], "database").await;
        let found = found.lines().find(|line| !line.is_empty()).unwrap_or("nothing").to_owned();
        all.push(format!("{give}\n  {found}"));
        admin.query_drop(for_site(take)).await.unwrap();
    }
    admin.disconnect().await.unwrap();
    insta::assert_snapshot!(all.join("\n").replace(&database, "DATABASE"));
}

#[tokio::test]
async fn the_writing_account_is_looked_at_too() {
    let mut site = sound(Schema::Joomla5).await;
    let database = site.config.database.name.clone().unwrap();
    grant(&database, Schema::Joomla5, "wide").await;
    site.config.database.user = Some("wide".into());
    site.config.database.password = Some("choose-a-password".into());
    write_joomla(&site, &[]);
    let mut admin = MariaDb::shared().admin(None).await;
    let give = format!("GRANT DELETE ON `{database}`.* TO wide_writer@'%'");
    admin.query_drop(give).await.unwrap();
    admin.disconnect().await.unwrap();
    let writer = WRITER.replace("jbackend", "wide");
    let found = findings(&site, &writer, &["--offline"], "database").await;
    insta::assert_snapshot!(found.replace(&database, "DATABASE"), @r##"
warning: the account has more rights than needed: DELETE on `DATABASE.*`
  at `database.writer_user`
  → make the writing account of sql/grants.sql, and name it in `writer_user` and `writer_password` in `[database]`
"##);
    assert_eq!(findings(&site, "", &["--offline"], "database").await, "");
}
