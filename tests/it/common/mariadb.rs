//! A private MariaDB server: it has its own data directory, port and socket, and ends with the
//! test.
//!
//! A shell owns the server and reads commands from a pipe that only the test process holds
//! open. However the test ends, the pipe closes, and the shell kills the server and removes
//! its directory.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use jbackend_bridge::store::{MySqlSettings, ServerAddress, TablePrefix};
use mysql_async::{Conn, OptsBuilder, prelude::Queryable};

use super::fixture::{self, Schema};

/// The account of the tests, with all rights.
pub(crate) const USER: &str = "bridge";
/// Its password.
pub(crate) const PASSWORD: &str = "bridge-password";

/// Time for a start: installing the system tables and starting take seconds, more on a busy
/// machine.
const START_LIMIT: Duration = Duration::from_mins(2);

/// Arguments: directory, port, a directory with fresh system tables or an empty text, further
/// options of the server.
const SUPERVISOR: &str = r#"
trap '' INT TERM HUP
exec 2>/dev/null
dir=$1 port=$2 fresh=$3
shift 3
start() {
    mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/socket" --port="$port" \
        --bind-address=127.0.0.1 --pid-file="$dir/pid" --init-file="$dir/init.sql" \
        --skip-name-resolve --skip-log-bin --innodb-flush-log-at-trx-commit=0 \
        --innodb-buffer-pool-size=16M --innodb-log-file-size=4M --key-buffer-size=1M \
        --performance-schema=OFF --max-connections=60 "$@" >>"$dir/log" 2>&1 </dev/null &
    server=$!
}
if [ -n "$fresh" ]; then
    cp -R "$fresh" "$dir/data"
else
    mariadb-install-db --no-defaults --datadir="$dir/fresh" $TEST_DB \
        --auth-root-authentication-method=normal $RUN_AS >"$dir/log" 2>&1 </dev/null
    cp -R "$dir/fresh" "$dir/data"
