//! A download that runs longer than the steps of a test.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Server, within};

/// More bytes than the buffers between server and client hold.
pub(super) const LONG: u64 = 256 * 1024 * 1024;

/// Gives the package `small` that length; the file takes no room on the disk.
pub(super) fn make_long(server: &Server) {
    let file = server.site.packages().join("public/joomla/redj/small.zip");
    std::fs::File::options().write(true).open(file).unwrap().set_len(LONG).unwrap();
}

/// Begins a download of that package and waits for its first bytes.
pub(super) async fn begin_download(server: &Server) -> TcpStream {
    let mut stream = server.client.connect().await;
    let request = b"GET /packages/get/release/download/small HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    within("an answer", stream.readable()).await.unwrap();
    stream
}

/// Reads to the end, which may be a reset, and returns the number of bytes.
pub(super) async fn drain(stream: &mut TcpStream) -> u64 {
    let mut total = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match within("the rest", stream.read(&mut buffer)).await {
            Ok(0) => return total,
            Ok(read) => total += read as u64,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return total,
            Err(error) => panic!("{error}"),
        }
    }
}
