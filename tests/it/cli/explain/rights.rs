//! The commands only need the right to read a few columns, and write nothing.

use mysql_async::prelude::Queryable;
use testkit::fixture::{self, Schema};
use testkit::mariadb::MariaDb;

use super::{ALICE, Asked, GROUP, OK, PAID};
use crate::cli::grants::grant;

/// Makes a site with the account of `sql/grants.sql`.
async fn reader(name: &str) -> (Asked, String) {
    let mut asked = Asked::new(Schema::Joomla5).await;
    let database = asked.site.config.database.name.clone().unwrap();
    grant(&database, Schema::Joomla5, name).await;
    asked.site.config.database.user = Some(name.into());
    asked.site.config.database.password = Some("choose-a-password".into());
    super::write_configuration_php(&asked.site, &[]);
    (asked, database)
}

#[tokio::test]
async fn the_account_of_least_rights_is_enough() {
    let (asked, _) = reader("explainer").await;
    asked
        .report(&[ALICE, PAID], "")
        .await
        .step(
            "user groups",
            OK,
            r#"in 12 "ReDJ""#,
            &[r#"directly assigned: 2 "Registered", 12 "ReDJ""#],
        )
        .granted();
    assert_eq!(asked.run(&["key", ALICE, GROUP], "").await.code, Some(0));
}

#[tokio::test]
async fn without_the_names_of_user_groups_their_ids_do() {
    let (asked, database) = reader("nameless").await;
    let revoke = format!(
        "REVOKE SELECT (title) ON `{database}`.`{}usergroups` FROM 'nameless'@'%'",
        fixture::prefix()
    );
    let mut admin = MariaDb::shared().admin(None).await;
    admin.query_drop(revoke).await.unwrap();
    admin.disconnect().await.unwrap();
    asked
        .report(&[ALICE, PAID], "")
        .await
        .step("user groups", OK, "in 12", &["directly assigned: 2, 12"])
        .granted();
}

/// This holds even if an end-point counts and traces, and mails can be sent.
#[tokio::test]
async fn nothing_is_written_and_no_mail_is_sent() {
    let mut asked = Asked::new(Schema::Joomla5).await;
    let mails = asked.site.folder.path().join("mails");
    asked.toml = format!(
        "[mail]\ntransport = \"file\"\nfrom = \"a@example.test\"\noutbox = \"{}\"\n",
        mails.display()
    );
    asked.site.run("DELETE FROM #__menu WHERE path <> 'trace'").await;
    let printed = asked.explain(&[ALICE, GROUP], "").await;
    assert!(printed.contains("keybyemail") && printed.ends_with("exit code 0"), "{printed}");
    assert!(printed.contains("/trace/post/release/keybyemail/"), "{printed}");
    let mut rows = asked.site.rows("SELECT COUNT(*) FROM #__jbackend_logs").await;
    assert_eq!(rows.pop().unwrap().take::<i64, _>(0), Some(0));
    assert!(!mails.exists(), "no mail");
}
