//! A login of an unknown user takes as long as one of the site's own accounts, whatever the cost of
//! their hashes.

use std::time::{Duration, Instant};

use jbackend_bridge::config::values::Privacy;
use jbackend_bridge::methods::Verifier;
use jbackend_bridge::store::StoredHash;
use joomla_password::{Decoy, Rules, Verdict};
use testkit::fixture::Schema;

use super::{NewUser, add_user, post};
use crate::common::site::{Server, Site};

/// Makes a hash of this cost that no password matches.
fn bcrypt(cost: u32) -> String {
    format!("$2y${cost:02}$q7ps9Vf0ioZx/afQQDx1dex2gDGJNqwIbMXtK21pBJfdN/LrfEVgu")
}

fn stored(hash: &str) -> StoredHash {
    StoredHash::new(hash)
}

/// Measures two refused logins.
async fn refusals(server: &Server, username: &str) -> [Duration; 2] {
    let params = [("username", username), ("password", "wrong")];
    let target = post("keybyauth", "redj_enterprise", &params);
    let mut times = [Duration::ZERO; 2];
    for time in &mut times {
        let started = Instant::now();
        assert_eq!(server.code(&target).await, "REL_LIF");
        *time = started.elapsed();
    }
    times
}

/// Cost 13 takes eight times as long as the cost on old sites.
#[tokio::test]
async fn an_unknown_user_was_told_from_one_with_a_hash_of_current_php() {
    let mut site = Site::new(Schema::Joomla5).await;
    // Only the start reads the hashes.
    site.config.release.refresh = 3600;
    site.run("UPDATE #__users SET password = 'x'").await;
    let newest = bcrypt(13);
    add_user(&site, NewUser { id: 9000, password: &newest, ..NewUser::default() }).await;
    let server = site.serve().await;
    // A busy machine may make one login slow; a slow unknown login makes the known one wait as
    // long.
    let unknown = refusals(&server, "stranger").await.into_iter().max().unwrap();
    let known = refusals(&server, "somebody").await.into_iter().min().unwrap();
    assert!(unknown * 2 > known, "unknown {unknown:?}, known {known:?}");
}

#[tokio::test]
async fn the_decoy_is_the_dearest_hash_met_within_the_caps() {
    let verifier = Verifier::new(0, Decoy::default());
    for (hash, decoy) in [
        (bcrypt(4), Decoy::bcrypt(10)),
        ("x".to_owned(), Decoy::bcrypt(10)),
        (bcrypt(12), Decoy::bcrypt(12)),
        (bcrypt(11), Decoy::bcrypt(12)),
        (bcrypt(31), Decoy::bcrypt(12)),
    ] {
        verifier.learn(&[stored(&hash)]);
        assert_eq!(verifier.decoy(), decoy, "{hash}");
    }
}

#[tokio::test]
async fn a_login_teaches_what_hashes_cost() {
    let verifier = Verifier::new(0, Decoy::bcrypt(4));
    let known = Some(stored(&bcrypt(5)));
    assert_eq!(
        verifier.verify(vec![b"x".to_vec()], known, Rules::Joomla4).await,
        Ok(Verdict::Wrong)
    );
    assert_eq!(verifier.decoy(), Decoy::bcrypt(5));
}

/// The times of a known and an unknown account end within the same step of ten milliseconds.
#[tokio::test]
async fn the_time_of_a_refusal_told_which_accounts_exist() {
    let wrong = "0".repeat(32);
    for uniform in [false, true] {
        let mut site = Site::new(Schema::Sqlite).await;
        if uniform {
            site.config.release.privacy = Privacy::Uniform;
        }
        let server = site.serve().await;
        let validate = |params: &[(&str, &str)]| post("validate", "redj_enterprise", params);
        let mut targets = vec![
            validate(&[("dlid", &format!("100:{wrong}"))]),
            validate(&[("dlid", &format!("999:{wrong}"))]),
            validate(&[("dlid", "nonsense")]),
        ];
        if uniform {
            for email in ["alice@example.test", "stranger@example.test"] {
                targets.push(validate(&[("email", email), ("key", &wrong)]));
                targets.push(post("keybyemail", "redj_enterprise", &[("email", email)]));
            }
        }
        for target in targets {
            let started = Instant::now();
            server.get(&target).await;
            assert!(started.elapsed() >= Duration::from_millis(10), "uniform: {uniform}, {target}");
        }
    }
}
