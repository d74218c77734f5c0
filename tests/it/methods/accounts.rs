//! Several accounts match an e-mail or a user name: which one counts.

use testkit::fixture::Schema;

use super::{DATABASES, NewUser, add_user, expect_codes, key, post};
use crate::common::site::{PAID_FILE, Site};

const GROUP: &str = "redj_enterprise";

fn key_of(email: &str) -> String {
    key(email, GROUP, "HASH123KEY456")
}

fn validate(email: &str, key: &str) -> String {
    post("validate", GROUP, &[("email", email), ("key", key)])
}

/// The fixture's `dup@example.test` has a blocked account with the lower id, and an enabled one.
/// The recipe here makes different keys for the two, which shows whose key is checked.
#[tokio::test]
async fn a_blocked_account_does_not_hide_an_enabled_one_of_the_same_address() {
    for schema in DATABASES {
        let mut site = Site::new(schema).await;
        site.config.license.recipe = Some("md5($email . $user_id . $group . $hash)".into());
        let server = site.serve().await;
        let own = |id: u32| key(&format!("dup@example.test{id}"), GROUP, "HASH123KEY456");
        let ask = |resource, id, key: &str| {
            post(resource, id, &[("email", "dup@example.test"), ("key", key)])
        };
        let requests = [
            (ask("validate", GROUP, &own(116)), "ok"),
            (ask("verify", "redj_ent_190", &own(116)), "ok"),
            // The blocked account's key is not a key of the enabled one.
            (ask("validate", GROUP, &own(115)), "REL_UNE"),
            (ask("verify", "redj_ent_190", &own(115)), "REL_UNE"),
            (ask("validate", GROUP, "x"), "REL_UNE"),
        ];
        expect_codes(&server, &requests).await;
        let file = server.get(&ask("download", "redj_ent_190", &own(116))).await;
        assert_eq!(file.body, PAID_FILE);

        let mail = post("keybyemail", GROUP, &[("email", "dup@example.test")]);
        assert_eq!(server.code(&mail).await, "ok");
        let mails = server.mails();
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains(&own(116)) && !mails[0].contains(&own(115)), "{}", mails[0]);
    }
}

#[tokio::test]
async fn without_a_fitting_account_the_first_one_answers() {
    for schema in DATABASES {
        let site = Site::new(schema).await;
        // The first account is in no right group, then it is blocked.
        let twin = |id, username, block, groups| NewUser {
            id,
            username,
            block,
            groups,
            email: "twins@example.test",
            ..NewUser::default()
        };
        add_user(&site, twin(500, "twin500", 0, &[2])).await;
        add_user(&site, twin(501, "twin501", 1, &[12])).await;
        let server = site.serve().await;
        let mail = post("keybyemail", GROUP, &[("email", "twins@example.test")]);
        let right = validate("twins@example.test", &key_of("twins@example.test"));
        expect_codes(&server, &[(mail.clone(), "REL_ANA"), (right.clone(), "REL_ANA")]).await;
        server.site.run("UPDATE #__users SET block = 1 WHERE id = 500").await;
        server.site.run("UPDATE #__users SET block = 0 WHERE id = 501").await;
        expect_codes(&server, &[(mail, "ok"), (right, "ok")]).await;
        let wrong = validate("twins@example.test", "x");
        expect_codes(&server, &[(wrong, "REL_UNE")]).await;
    }
}

