//! The Joomla store: the same tests on MariaDB with Joomla 3's and 5's tables and on SQLite, then
//! the tests for only one of them.

mod accounts;
mod bounds;
mod collation;
mod faults;
mod messages;
mod parsec;
mod refusals;
mod samples;
mod site;
mod sqlite;
mod tls;

use std::{path::PathBuf, time::Duration};

use jbackend_bridge::store::{Joomla, MySqlStore, SqliteStore, TablePrefix};
use tempfile::TempDir;
use testkit::fixture::{self, Schema};
use testkit::mariadb::{Database, MariaDb};

use crate::common::store::StoreSettings as _;

/// One site in one kind of database.
struct Site {
    schema: Schema,
    store: Box<dyn Joomla>,
    backend: Backend,
}

enum Backend {
    MariaDb(Database<'static>),
    Sqlite(TempDir),
}

impl Site {
    async fn new(schema: Schema) -> Self {
        let (store, backend): (Box<dyn Joomla>, Backend) = if schema == Schema::Sqlite {
            let folder = TempDir::new().expect("temporary directory");
            for statement in fixture::statements(schema) {
                run_sqlite(&folder, &statement);
            }
            (Box::new(open_sqlite(&folder)), Backend::Sqlite(folder))
        } else {
            let database = MariaDb::shared().database(schema).await;
            let store = MySqlStore::connect(database.settings()).await;
            (Box::new(store.expect("site")), Backend::MariaDb(database))
        };
        Self { schema, store, backend }
    }

    /// Runs a statement; `#__` stands for the prefix.
    async fn run(&self, statement: &str) {
        match &self.backend {
            Backend::MariaDb(database) => database.run(statement).await,
            Backend::Sqlite(folder) => run_sqlite(folder, statement),
        }
    }

    /// Opens the store again after tables were changed.
    async fn reopen(&mut self) {
        self.store = match &self.backend {
            Backend::MariaDb(database) => {
                Box::new(MySqlStore::connect(database.settings()).await.expect("site"))
            }
            Backend::Sqlite(folder) => Box::new(open_sqlite(folder)),
        };
    }

    async fn add_user(&self, id: i64, username: &str, email: &str) {
        let (columns, values) = match self.schema {
            Schema::Joomla3 => (", params", ", ''"),
            Schema::Joomla5 => (", params, registerDate", ", '', '2024-02-29'"),
            Schema::Sqlite => ("", ""),
        };
        let insert = format!(
            "INSERT INTO #__users (id, name, username, email, password{columns}) \
             VALUES ({id}, 'N', '{username}', '{email}', 'hash{id}'{values})"
        );
        self.run(&insert).await;
    }

    /// Returns the ids of the accounts with an e-mail address, in their order.
    async fn by_email(&self, email: &str) -> Vec<i64> {
        let users = self.store.users_by_email(email).await;
        let users = users.unwrap_or_else(|e| panic!("{:?}, {email:?}: {e}", self.schema));
        users.iter().map(|user| user.id).collect()
    }

    /// Returns the ids of the accounts with a user name, in their order.
    async fn by_username(&self, username: &str) -> Vec<i64> {
        let accounts = self.store.users_by_username(username).await;
        let accounts = accounts.unwrap_or_else(|e| panic!("{:?}, {username:?}: {e}", self.schema));
        accounts.iter().map(|account| account.user.id).collect()
    }
}

/// Makes the fixture's site in every kind of database.
async fn sites() -> [Site; 3] {
    [
        Site::new(Schema::Joomla3).await,
        Site::new(Schema::Joomla5).await,
        Site::new(Schema::Sqlite).await,
    ]
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("joomla.sqlite")
}

fn prefix() -> TablePrefix {
    fixture::prefix().parse().expect("the fixture's prefix")
}

fn open_sqlite(folder: &TempDir) -> SqliteStore {
    let limit = Duration::from_secs(5);
    SqliteStore::open(&file(folder), &prefix(), limit).expect("site")
}

fn run_sqlite(folder: &TempDir, statement: &str) {
    let statement = statement.replace("#__", fixture::prefix());
    let connection = rusqlite::Connection::open(file(folder)).expect("file");
    let done = connection.execute_batch(&statement);
    done.unwrap_or_else(|error| panic!("{error} in: {statement}"));
}
