//! Uploads with tokens, against the program that runs.

mod bad_input;
mod bounds;
mod ci;
mod states;
mod tokens;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Shop;
use crate::cli::operations::Service;
use crate::cli::updates::package;
use testkit::client::Reply;

/// A shop that takes uploads.
async fn shop() -> Shop {
    let shop = Shop::new().await;
    shop.configure("releases.upload = true\n");
    shop
}

impl Shop {
    /// Makes a token with these options, and one for `pkg_shop` that is free where they say nothing.
    async fn token(&self, options: &[&str]) -> String {
        let mut arguments = vec!["token", "create"];
        if !options.contains(&"--extension") {
            arguments.extend(["--extension", "pkg_shop"]);
        }
        if !options.contains(&"--group") {
            arguments.push("--free");
        }
        arguments.extend(options);
        self.json(0, &arguments).await["token"].as_str().unwrap().to_owned()
    }

    /// Counts the files of the folder of releases, half ones included.
    fn files(&self) -> usize {
        fs::read_dir(self.state()).map_or(0, Iterator::count)
    }
}

/// The header for a content.
fn digest(content: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(content)))
}

/// Uploads a content under a name, which may have a query.
async fn upload(service: &Service, token: &str, name: &str, content: &[u8]) -> Reply {
    upload_with(service, token, name, content, &[]).await
}

async fn upload_with(
    service: &Service,
    token: &str,
    name: &str,
    content: &[u8],
    more: &[(&str, &str)],
) -> Reply {
    let bearer = format!("Bearer {token}");
    let sum = digest(content);
    let mut headers = vec![("Authorization", bearer.as_str())];
    if !more.iter().any(|(name, _)| *name == "Content-Digest") {
        headers.push(("Content-Digest", &sum));
    }
    headers.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    service.client.send("PUT", &format!("/packages/releases/{name}"), &headers, content).await
}

/// Sends a POST that changes a state.
async fn change(service: &Service, token: &str, id: &str, change: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let target = format!("/packages/releases/{id}/{change}");
    service.client.send("POST", &target, &[("Authorization", &bearer)], b"").await
}

/// Begins an upload of this length, and sends so many bytes of it.
async fn begin(service: &Service, token: &str, length: usize, sent: usize) -> TcpStream {
    let head = head(token, length) + "\r\n";
    let mut stream = service.client.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; sent]).await.unwrap();
    stream
}

fn head(token: &str, length: usize) -> String {
    format!(
        "PUT /packages/releases/x.zip HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {length}\r\nContent-Digest: {}\r\n",
        digest(b"")
    )
}

/// Reads an answer's JSON, and checks that no script of another site may read it.
fn json(reply: &Reply) -> Value {
    assert_eq!(reply.header("content-type"), "application/json", "{}", reply.text());
    assert_eq!(reply.header("access-control-allow-origin"), "");
    serde_json::from_slice(&reply.body).unwrap()
}

/// The sentence of a refusal with this status.
fn refusal(status: u16, reply: &Reply) -> String {
    let value = json(reply);
    assert_eq!((reply.status, &value["result"]), (status, &"refused".into()), "{value}");
    let advice = value["advice"].as_str().unwrap_or_default();
    format!("{}: {advice}", value["error"].as_str().unwrap())
}
