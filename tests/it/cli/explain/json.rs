//! `--json`: the form for scripts.

use testkit::fixture::Schema;

use super::{ALICE, Asked, GROUP, PAID};
use crate::common::site::{ALICE_KEY, PAID_FILE};

#[tokio::test]
async fn a_refusal() {
    let asked = Asked::new(Schema::Sqlite).await;
    asked.site.run("DELETE FROM #__menu WHERE path <> 'packages'").await;
    let printed = asked.explain(&[ALICE, GROUP, "--key", "wrong", "--json"], "").await;
    insta::assert_snapshot!(printed, @r#"
{
  "who": "alice@example.test",
  "what": "redj_enterprise",
  "kind": "package group",
  "gets_it": false,
  "code": "REL_KNV",
  "key": "given",
  "steps": [
    {
      "name": "package group",
      "outcome": "ok",
      "title": "package group `redj_enterprise` (\"ReDJ Enterprise\") is for user group 11 \"Other\" or 12 \"ReDJ\"",
      "details": [
        "line 1 of the plugin's option \"Package groups\"",
        "its packages: `redj_ent_190`"
      ]
    },
    {
      "name": "account",
      "outcome": "ok",
      "title": "one account has this e-mail",
      "details": [
        "id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail"
      ]
    },
    {
      "name": "enabled",
      "outcome": "ok",
      "title": "the account is not blocked",
      "details": []
    },
    {
      "name": "user groups",
      "outcome": "ok",
      "title": "in 12 \"ReDJ\"",
      "details": [
        "directly assigned: 2 \"Registered\", 12 \"ReDJ\""
      ]
    },
    {
      "name": "key",
      "outcome": "refused",
      "title": "the key is not the one of this account and package group",
      "details": [
        "given: w… (5 characters)",
        "expected: 7759… (32 characters), made by `recipe`",
        "it is no key of this e-mail for any package group here: was it issued before the e-mail, the hash or the formula was changed, or for another e-mail?"
      ]
    },
    {
      "name": "mail",
      "outcome": "info",
      "title": "mail is switched off: `keybyemail` ends with REL_ESM, whatever is said below",
      "details": [
        "switch it on in Joomla, or set `transport` in `[mail]`"
      ]
    },
    {
      "name": "end-point",
      "outcome": "ok",
      "title": "an end-point is open to everybody",
      "details": [
        "/packages: open to everybody"
      ]
    }
  ],
  "file": null,
  "answers": [
    {
      "method": "validate",
      "key": "given",
      "code": "REL_KNV",
      "status": 200,
      "content_type": "application/json",
      "body": "{\"status\":\"ko\",\"error_code\":\"REL_KNV\",\"error_description\":\"Key not valid\"}",
      "curl": "curl 'https://YOUR-SITE/packages/post/release/validate/redj_enterprise?email=alice%40example.test&key=…'"
    },
    {
      "method": "keybyemail",
      "key": "no",
      "status": 200,
      "content_type": "application/json",
      "body": "{\"status\":\"ok\"}",
      "curl": "curl 'https://YOUR-SITE/packages/post/release/keybyemail/redj_enterprise?email=alice%40example.test'"
    }
  ]
}
exit code 1
"#);
}

#[tokio::test]
async fn it_is_json_whatever_the_answer() {
    let asked = Asked::new(Schema::Sqlite).await;
    for (what, key, gets_it, code) in [
        (PAID, ALICE_KEY, true, None),
        (PAID, "x", false, Some("REL_KNV")),
        ("gone", "", false, Some("REL_FNF")),
        ("none", "", false, Some("REL_PNF")),
    ] {
        let run = asked.run(&["explain", ALICE, what, "--key", key, "--json"], "").await;
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(json["gets_it"], gets_it, "{json}");
        assert_eq!(json["code"].as_str(), code, "{json}");
        assert_eq!(run.code, Some(i32::from(!gets_it)));
        assert!(!run.stdout.contains(ALICE_KEY));
        let size = (what == PAID).then_some(PAID_FILE.len() as u64);
        assert_eq!(json["file"]["size"].as_u64(), size, "{json}");
    }
}

#[tokio::test]
async fn of_key() {
    let asked = Asked::new(Schema::Sqlite).await;
    let mut printed = Vec::new();
    for who in [ALICE, "carol", "nobody"] {
        let run = asked.run(&["key", who, "redj_enterprise", "--json"], "").await;
        assert_eq!(run.stderr, "");
        printed.push(format!("{}exit code {}", run.stdout, run.code.unwrap()));
    }
    insta::assert_snapshot!(printed.join("\n"), @r#"
{
  "key": "7759be2e42149d8de20744af04915090",
  "user_id": 100,
  "username": "alice",
  "email": "alice@example.test",
  "package_group": "redj_enterprise",
  "authorised": true,
  "code": null,
  "notes": [],
  "error": null
}
exit code 0
{
  "key": "1146b6dcae452622576a47c5a6a81e27",
  "user_id": 102,
  "username": "carol",
  "email": "carol@example.test",
  "package_group": "redj_enterprise",
  "authorised": false,
  "code": "REL_UNE",
  "notes": [],
  "error": null
}
exit code 1
{
  "key": null,
  "user_id": null,
  "username": null,
  "email": null,
  "package_group": null,
  "authorised": false,
  "code": null,
  "notes": [],
  "error": "nobody has the e-mail or user name `nobody`: look it up in Joomla's user manager"
}
exit code 1
"#);
}

#[tokio::test]
async fn a_pipe_gets_no_colours() {
    let asked = Asked::new(Schema::Sqlite).await;
    let run = asked.run(&["explain", ALICE, PAID], "").await;
    assert!(run.stdout.contains("Yes: ") && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
}
