//! An account with MariaDB's `parsec`, which servers offer for logins since 11.6.

use jbackend_bridge::store::MySqlStore;
use testkit::mysql_greeter::{fail, greet, receive, send};
use tokio::net::{TcpListener, TcpStream};

use crate::common::store::greeter_settings;

/// Requires `parsec`, and refuses any login; returns the client's proof.
async fn refuse(mut stream: TcpStream) -> Vec<u8> {
    greet(&mut stream, "11.8.2-MariaDB").await;
    receive(&mut stream).await;
    send(&mut stream, 2, &[&b"\xfeparsec\0"[..], &[7; 32]].concat()).await;
    assert_eq!(receive(&mut stream).await, b"", "the client asks for the salt");
    send(&mut stream, 4, &[&b"P\0"[..], &[9; 18]].concat()).await;
    let proof = receive(&mut stream).await;
    fail(&mut stream, 6, 1045, "Access denied for user 'pa'").await;
    proof
}

/// The driver must not panic: the task or the request would end with it.
#[tokio::test]
async fn a_parsec_account_is_logged_in() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = greeter_settings(&listener);
    let server = tokio::spawn(async move { refuse(listener.accept().await.unwrap().0).await });
    let refused = MySqlStore::connect(settings).await.err().expect("a refusal");
    assert_eq!(server.await.unwrap().len(), 96, "a challenge of its own and a signature");
    assert!(refused.to_string().contains("refuse"), "{refused}");
}
