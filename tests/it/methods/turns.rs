//! Requests that are answered anew, since the database and its snapshot changed places meanwhile.

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jbackend_bridge::limits::buckets::{Buckets, Rate};
use jbackend_bridge::limits::{Account, Budget, ClientAddress};
use jbackend_bridge::methods::{Argument, Arguments, Method, Release, code};
use jbackend_bridge::packages::{Packages, folder::Folder};

use super::parts;

/// Tokens of the limits here.
const BURST: u32 = 10;

fn somebody() -> Option<ClientAddress> {
    ClientAddress::of(Ipv4Addr::new(192, 0, 2, 1).into())
}

fn budget() -> Budget {
    let rate = Rate {
        tokens: NonZeroU32::MIN,
        per: Duration::from_hours(1),
        burst: NonZeroU32::new(BURST).unwrap(),
    };
    Budget::new(Arc::new(Buckets::new(rate)), None)
}

/// A database that changes places with its snapshot so many times, and limits.
fn release(changes: u64) -> Release {
    let packages: Arc<dyn Packages> = Arc::new(Folder::new("/nowhere".into(), Vec::new()));
    let mut release = parts::release(parts::verifier(), &packages);
    release.joomla = Arc::new(parts::Alice::that_changes(changes));
    release.limits.address_failures = Some(budget());
    release.limits.login_failures = Some(budget());
    release
}

/// What is spent of the address and of Alice's account.
async fn spent(release: &Release) -> (u32, u32) {
    let address = release.limits.address_failures.as_ref().unwrap();
    let account = release.limits.login_failures.as_ref().unwrap();
    let alice = Account::typed(Some("alice"));
    let mut spent = (BURST, BURST);
    while spent.0 > 0 && address.take(&somebody().unwrap()).await.is_ok() {
        spent.0 -= 1;
    }
    while spent.1 > 0 && account.take(&alice).await.is_ok() {
        spent.1 -= 1;
    }
    spent
}

fn wrong_key() -> Arguments {
    Arguments {
        email: Argument::Text("alice@example.test".into()),
        key: Argument::Text("wrong".into()),
        ..parts::id("members")
    }
}

#[tokio::test]
async fn a_request_that_is_answered_anew_counts_once() {
    for changes in [0, 1, 4] {
        let release = release(changes);
        let login = parts::login("alice", "x");
        let refused = release.run(Method::KeyByAuth, &login, somebody(), &mut None).await.err();
        assert_eq!(refused.map(|refusal| refusal.code), Some(code::LOGIN_FAILED));
        assert_eq!(spent(&release).await, (1, 1), "a wrong password after {changes} changes");
    }
    for changes in [0, 1, 4] {
        let release = release(changes);
        let refused =
            release.run(Method::Validate, &wrong_key(), somebody(), &mut None).await.err();
        assert_eq!(refused.map(|refusal| refusal.code), Some(code::USER_NOT_FOUND));
        assert_eq!(spent(&release).await, (1, 0), "a wrong key after {changes} changes");
    }
}

/// Nor does one that gets no answer: it has told nothing.
#[tokio::test]
async fn a_request_without_an_answer_does_not_count() {
    let requests =
        [(Method::KeyByAuth, parts::login("alice", "x")), (Method::Validate, wrong_key())];
    for (method, arguments) in requests {
        let release = release(u64::MAX);
        let refused = release.run(method, &arguments, somebody(), &mut None).await.err();
        assert_eq!(refused.map(|refusal| refusal.code), Some(code::GENERIC_ERROR));
        assert_eq!(spent(&release).await, (0, 0), "{method:?}");
    }
}

#[tokio::test]
async fn right_passwords_are_never_counted() {
    let release = release(3);
    let login = parts::login("alice", "alicepass");
    assert!(release.run(Method::KeyByAuth, &login, somebody(), &mut None).await.is_ok());
    assert_eq!(spent(&release).await, (0, 0));
}
