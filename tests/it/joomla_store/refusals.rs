//! Why a server refuses the bridge: each message names the cause and the remedy. For messages that
//! only MySQL sends, a server in the test speaks the protocol up to the login.

use std::time::Duration;

use jbackend_bridge::store::{MySqlSettings, MySqlStore, StoreError};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use testkit::fixture::Schema;
use testkit::mariadb::{Database, MariaDb, PASSWORD};
use testkit::mysql_greeter::{fail, greet, receive, send};
use tokio::net::{TcpListener, TcpSocket};

use crate::common::store::{StoreSettings as _, greeter_settings};

/// Returns the operator's message, without the parts that differ between runs.
async fn told(settings: MySqlSettings) -> String {
    match MySqlStore::connect(settings.clone()).await {
        Ok(_) => "no failure".to_owned(),
        Err(error) => worded(&error, &settings),
    }
}

fn worded(error: &StoreError, settings: &MySqlSettings) -> String {
    let message = error.to_string().replace(&format!("`{}`", settings.address), "`ADDRESS`");
    assert!(!message.contains("hunter2") && !message.contains(PASSWORD), "{message}");
    message
}

/// Starts a server that sends this in place of its greeting, or after the login.
async fn answering(code: u16, message: &'static str, greets: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = greeter_settings(&listener);
    let server = tokio::spawn(async move {
        let mut stream = listener.accept().await.unwrap().0;
        if greets {
            greet(&mut stream, "8.4.9").await;
            receive(&mut stream).await;
        }
        fail(&mut stream, if greets { 2 } else { 0 }, code, message).await;
    });
    let told = told(settings).await;
    server.await.unwrap();
    told
}

