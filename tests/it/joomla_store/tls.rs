//! A database with TLS: the check of its certificate, and logins through TLS.

use std::{collections::BTreeSet, time::Duration};

use jbackend_bridge::store::{Joomla, MySqlSettings, MySqlStore, ServerAddress, StoreError, Tls};
use testkit::fixture::Schema;
use testkit::mariadb::{Database, MariaDb, PASSWORD, USER};
use testkit::tls::{recorded, vector};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::{net::TcpListener, process::Command};

use crate::common::store::StoreSettings as _;

const ALICE: &str = "alice@example.test";

/// Starts a server with a certificate of `tests/vectors/tls`, and further options.
fn server(certificate: &str, key: &str, ca: Option<&str>) -> MariaDb {
    let option = |option: &str, name: &str| format!("--{option}={}", vector(name).display());
    let mut options = vec![
        option("ssl-cert", certificate),
        option("ssl-key", key),
        "--innodb-flush-log-at-trx-commit=2".to_owned(),
    ];
    options.extend(ca.map(|ca| option("ssl-ca", ca)));
    MariaDb::with_options(&options.iter().map(String::as_str).collect::<Vec<_>>())
}

fn required() -> Tls {
    Tls::default()
}

fn verify(ca: &str) -> Tls {
    Tls { verify: true, ca: Some(vector(ca)), identity: None }
}

fn by(tls: Tls, database: &Database<'_>) -> MySqlSettings {
    let mut settings = database.settings();
    if let ServerAddress::Tcp { host, .. } = &mut settings.address {
        "localhost".clone_into(host);
    }
    MySqlSettings { tls: Some(tls), ..settings }
}

async fn refusal(settings: MySqlSettings) -> String {
    let address = format!("`{}`", settings.address);
    match MySqlStore::connect(settings).await {
        Ok(_) => "no failure".to_owned(),
        Err(error) => error.to_string().replace(&address, "`ADDRESS`"),
    }
}

async fn finds_alice(store: &MySqlStore) -> bool {
    matches!(store.users_by_email(ALICE).await, Ok(users) if users.len() == 1)
}

/// `openssl x509 -req` makes certificates of version 1.
#[tokio::test]
async fn a_certificate_of_version_1() {
    let server = server("own_v1_rsa.pem", "own_rsa.key", None);
    let database = server.database(Schema::Joomla5).await;
    database.run("ALTER USER bridge@'%' REQUIRE SSL").await;
    for tls in [required(), verify("own_v1_rsa.pem")] {
        let store = MySqlStore::connect(by(tls, &database)).await.unwrap();
        assert!(finds_alice(&store).await);
    }
    insta::assert_snapshot!(refusal(by(verify("own_v1.pem"), &database)).await, @"no secure connection to the database at `ADDRESS`: the server's certificate is X.509 version 1, which is believed only where the file of CA certificates holds the very same: correct the certificates and the TLS settings in `[database]`");
    insta::assert_snapshot!(refusal(by(Tls { verify: true, ..required() }, &database)).await, @"no secure connection to the database at `ADDRESS`: the server's certificate is X.509 version 1, which is believed only where the file of CA certificates holds the very same: correct the certificates and the TLS settings in `[database]`");
    // The address is the server's own, and the certificate holds no name.
    let mut settings = by(verify("own_v1_rsa.pem"), &database);
    settings.address = ServerAddress::Tcp { host: "127.0.0.1".into(), port: server.port };
    assert_eq!(refusal(settings).await, "no failure");
}

/// The kind of the key is not supported, but only a check would need it.
#[tokio::test]
async fn a_certificate_that_could_not_be_checked() {
    let server = server("own_v1_p521.pem", "own_p521.key", None);
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(by(required(), &database)).await.unwrap();
    assert!(finds_alice(&store).await);
    let told = refusal(by(verify("own_v1_p521.pem"), &database)).await;
    assert!(told.starts_with("no secure connection to the database at `ADDRESS`: "), "{told}");
}

