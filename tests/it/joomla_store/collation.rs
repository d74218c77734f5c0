//! The names that match on MariaDB: the column's collation decides, as for Joomla itself.

use super::{Schema, Site};

#[tokio::test]
async fn unicode_ci_matches_what_joomla_matches() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let site = Site::new(schema).await;
        for (sent, id) in [
            ("ALICE@EXAMPLE.TEST", 100),
            ("alice@example.test  ", 100),
            ("al\0ice@example.test", 100),
            ("al\u{200d}ice@example.test", 100),
            ("al\u{1}ice@example.test", 100),
            ("ａlice@example.test", 100),
            ("jose@example.test", 111),
            ("jose@exämple.test", 111),
            ("JOSÉ@EXAMPLE.test", 111),
            ("jose\u{301}@exa\u{308}mple.test", 111),
            (" alice@example.test", 0),
            ("alice@example.test\t", 0),
            ("аlice@example.test", 0),
        ] {
            let expected: Vec<i64> = Some(id).filter(|id| *id != 0).into_iter().collect();
            assert_eq!(site.by_email(sent).await, expected, "{sent:?}");
        }
        assert_eq!(site.by_username("alice ").await, [100]);
        assert_eq!(site.by_username("ÀLICE").await, [100]);
        assert_eq!(site.by_username(" alice").await, [0_i64; 0]);
    }
}

#[tokio::test]
async fn what_only_the_collation_matches_comes_after_ascii_case() {
    let site = Site::new(Schema::Joomla5).await;
    site.add_user(10, "j10", "jose@exämple.test").await;
    site.add_user(300, "j300", "José@exämple.test").await;
    site.add_user(20, "j20", "JOSÉ@EXÄMPLE.TEST").await;
    let found = site.by_email("josé@exämple.test").await;
    assert_eq!(found, [111, 300, 10, 20]);
}

#[tokio::test]
async fn trailing_blanks_and_upper_case_accents_are_not_equal_letters() {
    let site = Site::new(Schema::Joomla5).await;
    for id in 1000..1025 {
        // All match the address if the case of all letters is ignored; none match if only ASCII
        // case is.
        site.add_user(id, &format!("u{id}"), "ÉLAN@example.test").await;
        site.add_user(id + 100, &format!("u{}", id + 100), "élan@example.test ").await;
    }
    site.add_user(5000, "u5000", "éLAN@example.test").await;
    site.add_user(6000, "u6000", "élan@example.test").await;
    let found = site.by_email("élan@example.test").await;
    assert_eq!(found.len(), 20);
    assert_eq!(found[..4], [6000, 5000, 1000, 1001]);
}

#[tokio::test]
async fn emoji_are_all_equal_so_the_bytes_are_told() {
    let site = Site::new(Schema::Joomla5).await;
    site.run("ALTER TABLE #__users DROP KEY idx_username").await;
    site.add_user(10, "😀", "e10@example.test").await;
    site.add_user(20, "😎", "e20@example.test").await;
    assert_eq!(site.by_username("😎").await, [20, 10]);
    let accounts = site.store.users_by_username("🎉").await.unwrap();
    let names: Vec<&str> = accounts.iter().map(|a| a.user.username.as_str()).collect();
    assert_eq!(names, ["😀", "😎"], "four-byte characters arrive whole");
}

#[tokio::test]
async fn tables_of_older_sites_work() {
    for charset in ["utf8 COLLATE utf8_general_ci", "utf8 COLLATE utf8_unicode_ci", "latin1"] {
        let mut site = Site::new(Schema::Joomla3).await;
        let convert = format!("ALTER TABLE #__users CONVERT TO CHARACTER SET {charset}");
        site.run(&convert).await;
        site.reopen().await;
        assert_eq!(site.by_email("josé@exämple.test").await, [111], "{charset}");
        assert_eq!(site.by_email("ALICE@example.test").await, [100], "{charset}");
        let users = site.store.users_by_email("josé@exämple.test").await.unwrap();
        assert_eq!(users[0].email, "josé@exämple.test", "{charset}");
        assert_eq!(site.by_email("😀@example.test").await, [0_i64; 0], "{charset}");
        site.add_user(50, "x50", "josé@exämple.TEST").await;
        assert_eq!(site.by_email("josé@exämple.test").await, [111, 50], "{charset}");
    }
}

/// A server that converts puts `?` for a character that a column cannot hold, which makes the name
/// of another account.
#[tokio::test]
async fn a_name_that_the_column_cannot_hold_is_nobody_s() {
    for (charset, held, beyond) in [
        ("utf8", "ж\u{20ac}", vec!["😀", "a😀", "😀😎"]),
        ("latin1", "é\u{20ac}", vec!["😀", "ж", "ő", "aж"]),
        ("latin2", "ő", vec!["😀", "ж", "ñ"]),
        ("ascii", "a", vec!["😀", "é"]),
        ("cp1251", "ж", vec!["😀", "é"]),
    ] {
        let mut site = Site::new(Schema::Joomla3).await;
        site.run("DELETE FROM #__users WHERE id IN (111)").await;
        site.run(&format!("ALTER TABLE #__users CONVERT TO CHARACTER SET {charset}")).await;
        site.reopen().await;
        for (id, name) in [(501, "?"), (502, "??"), (503, "a?"), (504, "????")] {
            site.add_user(id, name, &format!("{name}@example.test")).await;
        }
        site.add_user(600, held, &format!("{held}@example.test")).await;
        assert_eq!(site.by_email(&format!("{held}@example.test")).await, [600], "{charset}");
        assert_eq!(site.by_username(held).await, [600], "{charset}");
        assert_eq!(site.by_email("?@example.test").await, [501], "{charset}");
        for name in beyond {
            let email = format!("{name}@example.test");
            assert_eq!(site.by_email(&email).await, [0_i64; 0], "{charset} {name}");
            assert_eq!(site.by_username(name).await, [0_i64; 0], "{charset} {name}");
        }
    }
}

/// Joomla's own repair of the database converts the tables while the service runs.
#[tokio::test]
async fn a_column_s_character_set_may_change_while_we_run() {
    let site = Site::new(Schema::Joomla3).await;
    site.run("ALTER TABLE #__users CONVERT TO CHARACTER SET latin1").await;
    site.add_user(501, "?", "?@example.test").await;
    assert_eq!(site.by_email("ж@example.test").await, [0_i64; 0]);
    site.run("ALTER TABLE #__users CONVERT TO CHARACTER SET utf8mb4").await;
    site.add_user(502, "ж", "ж@example.test").await;
    assert_eq!(site.by_email("ж@example.test").await, [502]);
    site.run("DELETE FROM #__users").await;
    assert_eq!(site.by_username("ж").await, [0_i64; 0], "no account at all");
}
