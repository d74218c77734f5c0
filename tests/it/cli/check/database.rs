//! The database: connection, rights, tables, version.

use mysql_async::prelude::Queryable;
use testkit::mariadb::MariaDb;
use testkit::tls::vector;

use super::super::grants::grant;
use super::{Schema, Site, check, findings, report, sound, write_joomla};

#[tokio::test]
async fn one_that_is_down_leaves_the_rest_to_be_looked_at() {
    let mut site = sound(Schema::Joomla5).await;
    site.config.database.host = Some("127.0.0.1:1".into());
    write_joomla(&site, &[]);
    let run = check(&site, "", &["--offline"]).await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(report(&site, &run), @r##"
configuration
  ok       loaded: 1 value from the command line, 8 values from `DIR/configuration.php`, 1 value from `CONFIG`; the others are defaults

database
  error    cannot reach the database at `ADDRESS`: Connection refused (os error 111)
           → start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php

plugin settings
  skipped  settings lines: not looked at, since the database could not be read

package groups
  skipped  package groups: not looked at, since the settings could not be read

package files
  skipped  package files: not looked at, since the settings could not be read

direct access to paid packages
  skipped  paid packages at the public URL: the settings could not be read

accounts
  skipped  e-mails of accounts: not looked at, since the database could not be read

logins
  skipped  login plugins: not looked at, since the database could not be read

end-points
  skipped  end-points: not looked at, since the database could not be read

API keys
  skipped  API keys: not looked at, since the database could not be read

update XML
  skipped  update XML: not looked at, since settings or end-points could not be read

mail
  warning  mail is switched off: keybyemail answers REL_ESM
           at `mail.transport`, or `mailonline` in configuration.php
           → switch mail on in Joomla, or set `transport` in `[mail]`

public URL
  skipped  whether the site answers: `--offline`
           → run it again without `--offline`

clock
  skipped  clocks: there is no other one to compare with

not ready to go live
"##);
}

#[tokio::test]
async fn settings_in_the_configuration_need_no_database() {
    let mut site = sound(Schema::Joomla5).await;
    site.config.database.host = Some("127.0.0.1:1".into());
    write_joomla(&site, &[]);
    let toml = "[release]\nfolder = 'files'\npackages = ['a;/public/gone.zip']\n";
    let found = findings(&site, toml, &["--offline"], "package-files").await;
    insta::assert_snapshot!(found, @r##"
error: package file `public/gone.zip` does not exist
  at package `a`
  → upload it or correct its settings line
"##);
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

/// Tests `dbencryption` without a check of the certificate, which is of the version that
/// `openssl x509 -req` makes. Then with the check: the certificate only passes it once the
/// configuration names it.
#[tokio::test]
async fn a_certificate_of_version_1() {
    let site = sound(Schema::Joomla5).await;
    let option = |option: &str, name: &str| format!("--{option}={}", vector(name).display());
    let options = [option("ssl-cert", "own_v1_rsa.pem"), option("ssl-key", "own_rsa.key")];
    let server = MariaDb::with_options(&options.each_ref().map(String::as_str));
    let database = server.database(Schema::Joomla5).await;
    database.run("ALTER USER bridge@'%' REQUIRE SSL").await;
    let host = format!("127.0.0.1:{}", server.port);
    let certificate = vector("own_v1_rsa.pem");
    let found = async |verify: &str, ca: &str| {
        let place = [("host", &*host), ("db", &*database.name), ("dbencryption", "1")];
        let check = [("dbsslverifyservercert", verify), ("dbsslca", ca)];
        write_joomla(&site, &[&place[..], &check].concat());
        findings(&site, "", &["--offline"], "database").await.replace(&host, "ADDRESS")
    };
    let sound = "warning: the account has more rights than needed: ";
    for (verify, ca) in [("0", ""), ("1", certificate.to_str().unwrap())] {
        let found = found(verify, ca).await;
        assert!(found.starts_with(sound) && found.lines().count() == 3, "{found}");
    }
    insta::assert_snapshot!(found("1", "").await, @r##"
error: no secure connection to the database at `ADDRESS`: the server's certificate is X.509 version 1, which is believed only where the file of CA certificates holds the very same
  at -
  → correct the certificates and the TLS settings in `[database]`
"##);
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
        insta::allow_duplicates!(insta::assert_snapshot!(found.replace(user, "USER"), @r##"
error: API keys and trace rows cannot be written: the account `USER` may not read all it has to in the database `DATABASE` at `ADDRESS`: error 1142, UPDATE command denied to user 'USER'@'127.0.0.1' for table `DATABASE`.`jos_jbackend_keys`
  at -
  → grant what sql/grants.sql grants to `jbackend_writer`, and name that account in `writer_user` and `writer_password` in `[database]`; or set `read_only`
"##));
        let writer = format!(
            "[database]\nwriter_user = '{user}_writer'\nwriter_password = 'choose-another-password'\n"
        );
        assert_eq!(findings(&site, &writer, &["--offline"], "end-points").await, "");
        let found = findings(&site, &writer, &["--offline"], "api-keys").await;
        insta::allow_duplicates!(insta::assert_snapshot!(found, @r##"
warning: an API key that is published has ended: REQ_AKE
  at API key `e…`, ends 2020-01-01 00:00:00 UTC
  → tell its holder, and set another expiration date in jBackend's list of API keys
"##));
    }
}

#[tokio::test]
async fn tables_and_columns_that_are_not_there() {
    let site = sound(Schema::Joomla5).await;
    site.run("DROP TABLE #__session").await;
    site.run("DROP TABLE #__user_mfa").await;
    site.run("ALTER TABLE #__languages DROP COLUMN sef").await;
    let found = findings(&site, "", &["--offline"], "database").await;
    insta::assert_snapshot!(found, @r##"
warning: the account has more rights than needed: ALL PRIVILEGES, GRANT OPTION on `*.*`
  at `database.user`
  → make an account that can only read what is needed with sql/grants.sql, and name it in `user` and `password` in `[database]`
warning: columns are missing: `sef`: URLs with a language's prefix are not known
  at table `jos_languages`
  → restore it from a backup, or run Joomla's database fix
warning: the table is missing: end-points for users answer REQ_UCA
  at table `jos_session`
  → restore it from a backup, or run Joomla's database fix
warning: the table is missing: second factors are not known
  at table `jos_user_mfa`
  → restore it from a backup, or run Joomla's database fix
"##);
    site.run("ALTER TABLE #__users DROP COLUMN block").await;
    let found = findings(&site, "", &["--offline"], "database").await;
    assert!(found.contains("error: columns are missing: `block`"), "{found}");

    let site = sound(Schema::Sqlite).await;
    site.run("DROP TABLE #__session").await;
    let found = findings(&site, "", &["--offline"], "database").await;
    insta::assert_snapshot!(found, @r##"
warning: the table is missing: end-points for users answer REQ_UCA
  at table `jos_session`
  → restore it from a backup, or run Joomla's database fix
"##);
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
    insta::assert_snapshot!(findings(&site, toml, &["--offline"], "database").await, @r##"
warning: the collation `utf8mb4_bin` tells `email`s apart by upper and lower case: a customer who types his differently is not found
  at column `email` of the table of users
  → give the column Joomla's own collation, `utf8mb4_unicode_ci`
notice: `username` is stored as `latin1_swedish_ci`, not as Unicode
  at column `username` of the table of users
  → convert the table to utf8mb4 as Joomla's database fix does
warning: the account has more rights than needed: ALL PRIVILEGES, GRANT OPTION on `*.*`
  at `database.user`
  → make an account that can only read what is needed with sql/grants.sql, and name it in `user` and `password` in `[database]`
warning: the configuration says Joomla 3.10, the database Joomla 5.3: other password hashes log in there
  at `joomla.version`
  → remove `version` from `[joomla]` unless you know better
"##);
}

#[tokio::test]
async fn few_connections() {
    let site = with_account(Schema::Joomla5, "limited").await;
    let mut admin = MariaDb::shared().admin(None).await;
    admin.query_drop("ALTER USER 'limited'@'%' WITH MAX_USER_CONNECTIONS 10").await.unwrap();
    admin.disconnect().await.unwrap();
    insta::assert_snapshot!(findings(&site, "", &["--offline"], "database").await, @r##"
warning: the server takes 10 connections from this account (`max_user_connections`), and the bridge wants up to 7 of them: visitors of the site may find none
  at `database.pool_size`
  → raise the server's limit, or lower `pool_size` in `[database]`
"##);
    for less in ["pool_size = 2", "read_only = true"] {
        let less = format!("[database]\n{less}\n");
        assert_eq!(findings(&site, &less, &["--offline"], "database").await, "");
    }
    // The copy is read over a second connection.
    let with_copy = "[database]\npool_size = 2\nsnapshot = 'on'\n";
    let found = findings(&site, with_copy, &["--offline"], "database").await;
    assert!(found.contains("wants up to 6 of them"), "{found}");
}

#[tokio::test]
async fn a_clock_of_its_own() {
    let ahead = "--init-connect=SET timestamp = UNIX_TIMESTAMP() + 7500";
    let server = MariaDb::with_options(&["--skip-ssl", ahead]);
    let database = server.database(Schema::Joomla5).await;
    let mut site = Site::on(&database);
    // Accounts with all rights are exempt.
    let mut admin = server.admin(None).await;
    for statement in [
        "CREATE USER 'late'@'%' IDENTIFIED BY 'choose-a-password'".to_owned(),
        format!("GRANT SELECT ON {}.* TO 'late'@'%'", database.name),
    ] {
        admin.query_drop(statement).await.unwrap();
    }
    admin.disconnect().await.unwrap();
    site.config.database.user = Some("late".into());
    site.config.database.password = Some("choose-a-password".into());
    write_joomla(&site, &[]);
    insta::assert_snapshot!(findings(&site, "", &["--offline"], "clock").await, @r##"
warning: this machine's clock is 2 h behind the database's
  at `date` on both machines
  → let both machines set their clocks by NTP: seeds, API keys and menu items end at the wrong time
"##);
}
