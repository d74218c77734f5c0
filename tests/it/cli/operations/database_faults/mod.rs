//! Faults of the database server under two running services, one with a standby copy and one
//! without. Answers are right or have the documented code, no connection stays open, and the
//! services recover by themselves.

mod connections;
mod locks;
mod outages;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use md5::{Digest, Md5};
use mysql_async::prelude::Queryable;
use testkit::client::Client;
use testkit::fixture;
use testkit::mariadb::{Database, MariaDb};
use tokio::task::JoinSet;

use super::{Service, configure, eventually, usual, validate};
use crate::common::site::Site;

/// `pool_size`, and the account's connections for writing; connections for health checks and copies
/// come and go.
const MOST_CONNECTIONS: usize = 4 + 2;

/// Time limits of connecting and of a query, in seconds.
const LIMITS: &str = "database.connect_timeout = 3\ndatabase.query_timeout = 3\n";

/// The sum of both limits, and a margin for a busy machine.
const BOUND: Duration = Duration::from_secs(6 + 10);

/// Two services of the same site.
struct Pair {
    plain: Running,
    with_snapshot: Running,
}

struct Running {
    service: Service,
    site: Site,
    /// Open files before the fault.
    files: usize,
}

impl Pair {
    /// Starts both, with accounts that have only the rights they need, and sends the first
    /// requests.
    async fn start(mariadb: &MariaDb, database: &Database<'_>, port: u16) -> Self {
        let mut admin = mariadb.admin(None).await;
        for name in ["plain", "copied"] {
            admin
                .query_drop(format!("CREATE USER IF NOT EXISTS {name} IDENTIFIED BY 'secret'"))
                .await
                .unwrap();
            let grant = format!("GRANT SELECT, INSERT, UPDATE ON `{}`.* TO {name}", database.name);
            admin.query_drop(grant).await.unwrap();
        }
        admin.disconnect().await.unwrap();
        let plain = Running::start(database, port, "plain", "").await;
        let snapshot = "database.snapshot = 'on'\ndatabase.snapshot_file = 'FOLDER/snapshot.db'\n";
        let with_snapshot = Running::start(database, port, "copied", snapshot).await;
        let file = with_snapshot.site.folder.path().join("snapshot.db");
        eventually("a snapshot", async || file.exists()).await;
        let mut pair = Self { plain, with_snapshot };
        for running in [&mut pair.plain, &mut pair.with_snapshot] {
            let load = Load::start(&running.service);
            eventually("some answers", async || load.count() > 100).await;
            let refused = load.stop().await;
            assert_eq!(refused, 0, "{}", running.service.log());
            running.files = running.open_files();
        }
        pair
    }

    fn both(&self) -> [&Running; 2] {
        [&self.plain, &self.with_snapshot]
    }

    /// Waits until both answer from the database.
    async fn healed_answers(&self) {
        for running in self.both() {
            eventually("the database's answer", async || {
                let reply = running.service.get(&validate()).await;
                reply.code() == "ok" && reply.header("x-bridge-snapshot").is_empty()
            })
            .await;
        }
    }

    /// Waits until both answer from the database and hold no more files and connections than
    /// before.
    async fn healed(&self, mariadb: &MariaDb) {
        self.healed_answers().await;
        for running in self.both() {
            let files = running.files;
            eventually("closed files", async || running.open_files() <= files + 1).await;
        }
        for name in ["plain", "copied"] {
            eventually("closed connections", async || {
                connections(mariadb, name).await <= MOST_CONNECTIONS
            })
            .await;
        }
    }

    async fn end(self) {
        for running in [self.plain, self.with_snapshot] {
            running.service.signal("TERM").await;
            let log = running.service.ended().await;
            assert!(!log.contains("panicked"), "{log}");
        }
    }
}

