//! Stopping: running answers may finish, late ones are cut off, and nothing holds up the process.

use testkit::client::Client;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::long_download::{LONG, begin_download, drain, make_long};
use super::{Program, Schema, Server, Site, next, rest, validate, within};

/// Starts a site with a long package and a deadline in seconds.
async fn serve(deadline: u64) -> Server {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.server.shutdown_deadline = deadline;
    let server = site.serve().await;
    make_long(&server);
    server
}

#[tokio::test]
async fn a_running_download_finishes_and_new_clients_are_refused() {
    let mut server = serve(60).await;
    let mut stream = begin_download(&server).await;
    server.tell_to_stop();
    let address = server.client.address.clone();
    within("the socket to close", async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(drain(&mut stream).await > LONG);
    within("the end", server.stopped()).await;
}

#[tokio::test]
async fn connections_without_a_request_do_not_hold_the_stop() {
    let server = serve(600).await;
    let mut idle = server.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", validate());
    idle.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(next(&mut idle).await.code(), "ok");
    let mut fresh = server.client.connect().await;
    within("the end", server.stopped()).await;
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut fresh).await, "");
}

#[tokio::test]
async fn half_a_head_holds_the_stop_to_the_deadline_at_most() {
    let mut server = serve(1).await;
    let mut half = server.client.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nX-A: ").await.unwrap();
    // An answer on another connection shows that the half head has been read by then.
    server.get(&validate()).await;
    server.tell_to_stop();
    within("the end", server.stopped()).await;
    assert_eq!(rest(&mut half).await, "");
}

/// The connection must not continue after `serve` has returned.
#[tokio::test]
async fn what_runs_at_the_deadline_is_cut_off() {
    let server = serve(1).await;
    let mut stream = begin_download(&server).await;
    within("the end", server.stopped()).await;
    assert!(drain(&mut stream).await < LONG);
}

#[tokio::test]
async fn an_answer_during_the_stop_closes_its_connection() {
    let mut server = serve(60).await;
    let mut stream = server.client.connect().await;
    let head = "POST /packages/post/release/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\
                Expect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(next(&mut stream).await.status, 100);
    server.tell_to_stop();
    let address = server.client.address.clone();
    within("the socket to close", async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    stream.write_all(b"id=grp").await.unwrap();
    let reply = next(&mut stream).await;
    assert_eq!((reply.code().as_str(), reply.header("connection")), ("REL_GNF", "close"));
    assert_eq!(rest(&mut stream).await, "");
    within("the end", server.stopped()).await;
}

#[tokio::test]
async fn the_program_ends_with_success_on_sigterm_and_ctrl_c() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::demo("127.0.0.1:0");
        let client = Client::new(&program.address());
        let reply = client.send("GET", "/packages/post/release/validate", &[], b"").await;
        assert_eq!(reply.code(), "REL_GNS");
        let _idle = client.connect().await;
        program.signal(signal);
        let status = program.ended().await;
        assert_eq!(status.code(), Some(0), "{signal}: {}", program.log());
        assert!(program.log().contains("stopping"), "{}", program.log());
    }
}
