//! Which account is found, and whether it may have the package.

use testkit::fixture::Schema;

use super::{ALICE, Asked, INFO, NO, OK, PAID, Report, explain, explain_with, report_on_all};

async fn about(who: &str) -> Report {
    report_on_all("", "", &[who, PAID], "").await
}

#[tokio::test]
async fn nobody() {
    insta::assert_snapshot!(explain(&["nobody@example.test", PAID]).await, @r#"
Does `nobody@example.test` get the package `redj_ent_190`?

  ok  package         package `redj_ent_190` needs the key of package group `redj_enterprise`
                      - line 2 of the plugin's option "Packages"
  ok  package group   package group `redj_enterprise` ("ReDJ Enterprise") is for user group 11
                      "Other" or 12 "ReDJ"
                      - line 1 of the plugin's option "Package groups"
                      - its packages: `redj_ent_190`
  NO  account         nobody has the e-mail or user name `nobody@example.test`
                      - compared as the site's database compares: on MySQL and MariaDB upper and
                        lower case, accents and blanks at the end do not count
                      - look into Joomla's user manager: the customer may have another e-mail there
  ok  file            the file is there, 21 bytes
                      - DIR/files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip
                      - last changed TIME UTC
                      - sha256 66422cafa7f0130005532e6c17cb77a040a6444287e5c2029933a83840c537ac
  ok  end-point       an end-point is open to everybody
                      - /packages: open to everybody
                      - /apikey: needs an API key
                      - /apiuser: for visitors logged in to Joomla
                      - /selected: open to everybody
                      - /ssl: open to everybody, https only
                      - and 10 more

What clients get:

  download, with any key
    HTTP 200  {"status":"ko","error_code":"REL_UNF","error_description":"User not found"}
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=nobody%40example.test&key=…'

  download, without a key
    HTTP 200  {"status":"ko","error_code":"REL_KNS","error_description":"Key not specified"}
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=nobody%40example.test'

  verify, with any key
    HTTP 200  {"status":"ko","error_code":"REL_UNF","error_description":"User not found"}
    curl 'https://YOUR-SITE/packages/post/release/verify/redj_ent_190?email=nobody%40example.test&key=…'

No: `nobody@example.test` does not get the package `redj_ent_190`, whatever the key: REL_UNF (User
not found).
exit code 1
"#);
}

#[tokio::test]
async fn a_blocked_account() {
    report_on_all("", "", &["carol", PAID], "")
        .await
        .step(
            "account",
            OK,
            "`carol` is the user name of one account",
            &[
                "clients ask with its e-mail, `carol@example.test`",
                "id 102, user name `carol`, e-mail `carol@example.test`: exactly this e-mail",
            ],
        )
        .step(
            "enabled",
            NO,
            "the account is blocked",
            &[
                "a new account that has not confirmed its e-mail is blocked, too",
                "Joomla, Users, Manage: enable or activate the account",
            ],
        )
        .step(
            "key",
            INFO,
            "no key was given to look at; this account's opens nothing now",
            &["expected: 1146… (32 characters), made by `recipe`"],
        )
        .answers(&["download, own: REL_UNE", "download, no: REL_KNS", "verify, own: REL_UNE"])
        .refused("REL_UNE");
}

#[tokio::test]
async fn in_no_user_group_that_would_do() {
    about("bob@example.test")
        .await
        .step("enabled", OK, "the account is not blocked", &[])
        .step(
            "user groups",
            NO,
            r#"not in user group 11 "Other" or 12 "ReDJ""#,
            &[
                "assign one in Joomla (Users, Manage), or look at what should have assigned it",
                r#"directly assigned: 2 "Registered""#,
            ],
        )
        .step(
            "key",
            INFO,
            "no key was given to look at; this account's opens nothing now",
            &["expected: d2e6… (32 characters), made by `recipe`"],
        )
        .refused("REL_ANA");
    about("nogroup")
        .await
        .step(
            "user groups",
            NO,
            r#"not in user group 11 "Other" or 12 "ReDJ""#,
            &[
                "assign one in Joomla (Users, Manage), or look at what should have assigned it",
                r#"directly assigned: none, which counts as 1 "Public""#,
            ],
        )
        .refused("REL_ANA");
    about("orphan")
        .await
        .step(
            "user groups",
            NO,
            r#"not in user group 11 "Other" or 12 "ReDJ""#,
            &[
                "assign one in Joomla (Users, Manage), or look at what should have assigned it",
                "directly assigned: 777",
                "user group 777 does not exist in Joomla any more",
            ],
        )
        .refused("REL_ANA");
}

#[tokio::test]
async fn groups_are_inherited_only_where_the_operator_says_so() {
    about("frank")
        .await
        .step(
            "user groups",
            NO,
            r#"not in user group 11 "Other" or 12 "ReDJ""#,
            &[
                "13 \"ReDJ child\" lies below 12 \"ReDJ\", but only directly assigned groups \
                 count; `inherit_groups = true` in `[release]` lets a group count as the ones \
                 above it",
                "assign one in Joomla (Users, Manage), or look at what should have assigned it",
                r#"directly assigned: 13 "ReDJ child""#,
            ],
        )
        .refused("REL_ANA");
    let inherit = "[release]\ninherit_groups = true\n";
    report_on_all("", inherit, &["frank", PAID], "")
        .await
        .step(
            "user groups",
            OK,
            r#"in 12 "ReDJ", by inheritance from 13 "ReDJ child""#,
            &[
                "`inherit_groups` is on: a group counts as the ones above it",
                r#"directly assigned: 13 "ReDJ child""#,
            ],
        )
        .granted();
}

#[tokio::test]
async fn several_accounts_of_one_e_mail() {
    let recipe = "[license]\nrecipe = 'md5($email . $user_id . $group . $hash)'\n";
    let printed = explain_with("", recipe, &["dup@example.test", PAID], "").await;
    insta::assert_snapshot!(printed, @r#"
Does `dup@example.test` get the package `redj_ent_190`?

  ok  package         package `redj_ent_190` needs the key of package group `redj_enterprise`
                      - line 2 of the plugin's option "Packages"
  ok  package group   package group `redj_enterprise` ("ReDJ Enterprise") is for user group 11
                      "Other" or 12 "ReDJ"
                      - line 1 of the plugin's option "Package groups"
                      - its packages: `redj_ent_190`
  ok  account         2 accounts have this e-mail
                      - id 115, user name `olga`, e-mail `dup@example.test`: exactly this e-mail
                      - id 116, user name `pia`, e-mail `dup@example.test`: exactly this e-mail
                      - a key opens the package when it is the own one of an account that is enabled
                        and authorised; else the first account's refusal is the answer
  NO  enabled         id 115: the account is blocked
                      - a new account that has not confirmed its e-mail is blocked, too
                      - Joomla, Users, Manage: enable or activate the account
  ok  user groups     id 115: in 12 "ReDJ"
                      - directly assigned: 2 "Registered", 12 "ReDJ"
  --  key             id 115: no key was given to look at; this account's opens nothing now
                      - expected: d519… (32 characters), made by `recipe`
  ok  enabled         id 116: the account is not blocked
  ok  user groups     id 116: in 12 "ReDJ"
                      - directly assigned: 2 "Registered", 12 "ReDJ"
  ok  key             id 116: no key was given to look at; the right one would be accepted
                      - expected: 63a7… (32 characters), made by `recipe`
  ok  choice          id 116 counts: it is enabled and authorised, and the key is its own
  ok  file            the file is there, 21 bytes
                      - DIR/files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip
                      - last changed TIME UTC
                      - sha256 66422cafa7f0130005532e6c17cb77a040a6444287e5c2029933a83840c537ac
  ok  end-point       an end-point is open to everybody
                      - /packages: open to everybody
                      - /apikey: needs an API key
                      - /apiuser: for visitors logged in to Joomla
                      - /selected: open to everybody
                      - /ssl: open to everybody, https only
                      - and 10 more

What clients get:

  download, with the right key
    HTTP 200  application/octet-stream: attachment; filename="ReDJ1.9.0Enterprise_J3.zip"
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=dup%40example.test&key=…'

  download, without a key
    HTTP 200  {"status":"ko","error_code":"REL_KNS","error_description":"Key not specified"}
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=dup%40example.test'

  verify, with the right key
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/packages/post/release/verify/redj_ent_190?email=dup%40example.test&key=…'

Yes: `dup@example.test` gets the package `redj_ent_190` with the right key.
exit code 0
"#);
    report_on_all("", recipe, &["olga", PAID], "")
        .await
        .step(
            "account",
            OK,
            "`olga` is a user name; 2 accounts have its e-mail",
            &[
                "clients ask with that e-mail, `dup@example.test`",
                "id 115, user name `olga`, e-mail `dup@example.test`: exactly this e-mail",
                "id 116, user name `pia`, e-mail `dup@example.test`: exactly this e-mail",
                "a key opens the package when it is the own one of an account that is enabled \
                 and authorised; else the first account's refusal is the answer",
            ],
        )
        .refused("REL_UNE");
}

#[tokio::test]
async fn another_spelling() {
    about("ALICE@Example.Test")
        .await
        .step(
            "account",
            OK,
            "one account has this e-mail",
            &["id 100, user name `alice`, e-mail `alice@example.test`: the same but for \
               upper and lower case; keys are made from the stored spelling"],
        )
        .granted();
    about("o'neil tag@example.test")
        .await
        .step(
            "account",
            OK,
            "one account has this e-mail",
            &["id 109, user name `judy`, e-mail `o'neil+tag@example.test`: the same with \
               `+` for the blank; Joomla's updater sends it so"],
        )
        .granted();
    about("ali<b>ce@example.test")
        .await
        .step(
            "account",
            OK,
            "one account has this e-mail",
            &[
                "id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail",
                "Joomla's filter removes tags and decodes entities: the service sees \
                 `alice@example.test`",
            ],
        )
        .granted();
    let asked = Asked::new(Schema::Joomla5).await;
    asked.report(&["\u{e1}lice@example.test", PAID], "").await.step(
        "account",
        OK,
        "one account has this e-mail",
        &["id 100, user name `alice`, e-mail `alice@example.test`: the same for the \
           site's database only; keys are made from the stored spelling"],
    );
}

#[tokio::test]
async fn an_e_mail_that_is_anothers_user_name() {
    let namesake = "UPDATE #__users SET username = 'alice@example.test' WHERE id = 101";
    report_on_all(namesake, "", &[ALICE, PAID], "").await.step(
        "account",
        OK,
        "one account has this e-mail",
        &[
            "id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail",
            "`alice@example.test` is also the user name of another account, id 101: ask \
             for its e-mail `bob@example.test` to see that one",
        ],
    );
    let only_name = "UPDATE #__users SET username = 'bob@work.test' WHERE id = 101";
    report_on_all(only_name, "", &["bob@work.test", PAID], "").await.step(
        "account",
        OK,
        "`bob@work.test` is the user name of one account",
        &[
            "clients ask with its e-mail, `bob@example.test`",
            "id 101, user name `bob@work.test`, e-mail `bob@example.test`: exactly this \
             e-mail",
        ],
    );
}

#[tokio::test]
async fn a_user_name_whose_e_mail_finds_nobody() {
    let broken = "UPDATE #__users SET email = 'a<b@example.test' WHERE id = 100";
    report_on_all(broken, "", &["alice", PAID], "")
        .await
        .step(
            "account",
            NO,
            "`alice` is a user name, but its own e-mail finds nobody",
            &["the stored e-mail is `a<b@example.test`: correct it in Joomla"],
        )
        .refused("REL_UNF");
}

#[tokio::test]
async fn clients_learn_one_code_where_privacy_is_uniform() {
    let uniform = "[release]\nprivacy = \"uniform\"\n";
    report_on_all("", uniform, &["carol", PAID], "")
        .await
        .step(
            "enabled",
            NO,
            "the account is blocked",
            &[
                "a new account that has not confirmed its e-mail is blocked, too",
                "Joomla, Users, Manage: enable or activate the account",
            ],
        )
        .step(
            "privacy",
            INFO,
            r#"`privacy = "uniform"`: clients learn REL_KNV whatever the reason is"#,
            &[],
        )
        .refused("REL_KNV");
}

#[tokio::test]
async fn a_plugin_that_is_off() {
    let off =
        "UPDATE #__extensions SET enabled = 0 WHERE folder = 'jbackend' AND element = 'release'";
    let toml = "[release]\nrequire_enabled = true\n";
    report_on_all(off, toml, &[ALICE, PAID], "")
        .await
        .step(
            "plugin",
            NO,
            "the plugin is disabled in Joomla, or guests may not see it: nothing is \
             answered",
            &["enable the plugin, or set `require_enabled = false` in `[release]`"],
        )
        .refused("REQ_MNF");
}