impl Running {
    async fn start(database: &Database<'_>, port: u16, user: &str, lines: &str) -> Self {
        let mut site = Site::on(database);
        site.config.database.host = Some(format!("127.0.0.1:{port}"));
        site.config.database.user = Some(user.to_owned());
        site.config.database.password = Some("secret".to_owned().into());
        let php = site.folder.path().join("configuration.php");
        fs::write(php, "<?php\nclass JConfig {\n}\n").unwrap();
        let lines = lines.replace("FOLDER", &site.folder.path().display().to_string());
        configure(&site, &[&usual(), LIMITS, lines.as_str()].concat());
        let service = Service::start(&site).await;
        Self { service, site, files: 0 }
    }

    fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.service.id())).unwrap().count()
    }

    /// Returns the code of an answer, which must come within the time limits.
    async fn code(&self, target: &str) -> String {
        let started = Instant::now();
        let code = self.service.get(target).await.code();
        assert!(started.elapsed() < BOUND, "{target}: {:?}", started.elapsed());
        code
    }

    /// Sends requests until the standby copy answers.
    async fn until_snapshot(&self) {
        eventually("an answer of the snapshot", async || {
            let reply = self.service.get(&validate()).await;
            !reply.header("x-bridge-snapshot").is_empty() && reply.code() == "ok"
        })
        .await;
    }
}

/// Counts the connections of an account.
async fn connections(mariadb: &MariaDb, user: &str) -> usize {
    let mut admin = mariadb.admin(None).await;
    let sql = format!("SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{user}'");
    let count: Option<usize> = admin.query_first(sql).await.unwrap();
    admin.disconnect().await.unwrap();
    count.unwrap()
}

/// Clients that send requests without a pause. Each answer must be right, or the code of a failure.
struct Load {
    clients: JoinSet<u64>,
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicU64>,
}

impl Load {
    fn start(service: &Service) -> Self {
        let (stop, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut clients = JoinSet::new();
        for (target, right) in requests() {
            let (client, stop, answers) =
                (service.client.clone(), Arc::clone(&stop), Arc::clone(&answers));
            clients.spawn(async move { ask_until(&client, &target, right, &stop, &answers).await });
        }
        Self { clients, stop, answers }
    }

    fn count(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Stops the clients and returns the number of failures.
    async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.join_all().await.into_iter().sum()
    }
}

async fn ask_until(
    client: &Client,
    target: &str,
    right: &str,
    stop: &AtomicBool,
    answers: &AtomicU64,
) -> u64 {
    let mut failed = 0;
    while !stop.load(Ordering::Relaxed) {
        let code = client.send("GET", target, &[], b"").await.code();
        assert!(code == right || code == "REL_RGE", "{target}: {code} in place of {right}");
        failed += u64::from(code == "REL_RGE");
        answers.fetch_add(1, Ordering::Relaxed);
    }
    failed
}

/// Lists requests with their right codes.
fn requests() -> Vec<(String, &'static str)> {
    let key = |email: &str| {
        let text = format!("{email}redj_enterpriseHASH123KEY456");
        base16ct::lower::encode_string(&Md5::digest(text))
    };
    let ask = |resource: &str, email: &str, key: &str| {
        format!("/packages/post/release/{resource}?email={email}&key={key}")
    };
    let (alice, bob, carol) = ("alice@example.test", "bob@example.test", "carol@example.test");
    vec![
        (ask("validate/redj_enterprise", alice, &key(alice)), "ok"),
        (ask("verify/redj_ent_190", alice, &key(alice)), "ok"),
        (ask("verify/redj_ent_190", alice, &key(bob)), "REL_KNV"),
        (ask("validate/redj_enterprise", bob, &key(bob)), "REL_ANA"),
        (ask("validate/redj_enterprise", carol, &key(carol)), "REL_UNE"),
        (ask("verify/redj_ent_190", "nobody@example.test", "0"), "REL_UNF"),
    ]
}

/// Runs a query on the site's database that returns a number.
async fn count(database: &Database<'_>, query: &str) -> i64 {
    let mut admin = database.admin().await;
    let count: Option<i64> = admin.query_first(fixture::sql(query)).await.unwrap();
    admin.disconnect().await.unwrap();
    count.unwrap()
}
