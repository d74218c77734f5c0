//! Memory, disk and places of uploads, and faults in their middle.

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::*;
use crate::cli::operations::eventually;
use crate::cli::program;
use testkit::client::read;

/// A content that is no ZIP.
const NO_ZIP: &[u8] = b"no ZIP";

#[tokio::test]
async fn a_token_has_two_uploads_at_a_time() {
    let shop = shop().await;
    // The uploads under way must outlast a slow disk.
    shop.configure("releases.upload = true\nserver.body_timeout = 600\n");
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let first = begin(&service, &token, 1000, 10).await;
    let second = begin(&service, &token, 1000, 10).await;
    eventually("both under way", async || shop.files() == 2).await;
    let third = async || upload(&service, &token, "x.zip", NO_ZIP).await;
    eventually("a refusal", async || third().await.status == 429).await;
    let refused = third().await;
    assert!(refusal(429, &refused).contains("two uploads under way"));
    assert_eq!(refused.header("retry-after"), "10");
    drop((first, second));
    eventually("a free place", async || third().await.status == 422).await;
    eventually("an empty folder", async || shop.files() == 0).await;
}

#[tokio::test]
async fn there_are_eight_uploads_at_a_time() {
    let shop = shop().await;
    // The uploads under way must outlast a slow disk.
    shop.configure("releases.upload = true\nserver.body_timeout = 600\n");
    let mut tokens = Vec::new();
    for _ in 0..5 {
        tokens.push(shop.token(&[]).await);
    }
    let service = shop.start().await;
    let mut under_way = Vec::new();
    for token in tokens.iter().take(4).flat_map(|token| [token, token]) {
        under_way.push(begin(&service, token, 1000, 10).await);
    }
    eventually("eight under way", async || shop.files() == 8).await;
    let ninth = async || upload(&service, &tokens[4], "x.zip", NO_ZIP).await;
    eventually("a refusal", async || ninth().await.status == 503).await;
    let refused = ninth().await;
    assert!(refusal(503, &refused).contains("too many uploads"));
    assert_eq!(refused.header("retry-after"), "10");
}

#[tokio::test]
async fn a_disk_that_fills_half_way_keeps_nothing() {
    let shop = shop().await;
    let token = shop.token(&["--may", "publish"]).await;
    let mut shell = Command::new("bash");
    shell.args(["-c", "ulimit -f 600; exec \"$0\" \"$@\""]);
    shell.arg(program(&[]).as_std().get_program());
    shell.args(Service::arguments(&shop.site, "127.0.0.1:0"));
    let service = Service::run(&shop.site, shell).await;
    let large = vec![7; 2_000_000];
    let reply = upload(&service, &token, "x.zip", &large).await;
    assert!(refusal(507, &reply).contains("make room on the disk"));
    eventually("an empty folder", async || shop.files() == 0).await;
    let reply = upload(&service, &token, "x.zip", &package("shop", "1.0.0", "[45]")).await;
    assert_eq!(reply.status, 201, "what fits is stored: {}", reply.text());
}

#[tokio::test]
async fn an_upload_beyond_the_disk_is_refused_before_its_body() {
    let shop = shop().await;
    let length = 1_usize << 60;
    shop.configure(&format!("releases.upload = true\nreleases.max_size = {length}\n"));
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let mut stream = service.client.connect().await;
    let head = head(&token, length) + "Expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(refusal(507, &read(&mut stream).await).contains("the reserve"));
}

#[tokio::test]
async fn a_killed_service_tidies_at_its_next_start() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let _half = begin(&service, &token, 1_000_000, 500_000).await;
    eventually("a file", async || shop.files() == 1).await;
    service.signal("KILL").await;
    drop(service);
    assert_eq!(shop.files(), 1);
    let _service = shop.start().await;
    assert_eq!(shop.files(), 0);
}

#[tokio::test]
async fn a_second_service_leaves_the_uploads_of_the_first() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let half = begin(&service, &token, 1_000_000, 500_000).await;
    eventually("a file", async || shop.files() == 1).await;
    let second = shop.start().await;
    assert_eq!(shop.files(), 1);
    drop((half, second));
}

#[tokio::test]
async fn a_large_body_takes_little_memory() {
    const PIECE: usize = 1024 * 1024;
    const PIECES: usize = 100;
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    upload(&service, &token, "x.zip", NO_ZIP).await;
    let peak = || {
        let status = fs::read_to_string(format!("/proc/{}/status", service.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    };
    let before = peak();
    let piece = vec![b'x'; PIECE];
    let sum = (0..PIECES).fold(Sha256::new(), |sum, _| sum.chain_update(&piece)).finalize();
    let sum = format!("sha-256=:{}:", STANDARD.encode(sum));
    let head = head(&token, PIECE * PIECES).replace(&digest(b""), &sum) + "\r\n";
    let mut stream = service.client.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..PIECES {
        stream.write_all(&piece).await.unwrap();
    }
    let reply = read(&mut stream).await;
    assert!(refusal(422, &reply).contains("it is no ZIP file"), "the sum was right");
    let grown = peak() - before;
    assert!(grown < 32 * 1024, "{grown} KiB for a body of {PIECES} MiB");
    assert_eq!(shop.files(), 0);
}
