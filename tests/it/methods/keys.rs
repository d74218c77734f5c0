//! License keys: the recipe and seed that make them, and the other keys that are accepted.

use hmac::{Hmac, KeyInit, Mac};
use jbackend_bridge::config::values::AcceptedHash;
use jbackend_bridge::service::App;
use sha2::Sha256;
use testkit::fixture::{self, Schema};

use super::{GROUPS, PACKAGES, expect_codes, key, md5_hex, post, save_settings};
use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, PAID_FILE, Server, Site};

const ALICE: &str = "alice@example.test";
const GROUP: &str = "redj_enterprise";

fn validate(group: &str, key: &str) -> String {
    post("validate", group, &[("email", ALICE), ("key", key)])
}

/// Requests the key that `keybyauth` issues to Alice.
async fn issued(server: &Server, group: &str) -> String {
    let login = [("username", "alice"), ("password", "alicepass")];
    let answer = server.json(&post("keybyauth", group, &login)).await;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    answer["key"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Computes `substr(hash_hmac('sha256', $email . '|' . $group, $hash . $secret), 0, 32)`.
fn default_key(group: &str, hash: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(format!("{hash}{secret}").as_bytes()).unwrap();
    mac.update(format!("{ALICE}|{group}").as_bytes());
    let hex = base16ct::lower::encode_string(&mac.finalize().into_bytes());
    hex[..32].to_owned()
}

#[tokio::test]
async fn one_key_is_issued_mailed_and_accepted() {
    let server = Site::new(Schema::Joomla5).await.serve().await;
    assert_eq!(issued(&server, GROUP).await, ALICE_KEY);
    let mail = post("keybyemail", GROUP, &[("email", ALICE)]);
    assert_eq!(server.code(&mail).await, "ok");
    assert!(server.mails()[0].contains(ALICE_KEY));
    let params = [("email", ALICE), ("key", ALICE_KEY)];
    let requests = [
        (post("validate", GROUP, &params), "ok"),
        (post("verify", "redj_ent_190", &params), "ok"),
        // This is the same user's key for another package group.
        (post("validate", "redj_ent", &params), "REL_KNV"),
    ];
    expect_codes(&server, &requests).await;
    assert_eq!(server.get(&post("download", "redj_ent_190", &params)).await.body, PAID_FILE);
}

#[tokio::test]
async fn regression_the_id_stood_in_for_a_name_that_is_empty() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.license.recipe = Some("md5($email . $group_name . 'x')".into());
    let server = site.serve().await;
    // `redj_ent;12;;` has no name.
    assert_eq!(issued(&server, "redj_ent").await, md5_hex(&format!("{ALICE}x")));
    let named = md5_hex(&format!("{ALICE}ReDJ Enterprisex"));
    assert_eq!(issued(&server, GROUP).await, named);
}

#[tokio::test]
async fn blanks_around_a_key_are_ignored_and_those_inside_are_not() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let (head, tail) = ALICE_KEY.split_at(7);
    let requests = [
        (validate(GROUP, &format!(" \t{ALICE_KEY}\r\n")), "ok"),
        (validate(GROUP, &format!("{head} {tail}")), "REL_KNV"),
        (validate(GROUP, head), "REL_KNV"),
        (validate(GROUP, "   "), "REL_KNV"),
    ];
    expect_codes(&server, &requests).await;
}

#[tokio::test]
async fn a_key_is_made_of_the_row_as_stored() {
    let mut site = Site::new(Schema::Joomla5).await;
    let recipe =
        "md5($email . $username . $name . $user_id . $group . $group_name . $hash . $secret)";
    site.config.license.recipe = Some(recipe.into());
    let server = site.serve().await;
    let text = format!(
        "Mixed.Case@Example.TESTMixedMixed110{GROUP}ReDJ EnterpriseHASH123KEY456{}",
        fixture::secret()
    );
    let params = [("email", "mixed.CASE@example.test"), ("key", &md5_hex(&text))];
    assert_eq!(server.code(&post("validate", GROUP, &params)).await, "ok");
}

