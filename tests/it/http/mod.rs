//! The HTTP edge: requests of all kinds of clients, and the limits of a hostile one.

mod answers;
mod bodies;
mod body_memory;
mod client_address;
mod connections;
mod cut_off;
mod framing;
mod idle;
mod injection;
mod listening;
mod log;
mod long_download;
mod multipart;
mod offload;
mod shares;
mod stopping;
mod targets;

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use testkit::client::Reply;
use testkit::fixture::Schema;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::site::{ALICE_KEY, Server, Site};

/// An upper bound for steps that take almost no time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a site whose database needs no server.
async fn serve() -> Server {
    Site::new(Schema::Sqlite).await.serve().await
}

/// Makes the target of a request that succeeds.
fn validate() -> String {
    format!(
        "/packages/post/release/validate/redj_enterprise?email=alice@example.test&key={ALICE_KEY}"
    )
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, future).await;
    done.unwrap_or_else(|_| panic!("{what} did not happen within {PATIENCE:?}"))
}

/// Polls until an event that must come soon.
async fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    within(what, async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Sends bytes unchanged and returns all bytes until the server closes.
async fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = server.client.connect().await;
    // A server that refuses may close before it has read all bytes.
    let _ = stream.write_all(bytes).await;
    rest(&mut stream).await
}

/// Reads all bytes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = within("the end of the connection", stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads the next answer on a connection that stays open.
async fn next(stream: &mut TcpStream) -> Reply {
    within("an answer", async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        let mut reply = testkit::client::read(&mut head.as_slice()).await;
        let length =
            reply.headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = vec![0; length];
        stream.read_exact(&mut reply.body).await.expect("a whole body");
        reply
    })
    .await
}

/// Lists the status codes of all answers of a connection.
fn statuses(answers: &str) -> Vec<u16> {
    answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer[..3].parse().expect("a status code"))
        .collect()
}

/// The running program.
struct Program {
    child: Child,
    /// Its output until it served.
    greeting: String,
    /// The folder with its log and its sample site.
    folder: TempDir,
}

impl Program {
    /// Starts `demo`, and waits until it serves.
    fn demo(listen: &str) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_jbackend-bridge"));
        Self::demo_by(program, listen)
    }

    /// Starts `demo` by a command that ends in running the program.
    fn demo_by(mut command: Command, listen: &str) -> Self {
        let folder = TempDir::new().unwrap();
        command.args(["demo", "--listen", listen, "--dir"]).arg(folder.path().join("site"));
        Self::start(command, folder, "Stop with Ctrl-C")
    }

    /// Starts `serve` with a configuration file, and waits until it serves.
    fn serve(folder: TempDir, configuration: &str) -> Self {
        let file = folder.path().join("bridge.toml");
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_jbackend-bridge"));
        command.args(["serve", "--config"]).arg(file);
        Self::start(command, folder, "listening on")
    }

    fn start(mut command: Command, folder: TempDir, ready: &str) -> Self {
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut program = Self { child, greeting: String::new(), folder };
        while !program.greeting.contains(ready) {
            let read = output.read_line(&mut program.greeting).unwrap();
            assert!(read > 0, "the program ended: {}", program.log());
        }
        program
    }

    /// Finds the text after a word in the greeting, up to a blank or quote.
    fn said(&self, before: &str) -> String {
        let at = self.greeting.find(before).expect("it is in the greeting") + before.len();
        let end = [' ', '\'', '\n', '&'];
        self.greeting[at..].split(end).next().unwrap().to_owned()
    }

    /// Returns the address of `demo`.
    fn address(&self) -> String {
        self.said("is served at ").trim_end_matches('.').to_owned()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until the program has ended by itself.
    async fn ended(&mut self) -> std::process::ExitStatus {
        let child = &mut self.child;
        let mut status = None;
        eventually("the end of the program", || {
            status = child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
