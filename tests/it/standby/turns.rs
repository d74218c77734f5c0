//! Settings of the database are never joined with accounts of its standby copy, and settings of one
//! copy never with accounts of another.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jbackend_bridge::packages::folder::Folder;
use jbackend_bridge::site::{LiveSite, Tries};
use jbackend_bridge::store::standby::{
    CopySource, CopyState, Failover, Handover, OpenDatabase, OpenedDatabase, StandbySettings,
};
use jbackend_bridge::store::{Joomla, MySqlSettings, MySqlStore};
use jbackend_bridge::supervise::Tasks;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tempfile::TempDir;
use testkit::fixture::{self, Schema};
use testkit::mariadb::{Database, MariaDb};
use tokio::task::JoinHandle;

use super::{PATIENCE, TAKEN, eventually};
use crate::common::log::Log;
use crate::common::store::StoreSettings as _;
use crate::methods::parts;

const ALICE: &str = "alice@example.test";

/// A database with a separate account for reading, which can be locked out.
struct Site<'m> {
    database: Database<'m>,
    admin: Conn,
    reader: MySqlSettings,
    folder: TempDir,
    log: Log,
}

/// A site, its tasks, and the plugin's settings of each store that began to answer, in their order.
struct Running {
    site: Arc<LiveSite>,
    watching: JoinHandle<()>,
    in_force: Arc<Mutex<Vec<String>>>,
}

