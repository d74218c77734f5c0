//! The most that one client can cost: slow heads, silence, and unread answers.

use std::io::ErrorKind;

use tokio::io::AsyncWriteExt;

use super::long_download::{LONG, begin_download, drain, make_long};
use super::{Schema, Site, eventually, next, rest, serve, statuses, validate, within};

async fn patience_of_a_second() -> Site {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.header_timeout = 1;
    site.config.server.write_timeout = 1;
    site
}

#[tokio::test]
async fn a_head_has_to_arrive_in_time() {
    let server = patience_of_a_second().await.serve().await;
    for beginning in ["", "GET", "GET / HTTP/1.1\r\nHost: x\r\nX-A: "] {
        let mut stream = server.client.connect().await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(statuses(&answer).iter().all(|status| *status == 408), "{answer}");
    }
    let mut idle = server.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", validate());
    idle.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(next(&mut idle).await.code(), "ok");
    assert_eq!(rest(&mut idle).await, "", "an idle connection closes without a word");
}

/// A header now and then does not extend the time.
#[tokio::test]
async fn a_head_that_drips_has_to_arrive_in_time_too() {
    let server = patience_of_a_second().await.serve().await;
    let mut stream = server.client.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    within("the end of the connection", async {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
        while stream.write_all(b"X-A: b\r\n").await.is_ok() {
            ticks.tick().await;
        }
    })
    .await;
}

#[tokio::test]
async fn connections_past_the_limit_wait_while_all_others_are_busy() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.max_connections = 2;
    let server = site.serve().await;
    make_long(&server);
    let busy = [begin_download(&server).await, begin_download(&server).await];
    let mut third = server.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", validate());
    third.write_all(request.as_bytes()).await.unwrap();
    let [mut first, second] = busy;
    // The first is served to its end as before; the waiting one is not.
    let waiting = third.try_read(&mut [0; 16]);
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(drain(&mut first).await > LONG);
    assert_eq!(next(&mut third).await.code(), "ok");
    drop(second);
}

#[tokio::test]
async fn a_client_that_stops_reading_is_dropped_and_makes_room() {
    let mut site = patience_of_a_second().await;
    site.config.server.max_connections = 1;
    let server = site.serve().await;
    make_long(&server);
    let mut stalled = begin_download(&server).await;
    // This request can only be served once the stalled client is dropped.
    let reply = within("room", server.get(&validate())).await;
    assert_eq!(reply.code(), "ok");
    assert!(drain(&mut stalled).await < LONG);
}

#[tokio::test]
async fn a_client_that_goes_away_makes_room() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.max_connections = 1;
    let server = site.serve().await;
    make_long(&server);
    drop(begin_download(&server).await);
    assert_eq!(within("room", server.get(&validate())).await.code(), "ok");
}

/// This holds also for a client that closes its sending side quickly.
#[tokio::test]
async fn a_client_that_has_closed_its_side_gets_its_answer() {
    let server = serve().await;
    for _ in 0..20 {
        let mut stream = server.client.connect().await;
        let form = "id=redj_enterprise&email=alice@example.test&key=x";
        let request = format!(
            "POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        assert!(rest(&mut stream).await.contains("REL_KNV"));
    }
    make_long(&server);
    let mut stream = begin_download(&server).await;
    stream.shutdown().await.unwrap();
    assert!(drain(&mut stream).await > LONG);
}

#[tokio::test]
async fn a_body_cut_off_by_its_client_ends_the_request() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.max_connections = 1;
    let server = site.serve().await;
    let mut stream = server.client.connect().await;
    let head = "POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nid=grp";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(statuses(&rest(&mut stream).await), [400]);
    drop(stream);
    assert_eq!(within("room", server.get(&validate())).await.code(), "ok");
}

#[tokio::test]
async fn many_clients_at_once_are_all_answered() {
    let server = serve().await;
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let client = server.client.clone();
        clients.spawn(async move { client.send("GET", &validate(), &[], b"").await.code() });
    }
    let mut answered = 0;
    while let Some(code) = within("an answer", clients.join_next()).await {
        assert_eq!(code.unwrap(), "ok");
        answered += 1;
    }
    assert_eq!(answered, 200);
    eventually("all connections are closed", || server.open_sockets() == 0).await;
}
