//! A private Redis or Valkey server: it has its own directory, port and socket, and ends with the
//! test.
//!
//! A shell owns the server and reads commands from a pipe that only the test process holds open.
//! However the test ends, the pipe closes, and the shell kills the server and removes its directory.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use jbackend_bridge::config::shared_limits::RedisUrl;
use redis::{Client, Connection};

const START_LIMIT: Duration = Duration::from_mins(1);

/// Arguments: program, directory, port, further options of the server.
const SUPERVISOR: &str = r#"
trap '' INT TERM HUP
exec 2>/dev/null
program=$1 dir=$2 port=$3
shift 3
start() {
    "$program" --port "$port" --bind 127.0.0.1 --unixsocket "$dir/socket" --dir "$dir" --save '' \
        --appendonly no "$@" >>"$dir/log" 2>&1 </dev/null &
    server=$!
}
start "$@"
echo ok
while read -r command; do
    case $command in
        kill) kill -KILL $server; wait $server ;;
        start) start "$@" ;;
        STOP | CONT) kill -s "$command" $server ;;
    esac
    echo ok
done
kill -KILL $server
wait $server
rm -rf "$dir"
"#;

/// A running server.
pub(crate) struct Redis {
    directory: PathBuf,
    /// Its TCP port on 127.0.0.1.
    pub(crate) port: u16,
    /// The password of the account `default`; empty if there is none.
    password: &'static str,
    supervisor: Mutex<Supervisor>,
}

struct Supervisor {
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    _shell: Child,
}

impl Redis {
    /// Starts a server that gives all clients on this machine all rights.
    pub(crate) fn start() -> Self {
        Self::launch("", &[])
    }

    /// Starts a server whose account `default` has a password, with further options.
    pub(crate) fn with_password(password: &'static str, options: &[&str]) -> Self {
        Self::launch(password, &[&["--requirepass", password], options].concat())
    }

    fn launch(password: &'static str, options: &[&str]) -> Self {
        let program = ["redis-server", "valkey-server"].into_iter().find(|name| is_installed(name));
        let program = program.unwrap_or_else(|| {
            panic!("`redis-server` is missing: run `tests/run`, which installs it")
        });
        let directory = tempfile::Builder::new()
            .prefix("jbackend-bridge-redis-")
            .tempdir()
            .expect("temporary directory")
            .keep();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        drop(listener);
        let mut shell = Command::new("sh")
            .args(["-c", SUPERVISOR, "sh", program])
            .arg(&directory)
            .arg(port.to_string())
            .args(options)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let server = Self {
            directory,
            port,
            password,
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

    /// Returns the path of its unix socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// Returns the URL for the account `default`, by TCP.
    pub(crate) fn url(&self) -> RedisUrl {
        url(&self.text())
    }

    fn text(&self) -> String {
        let login =
            if self.password.is_empty() { String::new() } else { format!(":{}@", self.encoded()) };
        format!("redis://{login}127.0.0.1:{}", self.port)
    }

    fn encoded(&self) -> String {
        self.password.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
    }

    /// Kills the server as a power cut would.
    pub(crate) fn kill(&self) {
        self.command("kill");
    }

    /// Starts the server again, on the same port and without its data.
    pub(crate) fn start_again(&self) {
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

    /// Opens a connection with all rights.
    pub(crate) fn admin(&self) -> Connection {
        Client::open(self.text()).expect("a URL").get_connection().expect("it runs")
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

    /// Waits until the server answers.
    fn await_ready(&self) {
        let started = Instant::now();
        let client = Client::open(self.text()).expect("a URL");
        let greets = || {
            client.get_connection().is_ok_and(|mut connection| {
                redis::cmd("PING").query::<String>(&mut connection).is_ok()
            })
        };
        while !greets() {
            assert!(started.elapsed() < START_LIMIT, "it does not start: {}", self.log());
            sleep(Duration::from_millis(10));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }
}

/// Parses a URL as in a configuration.
pub(crate) fn url(text: &str) -> RedisUrl {
    text.parse().expect("a URL")
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
