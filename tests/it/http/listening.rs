//! Sockets: TCP, unix, and those that systemd hands over.

use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};

use jbackend_bridge::config::values::Listen;
use jbackend_bridge::http::listener::{ListenError, listen};
use tempfile::TempDir;
use testkit::client::Client;

use super::Program;

const REQUEST: &str = "/packages/post/release/validate";

fn ask(socket: &Path) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    let request = format!("GET {REQUEST} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn a_unix_socket_serves_with_its_permissions() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("bridge.sock");
    let program = Program::demo(&format!("unix:{}", socket.display()));
    assert!(ask(&socket).contains("REL_GNS"));
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    assert!(program.greeting.contains("--unix-socket"), "{}", program.greeting);
}

#[tokio::test]
async fn a_socket_that_was_left_behind_is_replaced() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bridge.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let on = Listen::Unix(path.clone());
    for mode in [0o600, 0o666] {
        let listeners = listen(&on, mode).await.unwrap();
        assert_eq!(listeners[0].address(), format!("unix:{}", path.display()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        UnixStream::connect(&path).unwrap();
    }
}

#[tokio::test]
async fn a_socket_in_use_and_other_files_are_left_alone() {
    let folder = TempDir::new().unwrap();
    let live = folder.path().join("live.sock");
    let owner = UnixListener::bind(&live).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "precious").unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for path in [&live, &file, &link, &folder.path().join("missing/a.sock")] {
        let refused = listen(&Listen::Unix(path.clone()), 0o660).await.unwrap_err();
        assert!(matches!(refused, ListenError::Unix { .. }), "{refused}");
        assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    UnixStream::connect(&live).unwrap();
    owner.accept().unwrap();
}

/// A full queue must not look like a socket without a listener.
#[tokio::test]
async fn a_socket_whose_queue_is_full_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("busy.sock");
    let owner = UnixListener::bind(&path).unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::net::UnixStream::connect(&path).await {
        waiting.push(stream);
    }
    listen(&Listen::Unix(path.clone()), 0o660).await.unwrap_err();
    owner.accept().unwrap();
    tokio::net::UnixStream::connect(&path).await.unwrap();
}

#[tokio::test]
async fn an_address_in_use_is_a_clear_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = listen(&Listen::Tcp(address.clone()), 0).await.unwrap_err().to_string();
    assert!(refused.starts_with(&format!("cannot listen on `{address}`")), "{refused}");
    assert!(refused.contains("choose another"), "{refused}");
}

/// Starts the program with a socket as its descriptor 3, as systemd does.
fn socket_activated(socket: impl Into<OwnedFd>) -> Program {
    let mut shell = Command::new("sh");
    let script = r#"exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" "$@""#;
    shell.args(["-c", script, env!("CARGO_BIN_EXE_jbackend-bridge")]);
    shell.stdin(Stdio::from(socket.into()));
    Program::demo_by(shell, "systemd")
}

#[tokio::test]
async fn sockets_of_systemd_are_served() {
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", tcp.local_addr().unwrap());
    let program = socket_activated(tcp);
    assert_eq!(program.address(), address);
    let reply = Client::new(&address).send("GET", REQUEST, &[], b"").await;
    assert_eq!(reply.code(), "REL_GNS");

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("activated.sock");
    let program = socket_activated(UnixListener::bind(&path).unwrap());
    assert_eq!(program.address(), format!("unix:{}", path.display()));
    assert!(ask(&path).contains("REL_GNS"));
}

/// A socket that waits for a client must not take the place of a connection.
#[tokio::test]
async fn sockets_beyond_the_connection_limit_were_never_served() {
    let folder = TempDir::new().unwrap();
    jbackend_bridge::service::demo::make(folder.path()).unwrap();
    let root = folder.path().display();
    let configuration = format!(
        "endpoints = [{{ path = \"packages\", access = \"free\" }}]\n\
         [server]\nlisten = \"systemd\"\nmax_connections = 1\n\
         [database]\nurl = \"sqlite:{root}/site.db\"\nprefix = \"jos_\"\n\
         [license]\nrecipe = \"default\"\n\
         [release]\nfolder = \"{root}/files\"\n\
         packages = [\"redj_com_190;/public/joomla/redj/ReDJ1.9.0Community_J3.zip\"]\n"
    );
    let file = folder.path().join("bridge.toml");
    fs::write(&file, configuration).unwrap();
    let (first, second) = (folder.path().join("a.sock"), folder.path().join("b.sock"));
    let sockets = [&first, &second].map(|path| UnixListener::bind(path).unwrap());
    let [stdin, stdout] = sockets.map(|socket| Stdio::from(OwnedFd::from(socket)));
    let script = r#"exec 3<&0 4>&1 1>&2 </dev/null; export LISTEN_FDS=2 LISTEN_PID=$$
        exec "$0" serve --config "$1""#;
    let mut program = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_jbackend-bridge")])
        .arg(&file)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let asked = tokio::task::spawn_blocking(move || {
        [&first, &second, &first, &second].map(|socket| ask(socket).contains("REL_GNS"))
    });
    let asked = tokio::time::timeout(super::PATIENCE, asked).await;
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(asked.expect("answers from both").unwrap(), [true; 4]);
}

#[test]
fn without_sockets_of_systemd_the_program_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_jbackend-bridge"))
        .args(["demo", "--listen", "systemd"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("start the socket unit"), "{said}");
}
