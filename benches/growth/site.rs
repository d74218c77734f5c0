//! The services that answer: the recorded site on SQLite, and a web server behind it.

use testkit::fixture::Schema;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::common::site::{Server, Site};

/// Longer than the counting takes: periodic work would count for only one part.
const NEVER: u64 = 3600;

/// Serves the site with everything on that reads requests.
pub(crate) async fn serve() -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    let config = &mut site.config;
    config.release.refresh = NEVER;
    config.joomla.jbackend3 = true;
    config.limits.address_failures = 0;
    config.log.email_hash_key = Some("k".to_owned().into());
    config.fallback.upstream = Some(format!("http://{}", web_server().await).parse().unwrap());
    site.serve().await
}

async fn web_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

/// Answers each head, however many pieces it comes in; no request to it has a body.
async fn answer(mut stream: TcpStream) {
    let mut bytes = vec![0; 128 * 1024];
    let mut filled = 0;
    while let Ok(read @ 1..) = stream.read(&mut bytes[filled..]).await {
        filled += read;
        if bytes[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
        }
    }
}
