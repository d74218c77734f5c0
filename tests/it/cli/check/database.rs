//! The database: reached or not, rights, tables, version.

use super::super::grants::grant;
use super::{Schema, Site, check, findings, report, sound, write_joomla};

#[tokio::test]
async fn one_that_is_down_leaves_the_rest_to_be_looked_at() {
    let mut site = sound(Schema::Joomla5).await;
    site.config.database.host = Some("127.0.0.1:1".into());
    write_joomla(&site, &[]);
    let run = check(&site, "", &["--offline"]).await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(report(&site, &run), @"");
}

#[tokio::test]
async fn settings_in_the_configuration_need_no_database() {
    let mut site = sound(Schema::Joomla5).await;
    site.config.database.host = Some("127.0.0.1:1".into());
    write_joomla(&site, &[]);
    let toml = "[release]\nfolder = 'files'\npackages = ['a;/public/gone.zip']\n";
    let found = findings(&site, toml, &["--offline"], "package-files").await;
    insta::assert_snapshot!(found, @"");
}

#[tokio::test]
async fn what_the_server_refuses() {
    let site = sound(Schema::Joomla5).await;
    for (field, wrong) in [("password", "wrong"), ("db", "nowhere"), ("dbprefix", "abc_")] {
        write_joomla(&site, &[(field, wrong)]);
        let found = findings(&site, "", &["--offline"], "database").await;
        insta::with_settings!({ snapshot_suffix => field }, { insta::assert_snapshot!(found) });
    }
}

async fn with_account(schema: Schema, user: &str) -> Site {
    let mut site = sound(schema).await;
    let database = site.config.database.name.clone().unwrap();
    grant(&database, schema, user).await;
    site.config.database.user = Some(user.into());
    site.config.database.password = Some("choose-a-password".into());
    write_joomla(&site, &[]);
    site
}

#[tokio::test]
async fn the_account_of_least_rights_has_all_it_needs() {
    for (schema, user) in [(Schema::Joomla3, "checked3"), (Schema::Joomla5, "checked5")] {
        let site = with_account(schema, user).await;
        assert_eq!(findings(&site, "", &["--offline"], "database").await, "");
        assert_eq!(findings(&site, "", &["--offline"], "accounts").await, "");
        assert_eq!(findings(&site, "", &["--offline"], "logins").await, "");
        site.run(
            "INSERT INTO #__menu (id, menutype, title, alias, path, link, type, published, params, access) \
             VALUES (300, 'm', 'k', 'k', 'k', 'index.php?option=com_jbackend&view=request', \
             'component', 1, '{\"access_type\":\"key\"}', 1)",
        )
        .await;
        let found = findings(&site, "", &["--offline"], "end-points").await;
        insta::allow_duplicates!(insta::assert_snapshot!(found.replace(user, "USER"), @""));
        let writer = format!(
            "[database]\nwriter_user = '{user}_writer'\nwriter_password = 'choose-another-password'\n"
        );
        assert_eq!(findings(&site, &writer, &["--offline"], "end-points").await, "");
        let found = findings(&site, &writer, &["--offline"], "api-keys").await;
        insta::allow_duplicates!(insta::assert_snapshot!(found, @""));
    }
}

#[tokio::test]
async fn tables_and_columns_that_are_not_there() {
    let site = sound(Schema::Joomla5).await;
    site.run("DROP TABLE #__session").await;
    site.run("DROP TABLE #__user_mfa").await;
    site.run("ALTER TABLE #__languages DROP COLUMN sef").await;
    let found = findings(&site, "", &["--offline"], "database").await;
    insta::assert_snapshot!(found, @"");
    site.run("ALTER TABLE #__users DROP COLUMN block").await;
    let found = findings(&site, "", &["--offline"], "database").await;
    assert!(found.contains("error: columns are missing: `block`"), "{found}");

    let site = sound(Schema::Sqlite).await;
    site.run("DROP TABLE #__session").await;
    let found = findings(&site, "", &["--offline"], "database").await;
    insta::assert_snapshot!(found, @"");
}

#[tokio::test]
async fn version_and_collation() {
    let site = sound(Schema::Joomla5).await;
    site.run(
        "ALTER TABLE #__users MODIFY email varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin \
         NOT NULL DEFAULT '', MODIFY username varchar(150) CHARACTER SET latin1 NOT NULL DEFAULT ''",
    )
    .await;
    let toml = "[joomla]\nversion = '3.10'\n[database]\npool_size = 8\n";
    insta::assert_snapshot!(findings(&site, toml, &["--offline"], "database").await, @"");
}
