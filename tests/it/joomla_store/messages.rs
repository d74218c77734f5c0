//! The operator's messages if the site's database cannot be used.

use std::{net::TcpListener, time::Duration};

use jbackend_bridge::store::{MySqlSettings, MySqlStore, ServerAddress, Tls};
use testkit::fixture::{self, Schema};
use testkit::mariadb::{MariaDb, PASSWORD};
use testkit::tls::vector;

use crate::common::store::StoreSettings as _;

/// Returns the reason why a store cannot be made, with the parts replaced that differ between runs.
async fn refusal(settings: MySqlSettings) -> String {
    let (database, address) = (settings.database.clone(), settings.address.to_string());
    let message = match MySqlStore::connect(settings).await {
        Ok(_) => "no failure".to_owned(),
        Err(error) => error.to_string(),
    };
    assert!(!message.contains(PASSWORD), "{message}");
    let message = message.replace(&format!("`{address}`"), "`ADDRESS`");
    message.replace(&database, "DATABASE")
}

/// Removes the server's own words, which differ between versions but must name their subject.
fn without_server_words(message: &str, about: &str) -> String {
    let (start, rest) = message.split_once(": error ").expect("an error's number");
    let (words, advice) = rest.rsplit_once(": ").expect("advice");
    assert!(words.contains(about), "{words}");
    format!("{start}: SERVER: {advice}")
}

#[tokio::test]
async fn wrong_account_database_or_prefix() {
    let server = MariaDb::shared();
    let database = server.database(Schema::Joomla5).await;

    let mut settings = database.settings();
    settings.password = "wrong-secret".into();
    let message = refusal(settings).await;
    assert!(!message.contains("wrong-secret"));
    insta::assert_snapshot!(message, @"the database at `ADDRESS` refuses the account `bridge`: correct `user` and `password` in `[database]` or configuration.php, and check that the account may log in from `127.0.0.1`, as the server sees this machine (an account made for a host name, like `localhost`, may not where `skip_name_resolve` is on), and without encryption (else set `tls` in `[database]`)");

    let mut settings = database.settings();
    settings.database = "no_such_site".to_owned();
    insta::assert_snapshot!(refusal(settings).await, @"there is no database `DATABASE` at `ADDRESS` for the account `bridge`: correct `name` in `[database]` or `db` in configuration.php, or grant SELECT on it");

    let mut settings = database.settings();
    settings.prefix = "abc_".parse().unwrap();
    insta::assert_snapshot!(refusal(settings).await, @"there is no table `abc_users` in the database `DATABASE` at `ADDRESS`: set `prefix` in `[database]` to `jos_`, the only one it holds");

    database.run("CREATE TABLE Shop1_user_usergroup_map (user_id int)").await;
    let mut settings = database.settings();
    settings.prefix = "".parse().unwrap();
    insta::assert_snapshot!(refusal(settings).await, @"there is no table `users` in the database `DATABASE` at `ADDRESS`: set `prefix` in `[database]` to one it holds: `jos_`, `Shop1_`");

    let empty = server.empty_database().await;
    insta::assert_snapshot!(refusal(empty.settings()).await, @"there is no table `jos_users` in the database `DATABASE` at `ADDRESS`: it holds no Joomla site; correct `name` in `[database]`");

    database.run("ALTER TABLE #__users DROP COLUMN password").await;
    insta::assert_snapshot!(without_server_words(&refusal(database.settings()).await, "password"), @"the tables in the database `DATABASE` at `ADDRESS` are not those of a Joomla 3 to 6 site: SERVER: correct `name` or `prefix` in `[database]`");
    database.run("DROP TABLE #__viewlevels").await;
    insta::assert_snapshot!(refusal(database.settings()).await, @"there is no table `jos_viewlevels` in the database `DATABASE` at `ADDRESS`: other tables with the prefix `jos_` are there, so restore it");
}

