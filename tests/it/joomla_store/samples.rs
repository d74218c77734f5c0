//! Accounts for samples, on every kind of database: bounded, in the order of their ids.

use super::{Schema, sites};

#[tokio::test]
async fn accounts_come_in_the_order_of_their_ids_with_all_their_groups() {
    for site in sites().await {
        assert_eq!(site.store.highest_user().await.unwrap(), 117);
        let users = site.store.users_from(101, None).await.unwrap();
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        assert_eq!(ids, (101..=117).collect::<Vec<_>>());
        assert_eq!(
            (users[0].groups.as_slice(), users[1].groups.as_slice()),
            (&[2][..], &[2, 12][..])
        );
        assert_eq!((users[0].email.as_str(), users[1].block), ("bob@example.test", 1));
        // One without any group is an account, too.
        assert_eq!(users.iter().find(|user| user.id == 112).unwrap().groups, [0_u32; 0]);
        assert!(site.store.users_from(118, None).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn members_of_a_user_group_come_with_their_other_groups() {
    for site in sites().await {
        let ids = async |first, group| {
            let users = site.store.users_from(first, Some(group)).await.unwrap();
            users.into_iter().map(|user| user.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(0, 13).await, [105]);
        assert_eq!(ids(107, 12).await, [107, 108, 109, 110, 111, 113, 114, 115, 116]);
        assert_eq!(ids(0, 4_000_000_000).await, [0_i64; 0]);
        let users = site.store.users_from(100, Some(12)).await.unwrap();
        assert_eq!(users[0].groups, [2, 12]);
    }
}

#[tokio::test]
async fn no_more_than_twenty_at_a_time() {
    for site in sites().await {
        let (columns, values) = match site.schema {
            Schema::Joomla3 => (", params", ", ''"),
            Schema::Joomla5 => (", params, registerDate", ", '', '2024-02-29 12:00:00'"),
            Schema::Sqlite => ("", ""),
        };
        for id in 200..230 {
            site.run(&format!(
                "INSERT INTO #__users (id, name, username, email, password{columns}) \
                 VALUES ({id}, 'n', 'user{id}', 'user{id}@example.test', 'x'{values})"
            ))
            .await;
            // Two groups each: rows are not accounts.
            site.run(&format!(
                "INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES ({id}, 77), ({id}, 78)"
            ))
            .await;
        }
        for group in [None, Some(77)] {
            let users = site.store.users_from(201, group).await.unwrap();
            let ids: Vec<_> = users.iter().map(|user| user.id).collect();
            assert_eq!(ids, (201..221).collect::<Vec<_>>());
            assert!(users.iter().all(|user| user.groups == [77, 78]));
        }
        assert_eq!(site.store.highest_user().await.unwrap(), 229);
    }
}

#[tokio::test]
async fn rows_of_deleted_accounts_are_nobody() {
    for site in sites().await {
        site.run("INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES (900, 77)").await;
        assert!(site.store.users_from(0, Some(77)).await.unwrap().is_empty());
        site.run("DELETE FROM #__users").await;
        assert_eq!(site.store.highest_user().await.unwrap(), 0);
        assert!(site.store.users_from(0, None).await.unwrap().is_empty());
    }
}
