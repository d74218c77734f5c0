//! Each answer equals that of some single view, whatever fails and recovers meanwhile.
//!
//! The seed of a package group and the e-mail of an account change together, in one transaction,
//! while the database is shut off. An answer that joins the settings of one moment with the account
//! of another would have a key that no moment had.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use testkit::client::Reply;
use testkit::fixture::{self, Schema};
use testkit::mariadb::{Database, MariaDb};

use super::{PATIENCE, await_answer, is_of_snapshot, serve, site};
use crate::common::site::Server;
use crate::methods::{key, md5_hex, post};

const GROUP: &str = "redj_enterprise";
/// The number of changes to the site.
const VERSIONS: u32 = 6;
/// Clients that send requests without a pause.
const CLIENTS: usize = 4;

/// Returns the e-mail of the account in a version of the site.
fn email(version: u32) -> String {
    format!("alice{version}@example.test")
}

fn hash(version: u32) -> String {
    format!("HASH{version}")
}

/// A database with a separate account for reading, which can be shut out.
struct Site<'m> {
    database: &'m Database<'m>,
    admin: Conn,
}

impl Site<'_> {
    /// Puts a version of the site into force: settings and account at once.
    async fn write(&mut self, version: u32) {
        let params = serde_json::json!({
            "folder": "files",
            "groups": format!("{GROUP};11,12;{}", hash(version)),
            "packages": "small;/public/joomla/redj/small.zip",
        });
        let settings = "UPDATE #__extensions SET params = ? WHERE element = 'release'";
        let account = "UPDATE #__users SET email = ? WHERE id = 100";
        self.admin.query_drop("START TRANSACTION").await.unwrap();
        self.admin.exec_drop(fixture::sql(settings), (params.to_string(),)).await.unwrap();
        self.admin.exec_drop(fixture::sql(account), (email(version),)).await.unwrap();
        self.admin.query_drop("COMMIT").await.unwrap();
    }

    async fn shut_out(&mut self) {
        self.admin.query_drop("ALTER USER reader IDENTIFIED BY 'another'").await.unwrap();
        let connected = "SELECT id FROM information_schema.processlist WHERE user = 'reader'";
        for id in self.admin.query::<u64, _>(connected).await.unwrap() {
            // It may have ended by itself.
            let _ = self.admin.query_drop(format!("KILL {id}")).await;
        }
    }

    async fn let_in(&mut self) {
        self.admin.query_drop("ALTER USER reader IDENTIFIED BY 'secret'").await.unwrap();
    }

    /// Waits until the file of the copy holds this version.
    async fn until_copied(&self, file: &Path, version: u32) {
        let started = Instant::now();
        loop {
            let copied = rusqlite::Connection::open(file).and_then(|copy| {
                let select = format!("SELECT email FROM {}users WHERE id = 100", fixture::prefix());
                copy.query_row(&select, [], |row| row.get::<_, String>(0))
            });
            if copied.is_ok_and(|copied| copied == email(version)) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "no copy of version {version}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn login() -> String {
    post("keybyauth", GROUP, &[("username", "alice"), ("password", "alicepass")])
}

/// Finds the version of the site that has given this answer; `None` for a refusal.
fn version_of(reply: &Reply) -> Option<u32> {
    let answer: serde_json::Value = serde_json::from_str(&reply.text()).unwrap();
    let given = answer["email"].as_str()?;
    let version = (0..VERSIONS).find(|version| email(*version) == given).unwrap();
    let keys: Vec<_> = (0..VERSIONS).map(|other| key(given, GROUP, &hash(other))).collect();
    let by = keys.iter().position(|key| answer["key"] == key.as_str());
    assert_eq!(by, Some(version as usize), "the account of version {version}: {answer}");
    Some(version)
}

/// Sends one request; tells if the copy has answered, `None` for a refusal.
async fn ask(server: &Server) -> Option<bool> {
    let reply = server.get(&login()).await;
    version_of(&reply).map(|_| is_of_snapshot(&reply))
}

#[tokio::test]
async fn no_answer_joins_two_moments() {
    let mariadb = MariaDb::own();
    let database = mariadb.database(Schema::Joomla5).await;
    let mut admin = database.admin().await;
    admin.query_drop("CREATE USER reader IDENTIFIED BY 'secret'").await.unwrap();
    let grant = format!("GRANT SELECT ON `{}`.* TO reader", database.name);
    admin.query_drop(grant).await.unwrap();
    // The hash is a cheap one: thousands of logins are checked here.
    let cheap = format!("UPDATE #__users SET password = '{}' WHERE id = 100", md5_hex("alicepass"));
    database.run(&cheap).await;
    let mut joomla = Site { database: &database, admin };
    joomla.write(0).await;
    let mut site = site(joomla.database);
    let config = &mut site.config.database;
    config.user = Some("reader".into());
    config.password = Some("secret".to_owned().into());
    config.read_only = true;
    config.snapshot_passwords = true;
    config.snapshot_every = 1;
    site.config.release.refresh = 1;
    site.config.joomla.version = Some("3.10.12".into());
    let file = super::file(&site);
    let server = serve(site).await;

    let is_over = AtomicBool::new(false);
    let clients = async {
        let mut answered = (0, 0);
        while !is_over.load(Ordering::Relaxed) {
            for is_of_copy in join_all((0..CLIENTS).map(|_| ask(&server))).await {
                answered.0 += u32::from(is_of_copy == Some(true));
                answered.1 += u32::from(is_of_copy == Some(false));
            }
        }
        answered
    };
    let changes = async {
        for version in 1..VERSIONS {
            joomla.until_copied(&file, version - 1).await;
            joomla.shut_out().await;
            await_answer(&server, &login(), "of the copy", is_of_snapshot).await;
            joomla.write(version).await;
            joomla.let_in().await;
            let is_new = |reply: &Reply| version_of(reply) == Some(version);
            await_answer(&server, &login(), "of the database", is_new).await;
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let ((of_copy, of_database), ()) = tokio::join!(clients, changes);
    assert!(of_copy > VERSIONS && of_database > VERSIONS, "{of_copy} and {of_database} answers");
}
