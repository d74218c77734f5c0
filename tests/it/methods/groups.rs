//! User groups: which ones count, and when.

use testkit::fixture::Schema;

use super::{DATABASES, GROUPS, PACKAGES, await_code, expect_codes, key, post, save_settings};
use crate::common::site::{ALICE_KEY, PAID_FILE, Site};

fn mail(group: &str, who: &str) -> String {
    post("keybyemail", group, &[("email", &format!("{who}@example.test"))])
}

#[tokio::test]
async fn only_groups_directly_assigned_count() {
    for schema in DATABASES {
        let server = Site::new(schema).await.serve().await;
        let requests = [
            // Group 13 is a child of 12, and 12 is a child of 1.
            (mail("redj_enterprise", "frank"), "REL_ANA"),
            (mail("pub", "alice"), "REL_ANA"),
            (mail("redj_enterprise", "admin"), "REL_ANA"),
            (mail("grp2", "alice"), "ok"),
            (mail("grp2", "bob"), "ok"),
        ];
        expect_codes(&server, &requests).await;
    }
}

#[tokio::test]
async fn with_inheritance_a_child_group_counts_as_its_parents() {
    for schema in DATABASES {
        let mut site = Site::new(schema).await;
        site.config.release.inherit_groups = true;
        let server = site.serve().await;
        let requests = [
            (mail("redj_enterprise", "frank"), "ok"),
            (mail("pub", "alice"), "ok"),
            (mail("pub", "nogroup"), "ok"),
            // Siblings and parents are not children.
            (mail("grp2", "frank"), "REL_ANA"),
            (mail("redj_enterprise", "bob"), "REL_ANA"),
            // This group is not in the tree.
            (mail("pub", "orphan"), "REL_ANA"),
        ];
        expect_codes(&server, &requests).await;
    }
}

#[tokio::test]
async fn an_account_without_any_group_is_public() {
    for schema in DATABASES {
        let server = Site::new(schema).await.serve().await;
        let requests = [
            (mail("pub", "nogroup"), "ok"),
            (mail("redj_enterprise", "nogroup"), "REL_ANA"),
            (mail("pub", "orphan"), "REL_ANA"),
        ];
        expect_codes(&server, &requests).await;
    }
}

#[tokio::test]
async fn a_membership_taken_away_is_refused_at_the_next_request() {
    for schema in DATABASES {
        let server = Site::new(schema).await.serve().await;
        let params = [("email", "alice@example.test"), ("key", ALICE_KEY)];
        let login = [("username", "alice"), ("password", "alicepass")];
        let download = post("download", "redj_ent_190", &params);
        let all = [
            post("keybyemail", "redj_enterprise", &params),
            post("keybyauth", "redj_enterprise", &login),
            post("validate", "redj_enterprise", &params),
            post("verify", "redj_ent_190", &params),
        ];
        let expect = |code| all.clone().map(|target| (target, code));
        for _ in 0..2 {
            expect_codes(&server, &expect("ok")).await;
            assert_eq!(server.get(&download).await.body, PAID_FILE);
            server
                .site
                .run("DELETE FROM #__user_usergroup_map WHERE user_id = 100 AND group_id = 12")
                .await;
            expect_codes(&server, &expect("REL_ANA")).await;
            assert_eq!(server.code(&download).await, "REL_ANA");
            server.site.run("INSERT INTO #__user_usergroup_map VALUES (100, 12)").await;
        }
        server.site.run("UPDATE #__users SET block = 1 WHERE id = 100").await;
        expect_codes(&server, &expect("REL_UNE")).await;
        assert_eq!(server.code(&download).await, "REL_UNE");
    }
}

/// The place of a child group in the tree is read with the settings, not with the user.
#[tokio::test]
async fn a_changed_group_tree_takes_effect() {
    for schema in DATABASES {
        let mut site = Site::new(schema).await;
        site.config.release.inherit_groups = true;
        let server = site.serve().await;
        let own = key("frank@example.test", "redj_enterprise", "HASH123KEY456");
        let params = [("email", "frank@example.test"), ("key", own.as_str())];
        let validate = post("validate", "redj_enterprise", &params);
        assert_eq!(server.code(&validate).await, "ok");
        server.site.run("UPDATE #__usergroups SET lft = 100, rgt = 101 WHERE id = 13").await;
        await_code(&server, &validate, "REL_ANA").await;
    }
}

#[tokio::test]
async fn ids_that_are_no_numbers_authorise_nobody() {
    let site = Site::new(Schema::Joomla5).await;
    let mut groups = GROUPS.to_vec();
    groups.extend(["words;a,b,-12,0", "some;x,12 , 0x2", "none;;hash"]);
    save_settings(&site, &groups, PACKAGES).await;
    let server = site.serve().await;
    let requests = [
        (mail("words", "alice"), "REL_ANA"),
        (mail("words", "nogroup"), "REL_ANA"),
        (mail("none", "alice"), "REL_ANA"),
        (mail("some", "alice"), "ok"),
        (mail("some", "bob"), "REL_ANA"),
    ];
    expect_codes(&server, &requests).await;
}
