//! A read-only database server, and the consequences for each kind of end-point.

use mysql_async::prelude::Queryable;
use testkit::mariadb::MariaDb;

use super::{Schema, Site, check, findings, write_joomla};

/// The server's variables stop all accounts except administrators'.
#[tokio::test]
async fn what_still_works_on_a_server_that_only_reads() {
    let server = MariaDb::own();
    let database = server.database(Schema::Joomla5).await;
    database.run("CREATE USER plain@'%' IDENTIFIED BY 'choose-a-password'").await;
    database.run(&format!("GRANT SELECT ON {}.* TO plain@'%'", database.name)).await;
    for (rights, table) in [
        ("SELECT, UPDATE", "jbackend_keys"),
        ("INSERT", "jbackend_logs"),
        ("SELECT, UPDATE", "session"),
    ] {
        database.run(&format!("GRANT {rights} ON #__{table} TO plain@'%'")).await;
    }
    database.run("DELETE FROM #__menu WHERE id NOT IN (101, 201)").await;
    for (id, path, params) in [
        (300, "keyed", r#"{"access_type":"key","enable_trace":"1"}"#),
        (301, "members", r#"{"access_type":"user"}"#),
    ] {
        database
            .run(&format!(
                "INSERT INTO #__menu (id, menutype, title, alias, path, link, type, published, params, \
                 access) VALUES ({id}, 'm', 't', '{path}', '{path}', \
                 'index.php?option=com_jbackend&view=request', 'component', 1, '{params}', 1)"
            ))
            .await;
    }
    let mut site = Site::on(&database);
    site.config.database.user = Some("plain".into());
    site.config.database.password = Some("choose-a-password".into());
    write_joomla(&site, &[]);
    let found = findings(&site, "", &["--offline"], "end-points").await;
    assert!(!found.contains("only reads"), "{found}");

    let mut admin = server.admin(None).await;
    admin.query_drop("SET GLOBAL read_only = 1").await.unwrap();
    let run = check(&site, "", &["--offline"]).await;
    assert!(
        run.stdout.contains("requests to `packages`, `members` work without writing"),
        "{}",
        run.stdout
    );
    let found = findings(&site, "", &["--offline"], "end-points").await;
    let database = findings(&site, "", &["--offline"], "database").await;
    let told = database.lines().take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(format!("{told}\n---\n{found}"));

    // With this right, the account is not stopped either.
    admin.query_drop("GRANT READ ONLY ADMIN ON *.* TO plain@'%'").await.unwrap();
    admin.disconnect().await.unwrap();
    let found = findings(&site, "", &["--offline"], "end-points").await;
    assert!(!found.contains("only reads"), "{found}");
}
