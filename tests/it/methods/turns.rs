//! The cost of requests that are answered anew because the database failed and its standby copy
//! answers.

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jbackend_bridge::limits::buckets::{Buckets, Rate};
use jbackend_bridge::limits::{AccountName, Budget, ClientAddress};
use jbackend_bridge::methods::{Argument, Arguments, Method, code};
use jbackend_bridge::packages::{Packages, folder::Folder};

use super::parts;

/// The burst of the limits here.
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

/// Makes the module with limits.
fn module(mood: parts::Mood) -> parts::Module {
    let packages: Arc<dyn Packages> = Arc::new(Folder::new("/nowhere".into(), Vec::new()));
    let mut module = parts::module(parts::verifier(), &packages);
    module.ask(Arc::new(parts::Alice::that(mood)));
    module.release.limits.address_failures = Some(budget());
    module.release.limits.login_failures = Some(budget());
    module
}

/// Counts the tokens that the address and Alice's account have spent.
async fn spent(module: &parts::Module) -> (u32, u32) {
    let limits = &module.release.limits;
    let address = limits.address_failures.as_ref().unwrap();
    let account = limits.login_failures.as_ref().unwrap();
    let alice = AccountName::typed(Some("alice"));
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
    let login = parts::login("alice", "x");
    for times in [0, 1, 4] {
        let module = module(parts::Mood::Answers);
        let refused = module.run_anew(times, Method::KeyByAuth, &login, somebody()).await.err();
        assert_eq!(refused.map(|refusal| refusal.code), Some(code::LOGIN_FAILED));
        assert_eq!(spent(&module).await, (1, 1), "a wrong password, {times} times anew");
    }
    for times in [0, 1, 4] {
        let module = module(parts::Mood::Answers);
        let refused =
            module.run_anew(times, Method::Validate, &wrong_key(), somebody()).await.err();
        assert_eq!(refused.map(|refusal| refusal.code), Some(code::USER_NOT_FOUND));
        assert_eq!(spent(&module).await, (1, 0), "a wrong key, {times} times anew");
    }
}

/// A request without an answer does not count either: it has told nothing.
#[tokio::test]
async fn a_request_without_an_answer_does_not_count() {
    let requests =
        [(Method::KeyByAuth, parts::login("alice", "x")), (Method::Validate, wrong_key())];
    for (method, arguments) in requests {
        let module = module(parts::Mood::Fails);
        let refused = module.run(method, &arguments, somebody()).await.err();
        assert_eq!(refused.map(|refusal| refusal.code), Some(code::GENERIC_ERROR));
        assert_eq!(spent(&module).await, (0, 0), "{method:?}");
    }
}

#[tokio::test]
async fn right_passwords_are_never_counted() {
    let module = module(parts::Mood::Answers);
    let login = parts::login("alice", "alicepass");
    assert!(module.run_anew(3, Method::KeyByAuth, &login, somebody()).await.is_ok());
    assert_eq!(spent(&module).await, (0, 0));
}