#[tokio::test]
async fn an_account_with_few_rights() {
    let server = MariaDb::shared();
    let database = server.database(Schema::Joomla5).await;
    let name = &database.name;
    database.run(&format!("CREATE USER 'reader_{name}'@'%' IDENTIFIED BY '{PASSWORD}'")).await;
    let mut settings = database.settings();
    settings.user = format!("reader_{name}");
    let refused = async || refusal(settings.clone()).await;
    insta::assert_snapshot!(refused().await, @"there is no database `DATABASE` at `ADDRESS` for the account `reader_DATABASE`: correct `name` in `[database]` or `db` in configuration.php, or grant SELECT on it");

    let grant = async |right: &str, table: &str| {
        let grant = format!("GRANT SELECT {right} ON #__{table} TO 'reader_{name}'@'%'");
        database.run(&grant).await;
    };
    grant("(id, name, username, email, block)", "users").await;
    grant("", "user_usergroup_map").await;
    insta::assert_snapshot!(without_server_words(&refused().await, "jos_usergroups"), @"the account `reader_DATABASE` may not read all it has to in the database `DATABASE` at `ADDRESS`: SERVER: grant SELECT on it, or correct `prefix` in `[database]`");
    grant("(id, parent_id, lft, rgt)", "usergroups").await;
    grant("(id, rules)", "viewlevels").await;
    grant(
        "(extension_id, type, element, folder, enabled, access, params, manifest_cache, changelogurl)",
        "extensions",
    )
    .await;
    insta::assert_snapshot!(without_server_words(&refused().await, "jos_user_mfa"), @"the account `reader_DATABASE` may not read all it has to in the database `DATABASE` at `ADDRESS`: SERVER: grant SELECT on it, or correct `prefix` in `[database]`");
    // The old right on Joomla 3's column does not replace that on Joomla 5's second factors.
    grant("(password, otpKey)", "users").await;
    assert!(refused().await.contains("jos_user_mfa"));
    grant("(method)", "user_mfa").await;
    assert!(refused().await.contains("user_id"));
    grant("(user_id)", "user_mfa").await;

    let store = MySqlStore::connect(settings.clone()).await.unwrap();
    let store: &dyn jbackend_bridge::store::Joomla = &store;
    assert_eq!(store.users_by_email("alice@example.test").await.unwrap().len(), 1);
    assert_eq!(store.users_by_username("alice").await.unwrap().len(), 1);
    assert_eq!(store.site_rows().await.unwrap().groups.len(), 13);
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_second_factor_of_joomla_3_that_may_not_be_read() {
    let database = MariaDb::shared().database(Schema::Joomla3).await;
    let name = &database.name;
    let mut settings = database.settings();
    settings.user = format!("reader_{name}");
    for statement in [
        format!("CREATE USER 'reader_{name}'@'%' IDENTIFIED BY '{PASSWORD}'"),
        format!(
            "GRANT SELECT (id, name, username, email, password, block) ON #__users TO 'reader_{name}'@'%'"
        ),
        format!("GRANT SELECT ON #__user_usergroup_map TO 'reader_{name}'@'%'"),
        format!("GRANT SELECT ON #__usergroups TO 'reader_{name}'@'%'"),
        format!("GRANT SELECT ON #__viewlevels TO 'reader_{name}'@'%'"),
        format!("GRANT SELECT ON #__extensions TO 'reader_{name}'@'%'"),
    ] {
        database.run(&statement).await;
    }
    assert!(refusal(settings.clone()).await.contains("otpKey"));
    database.run(&format!("GRANT SELECT (otpKey) ON #__users TO 'reader_{name}'@'%'")).await;
    MySqlStore::connect(settings).await.unwrap();
}

#[tokio::test]
async fn wrong_addresses() {
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    let at = |address| MySqlSettings {
        address,
        connect_timeout: Duration::from_secs(2),
        ..database.settings()
    };
    let tcp = |host: &str, port| {
        let host = host.to_owned();
        at(ServerAddress::Tcp { host, port })
    };
    insta::assert_snapshot!(refusal(tcp("127.0.0.1", 1)).await, @"cannot reach the database at `ADDRESS`: Connection refused (os error 111): start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php");
    let unknown = refusal(tcp("no-such-host.invalid", 3306)).await;
    assert!(unknown.starts_with("cannot reach the database at `ADDRESS`: "), "{unknown}");
    assert!(unknown.contains(": the name is not known here, so correct `host`"), "{unknown}");
    let socket = ServerAddress::Socket("/nowhere/mysqld.sock".into());
    insta::assert_snapshot!(refusal(at(socket)).await, @"cannot reach the database at `ADDRESS`: No such file or directory (os error 2): start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    insta::assert_snapshot!(refusal(tcp("127.0.0.1", port)).await, @"no greeting from the database at `ADDRESS` within 2000 ms: its port takes connections, so see what keeps the server busy or has stopped it");
}

#[tokio::test]
async fn encryption_that_the_server_does_not_offer() {
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    let mut settings = database.settings();
    settings.tls = Some(Tls::default());
    insta::assert_snapshot!(refusal(settings.clone()).await, @"no secure connection to the database at `ADDRESS`: the server offers no TLS: correct the certificates and the TLS settings in `[database]`");
    // Sockets are never encrypted, so the setting does not matter for them.
    settings.address = ServerAddress::Socket(MariaDb::shared().socket());
    assert_eq!(refusal(settings).await, "no failure");
}

#[tokio::test]
async fn encryption_as_joomla_s_fields_ask_for_it() {
    let file = vector;
    let option = |option: &str, name: &str| format!("--{option}={}", file(name).display());
    let options = [
        option("ssl-ca", "ca.pem"),
        option("ssl-cert", "server.pem"),
        option("ssl-key", "server.key"),
    ];
    let server = MariaDb::with_options(&options.each_ref().map(String::as_str));
    let database = server.database(Schema::Joomla5).await;
    for (user, need) in [("secure", "SSL"), ("known", "X509")] {
        database
            .run(&format!("CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE {need}"))
            .await;
        let grant = format!("GRANT SELECT ON {}.* TO {user}@'%'", database.name);
        database.run(&grant).await;
    }
    let attempt = async |user: &str, host: &str, tls: Option<Tls>| {
        let mut settings = database.settings();
        settings.user = user.to_owned();
        settings.address = ServerAddress::Tcp { host: host.to_owned(), port: server.port };
        settings.tls = tls;
        refusal(settings).await
    };
    let any = Tls::default();
    let web = Tls { verify: true, ..Tls::default() };
    let own = Tls { ca: Some(file("ca.pem")), ..web.clone() };
    let known = Tls { identity: Some((file("client.pem"), file("client.key"))), ..own.clone() };
    let keyless = Tls { identity: Some((file("client.pem"), file("ca.pem"))), ..own.clone() };
    let fileless = Tls { ca: Some(file("no-such-file.pem")), ..own.clone() };

    assert_eq!(attempt("secure", "localhost", Some(own.clone())).await, "no failure");
    assert_eq!(attempt("secure", "127.0.0.1", Some(any.clone())).await, "no failure");
    assert_eq!(attempt("known", "localhost", Some(known)).await, "no failure");
    insta::assert_snapshot!(attempt("secure", "localhost", None).await, @"the database at `ADDRESS` refuses the account `secure`: correct `user` and `password` in `[database]` or configuration.php, and check that the account may log in from `127.0.0.1`, as the server sees this machine (an account made for a host name, like `localhost`, may not where `skip_name_resolve` is on), and without encryption (else set `tls` in `[database]`)");
    insta::assert_snapshot!(attempt("known", "localhost", Some(own.clone())).await, @"the database at `ADDRESS` refuses the account `known`: correct `user` and `password` in `[database]` or configuration.php, and check that the account may log in from `127.0.0.1`, as the server sees this machine (an account made for a host name, like `localhost`, may not where `skip_name_resolve` is on), and with these TLS settings");
    insta::assert_snapshot!(attempt("secure", "localhost", Some(web)).await, @"no secure connection to the database at `ADDRESS`: invalid peer certificate: UnknownIssuer: correct the certificates and the TLS settings in `[database]`");
    insta::assert_snapshot!(attempt("secure", "localhost", Some(keyless)).await, @"no secure connection to the database at `ADDRESS`: no private key in the key file: correct the certificates and the TLS settings in `[database]`");
    let wrong_name = attempt("secure", "127.0.0.1", Some(own)).await;
    assert!(wrong_name.starts_with("no secure connection"), "{wrong_name}");
    let no_file = attempt("secure", "localhost", Some(fileless)).await;
    assert!(no_file.contains("no-such-file.pem"), "{no_file}");
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let database = MariaDb::shared().database(Schema::Joomla5).await;
    let shown = format!("{:?}", database.settings());
    assert!(!shown.contains(PASSWORD), "{shown}");
    assert!(shown.contains(fixture::prefix()));
}
