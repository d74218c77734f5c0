//! The commands only need the right to read a few columns, and write nothing.

use mysql_async::prelude::Queryable;

use super::{ALICE, Asked, GROUP, PAID, step};
use crate::cli::grants::grant;
use crate::common::fixture::{self, Schema};
use crate::common::mariadb::MariaDb;

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
    let printed = asked.explain(&[ALICE, PAID], "").await;
    assert!(printed.ends_with("exit code 0"), "{printed}");
    insta::assert_snapshot!(step(&printed, "user groups"), @r#"
ok  user groups     in 12 "ReDJ"
                    - directly assigned: 2 "Registered", 12 "ReDJ"
"#);
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
    let printed = asked.explain(&[ALICE, PAID], "").await;
    assert!(printed.ends_with("exit code 0"), "{printed}");
    insta::assert_snapshot!(step(&printed, "user groups"), @r"
ok  user groups     in 12
                    - directly assigned: 2, 12
");
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