fi
start $RUN_AS "$@"
echo ok
while read -r command; do
    case $command in
        kill) kill -KILL $server; wait $server ;;
        start) start $RUN_AS "$@" ;;
        STOP)
            kill -s STOP $server
            # The signal is only sent then: a thread may still run and answer a request.
            while grep -L '^State:.T' /proc/$server/task/*/status | grep -q .; do :; done ;;
        CONT) kill -s CONT $server ;;
    esac
    echo ok
done
kill -KILL $server
wait $server
rm -rf "$dir"
"#;

/// A running server.
pub(crate) struct MariaDb {
    directory: PathBuf,
    /// Its TCP port on 127.0.0.1.
    pub(crate) port: u16,
    databases: AtomicU32,
    supervisor: Mutex<Supervisor>,
}

struct Supervisor {
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    _shell: Child,
}

impl MariaDb {
    /// Returns the server that all tests of this process may share, each with its own database.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<MariaDb> = OnceLock::new();
        SHARED.get_or_init(|| {
            for program in ["mariadbd", "mariadb-install-db"] {
                assert!(
                    is_installed(program),
                    "`{program}` is missing: run `tests/run`, which installs MariaDB's server"
                );
            }
            Self::launch(Path::new(""), &["--skip-ssl"], "--skip-test-db")
        })
    }

    /// Starts a separate server, for tests that break it. It writes its log at every commit, so
    /// that rows outlive a kill.
    pub(crate) fn own() -> Self {
        Self::with_options(&["--skip-ssl", "--innodb-flush-log-at-trx-commit=2"])
    }

    /// Starts a separate server with further options.
    pub(crate) fn with_options(options: &[&str]) -> Self {
        // Making the system tables takes most of the time: the shared server keeps a copy.
        Self::launch(&Self::shared().directory.join("fresh"), options, "")
    }

    /// Starts a separate server as distributions install it: with a database `test`, in which every
    /// account has all rights.
    pub(crate) fn with_test_database() -> Self {
        Self::launch(Path::new(""), &["--skip-ssl"], "")
    }

    /// Starts a server. `install` is an option for making the system tables, if they are not
    /// copied.
    fn launch(fresh: &Path, options: &[&str], install: &str) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("jbackend-bridge-mariadb-")
            .tempdir()
            .expect("temporary directory")
            .keep();
        // An installation with the database `test` has an account without a name at `localhost`,
        // which clients of the socket would get.
        let hosts: &[&str] = if fresh.as_os_str().is_empty() && install.is_empty() {
            &["%", "localhost"]
        } else {
            &["%"]
        };
        let accounts = hosts.iter().map(|host| {
            format!(
                "CREATE USER IF NOT EXISTS '{USER}'@'{host}' IDENTIFIED BY '{PASSWORD}';\n\
                 GRANT ALL ON *.* TO '{USER}'@'{host}' WITH GRANT OPTION;\n"
            )
        });
        let init = accounts.collect::<String>();
        std::fs::write(directory.join("init.sql"), init).expect("init file");
        let port = free_port();
        let mut shell = Command::new("sh")
            .args(["-c", SUPERVISOR, "sh"])
            .arg(&directory)
            .arg(port.to_string())
            .arg(fresh)
            .args(options)
            .env("TEST_DB", install)
            .env("RUN_AS", if is_root() { "--user=root" } else { "" })
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let server = Self {
            directory,
            port,
            databases: AtomicU32::new(0),
            supervisor: Mutex::new(Supervisor {
                commands: shell.stdin.take().expect("piped"),
                answers: BufReader::new(shell.stdout.take().expect("piped")),
                _shell: shell,
            }),
        };
        server.await_supervisor();
        server.await_ready();
        server
    }

    /// Returns the path of the server's unix socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// Kills the server as a power cut would.
    pub(crate) fn kill(&self) {
        self.command("kill");
    }

    /// Starts the server again, on the same port.
    pub(crate) fn start(&self) {
        self.command("start");
        self.await_ready();
    }

    /// Stops the process and closes nothing: its connections hang.
    pub(crate) fn hang(&self) {
        self.command("STOP");
    }

    /// Lets the process continue.
    pub(crate) fn go_on(&self) {
        self.command("CONT");
    }

    /// Makes a database with the tables of a schema and the rows of the fixture.
    pub(crate) async fn database(&self, schema: Schema) -> Database<'_> {
        let database = self.empty_database().await;
        for statement in fixture::statements(schema) {
            database.run(&statement).await;
        }
        database
    }

    /// Makes a database of this name, with the tables of a schema and the rows of the fixture.
    pub(crate) async fn named_database(&self, schema: Schema, name: &str) -> Database<'_> {
        let database = Database { server: self, name: name.to_owned() };
        let mut admin = self.admin(None).await;
        admin.query_drop(format!("CREATE DATABASE {name}")).await.expect("new database");
        admin.disconnect().await.expect("polite end");
        for statement in fixture::statements(schema) {
            database.run(&statement).await;
        }
        database
    }

    /// Makes a database without tables.
    pub(crate) async fn empty_database(&self) -> Database<'_> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let database = Database { server: self, name: format!("site{number}") };
        let create = format!("CREATE DATABASE {}", database.name);
        let mut admin = self.admin(None).await;
        admin.query_drop(create).await.expect("new database");
        admin.disconnect().await.expect("polite end");
        database
    }

    /// Opens a connection with all rights.
    pub(crate) async fn admin(&self, database: Option<&str>) -> Conn {
        let options = OptsBuilder::default()
            .socket(Some(self.socket().to_string_lossy()))
            .user(Some(USER))
            .pass(Some(PASSWORD))
            .db_name(database)
            // The fixture's texts hold backslashes, and zero dates are Joomla 3's defaults.
            .setup(vec!["SET sql_mode = 'NO_BACKSLASH_ESCAPES'"]);
        Conn::new(options).await.expect("admin connection")
    }

    fn command(&self, command: &str) {
        let mut supervisor = self.supervisor.lock().expect("no panic before");
        writeln!(supervisor.commands, "{command}").expect("the supervisor reads");
        drop(supervisor);
        self.await_supervisor();
    }

    fn await_supervisor(&self) {
        let mut supervisor = self.supervisor.lock().expect("no panic before");
        let mut answer = String::new();
        supervisor.answers.read_line(&mut answer).expect("pipe");
        assert_eq!(answer, "ok\n", "the supervisor ended: {}", self.log());
    }

    /// Waits until the server greets a client.
    fn await_ready(&self) {
        let started = Instant::now();
        while !greets(self.port) {
            assert!(started.elapsed() < START_LIMIT, "mariadbd does not start: {}", self.log());
            sleep(Duration::from_millis(30));
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

/// A database of a test.
pub(crate) struct Database<'a> {
    server: &'a MariaDb,
    /// Its name.
    pub(crate) name: String,
}

impl Database<'_> {
    /// Returns settings to read it with, by TCP, under the fixture's prefix and with short limits.
    pub(crate) fn settings(&self) -> MySqlSettings {
        MySqlSettings {
            address: ServerAddress::Tcp {
                host: Ipv4Addr::LOCALHOST.to_string(),
                port: self.server.port,
            },
            database: self.name.clone(),
            user: USER.to_owned(),
            password: PASSWORD.into(),
            prefix: fixture::prefix().parse::<TablePrefix>().expect("prefix"),
            tls: None,
            pool_max: 4,
            connect_timeout: Duration::from_secs(5),
            query_timeout: Duration::from_secs(5),
        }
    }

    /// Opens a connection to it with all rights.
    pub(crate) async fn admin(&self) -> Conn {
        self.server.admin(Some(&self.name)).await
    }

    /// Runs a statement; `#__` stands for the fixture's prefix.
    pub(crate) async fn run(&self, statement: &str) {
        let statement = fixture::sql(statement);
        let mut admin = self.admin().await;
        let done = admin.query_drop(&statement).await;
        done.unwrap_or_else(|error| panic!("{error} in: {statement}"));
        admin.disconnect().await.expect("polite end");
    }
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Is this process root's? The server only runs as root with a special option.
fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}

fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let patience = stream.set_read_timeout(Some(Duration::from_secs(1)));
    patience.is_ok() && matches!(stream.read(&mut [0]), Ok(1))
}
