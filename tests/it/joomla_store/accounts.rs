//! Accounts by e-mail and by user name, on every kind of database.

use jbackend_bridge::store::{StoredHash, TwoFactor};

use super::{Backend, Schema, sites};

#[tokio::test]
async fn an_account_comes_with_its_own_groups() {
    for site in sites().await {
        let users = site.store.users_by_email("alice@example.test").await.unwrap();
        let [alice] = users.as_slice() else {
            panic!("{users:?}");
        };
        assert_eq!((alice.id, alice.block), (100, 0));
        assert_eq!((alice.name.as_str(), alice.username.as_str()), ("Alice", "alice"));
        assert_eq!(alice.email, "alice@example.test");
        assert_eq!(alice.groups, [2, 12]);

        let orphan = site.store.users_by_email("orphan@example.test").await.unwrap();
        assert_eq!(orphan[0].groups, [777], "a group that does not exist");
        let nobody = site.store.users_by_email("nogroup@example.test").await.unwrap();
        assert_eq!(nobody[0].groups, [0_u32; 0]);
    }
}

#[tokio::test]
async fn an_account_to_log_in_with_comes_with_its_hash() {
    for site in sites().await {
        let accounts = site.store.users_by_username("ned").await.unwrap();
        let [ned] = accounts.as_slice() else {
            panic!("{accounts:?}");
        };
        assert_eq!(ned.password, StoredHash::new("$P$DDUMMY"));
        assert_eq!(ned.two_factor, TwoFactor::Off);
        assert_eq!(ned.user.groups, [2, 12]);
        let shown = format!("{accounts:?}");
        for secret in ["DUMMY", "ned@", "Ned"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[tokio::test]
async fn only_block_1_blocks() {
    for site in sites().await {
        for (block, blocked) in [(0, false), (1, true), (2, false), (-1, false)] {
            site.run(&format!("UPDATE #__users SET block = {block} WHERE id = 100")).await;
            let users = site.store.users_by_email("alice@example.test").await.unwrap();
            assert_eq!((users[0].block, users[0].is_blocked()), (block, blocked));
        }
    }
}

#[tokio::test]
async fn unknown_names_match_nobody() {
    for site in sites().await {
        for name in ["", " ", "alice", "%", "alice@example.tes_", "' OR ''='", "\\", ":sent", "?"] {
            assert_eq!(site.by_email(name).await, [0_i64; 0], "{name}");
        }
        for name in ["", "%", "alice@example.test", " alice", "#__users", "*/"] {
            assert_eq!(site.by_username(name).await, [0_i64; 0], "{name}");
        }
        let long = "a".repeat(200_000);
        assert_eq!(site.by_email(&long).await, [0_i64; 0]);
        assert_eq!(site.by_username(&long[..16_000]).await, [0_i64; 0]);
    }
}

#[tokio::test]
async fn candidates_stand_in_the_order_of_likeness_then_id() {
    for site in sites().await {
        assert_eq!(site.by_email("dup@example.test").await, [115, 116]);
        site.add_user(50, "dup50", "DUP@example.test").await;
        site.add_user(300, "dup300", "Dup@example.test").await;
        assert_eq!(site.by_email("dup@example.test").await, [115, 116, 50, 300]);
        assert_eq!(site.by_email("Dup@example.test").await, [300, 50, 115, 116]);
        assert_eq!(site.by_email("dUp@example.test").await, [50, 115, 116, 300]);
    }
}

#[tokio::test]
async fn at_most_twenty_candidates_and_the_best_of_them() {
    for site in sites().await {
        for id in 1000..1030 {
            site.add_user(id, &format!("many{id}"), "Many@example.test").await;
            site.run(&format!("INSERT INTO #__user_usergroup_map VALUES ({id}, 2), ({id}, 12)"))
                .await;
        }
        site.add_user(2000, "many2000", "many@example.test").await;
        let mut expected: Vec<i64> = vec![2000];
        expected.extend(1000..1019);
        assert_eq!(site.by_email("many@example.test").await, expected);
        assert_eq!(site.by_email("MANY@example.test").await, (1000..1020).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn user_names_that_an_old_site_holds_twice() {
    for site in sites().await {
        if let Backend::MariaDb(_) = &site.backend {
            site.run("ALTER TABLE #__users DROP KEY idx_username, ADD KEY idx_username (username)")
                .await;
        }
        site.add_user(500, "Alice", "x500@example.test").await;
        site.add_user(20, "ALICE", "x20@example.test").await;
        assert_eq!(site.by_username("alice").await, [100, 20, 500]);
        assert_eq!(site.by_username("Alice").await, [500, 20, 100]);
    }
}

#[tokio::test]
async fn a_plus_sent_as_a_blank_is_found_when_nobody_has_the_blank() {
    for site in sites().await {
        assert_eq!(site.by_email("o'neil tag@example.test").await, [109]);
        assert_eq!(site.by_email("O'NEIL TAG@example.test").await, [109]);
        assert_eq!(site.by_email("o'neil+tag@example.test").await, [109]);
        assert_eq!(site.by_email("o'neil  tag@example.test").await, [0_i64; 0]);

        site.add_user(300, "tag300", "O''NEIL+tag@example.test").await;
        assert_eq!(site.by_email("o'neil tag@example.test").await, [109, 300]);
        assert_eq!(site.by_email("O'NEIL tag@example.test").await, [300, 109]);

        site.add_user(301, "tag301", "O''Neil Tag@example.test").await;
        assert_eq!(site.by_email("o'neil tag@example.test").await, [301]);
        assert_eq!(site.by_email("o'neil+tag@example.test").await, [109, 300]);
    }
}

#[tokio::test]
async fn many_accounts_with_a_plus_do_not_hide_the_one_with_the_blank() {
    for site in sites().await {
        for id in 1000..1025 {
            site.add_user(id, &format!("plus{id}"), "a+b@example.test").await;
        }
        site.add_user(2000, "blank", "A B@example.test").await;
        assert_eq!(site.by_email("a b@example.test").await, [2000]);
    }
}

#[tokio::test]
async fn a_second_factor_is_told() {
    for mut site in sites().await {
        let expected = if site.schema == Schema::Joomla3 {
            site.run("UPDATE #__users SET otpKey = 'totp:encrypted' WHERE id = 100").await;
            TwoFactor::AtLogin
        } else {
            site.run("INSERT INTO #__user_mfa (user_id, method) VALUES (100, 'totp')").await;
            site.run("INSERT INTO #__user_mfa (user_id, method) VALUES (100, 'email')").await;
            TwoFactor::AfterLogin
        };
        let accounts = site.store.users_by_username("alice").await.unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].two_factor, expected);
        assert_eq!(accounts[0].user.groups, [2, 12]);
        let accounts = site.store.users_by_username("bob").await.unwrap();
        assert_eq!(accounts[0].two_factor, TwoFactor::Off);

        match site.schema {
            Schema::Joomla3 => site.run("ALTER TABLE #__users DROP otpKey").await,
            Schema::Joomla5 | Schema::Sqlite => site.run("DROP TABLE #__user_mfa").await,
        }
        site.reopen().await;
        let accounts = site.store.users_by_username("alice").await.unwrap();
        assert_eq!(accounts[0].two_factor, TwoFactor::Off, "before Joomla 3.2 and from 4.0 to 4.1");
    }
}

/// After an update of Joomla the column remains, and so do its values.
#[tokio::test]
async fn a_second_factor_left_behind_by_joomla_3_counted_on_joomla_5() {
    for mut site in sites().await {
        if site.schema == Schema::Sqlite {
            site.run("ALTER TABLE #__users ADD COLUMN otpKey varchar(100) DEFAULT ''").await;
        }
        site.run("UPDATE #__users SET otpKey = 'totp:encrypted' WHERE id = 100").await;
        let expected = match site.schema {
            Schema::Joomla3 => TwoFactor::AtLogin,
            Schema::Joomla5 | Schema::Sqlite => {
                site.run("DROP TABLE #__user_mfa").await;
                TwoFactor::Off
            }
        };
        site.reopen().await;
        let accounts = site.store.users_by_username("alice").await.unwrap();
        assert_eq!(accounts[0].two_factor, expected);
    }
}

#[tokio::test]
async fn the_newest_accounts_show_what_hashes_cost() {
    for site in sites().await {
        for id in 1000..1030 {
            site.add_user(id, &format!("user{id}"), "a@example.test").await;
        }
        let hashes = site.store.recent_hashes().await.unwrap();
        let newest = (1010..1030).rev().map(|id| StoredHash::new(format!("hash{id}")));
        assert_eq!(hashes, newest.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn nulls_and_zero_dates_break_nothing() {
    for mut site in sites().await {
        site.run("DROP TABLE #__users").await;
        site.run(
            "CREATE TABLE #__users (id INTEGER, name varchar(400), username varchar(150), \
             email varchar(100), password varchar(100), block INTEGER, otpKey varchar(100), \
             registerDate varchar(30))",
        )
        .await;
        site.run("DROP TABLE #__user_usergroup_map").await;
        site.run("CREATE TABLE #__user_usergroup_map (user_id bigint, group_id bigint)").await;
        for values in [
            "(1, NULL, NULL, 'n@example.test', NULL, NULL, NULL, NULL)",
            "(NULL, 'N', 'n', 'n@example.test', 'x', 0, '', NULL)",
            "(2, NULL, 'n', NULL, NULL, NULL, NULL, '0000-00-00 00:00:00')",
        ] {
            site.run(&format!("INSERT INTO #__users VALUES {values}")).await;
        }
        for row in ["(1, NULL)", "(1, -3)", "(1, 4294967296)", "(1, 7)", "(1, 7)", "(NULL, 2)"] {
            site.run(&format!("INSERT INTO #__user_usergroup_map VALUES {row}")).await;
        }
        site.reopen().await;

        let users = site.store.users_by_email("n@example.test").await.unwrap();
        assert_eq!(users.len(), 1, "a row without an id is nobody's");
        assert_eq!((users[0].id, users[0].block), (1, 0));
        assert_eq!((users[0].name.as_str(), users[0].username.as_str()), ("", ""));
        assert_eq!(users[0].groups, [7]);
        let accounts = site.store.users_by_username("n").await.unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!((accounts[0].user.id, accounts[0].user.email.as_str()), (2, ""));
        assert_eq!(accounts[0].password, StoredHash::new(""));
        assert_eq!(accounts[0].two_factor, TwoFactor::Off);
    }
}