impl Site<'_> {
    async fn of(mariadb: &MariaDb) -> Site<'_> {
        let database = mariadb.database(Schema::Joomla5).await;
        let mut admin = database.admin().await;
        admin.query_drop("CREATE USER reader IDENTIFIED BY 'secret'").await.unwrap();
        let grant = format!("GRANT SELECT ON `{}`.* TO reader", database.name);
        admin.query_drop(grant).await.unwrap();
        let reader = MySqlSettings {
            user: "reader".to_owned(),
            password: "secret".into(),
            query_timeout: PATIENCE,
            ..database.settings()
        };
        Site { database, admin, reader, folder: tempfile::tempdir().unwrap(), log: Log::keep() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("snapshot.db")
    }

    /// Opens the store; `before` runs before any task of it.
    async fn run(&self, max_age: Duration, before: impl AsyncFnOnce()) -> Running {
        let settings = StandbySettings {
            file: self.file(),
            every: max_age / 2,
            max_age,
            passwords: false,
            site: "site".to_owned(),
            prefix: self.reader.prefix.clone(),
            limit: PATIENCE,
        };
        let live = self.reader.clone();
        let open: OpenDatabase = Box::new(move || {
            let live = live.clone();
            Box::pin(async move {
                let store = MySqlStore::connect(live).await?;
                Ok(Arc::new(store) as Arc<dyn CopySource>)
            })
        });
        let opened = Failover::open(settings, open, true).await.unwrap();
        before().await;
        let OpenedDatabase { store, failover, watcher } = opened;
        let rows = store.site_rows().await.unwrap();
        let source = parts::source(Box::new(|path| Arc::new(Folder::new(path.into(), Vec::new()))));
        let site = Arc::new(parts::live(source, store, rows, Some(failover)));
        let in_force = Arc::<Mutex<Vec<String>>>::default();
        let (noted, live) = (Arc::clone(&in_force), Arc::clone(&site));
        let publish = move |handover: Handover| {
            noted.lock().unwrap().push(handover.site.release_plugins[0].params.clone());
            live.hand_over(handover);
        };
        let watching = tokio::spawn(async move { watcher.run(&Tasks::default(), publish).await });
        Running { site, watching, in_force }
    }

    /// Locks the account out: open connections stay, new ones are refused.
    async fn lock_out(&mut self) {
        self.admin.query_drop("ALTER USER reader IDENTIFIED BY 'another'").await.unwrap();
    }

    async fn let_in(&mut self) {
        self.admin.query_drop("ALTER USER reader IDENTIFIED BY 'secret'").await.unwrap();
    }

    /// Cuts all connections except that of a waiting copy.
    async fn cut_off(&mut self) {
        let others = "SELECT id FROM information_schema.processlist \
            WHERE user = 'reader' AND COALESCE(state, '') NOT LIKE 'Waiting for table%'";
        for id in self.admin.query::<u64, _>(others).await.unwrap() {
            // It may have ended by itself.
            let _ = self.admin.query_drop(format!("KILL {id}")).await;
        }
    }

    /// Waits until a copy has come to the locked table.
    async fn until_a_copy_waits(&mut self) {
        let waiting = "SELECT COUNT(*) FROM information_schema.processlist \
            WHERE user = 'reader' AND state LIKE 'Waiting for table%'";
        let started = Instant::now();
        while self.admin.query_first::<u64, _>(waiting).await.unwrap() != Some(1) {
            assert!(started.elapsed() < PATIENCE, "no copy waits for the lock");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Locks a table, which holds up copies after they have read all others.
    async fn hold_up(&self) -> Conn {
        let mut locker = self.database.admin().await;
        let lock = fixture::sql("LOCK TABLES #__user_usergroup_map WRITE");
        locker.query_drop(lock).await.unwrap();
        locker
    }

    async fn params(&mut self) -> String {
        let query = "SELECT params FROM #__extensions WHERE element = 'release'";
        self.admin.query_first(fixture::sql(query)).await.unwrap().unwrap()
    }
}

impl Running {
    /// Counts the accounts with the e-mail, as a request would; `None` if no store answers.
    async fn accounts(&self, email: &str) -> Option<usize> {
        let mut view = self.site.view();
        let mut tries = Tries::default();
        loop {
            match view.store.users_by_email(email).await {
                Ok(users) => return Some(users.len()),
                Err(error) => {
                    view = self.site.after_failure(&view, &error, &mut tries).await?;
                }
            }
        }
    }

    fn copy(&self) -> CopyState {
        self.site.failover().unwrap().state()
    }

    async fn until_answered(&self, email: &str, accounts: usize) {
        let started = Instant::now();
        while self.accounts(email).await != Some(accounts) {
            assert!(started.elapsed() < PATIENCE, "{email}: no answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn in_force(&self) -> Vec<String> {
        self.in_force.lock().unwrap().clone()
    }
}

/// The settings of a copy that has grown too old stay in force until the database's settings are.
/// Until then, the database's accounts do not belong to them.
#[tokio::test]
async fn the_database_is_not_asked_while_settings_are_the_snapshots() {
    let mariadb = MariaDb::own();
    let mut site = Site::of(&mariadb).await;
    let running = site.run(Duration::from_secs(10), async || ()).await;
    eventually("a snapshot", || site.log.count(TAKEN) > 0).await;
    // These stores have their own connections, each for one query: they show that the database
    // would answer.
    let witness = MySqlStore::connect(site.reader.clone()).await.unwrap();
    let other_witness = MySqlStore::connect(site.reader.clone()).await.unwrap();
    assert_eq!(running.accounts(ALICE).await, Some(1));

    site.lock_out().await;
    site.database.run("RENAME TABLE #__users TO #__away").await;
    assert_eq!(running.accounts(ALICE).await, Some(1));
    assert_eq!(running.in_force().len(), 1);
    let store = Arc::clone(&running.site.view().store);
    assert_eq!(store.recent_hashes().await.ok(), Some(Vec::new()));
    site.database.run("RENAME TABLE #__away TO #__users").await;
    eventually("a snapshot that is too old", || !running.copy().answers).await;

    assert_eq!(running.accounts(ALICE).await, None);
    assert!(store.user_by_id(100).await.is_err());
    assert!(store.site_rows().await.is_err());
    assert!(store.session(b"1234567890").await.is_err());
    assert!(store.recent_hashes().await.is_err());
    assert_eq!(witness.users_by_email(ALICE).await.unwrap().len(), 1);
    other_witness.session(b"1234567890").await.unwrap();
    assert_eq!(site.log.count(&["the database answers again"]), 0, "{}", site.log.text());

    site.let_in().await;
    running.until_answered(ALICE, 1).await;
    assert_eq!(running.in_force().len(), 2);
    running.watching.abort();
}

/// The copy was begun before the database failed, and has newer accounts than the settings in
/// force.
#[tokio::test]
async fn a_copy_that_ends_late_leaves_the_one_that_answers() {
    let mariadb = MariaDb::own();
    let mut site = Site::of(&mariadb).await;
    let hour = Duration::from_hours(1);
    let first = site.run(hour, async || ()).await;
    eventually("a snapshot", || site.log.count(TAKEN) == 1).await;
    first.watching.abort();
    let old = site.params().await;
    site.database.run("UPDATE #__users SET email = 'new@example.test' WHERE id = 100").await;
    let change = "UPDATE #__extensions SET params = REPLACE(params, '11,12', '12') \
        WHERE element = 'release'";
    site.database.run(change).await;
    let new = site.params().await;
    assert_ne!(old, new);
    // This makes another copy due at once.
    rusqlite::Connection::open(site.file())
        .unwrap()
        .execute_batch("UPDATE snapshot SET taken_at = taken_at - 2000")
        .unwrap();

    let mut locker = None;
    let running = site.run(hour, async || locker = Some(site.hold_up().await)).await;
    site.until_a_copy_waits().await;
    site.lock_out().await;
    site.cut_off().await;
    assert_eq!(running.accounts(ALICE).await, Some(1), "{}", site.log.text());
    assert_eq!(running.in_force(), [old.as_str()]);

    locker.unwrap().query_drop("UNLOCK TABLES").await.unwrap();
    eventually("the end of the copy", || site.log.count(TAKEN) == 2).await;
    assert_eq!(running.accounts(ALICE).await, Some(1), "accounts of another moment than settings");
    assert_eq!(running.accounts("new@example.test").await, Some(0));
    assert_eq!(running.in_force(), [old.as_str()]);

    site.let_in().await;
    running.until_answered("new@example.test", 1).await;
    assert_eq!(running.in_force(), [old, new]);
    let age = running.copy().age;
    assert!(age < Duration::from_secs(1000), "the newer one is not kept: {age:?}");
    running.watching.abort();
}

/// If there was no former copy, this one must not answer under the database's settings either.
#[tokio::test]
async fn a_copy_that_ends_late_answers_with_its_own_settings() {
    let mariadb = MariaDb::own();
    let mut site = Site::of(&mariadb).await;
    let mut locker = None;
    let hour = Duration::from_hours(1);
    let running = site.run(hour, async || locker = Some(site.hold_up().await)).await;
    site.until_a_copy_waits().await;
    site.lock_out().await;
    site.cut_off().await;
    assert_eq!(running.accounts(ALICE).await, None);
    assert_eq!(site.log.count(&["ERROR", "no snapshot young enough"]), 1, "{}", site.log.text());
    locker.unwrap().query_drop("UNLOCK TABLES").await.unwrap();
    running.until_answered(ALICE, 1).await;
    let params = site.params().await;
    assert_eq!(running.in_force(), std::slice::from_ref(&params));
    assert!(running.copy().answers);
    site.let_in().await;
    eventually("the database", || !running.copy().answers).await;
    assert_eq!(running.accounts(ALICE).await, Some(1));
    assert_eq!(running.in_force(), [params.clone(), params]);
    running.watching.abort();
}