#[tokio::test]
async fn former_formulas_seeds_and_single_keys_are_accepted_but_not_issued() {
    let mut site = Site::new(Schema::Joomla5).await;
    let csv = site.folder.path().join("keys.csv");
    let lines = format!("email,group,key\r\n{ALICE},{GROUP},SINGLE-1\r\n{ALICE},pub,SINGLE-2\r\n");
    std::fs::write(&csv, lines).unwrap();
    let former = |hash: &str, until: Option<&str>| AcceptedHash {
        group: GROUP.into(),
        hash: hash.to_owned().into(),
        until: until.map(str::to_owned),
    };
    let license = &mut site.config.license;
    license.accepted_recipes = vec!["sha1($email . $hash)".into(), "strrev($hash)".into()];
    license.accepted_hashes = vec![
        former("OLD", None),
        former("ENDED", Some("2020-12-31")),
        former("ENDING", Some("2120-12-31")),
    ];
    license.accepted_keys = Some(csv);
    let server = site.serve().await;

    let sha1 = |hash: &str| {
        use sha1::Digest;
        base16ct::lower::encode_string(&sha1::Sha1::digest(format!("{ALICE}{hash}")))
    };
    let with = |hash| validate(GROUP, &key(ALICE, GROUP, hash));
    let requests = [
        (validate(GROUP, &sha1("HASH123KEY456")), "ok"),
        (validate(GROUP, "654YEK321HSAH"), "ok"),
        (with("OLD"), "ok"),
        (validate(GROUP, &sha1("OLD")), "ok"),
        (with("ENDING"), "ok"),
        (with("ENDED"), "REL_KNV"),
        (validate(GROUP, &sha1("ENDED")), "REL_KNV"),
        (with("NEVER"), "REL_KNV"),
        (validate(GROUP, "SINGLE-1"), "ok"),
        (validate(GROUP, " SINGLE-1 "), "ok"),
        (validate(GROUP, "SINGLE-2"), "REL_KNV"),
        (validate(GROUP, "single-1"), "REL_KNV"),
        // A former seed belongs to one package group.
        (validate("redj_ent", &key(ALICE, "redj_ent", "OLD")), "REL_KNV"),
        // A single key does not work for other accounts.
        (
            post("validate", GROUP, &[("email", "erin@example.test"), ("key", "SINGLE-1")]),
            "REL_KNV",
        ),
        // A single key does not authorise: Alice is not directly in group 1.
        (validate("pub", "SINGLE-2"), "REL_ANA"),
    ];
    expect_codes(&server, &requests).await;
    assert_eq!(issued(&server, GROUP).await, ALICE_KEY);
}

