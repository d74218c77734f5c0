//! A million addresses, names and keys: memory stays bounded, and no spent budget is freed.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jbackend_bridge::limits::buckets::{Buckets, MOST, Rate};
use jbackend_bridge::limits::proven::{OF_ACCOUNT, Proof, Proven};
use jbackend_bridge::limits::{Budget, ClientAddress, Limits};

fn address(number: u32) -> ClientAddress {
    // Addresses from 64.0.0.0 on are not in a local network.
    ClientAddress::of(Ipv4Addr::from(0x4000_0000 + number).into()).unwrap()
}

#[tokio::test]
async fn a_million_addresses() {
    let rate = Rate {
        tokens: NonZeroU32::new(1).unwrap(),
        per: Duration::from_hours(1),
        burst: NonZeroU32::new(5).unwrap(),
    };
    let buckets = Budget::new(Arc::new(Buckets::new(rate)), None);
    let limits = Limits { address_failures: Some(buckets.clone()), ..Limits::default() };
    let guesser = ClientAddress::of(Ipv6Addr::new(0x2001, 0xdb8, 1, 2, 3, 4, 5, 6).into());
    for _ in 0..5 {
        limits.address_failed(guesser).await;
    }
    let mut most = 0;
    for number in 0..1_000_000 {
        limits.address_failed(Some(address(number))).await;
        most = most.max(if number % 1000 == 0 { buckets.len() } else { 0 });
    }
    assert!(most <= MOST && buckets.len() <= MOST, "{most} of {MOST}");
    assert!(buckets.len() > MOST * 3 / 4, "{}", buckets.len());
    assert!(limits.try_key(guesser, None).await.is_err(), "the guesser was forgotten");
    assert!(limits.try_key(Some(address(999_999)), None).await.is_ok());
}

fn key_of(id: i64) -> Proof<'static> {
    Proof::Account { id, key: b"right" }
}

#[test]
fn half_a_million_right_keys() {
    let proven = Proven::default();
    let mut most = 0;
    for id in 0..500_000 {
        proven.add(key_of(id), id);
        most = most.max(proven.len());
    }
    assert!((100_000..=200_000).contains(&most), "{most}");
    assert!(proven.knows(key_of(499_999)) && proven.knows(key_of(400_000)));
    assert!(!proven.knows(key_of(0)));
}

/// The right key of one customer comes in more spellings than there are places for all customers.
#[test]
fn an_account_pushes_out_no_other() {
    let proven = Proven::default();
    let neighbour = Proof::Email { email: b"neighbour@example.test", key: b"right" };
    proven.add(neighbour, 1);
    let mut emails = Vec::new();
    for number in 0..210_000_u32 {
        emails = number.to_string().into_bytes();
        proven.add(Proof::Email { email: &emails, key: b"right" }, 2);
    }
    assert!(proven.knows(neighbour));
    assert!(proven.knows(Proof::Email { email: &emails, key: b"right" }), "the latest");
    assert!(!proven.knows(Proof::Email { email: b"0", key: b"right" }), "the first");
    assert_eq!(proven.len(), OF_ACCOUNT + 1);
    proven.forget(neighbour);
    assert!(!proven.knows(neighbour));
}
