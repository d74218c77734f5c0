//! Sites to be served: a database with as many customers as wanted, package files, and the real
//! program in front of them.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use md5::{Digest, Md5};
use mysql_async::{Row, prelude::Queryable};
use tempfile::TempDir;
use testkit::fixture::{self, Schema};
use testkit::mariadb::{Database, MariaDb, PASSWORD, USER};

use crate::process::{Process, free_address};

/// bcrypt, cost 10, of a password that no request sends.
const PASSWORD_HASH: &str = "$2y$10$z9wNjVzpeaRzpVgoplq/.e5tS6eYobItwU/.Yos9HW8SP73Tdj0ES";
/// How many customers are asked for: spread over the whole table, so that its pages are all used.
const ASKED: u64 = 20_000;

/// The database server of the figures: room for a million customers in its memory.
pub(crate) fn database_server() -> MariaDb {
    MariaDb::with_options(&["--skip-ssl", "--innodb-buffer-pool-size=768M"])
}

/// A site's folder with its packages, and the text of its configuration but for the database.
pub(crate) struct Site {
    folder: TempDir,
    database: String,
}

impl Site {
    /// A site on a database with so many customers of the package group `group`.
    pub(crate) async fn with_customers(server: &MariaDb, customers: u64) -> (Self, Database<'_>) {
        let database = server.database(Schema::Joomla5).await;
        for statement in [
            format!(
                "INSERT INTO #__users (id, name, username, email, password, params, registerDate) \
                 SELECT 1000 + seq, CONCAT('Customer ', seq), CONCAT('customer', seq), \
                 CONCAT('customer', seq, '@example.test'), '{PASSWORD_HASH}', '', \
                 '2024-02-29 12:00:00' FROM seq_1_to_{customers}"
            ),
            format!(
                "INSERT INTO #__user_usergroup_map (user_id, group_id) \
                 SELECT 1000 + seq, 12 FROM seq_1_to_{customers}"
            ),
            "ANALYZE TABLE #__users, #__user_usergroup_map".to_owned(),
        ] {
            database.run(&statement).await;
        }
        (Self::on(server, &database), database)
    }

    /// A site on a database that is there.
    pub(crate) fn on(server: &MariaDb, database: &Database<'_>) -> Self {
        let url = format!("mysql://{USER}:{PASSWORD}@127.0.0.1:{}/{}", server.port, database.name);
        Self { folder: tempfile::tempdir().unwrap(), database: url }
    }

    /// The recorded site in a file.
    pub(crate) fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("site.db");
        let connection = rusqlite::Connection::open(&file).unwrap();
        for statement in fixture::statements(Schema::Sqlite) {
            connection.execute_batch(&statement).unwrap();
        }
        Self { database: format!("sqlite:{}", file.display()), folder }
    }

    /// Its package folder.
    pub(crate) fn packages(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// Makes a package file of that many bytes, under its name as package id.
    pub(crate) fn write_package(&self, name: &str, bytes: usize) {
        fs::create_dir_all(self.packages()).unwrap();
        let content: Vec<u8> = (0..bytes).map(|place| (place % 251) as u8).collect();
        fs::write(self.packages().join(name), content).unwrap();
    }

    /// The URL of its database.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Starts the program for it; `more` is further configuration.
    pub(crate) fn serve(&self, more: &str) -> Process {
        let address = free_address();
        let files: Vec<String> = fs::read_dir(self.packages())
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| format!("'{name};{name}', "))
            .collect();
        let toml = format!(
            "[server]\nlisten = '{address}'\nmax_connections = 2000\nshutdown_deadline = 0\n\
             [joomla]\nroot = '{root}'\nsecret = '{secret}'\nversion = '5.3'\n\
             site_name = 'Figures'\n[database]\nurl = '{database}'\nprefix = '{prefix}'\n\
             [license]\nrecipe = '{recipe}'\n[mail]\ntransport = 'off'\n\
             [release]\nfolder = '{packages}'\ngroups = ['group;12;HASH']\n\
             packages = [{files}'paid;paid.zip;group']\n{more}",
            root = self.folder.path().display(),
            secret = fixture::secret(),
            database = self.database,
            prefix = fixture::prefix(),
            recipe = fixture::recipe(),
            packages = self.packages().display(),
            files = files.concat(),
        );
        let configuration = self.folder.path().join(format!("{}.toml", address.replace(':', "-")));
        fs::write(&configuration, toml).unwrap();
        fs::write(self.folder.path().join("configuration.php"), "<?php class JConfig {}").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_jbackend-bridge"));
        command.arg("serve").arg("--config").arg(&configuration);
        Process::start(&mut command, address)
    }
}

/// E-mail and license key of customers, in an order that knows no neighbours.
pub(crate) fn customers(all: u64) -> impl Iterator<Item = (String, String)> {
    // A stride that is prime to the number of customers meets each of them once.
    (0..ASKED.min(all)).map(move |place| {
        let customer = place * 7_919_929 % all + 1;
        let email = format!("customer{customer}@example.test");
        let mut key = String::new();
        let digest = Md5::digest(format!("{email}groupHASH"));
        digest.iter().for_each(|byte| write!(key, "{byte:02x}").unwrap());
        (email, key)
    })
}

/// How the database server finds an e-mail address, as it says itself.
pub(crate) async fn explain(database: &Database<'_>) -> String {
    let query = include_str!("../../sql/queries/users_by_email.mysql.sql");
    let query = query.replace(":sent", "?").replace(":plus", "?");
    let query = fixture::sql(&query).replace('?', "'customer4711@example.test'");
    let mut admin = database.admin().await;
    let rows: Vec<Row> = admin.query(format!("EXPLAIN {query}")).await.unwrap();
    admin.disconnect().await.unwrap();
    let text = |row: &Row, column: &str| {
        row.get_opt::<Option<String>, _>(column).and_then(Result::ok).flatten().unwrap_or_default()
    };
    let line = |row: &Row| {
        format!("{}: {} by `{}`", text(row, "table"), text(row, "type"), text(row, "key"))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("; ")
}