#[tokio::test]
async fn a_migrated_site_does_not_start_without_its_formula() {
    let mut site = Site::new(Schema::Joomla5).await;
    site.config.license.recipe = None;
    let error = App::start(&site.config).await.err().unwrap().to_string();
    assert!(error.starts_with("no license key formula"), "{error}");
    for part in ["would be refused", "`recipe` in `[license]`", "`recipe = \"default\"`"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn settings_in_the_configuration_use_the_default_formula() {
    let mut site = Site::new(Schema::Joomla5).await;
    site.config.license.recipe = None;
    let lines = |lines: &[&str]| Some(lines.iter().map(|line| (*line).to_owned()).collect());
    site.config.release.folder = Some("files".into());
    site.config.release.groups = lines(GROUPS);
    site.config.release.packages = lines(PACKAGES);
    // Settings in the configuration replace all of the site's own.
    site.run("DELETE FROM #__extensions WHERE element = 'release'").await;
    let server = site.serve().await;
    let right = default_key(GROUP, "HASH123KEY456", fixture::secret());
    let requests = [(validate(GROUP, &right), "ok"), (validate(GROUP, ALICE_KEY), "REL_KNV")];
    expect_codes(&server, &requests).await;
    assert_eq!(issued(&server, GROUP).await, right);
}

#[tokio::test]
async fn the_default_formula_serves_no_group_whose_keys_anybody_could_compute() {
    let log = Log::keep();
    let mut site = Site::new(Schema::Joomla5).await;
    site.config.license.recipe = Some("default".into());
    // `allow_guessable` silences the warning about guessable keys, but does not make them
    // accepted.
    site.config.license.allow_guessable = vec!["redj_ent".into(), "nohash".into()];
    site.config.joomla.secret = None;
    let mut packages = PACKAGES.to_vec();
    packages.push("bare;/public/joomla/redj/small.zip;nohash");
    save_settings(&site, GROUPS, &packages).await;
    let server = site.serve().await;
    let guessed = default_key("redj_ent", "", "");
    let right = default_key(GROUP, "HASH123KEY456", "");
    let login = [("username", "alice"), ("password", "alicepass")];
    let requests = [
        (validate("redj_ent", &guessed), "REL_GNF"),
        (post("keybyemail", "redj_ent", &[("email", ALICE)]), "REL_GNF"),
        (post("keybyauth", "redj_ent", &login), "REL_GNF"),
        (post("verify", "bare", &[]), "REL_GNF"),
        (post("download", "bare", &[]), "REL_GNF"),
        (validate(GROUP, &right), "ok"),
    ];
    expect_codes(&server, &requests).await;
    for group in ["redj_ent", "nohash", "pub", "grp2", "zero"] {
        let line = format!("group=\"{group}\"");
        let reported = log.count(&[&line, "answers REL_GNF"]);
        assert_eq!(reported, 1, "{group}:\n{}", log.text());
    }
}

#[tokio::test]
async fn with_joomlas_secret_the_default_formula_serves_groups_without_a_seed() {
    let log = Log::keep();
    let mut site = Site::new(Schema::Joomla5).await;
    site.config.license.recipe = Some("default".into());
    let server = site.serve().await;
    let right = default_key("redj_ent", "", fixture::secret());
    assert_eq!(server.code(&validate("redj_ent", &right)).await, "ok");
    assert_eq!(log.count(&["REL_GNF"]), 0);
}

/// An operator may choose a recipe without a seed: its keys are accepted, with a warning.
#[tokio::test]
async fn guessable_keys_of_the_sites_own_formula_are_served_with_a_warning() {
    for allowed in [&[][..], &["redj_ent".to_owned()]] {
        let log = Log::keep();
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.license.allow_guessable = allowed.to_vec();
        let server = site.serve().await;
        assert_eq!(server.code(&validate("redj_ent", &key(ALICE, "redj_ent", ""))).await, "ok");
        let warned = |group: &str| log.count(&[&format!("group=\"{group}\""), "reads no hash"]);
        assert_eq!(warned("redj_ent"), usize::from(allowed.is_empty()), "{}", log.text());
        assert_eq!(warned("nohash"), 1);
        assert_eq!(warned(GROUP), 0);
    }
}

#[tokio::test]
async fn a_formula_that_cannot_work_stops_the_start() {
    for (recipe, reason) in [
        ("md5(", "`license.recipe`"),
        ("substr($email, 0, 0)", "empty key"),
        ("md5($email, true)", "bin2hex"),
    ] {
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.license.recipe = Some(recipe.into());
        let error = App::start(&site.config).await.err().unwrap().to_string();
        assert!(error.contains(reason), "{recipe}: {error}");
    }
}

/// A recipe that reads a seed makes no keys for a package group without one.
#[tokio::test]
async fn a_formula_that_fails_for_one_group_does_not_stop_the_others() {
    let log = Log::keep();
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.license.recipe = Some("strrev($hash)".into());
    site.config.license.accepted_recipes = vec!["substr($email, 0, 0)".into()];
    let server = site.serve().await;
    let login = [("username", "alice"), ("password", "alicepass")];
    let requests = [
        (validate(GROUP, "654YEK321HSAH"), "ok"),
        (validate("redj_ent", ""), "REL_KNV"),
        (post("keybyauth", "redj_ent", &login), "REL_RGE"),
        (post("keybyemail", "redj_ent", &[("email", ALICE)]), "REL_RGE"),
    ];
    expect_codes(&server, &requests).await;
    let reported = |recipe: &str, group: &str| {
        log.count(&[
            "license keys that cannot be made",
            recipe,
            &format!("package group `{group}`"),
        ])
    };
    assert_eq!(reported("`recipe`", "redj_ent"), 1, "{}", log.text());
    assert_eq!(reported("`recipe`", GROUP), 0);
    assert_eq!(reported("entry 1 of `accepted_recipes`", GROUP), 1);
}

#[tokio::test]
async fn what_is_wrong_with_accepted_keys_and_seeds_stops_the_start() {
    let mut site = Site::new(Schema::Sqlite).await;
    let csv = site.folder.path().join("keys.csv");
    std::fs::write(&csv, "alice@example.test,redj_enterprise\n").unwrap();
    site.config.license.accepted_keys = Some(csv);
    let error = App::start(&site.config).await.err().unwrap().to_string();
    assert!(error.contains("keys.csv") && error.contains("line 1"), "{error}");
    assert!(!error.contains("alice"), "nobody's address in a message: {error}");

    site.config.license.accepted_keys = None;
    site.config.license.accepted_hashes = vec![AcceptedHash {
        group: GROUP.into(),
        hash: "SEED".to_owned().into(),
        until: Some("31.12.2030".into()),
    }];
    let error = App::start(&site.config).await.err().unwrap().to_string();
    assert!(error.contains("31.12.2030") && !error.contains("SEED"), "{error}");
}