#[tokio::test]
async fn an_authority_and_a_client_of_version_1() {
    let server = server("v1_ca_v3_server.pem", "own.key", Some("v1_ca.pem"));
    let database = server.database(Schema::Joomla5).await;
    database.run("ALTER USER bridge@'%' REQUIRE X509").await;
    let identity = Some((vector("v1_client.pem"), vector("client.key")));
    let both = Tls { identity, ..verify("v1_ca.pem") };
    assert_eq!(refusal(by(both.clone(), &database)).await, "no failure");
    let identity = Some((vector("client.pem"), vector("own.key")));
    let mixed = Tls { identity, ..both };
    insta::assert_snapshot!(refusal(by(mixed, &database)).await, @"no secure connection to the database at `ADDRESS`: the private key is not the certificate's: correct the certificates and the TLS settings in `[database]`");
}

#[tokio::test]
async fn a_certificate_for_another_name_or_time() {
    let server = server("own_other_name.pem", "own.key", None);
    let database = server.database(Schema::Joomla5).await;
    assert_eq!(refusal(by(required(), &database)).await, "no failure");
    insta::assert_snapshot!(refusal(by(verify("own_other_name.pem"), &database)).await, @r#"no secure connection to the database at `ADDRESS`: invalid peer certificate: certificate not valid for name "localhost"; certificate is only valid for DnsName("other.example"): correct the certificates and the TLS settings in `[database]`"#);
    insta::assert_snapshot!(refusal(by(verify("own_v3_ca.pem"), &database)).await, @"no secure connection to the database at `ADDRESS`: the server's certificate is an authority's (CA:TRUE), which is believed only where the file of CA certificates holds the very same: correct the certificates and the TLS settings in `[database]`");
}

/// Behind TLS, the driver does not see that the connection is lost.
#[tokio::test]
async fn a_restart_between_two_calls_goes_unnoticed() {
    let server = server("own_v1.pem", "own.key", None);
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(by(required(), &database)).await.unwrap();
    let all = || async {
        let (a, b, c) = tokio::join!(finds_alice(&store), finds_alice(&store), finds_alice(&store));
        a && b && c
    };
    assert!(all().await);
    for _ in 0..2 {
        server.kill();
        let failure = store.users_by_email(ALICE).await.unwrap_err();
        assert!(matches!(failure, StoreError::Unreachable { .. }), "{failure}");
        server.start();
        assert!(all().await, "the first call after the restart");
    }
    server.kill();
    server.start();
    assert!(all().await, "without a call between");
}

/// The texts need more than one record of TLS each way.
#[tokio::test]
async fn long_answers_come_whole() {
    let server = server("own_v1.pem", "own.key", None);
    let database = server.database(Schema::Joomla5).await;
    let params = "x".repeat(60_000);
    for id in 0..100 {
        database
            .run(&format!(
                "INSERT INTO #__extensions (name, type, element, folder, client_id, access, params, \
                 manifest_cache, custom_data) VALUES ('x', 'file', 'x{id}', '', 0, 1, '{params}', '', '')"
            ))
            .await;
    }
    let encrypted = MySqlStore::connect(by(required(), &database)).await.unwrap();
    let plain = MySqlStore::connect(database.settings()).await.unwrap();
    let (encrypted, plain) = tokio::join!(encrypted.site_rows(), plain.site_rows());
    assert_eq!(format!("{:?}", encrypted.unwrap()), format!("{:?}", plain.unwrap()));
}

#[tokio::test]
async fn failures_on_the_way_are_told_as_without_tls() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    insta::assert_snapshot!(refusal(at(port)).await, @"cannot reach the database at `ADDRESS`: Connection refused (os error 111): start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php");
    let mut settings = at(port);
    settings.address = ServerAddress::Tcp { host: "no-such-host.invalid".into(), port };
    let unknown = refusal(settings).await;
    assert!(unknown.starts_with("cannot reach the database at `ADDRESS`: "), "{unknown}");

    let says = |words: &'static [u8], stays: bool| async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(words).await.unwrap();
            if stays {
                let _ = stream.read(&mut [0]).await;
            }
        };
        let (told, ()) = tokio::join!(refusal(at(port)), server);
        told
    };
    insta::assert_snapshot!(says(b"", false).await, @"cannot reach the database at `ADDRESS`: it closed the connection: start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php");
    insta::assert_snapshot!(says(b"", true).await, @"no greeting from the database at `ADDRESS` within 2000 ms: its port takes connections, so see what keeps the server busy or has stopped it");
    insta::assert_snapshot!(says(b"HTTP/1.1 400 Bad Request\r\n\r\n", true).await, @"cannot reach the database at `ADDRESS`: it does not speak the MySQL protocol as expected: start it, or correct `host`, `port` or `socket` in `[database]` or configuration.php");
    insta::assert_snapshot!(says(b"\x05\0\0\0\xff\x10\x04no", true).await, @"the database at `ADDRESS` runs, but takes no more from the bridge now: all connections of the server are in use (error 1040, `max_connections`): see who holds them (`SHOW PROCESSLIST`), raise `max_connections` on the server, or lower `pool_size` in `[database]`");
    let without_tls = b"\x2f\0\0\0\x0a5.5.5\0\x01\0\0\0aaaaaaaa\0\x09\xa2\x2d\x02\0\0\0\0\0\0\0\0\0\0\0\0\0bbbbbbbbbbbb";
    insta::assert_snapshot!(says(without_tls, true).await, @"no secure connection to the database at `ADDRESS`: the server offers no TLS: correct the certificates and the TLS settings in `[database]`");
    let no_handshake = Box::leak(
        [&[u8::try_from(HELLO.concat().len()).unwrap(), 0, 0, 0], &HELLO.concat()[..], b"no TLS"]
            .concat()
            .into_boxed_slice(),
    );
    insta::assert_snapshot!(says(no_handshake, true).await, @"no secure connection to the database at `ADDRESS`: received corrupt message of type InvalidContentType: correct the certificates and the TLS settings in `[database]`");
}

