//! A private server: own directory, own port, gone with the value or with the process.
//!
//! A shell owns the server and reads commands from a pipe that only this process holds open.
//! However the process ends, the pipe closes, and the shell kills the server with its children and
//! removes the directory. If a test fails, the end of the server's log is printed.
//!
//! Used by each kind of server beside this file. Must not import: `mysql_async`, `redis`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A start takes seconds at most, more on a busy machine.
const START_LIMIT: Duration = Duration::from_mins(2);
/// Lines of the log that are printed if a test fails.
const SHOWN: usize = 40;

/// Argument: the directory; the script `run` in it becomes the server. The server leads a process
/// group, so that its children end with it.
const SUPERVISOR: &str = r#"
trap '' INT TERM HUP
exec 2>/dev/null
dir=$1
server=
send() { kill -s "$1" -- "-$server" || kill -s "$1" "$server"; }
end() { [ -z "$server" ] || { send KILL; wait "$server"; }; }
while read -r command; do
    case $command in
        start)
            setsid sh "$dir/run" >>"$dir/log" 2>&1 </dev/null &
            server=$! ;;
        kill) end; server= ;;
        STOP)
            send STOP
            # The signal is only sent then: a thread may still run and answer a request.
            while grep -L '^State:.T' /proc/$server/task/*/status | grep -q .; do :; done ;;
        CONT) send CONT ;;
    esac
    echo ok
done
end
rm -rf "$dir"
"#;

/// A directory and a port, and the server that has been started there.
pub struct PrivateServer {
    name: &'static str,
    directory: PathBuf,
    port: u16,
    shell: Mutex<Shell>,
}

struct Shell {
    child: Child,
    /// `None` when the shell has been told to end.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl PrivateServer {
    /// Makes the directory and picks a free port. Nothing runs yet.
    pub fn new(name: &'static str) -> Self {
        let prefix = format!("testkit-{name}-");
        let directory = tempfile::Builder::new().prefix(&prefix).tempdir().unwrap().keep();
        let mut child = Command::new("sh")
            .args(["-c", SUPERVISOR, "sh"])
            .arg(&directory)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let shell = Shell {
            commands: child.stdin.take(),
            answers: BufReader::new(child.stdout.take().expect("piped")),
            child,
        };
        Self { name, directory, port: free_port(), shell: Mutex::new(shell) }
    }

    /// Returns the directory, for the files of the server.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts the server with this command line, which must not put it into the background, and waits
    /// until it is ready.
    pub fn run(&self, command: &Command, is_ready: impl Fn(&Self) -> bool) {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words = words.map(|word| quoted(word.to_str().expect("UTF-8")));
        let script = format!("exec {}\n", words.collect::<Vec<_>>().join(" "));
        fs::write(self.directory.join("run"), script).unwrap();
        self.start(is_ready);
    }

    /// Starts it again, on the same port, and waits until it is ready.
    pub fn start(&self, is_ready: impl Fn(&Self) -> bool) {
        self.command("start");
        let started = Instant::now();
        while !is_ready(self) {
            let waited = started.elapsed();
            assert!(waited < START_LIMIT, "{} does not start: {}", self.name, self.log());
            sleep(Duration::from_millis(10));
        }
    }

    /// Kills the server as a power cut would.
    pub fn kill(&self) {
        self.command("kill");
    }

    /// Stops it from running without closing anything: its connections hang.
    pub fn hang(&self) {
        self.command("STOP");
    }

    /// Lets it run on.
    pub fn go_on(&self) {
        self.command("CONT");
    }

    /// Returns the output of the server and its log files.
    pub fn log(&self) -> String {
        let files = ["log", "error.log"].map(|name| fs::read(self.directory.join(name)));
        let texts = files.into_iter().filter_map(Result::ok);
        texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }

    fn command(&self, command: &str) {
        let mut shell = self.shell.lock().expect("no panic before");
        writeln!(shell.commands.as_mut().expect("not ended"), "{command}")
            .expect("the shell reads");
        let mut answer = String::new();
        shell.answers.read_line(&mut answer).expect("pipe");
        assert_eq!(answer, "ok\n", "the shell of {} ended: {}", self.name, self.log());
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let skipped = log.lines().count().saturating_sub(SHOWN);
            let end: Vec<_> = log.lines().skip(skipped).collect();
            eprintln!("the end of the log of {}:\n{}", self.name, end.join("\n"));
        }
        if let Ok(shell) = self.shell.get_mut() {
            shell.commands = None;
            // Ignore errors: the shell ends by itself.
            let _ = shell.child.wait();
        }
    }
}

/// Whether a TCP port of this machine accepts connections.
pub fn accepts(server: &PrivateServer) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).is_ok()
}

/// Finds the first of these programs; system programs are not in every `PATH`. A name that ends with
/// `*` stands for every name that begins so.
pub fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .collect::<Vec<_>>();
    let found = names.iter().find_map(|name| {
        folders.iter().find_map(|folder| match name.strip_suffix('*') {
            None => Some(folder.join(name)).filter(|file| file.is_file()),
            Some(start) => fs::read_dir(folder)
                .ok()?
                .filter_map(Result::ok)
                .find(|entry| entry.file_name().to_str().is_some_and(|it| it.starts_with(start)))
                .map(|entry| entry.path()),
        })
    });
    found.unwrap_or_else(|| panic!("{names:?} is missing: run `tests/run`, which installs it"))
}

/// Whether this process is root's: most servers refuse to run as root unless they are told to.
pub fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|process| process.uid() == 0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
