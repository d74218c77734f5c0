//! Answers and letters that contain download keys.

use testkit::fixture::Schema;

use super::one_field_keys::{GROUP, HASH, downloads};
use super::{NewUser, add_user, expect_codes, key, post};
use crate::common::site::{ALICE_KEY, Site};

#[tokio::test]
async fn keybyauth_shows_it_when_the_operator_wants_it() {
    for wanted in [false, true] {
        let mut site = Site::new(Schema::Joomla5).await;
        site.config.release.dlid_in_json = wanted;
        let server = site.serve().await;
        let login = [("username", "alice"), ("password", "alicepass")];
        let dlid = if wanted { format!(r#","dlid":"100:{ALICE_KEY}""#) } else { String::new() };
        assert_eq!(
            server.json(&post("keybyauth", GROUP, &login)).await,
            format!(r#"{{"status":"ok","email":"alice@example.test","key":"{ALICE_KEY}"{dlid}}}"#)
        );
        let wrong = [("username", "alice"), ("password", "x")];
        assert!(!server.json(&post("keybyauth", GROUP, &wrong)).await.contains("dlid"));
    }
}

#[tokio::test]
async fn the_letter_shows_it_unless_anybody_could_compute_it() {
    let server = Site::new(Schema::Joomla5).await.serve().await;
    let ask = |group| post("keybyemail", group, &[("email", "alice@example.test")]);
    // `redj_ent` has no seed, and the recipe reads no secret.
    expect_codes(&server, &[(ask(GROUP), "ok"), (ask("redj_ent"), "ok")]).await;
    let mails = server.mails();
    let line = format!("\r\n100:{ALICE_KEY}\r\n");
    assert!(mails[0].contains(&line) && mails[0].contains("Download Key"), "{}", mails[0]);
    let guessable = key("alice@example.test", "redj_ent", "");
    assert!(mails[1].contains(&guessable) && !mails[1].contains("Download Key"));
    assert!(!mails[1].contains("100:"), "{}", mails[1]);
}

/// Joomla puts the typed text into an address without encoding it.
#[tokio::test]
async fn the_letters_text_can_be_typed_into_joomla_whatever_the_key() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.license.recipe = Some("'a+b&c d%é#' . md5($email . $hash)".into());
    let server = site.serve().await;
    let email = [("email", "alice@example.test")];
    assert_eq!(server.code(&post("keybyemail", GROUP, &email)).await, "ok");
    let typed = format!("100:a%2Bb%26c%20d%25%C3%A9%23{}", key("alice@example.test", "", HASH));
    let mail = server.mails().concat().replace("=\r\n", "").replace("=25", "%");
    assert!(mail.contains(&typed), "{mail}");
    assert!(downloads(&server, &format!("dlid={typed}")).await);
}

#[tokio::test]
async fn an_account_whose_id_does_not_fit_gets_none() {
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.dlid_in_json = true;
    let password = super::md5_hex("pass");
    add_user(&site, NewUser { id: 10_000_000_000, password: &password, ..NewUser::default() })
        .await;
    let server = site.serve().await;
    let email = "somebody@example.test";
    let own = key(email, GROUP, HASH);
    assert_eq!(
        server
            .json(&post("keybyauth", GROUP, &[("username", "somebody"), ("password", "pass")]))
            .await,
        format!(r#"{{"status":"ok","email":"{email}","key":"{own}"}}"#)
    );
    assert_eq!(server.code(&post("keybyemail", GROUP, &[("email", email)])).await, "ok");
    let mails = server.mails().concat();
    assert!(mails.contains(&own) && !mails.contains("Download Key"), "{mails}");
}
