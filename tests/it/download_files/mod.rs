//! Packages as a client downloads them: `packages` and `http::download` together, over a real
//! connection.

mod budget;
mod cached;
mod containment;
mod curl;
mod faults;
mod header_properties;
mod http;
mod paths;
mod swaps;

use std::{
    collections::BTreeMap,
    convert::Infallible,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ::http::{HeaderMap, Method, Request, StatusCode};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use jbackend_bridge::{
    http::download::{self, budget::Budget},
    http::response::Response,
    packages::{Packages, folder::Folder},
    release::package_path::PackagePath,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A package folder behind a real server on a free port. The path of a URL is the path of the
/// package. If it cannot be opened, the answer is 404 with the reason.
struct Site {
    folder: TempDir,
    address: SocketAddr,
    budget: Arc<Budget>,
    _runtime: Runtime,
}

impl Site {
    fn new() -> Self {
        Self::with_budget(download::budget::DEFAULT_BUDGET)
    }

    fn with_budget(bytes: usize) -> Self {
        Self::start(TempDir::new().unwrap(), bytes)
    }

    /// Starts a new server for the folder of one that has ended.
    fn serving(folder: TempDir) -> Self {
        Self::start(folder, download::budget::DEFAULT_BUDGET)
    }

    fn start(folder: TempDir, bytes: usize) -> Self {
        let budget = Budget::new(bytes);
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let packages = Arc::new(Folder::new(folder.path().to_owned(), Vec::new()));
        let shared = Arc::clone(&budget);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (packages, budget) = (Arc::clone(&packages), Arc::clone(&shared));
                let service = service_fn(move |asked: Request<Incoming>| {
                    let (packages, budget) = (Arc::clone(&packages), Arc::clone(&budget));
                    async move {
                        let (method, headers) = (asked.method(), asked.headers());
                        let path = asked.uri().path();
                        Ok::<_, Infallible>(answer(&packages, path, method, headers, &budget).await)
                    }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self { folder, address, budget, _runtime: runtime }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Makes a file of that many zero bytes, which takes no room on the disk.
    fn write_sparse(&self, name: &str, len: u64) {
        let file = fs::File::create(self.path(name)).unwrap();
        file.set_len(len).unwrap();
    }

    fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    /// Sends a request; the caller reads the answer.
    fn send(&self, method: &str, name: &str, headers: &[(&str, &str)]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut request =
            format!("{method} /{name} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for (field, value) in headers {
            request.extend([field, ": ", value, "\r\n"]);
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn request(&self, method: &str, name: &str, headers: &[(&str, &str)]) -> Received {
        Received::read(self.send(method, name, headers))
    }

    fn get(&self, name: &str, headers: &[(&str, &str)]) -> Received {
        self.request("GET", name, headers)
    }
}

async fn answer(
    packages: &Folder,
    path: &str,
    method: &Method,
    headers: &HeaderMap,
    budget: &Arc<Budget>,
) -> Response {
    let not_found = |reason: String| {
        let mut reply = Response::new(reason.into());
        *reply.status_mut() = StatusCode::NOT_FOUND;
        reply
    };
    let path = match PackagePath::parse(path) {
        Ok(path) => path,
        Err(error) => return not_found(error.to_string()),
    };
    match packages.open(&path).await {
        Ok(file) => download::respond(file, method, headers, budget),
        Err(error) => not_found(error.to_string()),
    }
}

/// An answer as it came over the wire.
#[derive(Debug)]
struct Received {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Received {
    fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        // A connection that is cut off may end in a reset; the bytes before it count.
        let _ = stream.read_to_end(&mut bytes);
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("an answer has a head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { status: status.parse().unwrap(), headers, body: bytes[end + 4..].to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Makes bytes that differ from place to place, so that a wrong offset shows.
fn pattern(len: usize) -> Vec<u8> {
    (0u64..).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()).take(len).collect()
}

/// Counts the open handles of this process that lead to a file.
fn handles_to(path: &Path) -> usize {
    let path = path.canonicalize().unwrap();
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|target| *target == path)
        .count()
}

/// Waits for an event that must come soon.
fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    for _ in 0..400 {
        if happened() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{what} did not happen within 10 s");
}
