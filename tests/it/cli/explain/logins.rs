//! `--password-stdin`: checks a login with the rules of `keybyauth`.

use testkit::fixture::Schema;

use super::{ALICE, Asked, GROUP, NO, OK, PAID, Report, report};
use crate::common::site::ALICE_KEY;

async fn login(statement: &str, toml: &str, who: &str, password: &str) -> Report {
    let report = report(statement, toml, &[who, GROUP, "--password-stdin"], password).await;
    assert!(!report.json.to_string().contains("alicepass"), "{:#}", report.json);
    report
}

#[tokio::test]
async fn the_right_password() {
    login("", "", "alice", "alicepass\n")
        .await
        .step(
            "account",
            OK,
            "`alice` is the user name of one account",
            &[
                "clients ask with its e-mail, `alice@example.test`",
                "id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail",
            ],
        )
        .step(
            "key",
            OK,
            "no key was given to look at; the right one would be accepted",
            &["expected: 7759… (32 characters), made by `recipe`"],
        )
        .step(
            "password",
            OK,
            "the password is right",
            &["logs in with the user name `alice` (id 100)", "its password is stored as bcrypt"],
        )
        .step("second factor", OK, "the account has no second factor", &[])
        .answers(&["keybyauth, no: ok", "validate, own: ok", "validate, no: REL_KNS"])
        .granted();
}

#[tokio::test]
async fn an_e_mail_logs_in_with_its_user_name() {
    login("", "", ALICE, "alicepass")
        .await
        .step(
            "password",
            OK,
            "the password is right",
            &["logs in with the user name `alice` (id 100)", "its password is stored as bcrypt"],
        )
        .granted();
    // The account that may have the package counts, not the blocked one before it.
    login("", "", "dup@example.test", "piapass")
        .await
        .step(
            "password",
            OK,
            "the password is right",
            &["logs in with the user name `pia` (id 116)", "its password is stored as bcrypt"],
        )
        .granted();
}

#[tokio::test]
async fn wrong_ones() {
    let bcrypt = "its password is stored as bcrypt";
    let none = "what is stored as its password is no hash that this Joomla knows";
    for (who, id, password, title, stored) in [
        ("alice", 100, "Alicepass", "the password is wrong", bcrypt),
        ("alice", 100, "\n", "the passwords \"\" and \"0\" never log in", bcrypt),
        ("orphan", 117, "x", "the password is wrong", none),
        ("mia", 113, "nope", "the password is wrong", "its password is stored as Argon2"),
    ] {
        let name = format!("logs in with the user name `{who}` (id {id})");
        let report = login("", "", who, password).await;
        report.step("password", NO, title, &[&name, stored]).refused("REL_LIF");
    }
    login("", "", "nobody", "x")
        .await
        .step(
            "account",
            NO,
            "nobody has the e-mail or user name `nobody`",
            &[
                "compared as the site's database compares: on MySQL and MariaDB upper and \
                 lower case, accents and blanks at the end do not count",
                "look into Joomla's user manager: the customer may have another e-mail there",
            ],
        )
        .refused("REL_LIF");
}

#[tokio::test]
async fn a_right_password_does_not_help_a_blocked_account() {
    login("", "", "carol", "carolpass")
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
            "password",
            OK,
            "the password is right",
            &["logs in with the user name `carol` (id 102)", "its password is stored as bcrypt"],
        )
        .refused("REL_UNE");
}

#[tokio::test]
async fn a_second_factor() {
    let asked = Asked::new(Schema::Joomla3).await;
    asked.site.run("UPDATE #__users SET otpKey = 'totp:x', otep = '' WHERE id = 100").await;
    asked.site.run("UPDATE #__extensions SET enabled = 1 WHERE folder = 'twofactorauth'").await;
    asked
        .report(&["alice", GROUP, "--password-stdin"], "alicepass")
        .await
        .step(
            "second factor",
            NO,
            "the account has a second factor: a password alone does not log in",
            &["let the customer ask for the key by e-mail (`keybyemail`)"],
        )
        .refused("REL_LIF");

    let toml = "[release]\ntwo_factor = \"refuse\"\n";
    let asked = Asked::with(Schema::Joomla3, toml).await;
    asked.site.run("UPDATE #__users SET otpKey = 'totp:x', otep = '' WHERE id = 100").await;
    asked
        .report(&["alice", GROUP, "--password-stdin"], "alicepass")
        .await
        .step(
            "second factor",
            NO,
            r#"the account has a second factor, which `two_factor = "refuse"` refuses"#,
            &["let the customer ask for the key by e-mail (`keybyemail`)"],
        )
        .refused("REL_LIF");
}

#[tokio::test]
async fn key_and_password_are_two_lines() {
    let asked = Asked::new(Schema::Sqlite).await;
    let arguments = ["alice", PAID, "--key", "-", "--password-stdin"];
    let printed = asked.explain(&arguments, &format!("{ALICE_KEY}\nalicepass\n")).await;
    insta::assert_snapshot!(printed, @r#"
Does `alice` get the package `redj_ent_190`?

  ok  package         package `redj_ent_190` needs the key of package group `redj_enterprise`
                      - line 2 of the plugin's option "Packages"
  ok  package group   package group `redj_enterprise` ("ReDJ Enterprise") is for user group 11
                      "Other" or 12 "ReDJ"
                      - line 1 of the plugin's option "Package groups"
                      - its packages: `redj_ent_190`
  ok  account         `alice` is the user name of one account
                      - clients ask with its e-mail, `alice@example.test`
                      - id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail
  ok  enabled         the account is not blocked
  ok  user groups     in 12 "ReDJ"
                      - directly assigned: 2 "Registered", 12 "ReDJ"
  ok  key             the key is good: accepted by `recipe` with its current hash
                      - given: 7759… (32 characters)
  ok  password        the password is right
                      - logs in with the user name `alice` (id 100)
                      - its password is stored as bcrypt
  ok  second factor   the account has no second factor
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

  keybyauth, with this login
    HTTP 200  {"status":"ok","email":"alice@example.test","key":"7759..."}
    curl 'https://YOUR-SITE/packages/post/release/keybyauth/redj_enterprise' --data-urlencode 'username=alice' -d 'password=…'

  download, with the key given
    HTTP 200  application/octet-stream: attachment; filename="ReDJ1.9.0Enterprise_J3.zip"
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=alice%40example.test&key=…'

  verify, with the key given
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/packages/post/release/verify/redj_ent_190?email=alice%40example.test&key=…'

Yes: `alice` gets the package `redj_ent_190` with this key and login.
exit code 0
"#);
    let printed = asked.explain(&arguments, &format!("{ALICE_KEY}\n")).await;
    insta::assert_snapshot!(printed, @r"

error: standard input ended before the password: write it there, on a line of its own
exit code 2
");
}
