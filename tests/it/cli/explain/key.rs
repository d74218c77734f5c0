//! `key` prints the license key, for support staff.

use testkit::fixture::Schema;

use super::{ALICE, Asked, DATABASES, GROUP};
use crate::common::site::ALICE_KEY;

async fn key(arguments: &[&str]) -> String {
    with("", arguments).await
}

async fn with(toml: &str, arguments: &[&str]) -> String {
    let mut printed = Vec::new();
    for schema in DATABASES {
        let asked = Asked::with(schema, toml).await;
        let run = asked.run(&[&["key"], arguments].concat(), "").await;
        let code = run.code.unwrap();
        printed.push(format!("{}--- stderr\n{}exit code {code}", run.stdout, run.stderr));
    }
    assert_eq!(printed[0], printed[1], "the databases differ");
    printed.swap_remove(0)
}

#[tokio::test]
async fn the_key_alone_goes_to_standard_output() {
    for schema in DATABASES {
        let asked = Asked::new(schema).await;
        for who in [ALICE, "alice", "ALICE@example.test"] {
            let run = asked.run(&["key", who, GROUP], "").await;
            assert_eq!((run.code, run.stdout), (Some(0), format!("{ALICE_KEY}\n")));
        }
    }
    insta::assert_snapshot!(key(&["alice", GROUP]).await, @r"
7759be2e42149d8de20744af04915090
--- stderr
key of package group `ReDJ Enterprise` for `alice@example.test` (user name `alice`, id 100)
exit code 0
");
}

#[tokio::test]
async fn a_key_that_opens_nothing_now_is_printed_with_a_warning() {
    insta::assert_snapshot!(key(&["carol", GROUP]).await, @r"
1146b6dcae452622576a47c5a6a81e27
--- stderr
key of package group `ReDJ Enterprise` for `carol@example.test` (user name `carol`, id 102)
warning: the key opens nothing at the moment: the service answers REL_UNE (user not enabled); `jbackend-bridge explain` says why
exit code 1
");
    insta::assert_snapshot!(key(&["bob@example.test", GROUP]).await, @r"
d2e6b91b45e2c9c1707e75b154a89bac
--- stderr
key of package group `ReDJ Enterprise` for `bob@example.test` (user name `bob`, id 101)
warning: the key opens nothing at the moment: the service answers REL_ANA (access not authorized); `jbackend-bridge explain` says why
exit code 1
");
}

#[tokio::test]
async fn a_package_stands_for_its_package_group() {
    insta::assert_snapshot!(key(&["alice", "redj_ent_190"]).await, @r"
7759be2e42149d8de20744af04915090
--- stderr
key of package group `ReDJ Enterprise` for `alice@example.test` (user name `alice`, id 100)
note: `redj_ent_190` is a package of package group `redj_enterprise`
exit code 0
");
    insta::assert_snapshot!(key(&["alice", "redj_com_190"]).await, @r"
--- stderr
no key: package `redj_com_190` is free: it needs no license key
exit code 1
");
}

#[tokio::test]
async fn several_accounts() {
    let toml = "[license]\nrecipe = 'md5($email . $user_id . $group . $hash)'\n";
    insta::assert_snapshot!(with(toml, &["dup@example.test", GROUP]).await, @r"
63a741f6ab1a8a9ccf137c4fc8510fae
--- stderr
key of package group `ReDJ Enterprise` for `dup@example.test` (user name `pia`, id 116)
note: further accounts have this e-mail: id 115; `explain` tells about all of them
exit code 0
");
}

#[tokio::test]
async fn there_is_no_key() {
    insta::assert_snapshot!(key(&["nobody@example.test", GROUP]).await, @r"
--- stderr
no key: nobody has the e-mail or user name `nobody@example.test`: look it up in Joomla's user manager
exit code 1
");
    insta::assert_snapshot!(key(&["alice", "redj_enterprize"]).await, @r"
--- stderr
no key: there is no package group `redj_enterprize`: did you mean `redj_enterprise` or `redj_ent`?
exit code 1
");
    insta::assert_snapshot!(key(&["alice", "x"]).await, @r"
--- stderr
no key: there is no package group `x`: there are `redj_enterprise`, `redj_ent`, `nohash`, `pub`, `grp2` and `zero`
exit code 1
");
    let closed = "[license]\nrecipe = \"default\"\n[joomla]\nsecret = \"\"\n";
    insta::assert_snapshot!(with(closed, &["alice", "nohash"]).await, @r#"
--- stderr
no key: package group `nohash` is closed: anybody could compute its keys; neither its hash nor Joomla's secret is set, so the default recipe has no secret; give it a hash in the plugin's option "Package groups": `id;groups;hash`
exit code 1
"#);
    let empty = "[license]\nrecipe = \"str_replace('alice@example.test', '', $email)\"\n";
    insta::assert_snapshot!(with(empty, &["alice", GROUP]).await, @r"
--- stderr
no key: the license recipe gives an empty key for this user: let it read `$email` or `$hash`
exit code 1
");
}

#[tokio::test]
async fn without_a_database_there_is_no_answer() {
    let mut asked = Asked::new(Schema::Sqlite).await;
    asked.toml = "[database]\nurl = \"sqlite:/nowhere/site.db\"\n".into();
    for command in ["key", "explain"] {
        let run = asked.run(&[command, "alice", GROUP], "").await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
        assert!(run.stderr.starts_with("error: cannot open the SQLite database"), "{}", run.stderr);
    }
}
