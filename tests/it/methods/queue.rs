//! Logins wait in a short queue, and each one costs a password check.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::poll;
use jbackend_bridge::limits::buckets::{Buckets, Rate};
use jbackend_bridge::limits::{Budget, Limit};
use jbackend_bridge::methods::{Busy, Method, Verifier, code};
use jbackend_bridge::packages::{Packages, folder::Folder};
use joomla_password::{Decoy, Rules, Verdict};
use testkit::fixture::Schema;

use super::{parts, post};
use crate::common::site::Site;

fn no_packages() -> Arc<dyn Packages> {
    Arc::new(Folder::new("/nowhere".into(), Vec::new()))
}

/// Returns the number of checks that run at once, as `Verifier::new` counts them.
fn turns() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1)
}

type Check<'a> = Pin<Box<dyn Future<Output = Result<Verdict, Busy>> + 'a>>;

/// Starts checks until one is refused.
async fn fill(verifier: &Verifier) -> Vec<Check<'_>> {
    let mut checks: Vec<Check<'_>> = Vec::new();
    loop {
        let mut check: Check<'_> =
            Box::pin(verifier.verify(vec![b"x".to_vec()], None, Rules::Joomla4));
        match poll!(&mut check) {
            Poll::Ready(Err(Busy)) => return checks,
            Poll::Ready(Ok(_)) => {}
            Poll::Pending => checks.push(check),
        }
    }
}

/// Fills a queue that has as many waiting checks as running ones. When the running ones are done,
/// the waiting ones get their turns. These are never polled again, so they hold turns and places
/// until the test drops them.
async fn fill_for_good(verifier: &Verifier) -> Vec<Check<'_>> {
    let mut checks = fill(verifier).await;
    join_all(checks.drain(..turns())).await;
    checks.extend(fill(verifier).await);
    checks
}

#[tokio::test]
async fn a_full_queue_turns_logins_away_at_once() {
    let module = parts::module(Verifier::new(turns(), Decoy::bcrypt(4)), &no_packages());
    let checks = fill_for_good(&module.release.verifier).await;
    for (username, password) in [("alice", "alicepass"), ("alice", "x"), ("nobody", "x")] {
        let refused = module.run(Method::KeyByAuth, &parts::login(username, password), None).await;
        assert_eq!(
            refused.err().map(|refusal| refusal.code),
            Some(code::LIMIT_EXCEEDED),
            "{username}"
        );
    }
    // A login that needs no hash needs no place.
    let refused = module.run(Method::KeyByAuth, &parts::login("alice", ""), None).await;
    assert_eq!(refused.err().map(|refusal| refusal.code), Some(code::LOGIN_FAILED));

    // Clients that disconnect give their places back.
    drop(checks);
    let started = Instant::now();
    loop {
        let answer = module.run(Method::KeyByAuth, &parts::login("alice", "alicepass"), None).await;
        match answer {
            Ok(_) => break,
            Err(busy) => assert_eq!(busy.code, code::LIMIT_EXCEEDED),
        }
        assert!(started.elapsed() < super::PATIENCE);
        tokio::task::yield_now().await;
    }
}

/// Only wrong passwords spend an account's budget.
#[tokio::test]
async fn logins_that_come_to_nothing_cost_the_account_nothing() {
    let mut module = parts::module(Verifier::new(turns(), Decoy::bcrypt(4)), &no_packages());
    let one = NonZeroU32::MIN;
    let rate = Rate { tokens: one, per: Duration::from_hours(1), burst: one };
    let buckets = Arc::new(Buckets::new(rate));
    module.release.limits.login_failures = Some(Budget::new(Arc::clone(&buckets), None));
    let login = |password| parts::login("alice", password);

    // The client disconnects.
    {
        module.ask(Arc::new(parts::Alice::that(parts::Mood::Hangs)));
        let (wrong, right) = (login("x"), login("alicepass"));
        let mut under_way = Box::pin(module.run(Method::KeyByAuth, &wrong, None));
        assert!(poll!(&mut under_way).is_pending());
        assert_eq!(buckets.len(), 1, "the try holds a token");
        let second = module.run(Method::KeyByAuth, &right, None).await.err();
        let limit = second.and_then(|refusal| refusal.exceeded).map(|exceeded| exceeded.limit);
        assert_eq!(limit, Some(Limit::LoginFailures));
    }
    assert!(buckets.is_empty());

    // The queue is full.
    module.ask(Arc::new(parts::Alice::that(parts::Mood::Answers)));
    let checks = fill_for_good(&module.release.verifier).await;
    for _ in 0..3 {
        let refused = module.run(Method::KeyByAuth, &login("x"), None).await.err();
        let limit = refused.and_then(|refusal| refusal.exceeded).map(|exceeded| exceeded.limit);
        assert_eq!(limit, Some(Limit::LoginQueue));
    }
    assert!(buckets.is_empty());
    drop(checks);

    // The database fails.
    module.ask(Arc::new(parts::Alice::that(parts::Mood::Fails)));
    for _ in 0..3 {
        let refused = module.run(Method::KeyByAuth, &login("x"), None).await.err();
        assert_eq!(refused.map(|refusal| refusal.code), Some(code::GENERIC_ERROR));
    }
    assert!(buckets.is_empty());
}

/// There are more logins at once than places, and each takes far longer than sending them all.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_logins_is_answered_with_the_limit() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.login_queue = 1;
    // A verification at cost 14 is slow and runs to its end before it fails.
    let dear = "$2y$14$q7ps9Vf0ioZx/afQQDx1dex2gDGJNqwIbMXtK21pBJfdN/LrfEVgu";
    site.run(&format!("UPDATE #__users SET password = '{dear}' WHERE id = 100")).await;
    let server = site.serve().await;
    let places = turns() + 1;
    let login = [("username", "alice"), ("password", "wrong")];
    let target = post("keybyauth", "redj_enterprise", &login);
    let answers = join_all((0..places + 4).map(|_| server.code(&target))).await;
    let turned_away = answers.iter().filter(|code| *code == "REL_RLE").count();
    let refused = answers.iter().filter(|code| *code == "REL_LIF").count();
    assert_eq!(turned_away + refused, answers.len(), "{answers:?}");
    assert!(turned_away > 0 && refused >= places, "{answers:?}");
    // Other methods do not wait behind them, and the next login is tried.
    assert_eq!(server.code(&target).await, "REL_LIF");
}

/// The decoy of an unknown user costs some hundred milliseconds here. No machine computes it in the
/// time of an answer without a hash.
#[tokio::test]
async fn an_unknown_user_costs_a_hash_too() {
    let module = parts::module(Verifier::new(0, Decoy::bcrypt(13)), &no_packages());
    for (username, code) in [("nobody", code::LOGIN_FAILED), ("alice", code::LOGIN_FAILED)] {
        let started = Instant::now();
        let refused = module.run(Method::KeyByAuth, &parts::login(username, "wrong"), None).await;
        assert_eq!(refused.err().map(|refusal| refusal.code), Some(code), "one answer for both");
        let spent = started.elapsed();
        assert!(spent > Duration::from_millis(25), "{username}: a hash in {spent:?}");
    }
}