/// The order: byte-equal, then equal except for ASCII case, then the lowest id. The accounts'
/// answers differ, which shows the first one.
#[tokio::test]
async fn the_address_as_written_comes_before_the_lowest_id() {
    for schema in DATABASES {
        let site = Site::new(schema).await;
        let user = |id, username, email, block, groups| NewUser {
            id,
            username,
            email,
            block,
            groups,
            ..NewUser::default()
        };
        add_user(&site, user(20, "r20", "RANK@example.test", 1, &[12])).await;
        add_user(&site, user(500, "r500", "rank@example.test", 0, &[2])).await;
        add_user(&site, user(501, "r501", "Rank@example.test", 0, &[12])).await;
        let server = site.serve().await;
        let requests = [
            (validate("RANK@example.test", "x"), "REL_UNE"),
            (validate("rank@example.test", "x"), "REL_ANA"),
            (validate("Rank@example.test", "x"), "REL_KNV"),
            (validate("rANK@example.test", "x"), "REL_UNE"),
            // Whichever comes first, each account's own key is accepted.
            (validate("RANK@example.test", &key_of("Rank@example.test")), "ok"),
        ];
        expect_codes(&server, &requests).await;
    }
}

#[tokio::test]
async fn letters_of_another_case_come_before_other_letters() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let site = Site::new(schema).await;
        let user = |id, username, email, block| NewUser {
            id,
            username,
            email,
            block,
            ..NewUser::default()
        };
        add_user(&site, user(20, "e20", "élan@example.test", 1)).await;
        add_user(&site, user(500, "e500", "ELAN@example.test", 0)).await;
        let server = site.serve().await;
        let requests = [
            (validate("elan@example.test", "x"), "REL_KNV"),
            (validate("élan@example.test", "x"), "REL_UNE"),
            (validate("èlan@example.test", "x"), "REL_UNE"),
        ];
        expect_codes(&server, &requests).await;
    }
}

#[tokio::test]
async fn a_plus_sent_unescaped_is_found_when_nobody_has_the_blank() {
    for schema in DATABASES {
        let server = Site::new(schema).await.serve().await;
        let own = key_of("o'neil+tag@example.test");
        let raw = |resource: &str, id: &str| {
            format!(
                "/packages/post/release/{resource}/{id}?email=o'neil+tag@example.test&key={own}"
            )
        };
        let requests = [
            (raw("validate", GROUP), "ok"),
            (raw("verify", "redj_ent_190"), "ok"),
            (raw("keybyemail", GROUP), "ok"),
            (validate("o'neil+tag@example.test", &own), "ok"),
            (validate("o'neil  tag@example.test", &own), "REL_UNF"),
        ];
        expect_codes(&server, &requests).await;
        assert_eq!(server.get(&raw("download", "redj_ent_190")).await.body, PAID_FILE);

        // If an account's address does hold the blank, that account is meant.
        let blank = NewUser {
            id: 900,
            username: "blank",
            email: "o'neil tag@example.test",
            block: 1,
            ..NewUser::default()
        };
        add_user(&server.site, blank).await;
        let requests = [
            (raw("validate", GROUP), "REL_UNE"),
            (validate("o'neil+tag@example.test", &own), "ok"),
        ];
        expect_codes(&server, &requests).await;
    }
}

/// A password is never tried on several accounts.
#[tokio::test]
async fn keybyauth_looks_at_the_first_account_alone() {
    for schema in DATABASES {
        let site = Site::new(schema).await;
        if schema != Schema::Sqlite {
            site.run("ALTER TABLE #__users DROP KEY idx_username, ADD KEY idx_username (username)")
                .await;
        }
        // Alice's hash is stored under a second spelling of her name, with the higher id.
        site.run("UPDATE #__users SET username = 'ALICE' WHERE username = 'ivan'").await;
        let server = site.serve().await;
        let login = |name: &str, password: &str| {
            post("keybyauth", GROUP, &[("username", name), ("password", password)])
        };
        let requests = [
            (login("alice", "alicepass"), "ok"),
            (login("alice", "ivanpass"), "REL_LIF"),
            (login("ALICE", "ivanpass"), "ok"),
            (login("ALICE", "alicepass"), "REL_LIF"),
            (login("Alice", "alicepass"), "ok"),
            (login("Alice", "ivanpass"), "REL_LIF"),
        ];
        expect_codes(&server, &requests).await;
    }
}