/// The greeting of a server with `mysql_native_password` that offers TLS (0xaa09), `PROTOCOL_41`,
/// `PLUGIN_AUTH` and the flags that belong to them; the challenge has 21 bytes.
const HELLO: [&[u8]; 2] = [
    b"\x0a8.0.40\0\x01\0\0\0aaaaaaaa\0",
    b"\x09\xaa\x2d\x02\0\x08\0\x15\0\0\0\0\0\0\0\0\0\0bbbbbbbbbbbb\0mysql_native_password\0",
];

fn at(port: u16) -> MySqlSettings {
    MySqlSettings {
        address: ServerAddress::Tcp { host: "127.0.0.1".into(), port },
        database: "site".into(),
        user: "user".into(),
        password: PASSWORD.into(),
        prefix: "jos_".parse().unwrap(),
        tls: Some(required()),
        pool_max: 1,
        connect_timeout: Duration::from_secs(2),
        query_timeout: Duration::from_secs(2),
    }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), number: u8, rest: &[u8]) {
    let length = u32::try_from(rest.len()).unwrap().to_le_bytes();
    let packet = [&[length[0], length[1], length[2], number], rest].concat();
    stream.write_all(&packet).await.unwrap();
    stream.flush().await.unwrap();
}

/// Reads the number and the rest of a packet.
async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> (u8, Vec<u8>) {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.unwrap();
    let length = u32::from_le_bytes([head[0], head[1], head[2], 0]);
    let mut rest = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut rest).await.unwrap();
    (head[3], rest)
}

