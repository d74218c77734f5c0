//! A private MariaDB server, and databases with the recorded site on it.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mysql_async::{Conn, OptsBuilder, prelude::Queryable};

use crate::fixture::{self, Schema};
use crate::private_server::{PrivateServer, is_root, program};

/// The account of the tests, with all rights.
pub const USER: &str = "bridge";
/// Its password.
pub const PASSWORD: &str = "bridge-password";

/// A running server.
pub struct MariaDb {
    server: PrivateServer,
    /// Its TCP port on 127.0.0.1.
    pub port: u16,
    databases: AtomicU32,
}

/// The system tables of a new server.
enum Tables<'a> {
    /// Those of another server, before its first start. Making them takes most of the time.
    Copied(&'a Path),
    /// New ones.
    New,
    /// New ones as distributions install them: with a database `test`, and with an account without
    /// a name at `localhost`, which takes clients that come by the socket.
    WithTestDatabase,
}

impl MariaDb {
    /// The server all tests of this process may share, each with its own database.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<MariaDb> = OnceLock::new();
        SHARED.get_or_init(|| Self::launch(&Tables::New, &["--skip-ssl"]))
    }

    /// A server of its own, for tests that break it: it writes its log at every commit, so that
    /// rows outlive a kill.
    pub fn own() -> Self {
        Self::with_options(&["--skip-ssl", "--innodb-flush-log-at-trx-commit=2"])
    }

    /// A server of its own with further options.
    pub fn with_options(options: &[&str]) -> Self {
        Self::launch(&Tables::Copied(&Self::shared().server.directory().join("fresh")), options)
    }

    /// A server of its own as distributions install it: with a database `test`, in which every
    /// account may do everything.
    pub fn with_test_database() -> Self {
        Self::launch(&Tables::WithTestDatabase, &["--skip-ssl"])
    }

    fn launch(tables: &Tables<'_>, options: &[&str]) -> Self {
        let server = PrivateServer::new("mariadb");
        make(tables, server.directory());
        let hosts: &[&str] =
            if matches!(tables, Tables::WithTestDatabase) { &["%", "localhost"] } else { &["%"] };
        let accounts = hosts.iter().map(|host| {
            format!(
                "CREATE USER IF NOT EXISTS '{USER}'@'{host}' IDENTIFIED BY '{PASSWORD}';\n\
                 GRANT ALL ON *.* TO '{USER}'@'{host}' WITH GRANT OPTION;\n"
            )
        });
        let init = accounts.collect::<String>();
        std::fs::write(server.directory().join("init.sql"), init).expect("init file");
        server.run(&command(&server, options), greets);
        Self { port: server.port(), server, databases: AtomicU32::new(0) }
    }

    /// Returns the path of the server's unix socket.
    pub fn socket(&self) -> PathBuf {
        self.server.directory().join("socket")
    }

    /// Kills the server as a power cut would.
    pub fn kill(&self) {
        self.server.kill();
    }

    /// Starts the server again, on the same port.
    pub fn start(&self) {
        self.server.start(greets);
    }

    /// Stops the process and closes nothing: its connections hang.
    pub fn hang(&self) {
        self.server.hang();
    }

    /// Lets the process continue.
    pub fn go_on(&self) {
        self.server.go_on();
    }

    /// Makes a database with the tables of a schema and the rows of the fixture.
    pub async fn database(&self, schema: Schema) -> Database<'_> {
        let database = self.empty_database().await;
        database.fill(schema).await;
        database
    }

    /// Makes a database of this name, with the tables of a schema and the rows of the fixture.
    pub async fn named_database(&self, schema: Schema, name: &str) -> Database<'_> {
        let database = self.create(name.to_owned()).await;
        database.fill(schema).await;
        database
    }

    /// Makes a database without tables.
    pub async fn empty_database(&self) -> Database<'_> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        self.create(format!("site{number}")).await
    }

    async fn create(&self, name: String) -> Database<'_> {
        let mut admin = self.admin(None).await;
        admin.query_drop(format!("CREATE DATABASE {name}")).await.expect("new database");
        admin.disconnect().await.expect("polite end");
        Database { server: self, name }
    }

    /// Opens a connection with all rights.
    pub async fn admin(&self, database: Option<&str>) -> Conn {
        let options = OptsBuilder::default()
            .socket(Some(self.socket().to_string_lossy()))
            .user(Some(USER))
            .pass(Some(PASSWORD))
            .db_name(database)
            // The fixture's texts hold backslashes, and zero dates are Joomla 3's defaults.
            .setup(vec!["SET sql_mode = 'NO_BACKSLASH_ESCAPES'"]);
        Conn::new(options).await.expect("admin connection")
    }
}