#[tokio::test]
async fn what_mysql_says_at_the_login() {
    let mut all = Vec::new();
    for (code, message) in [
        (1045, "Access denied for user 'joomla'@'192.0.2.7' (using password: YES)"),
        (1045, "Access denied for user 'joomla'@'web.example.com' (using password: YES)"),
        (1045, "Access denied for user 'joomla'@'localhost' (using password: YES)"),
        (1203, "User joomla already has more than 'max_user_connections' active connections"),
        (1226, "User 'joomla' has exceeded the 'max_user_connections' resource (current value: 5)"),
        (
            1226,
            "User 'joomla' has exceeded the 'max_connections_per_hour' resource (current value: 9)",
        ),
        (1251, "Client does not support authentication protocol requested by server"),
        (1524, "Plugin 'mysql_native_password' is not loaded"),
        (1820, "You must reset your password using ALTER USER statement before executing this"),
        (1862, "Your password has expired."),
        (3032, "The server is currently in offline mode"),
        (3118, "Access denied for user 'joomla'@'192.0.2.7'. Account is locked."),
        (
            3159,
            "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
        ),
        (3955, "Access denied for user 'joomla'@'%'. Account is blocked for 1 day(s)"),
        (4150, "User is blocked because of too many credential errors"),
        (4151, "Access denied, this account is locked"),
    ] {
        all.push(format!("{code}: {}", answering(code, message, true).await));
    }
    for (code, message) in [
        (1040, "Too many connections"),
        (1129, "Host '192.0.2.7' is blocked because of many connection errors"),
        (1130, "Host '192.0.2.7' is not allowed to connect to this MySQL server"),
    ] {
        all.push(format!("{code}: {}", answering(code, message, false).await));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[tokio::test]
async fn methods_of_logging_in_that_do_not_work_are_named() {
    for method in ["sha256_password", "authentication_ldap_sasl_client", "mysql_clear_password"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = greeter_settings(&listener);
        let server = tokio::spawn(async move {
            let mut stream = listener.accept().await.unwrap().0;
            greet(&mut stream, "8.4.9").await;
            receive(&mut stream).await;
            let switch = format!("\u{0}{method}\0bbbbbbbbbbbbbbbbbbbb\0");
            send(&mut stream, 2, &[&[0xfe], &switch.as_bytes()[1..]].concat()).await;
        });
        let told = told(settings).await;
        server.await.unwrap();
        let start = format!(
            "the database at `ADDRESS` refuses the account `joomla`: the account logs in with `{method}`"
        );
        assert!(told.starts_with(&start) && told.contains("caching_sha2_password"), "{told}");
    }
}

/// Makes an account of this name on the server, and the settings to use it.
async fn account(database: &Database<'_>, name: &str, how: &str) -> MySqlSettings {
    database.run(&format!("CREATE USER {name} IDENTIFIED BY '{PASSWORD}' {how}")).await;
    database.run(&format!("GRANT SELECT ON {}.* TO {name}", database.name)).await;
    let user = name.split('\'').nth(1).unwrap();
    MySqlSettings { user: user.to_owned(), ..database.settings() }
}

async fn open(settings: &MySqlSettings, server: &MariaDb) -> mysql_async::Result<Conn> {
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(server.port)
        .user(Some(&settings.user))
        .pass(Some(PASSWORD));
    Conn::new(options).await
}

#[tokio::test]
async fn what_mariadb_says_at_the_login() {
    let server = MariaDb::with_options(&[]);
    let database = server.database(Schema::Joomla5).await;
    let locked = account(&database, "'locked'@'%'", "ACCOUNT LOCK").await;
    let expired = account(&database, "'expired'@'%'", "PASSWORD EXPIRE").await;
    let one = account(&database, "'one'@'%'", "WITH MAX_USER_CONNECTIONS 1").await;
    let hourly = account(&database, "'hourly'@'%'", "WITH MAX_CONNECTIONS_PER_HOUR 1").await;
    let plain = account(&database, "'plain'@'%'", "").await;
    // The server resolves no host names.
    let named = account(&database, "'named'@'localhost'", "").await;
    let held = open(&one, &server).await.unwrap();
    open(&hourly, &server).await.unwrap().disconnect().await.unwrap();
    let mut all = Vec::new();
    for settings in [&locked, &one, &hourly, &named] {
        all.push(told(settings.clone()).await);
    }
    let mut admin = database.admin().await;
    for setting in ["ON", "OFF"] {
        admin
            .query_drop(format!("SET GLOBAL disconnect_on_expired_password = {setting}"))
            .await
            .unwrap();
        all.push(told(expired.clone()).await);
    }
    admin.query_drop("SET GLOBAL require_secure_transport = ON").await.unwrap();
    all.push(told(plain.clone()).await);
    admin.query_drop("SET GLOBAL require_secure_transport = OFF").await.unwrap();
    admin.query_drop("SET GLOBAL max_password_errors = 1").await.unwrap();
    let wrong = MySqlSettings { password: "wrong".into(), ..plain.clone() };
    told(wrong.clone()).await;
    all.push(told(wrong).await);
    admin.query_drop("FLUSH PRIVILEGES").await.unwrap();
    admin.query_drop("SET GLOBAL max_password_errors = 4294967295").await.unwrap();
    admin.query_drop("SET GLOBAL max_connections = 10").await.unwrap();
    let mut taken = Vec::new();
    // The server may still be closing an earlier connection, whose place is free a moment later.
    let failure = loop {
        while let Ok(conn) = open(&plain, &server).await {
            taken.push(conn);
        }
        if let Err(failure) = MySqlStore::connect(plain.clone()).await {
            break failure;
        }
    };
    assert!(matches!(failure, StoreError::Busy { .. }) && failure.is_out_of_reach());
    all.push(worded(&failure, &plain));
    drop((held, taken));
    insta::assert_snapshot!(all.join("\n"));
}

/// A port whose queue is full sends no answer, like one behind a firewall.
#[tokio::test]
async fn silence_on_the_way_is_told_from_silence_of_the_server() {
    let quick = |listener: &TcpListener| MySqlSettings {
        connect_timeout: Duration::from_millis(300),
        ..greeter_settings(listener)
    };
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    insta::assert_snapshot!(told(quick(&silent)).await, @"no greeting from the database at `ADDRESS` within 300 ms: its port takes connections, so see what keeps the server busy or has stopped it");

    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(500), tokio::net::TcpStream::connect(address))
            .await
    {
        waiting.push(stream);
    }
    insta::assert_snapshot!(told(quick(&full)).await, @"no sign of life from the database at `ADDRESS` within 300 ms: see whether that machine is up and no firewall between drops the packets, or correct `host` and `port` in `[database]` or configuration.php");
}
