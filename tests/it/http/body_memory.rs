//! The memory and the time of all bodies together are bounded.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method};
use jbackend_bridge::http::body::{Bodies, BodyError, FormFields, Memory};
use jbackend_bridge::limits::ClientAddress;

use super::within;

const FORM: &str = "application/x-www-form-urlencoded";
const TOTAL: usize = 1024 * 1024;

async fn read(
    bodies: &Bodies,
    length: Option<usize>,
    body: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static,
) -> Result<FormFields, BodyError> {
    read_of(bodies, None, length, body).await
}

/// Reads a body of a client with this address.
async fn read_of(
    bodies: &Bodies,
    address: Option<&str>,
    length: Option<usize>,
    body: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static,
) -> Result<FormFields, BodyError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    match length {
        Some(length) => headers.insert(CONTENT_LENGTH, length.into()),
        None => headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
    };
    let address = address.map(|address| ClientAddress::anywhere(address.parse().unwrap()));
    within("the end of a body", bodies.fields(&Method::POST, &headers, address, body)).await
}

fn bodies(silence: Duration) -> Bodies {
    Bodies { memory: Memory::new(TOTAL), silence, json: false }
}

fn whole(text: &'static str) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::iter([Ok(Bytes::from_static(text.as_bytes()))])
}

/// Makes a body of the largest size that counts.
fn large() -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::iter([Ok(Bytes::from(vec![b'x'; 128 * 1024]))])
}

/// If announced lengths took memory, a few clients that send almost nothing could hold all of it.
#[tokio::test]
async fn memory_is_taken_for_what_arrives_and_not_for_what_is_announced() {
    let bodies = bodies(Duration::from_secs(5));
    let small = read(&bodies, Some(6), whole("id=grp")).await.unwrap();
    assert_eq!(bodies.memory.free(), TOTAL - 1024);
    let unknown = read(&bodies, None, whole("id=grp")).await.unwrap();
    assert_eq!(bodies.memory.free(), TOTAL - 2 * 1024);
    let announced = read(&bodies, Some(15 * TOTAL), whole("id=grp")).await.unwrap();
    assert_eq!(bodies.memory.free(), TOTAL - 3 * 1024);
    let large = read(&bodies, None, large()).await.unwrap();
    assert_eq!(bodies.memory.free(), TOTAL - 3 * 1024 - 256 * 1024);
    drop((small, unknown, announced, large));
    assert_eq!(bodies.memory.free(), TOTAL);
}

#[tokio::test]
async fn a_body_waits_for_memory_and_gives_up_in_the_end() {
    let bodies = bodies(Duration::from_millis(300));
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(read(&bodies, None, large()).await.unwrap());
    }
    assert_eq!(bodies.memory.free(), 0);
    let refused = read(&bodies, Some(6), whole("id=grp")).await;
    assert_eq!(refused.unwrap_err(), BodyError::Busy);

    let waiting = bodies.clone();
    let waiting = tokio::spawn(async move { read(&waiting, Some(6), whole("id=grp")).await });
    drop(held);
    assert_eq!(waiting.await.unwrap().unwrap().fields.len(), 1);
}

/// Otherwise a client that sends much and then stops could hold all memory with many bodies.
#[tokio::test]
async fn an_address_has_a_share_of_the_memory() {
    let bodies = bodies(Duration::from_millis(300));
    for (mine, of_my_network, other) in [
        ("192.0.2.7", "::ffff:192.0.2.7", "192.0.2.8"),
        ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2", "2001:db8:0:8::1"),
    ] {
        let held = read_of(&bodies, Some(mine), None, large()).await.unwrap();
        let refused = read_of(&bodies, Some(of_my_network), None, whole("id=grp")).await;
        assert_eq!(refused.unwrap_err(), BodyError::Busy, "{of_my_network}");
        assert_eq!(bodies.memory.free(), TOTAL - 256 * 1024, "what was refused holds nothing");
        for address in [Some(other), None] {
            let fields = read_of(&bodies, address, None, whole("id=grp")).await.unwrap();
            assert_eq!(fields.fields.len(), 1, "{address:?}");
        }
        drop(held);
        let again = read_of(&bodies, Some(mine), None, large()).await.unwrap();
        drop(again);
        assert_eq!(bodies.memory.free(), TOTAL);
    }
}

#[tokio::test]
async fn a_budget_smaller_than_a_body_lets_one_at_a_time_pass() {
    let bodies = Bodies { memory: Memory::new(0), silence: Duration::from_secs(5), json: false };
    for _ in 0..2 {
        assert_eq!(read(&bodies, None, whole("id=grp")).await.unwrap().fields.len(), 1);
    }
}

#[tokio::test]
async fn a_body_refused_by_its_length_takes_nothing() {
    let bodies = bodies(Duration::from_secs(5));
    let refused = read(&bodies, Some(17 * TOTAL), stream::pending()).await;
    assert_eq!((refused.unwrap_err(), bodies.memory.free()), (BodyError::TooLarge, TOTAL));
}

/// Otherwise a byte now and then would keep a request alive for as long as 16 MiB last.
#[tokio::test]
async fn a_client_that_is_never_silent_has_a_deadline_all_the_same() {
    let bodies = bodies(Duration::from_millis(200));
    let drip = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Some((Ok(Bytes::from_static(b"x")), ()))
    });
    let refused = read(&bodies, Some(TOTAL), drip.boxed()).await;
    assert_eq!((refused.unwrap_err(), bodies.memory.free()), (BodyError::TooSlow, TOTAL));
}