/// Plays the login of MySQL 8 for an account that it has not seen since its start, and that of
/// MariaDB's 11.6: several questions and answers, numbered as the server numbers them.
#[tokio::test]
async fn logins_of_several_steps() {
    for is_parsec in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = recorded("own_v1.pem", "own.key", rustls::ALL_VERSIONS);
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            send(&mut stream, 0, &HELLO.concat()).await;
            let (number, request) = receive(&mut stream).await;
            assert_eq!((number, request.len()), (1, 32));
            let mut stream = acceptor.accept(stream).await.unwrap();
            let (number, answer) = receive(&mut stream).await;
            assert_eq!((number, &answer[..32]), (2, &request[..]), "the same capabilities");
            assert_eq!(answer[1] & 0x08, 0x08, "TLS");
            if is_parsec {
                send(&mut stream, 3, &[&b"\xfeparsec\0"[..], &[7; 32]].concat()).await;
                assert_eq!(receive(&mut stream).await, (4, vec![]), "the client asks for the salt");
                send(&mut stream, 5, &[&b"P\0"[..], &[9; 18]].concat()).await;
                let (number, proof) = receive(&mut stream).await;
                assert_eq!((number, proof.len()), (6, 96));
                send(&mut stream, 7, b"\xff\x15\x04#28000Access denied").await;
            } else {
                let switch = [&b"\xfecaching_sha2_password\0"[..], &[7; 20], b"\0"].concat();
                send(&mut stream, 3, &switch).await;
                let (number, scramble) = receive(&mut stream).await;
                assert_eq!((number, scramble.len()), (4, 32));
                send(&mut stream, 5, b"\x01\x04").await;
                let password = [PASSWORD.as_bytes(), b"\0"].concat();
                assert_eq!(receive(&mut stream).await, (6, password));
                send(&mut stream, 7, b"\0\0\0\x02\0\0\0").await;
                let (number, command) = receive(&mut stream).await;
                assert_eq!((number, command[0]), (0, 3), "a query, counted from the start");
                send(&mut stream, 1, b"\xff\x15\x04#28000Access denied").await;
            }
            let _ = stream.read(&mut [0]).await;
        };
        let (told, ()) = tokio::join!(refusal(at(port)), server);
        assert!(told.contains("refuses the account `user`"), "{told}");
    }
}

/// The socket between the driver and the bridge's TLS has no place in the file system, so no file
/// rights can protect it. The sockets of tests that run beside this one are tried as well.
#[tokio::test]
async fn other_processes_are_not_let_in() {
    let server = server("own_v1.pem", "own.key", None);
    let database = server.database(Schema::Joomla5).await;
    let store = MySqlStore::connect(by(required(), &database)).await.unwrap();
    let sockets = std::fs::read_to_string("/proc/net/unix").unwrap();
    let names = sockets.lines().filter_map(|line| line.split_once("@jbackend-bridge-"));
    let names: BTreeSet<_> = names.map(|(_, random)| random).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut refused = 0;
    for name in names {
        let toml = format!(
            "[database]\nsocket = \"\\u0000jbackend-bridge-{name}\"\nname = '{}'\nuser = '{USER}'\n\
             password = '{PASSWORD}'\nprefix = 'jos_'\n",
            database.name
        );
        std::fs::write(file.path(), toml).unwrap();
        let mut check = Command::new(env!("CARGO_BIN_EXE_jbackend-bridge"));
        check.args(["check", "--json", "--config"]).arg(file.path());
        let told = check.output().await.unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        assert!(told.contains("cannot reach the database at `"), "{told}");
        let reasons = [
            "connection closed",
            "it closed the connection",
            "Connection refused",
            "Broken pipe",
            "Connection reset",
        ];
        assert!(reasons.iter().any(|reason| told.contains(reason)), "{told}");
        refused += usize::from(!told.contains("Connection refused"));
    }
    assert!(refused > 0, "none is there");
    assert!(finds_alice(&store).await);
}