/// A database of a test.
pub struct Database<'a> {
    server: &'a MariaDb,
    /// Its name.
    pub name: String,
}

impl Database<'_> {
    /// Returns the TCP port of its server on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// Opens a connection to it with all rights.
    pub async fn admin(&self) -> Conn {
        self.server.admin(Some(&self.name)).await
    }

    /// Runs a statement; `#__` stands for the fixture's prefix.
    pub async fn run(&self, statement: &str) {
        self.run_all(&[fixture::sql(statement)]).await;
    }

    async fn fill(&self, schema: Schema) {
        self.run_all(&fixture::statements(schema)).await;
    }

    async fn run_all(&self, statements: &[String]) {
        let mut admin = self.admin().await;
        for statement in statements {
            let done = admin.query_drop(statement).await;
            done.unwrap_or_else(|error| panic!("{error} in: {statement}"));
        }
        admin.disconnect().await.expect("polite end");
    }
}

/// Makes the system tables in the folder `data`.
fn make(tables: &Tables<'_>, directory: &Path) {
    let fresh = directory.join("fresh");
    let from = match tables {
        Tables::Copied(from) => from,
        Tables::New => {
            install(&fresh, &["--skip-test-db"]);
            fresh.as_path()
        }
        Tables::WithTestDatabase => {
            install(&fresh, &[]);
            fresh.as_path()
        }
    };
    let copied = Command::new("cp").arg("-R").arg(from).arg(directory.join("data")).status();
    assert!(copied.expect("cp").success(), "no copy of {}", from.display());
}

fn install(folder: &Path, options: &[&str]) {
    let output = Command::new(program(&["mariadb-install-db"]))
        .args(["--no-defaults", "--auth-root-authentication-method=normal"])
        // The default would be copied for every server.
        .arg("--innodb-log-file-size=4M")
        .arg(format!("--datadir={}", folder.display()))
        .args(options)
        .args(run_as())
        .output()
        .expect("mariadb-install-db");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn command(server: &PrivateServer, options: &[&str]) -> Command {
    let inside = |name: &str| server.directory().join(name).display().to_string();
    let mut command = Command::new(program(&["mariadbd"]));
    command
        .args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve"])
        .args(["--skip-log-bin", "--performance-schema=OFF", "--max-connections=60"])
        .args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M"])
        .args(["--innodb-log-file-size=4M", "--key-buffer-size=1M"])
        .arg(format!("--port={}", server.port()))
        .arg(format!("--datadir={}", inside("data")))
        .arg(format!("--socket={}", inside("socket")))
        .arg(format!("--pid-file={}", inside("pid")))
        .arg(format!("--init-file={}", inside("init.sql")))
        .args(run_as())
        .args(options);
    command
}

fn run_as() -> &'static [&'static str] {
    if is_root() { &["--user=root"] } else { &[] }
}

/// Whether the server greets a client.
fn greets(server: &PrivateServer) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())) else {
        return false;
    };
    let patience = stream.set_read_timeout(Some(Duration::from_secs(1)));
    patience.is_ok() && matches!(stream.read(&mut [0]), Ok(1))
}
