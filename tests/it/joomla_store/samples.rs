//! Accounts for samples, on every kind of database: bounded, in the order of their ids.

use jbackend_bridge::store::{Ids, MemberSpan, Oddity};

use super::{Schema, sites};

/// Makes a range of all ids from one on.
fn from(first: i64) -> Ids {
    Ids { first, last: 4_000_000_000 }
}

#[tokio::test]
async fn accounts_come_in_the_order_of_their_ids_with_all_their_groups() {
    for site in sites().await {
        assert_eq!(site.store.highest_user().await.unwrap(), 117);
        let users = site.store.users_from(101).await.unwrap();
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        assert_eq!(ids, (101..=117).collect::<Vec<_>>());
        assert_eq!(
            (users[0].groups.as_slice(), users[1].groups.as_slice()),
            (&[2][..], &[2, 12][..])
        );
        assert_eq!((users[0].email.as_str(), users[1].block), ("bob@example.test", 1));
        // An account without any group is an account, too.
        assert_eq!(users.iter().find(|user| user.id == 112).unwrap().groups, [0_u32; 0]);
        assert!(site.store.users_from(118).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn members_of_a_user_group_come_with_their_other_groups() {
    for site in sites().await {
        let ids = async |first, group| {
            let users = site.store.members_between(group, from(first)).await.unwrap();
            users.into_iter().map(|user| user.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(0, 13).await, [105]);
        assert_eq!(ids(107, 12).await, [107, 108, 109, 110, 111, 113, 114, 115, 116]);
        assert_eq!(ids(0, 4_000_000_000).await, [0_i64; 0]);
        // Both ends of a range belong to it.
        let users = site.store.members_between(12, Ids { first: 107, last: 109 }).await.unwrap();
        assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [107, 108, 109]);
        let users = site.store.members_between(12, from(100)).await.unwrap();
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
            // Each account is in two groups: rows are not accounts.
            site.run(&format!(
                "INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES ({id}, 77), ({id}, 78)"
            ))
            .await;
        }
        let all = site.store.users_from(201).await.unwrap();
        let members = site.store.members_between(77, from(201)).await.unwrap();
        for users in [all, members] {
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
        assert!(site.store.members_between(77, from(0)).await.unwrap().is_empty());
        // These rows take no place of an account's, however many there are.
        for id in 1..25 {
            let values = format!("({id}, 13)");
            site.run(&format!(
                "INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES {values}"
            ))
            .await;
        }
        assert_eq!(site.store.members_between(13, from(0)).await.unwrap().len(), 1);
        site.run("DELETE FROM #__users").await;
        assert_eq!(site.store.highest_user().await.unwrap(), 0);
        assert!(site.store.users_from(0).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn members_of_several_user_groups_are_counted_by_one_look() {
    for site in sites().await {
        let spans = async |groups: &[u32], ids| {
            let mut spans = site.store.member_spans(groups, ids).await.unwrap();
            spans.sort_by_key(|span| span.group);
            spans
        };
        let span =
            |group, members, first, last| MemberSpan { group, members, ids: Ids { first, last } };
        let found = spans(&[12, 13, 99], from(0)).await;
        assert_eq!(found, [span(12, 14, 100, 116), span(13, 1, 105, 105)]);
        assert_eq!(spans(&[12, 13], Ids { first: 101, last: 104 }).await, [span(12, 3, 102, 104)]);
        assert!(spans(&[], from(0)).await.is_empty());
    }
}

#[tokio::test]
async fn accounts_of_each_kind_are_found() {
    for site in sites().await {
        let odd = async |oddity: &Oddity, ids| site.store.odd_user(oddity, ids).await.unwrap();
        let child = Oddity::OnlyIn { groups: vec![13], others: vec![12] };
        for (oddity, first, second) in [
            (Oddity::Blocked, 102, Some(103)),
            (Oddity::WithoutGroup, 112, None),
            (Oddity::SharedEmail, 115, Some(116)),
            (child, 105, None),
        ] {
            assert_eq!(odd(&oddity, from(0)).await, Some(first), "{oddity:?}");
            assert_eq!(odd(&oddity, from(first + 1)).await, second, "{oddity:?}");
            assert_eq!(odd(&oddity, Ids { first: 0, last: first - 1 }).await, None, "{oddity:?}");
        }
        // A blocked account is left out if its e-mail leads to another account.
        assert_eq!(odd(&Oddity::Blocked, from(104)).await, None);
        // An account in both groups is not only in the child group.
        site.run("INSERT INTO #__user_usergroup_map (user_id, group_id) VALUES (105, 12)").await;
        let child = Oddity::OnlyIn { groups: vec![13], others: vec![12] };
        assert_eq!(odd(&child, from(0)).await, None);
        let nothing = Oddity::OnlyIn { groups: Vec::new(), others: Vec::new() };
        assert_eq!(odd(&nothing, from(0)).await, None);
    }
}
