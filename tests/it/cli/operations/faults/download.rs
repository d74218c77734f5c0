//! A download that runs longer than the steps of a test.

use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::PATIENCE;
use super::{Service, Site};

/// More bytes than the buffers between server and client hold.
pub(super) const LONG: u64 = 48 * 1024 * 1024;

/// The free package that [`make_long`] makes long.
pub(super) const TARGET: &str = "/packages/get/release/download/small";

/// A download whose first bytes have come.
pub(super) struct Download {
    stream: TcpStream,
    /// The length that the head announces.
    length: u64,
    /// Bytes of the content so far.
    received: u64,
}

/// Returns the path of the package.
pub(super) fn file(site: &Site) -> PathBuf {
    site.packages().join("public/joomla/redj/small.zip")
}

/// Gives the package the length [`LONG`]; the file takes no room on the disk.
pub(super) fn make_long(site: &Site) {
    File::options().write(true).open(file(site)).unwrap().set_len(LONG).unwrap();
}

impl Download {
    pub(super) async fn begin(service: &Service) -> Self {
        let mut stream = service.client.connect().await;
        let request = format!("GET {TARGET} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = timeout(PATIENCE, stream.read_u8()).await.expect("an answer");
            head.push(byte.expect("a whole head"));
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut download = Self { stream, length: length.unwrap().parse().unwrap(), received: 0 };
        download.read(1000).await;
        download
    }

    /// Reads at most that many bytes; 0 at the end. The end may be a reset.
    pub(super) async fn read(&mut self, most: usize) -> usize {
        let mut buffer = vec![0; most];
        let read = timeout(PATIENCE, self.stream.read(&mut buffer)).await.expect("more, or an end");
        let read = match read {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            read => read.unwrap(),
        };
        self.received += read as u64;
        read
    }

    /// Reads to the end, and tells whether the announced length has come.
    pub(super) async fn comes_whole(mut self) -> bool {
        while self.read(256 * 1024).await > 0 {}
        assert!(self.received <= self.length);
        self.received == self.length
    }

    /// Closes the client's sending side; the answer still comes.
    pub(super) async fn half_close(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Resets the connection.
    pub(super) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}
