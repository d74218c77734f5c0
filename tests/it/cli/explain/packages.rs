//! Package, package group and file.

use testkit::fixture::Schema;

use super::{ALICE, Asked, GROUP, NO, OK, PAID, UNKNOWN, explain, explain_with, report};
use crate::common::site::ALICE_KEY;

#[tokio::test]
async fn a_paid_package_with_the_right_key() {
    insta::assert_snapshot!(explain(&[ALICE, PAID, "--key", ALICE_KEY]).await, @r#"
Does `alice@example.test` get the package `redj_ent_190`?

  ok  package         package `redj_ent_190` needs the key of package group `redj_enterprise`
                      - line 2 of the plugin's option "Packages"
  ok  package group   package group `redj_enterprise` ("ReDJ Enterprise") is for user group 11
                      "Other" or 12 "ReDJ"
                      - line 1 of the plugin's option "Package groups"
                      - its packages: `redj_ent_190`
  ok  account         one account has this e-mail
                      - id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail
  ok  enabled         the account is not blocked
  ok  user groups     in 12 "ReDJ"
                      - directly assigned: 2 "Registered", 12 "ReDJ"
  ok  key             the key is good: accepted by `recipe` with its current hash
                      - given: 7759… (32 characters)
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

  download, with the key given
    HTTP 200  application/octet-stream: attachment; filename="ReDJ1.9.0Enterprise_J3.zip"
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=alice%40example.test&key=…'

  verify, with the key given
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/packages/post/release/verify/redj_ent_190?email=alice%40example.test&key=…'

Yes: `alice@example.test` gets the package `redj_ent_190` with this key.
exit code 0
"#);
}

#[tokio::test]
async fn a_paid_package_without_a_key() {
    report("", "", &[ALICE, PAID], "")
        .await
        .step(
            "key",
            OK,
            "no key was given to look at; the right one would be accepted",
            &["expected: 7759… (32 characters), made by `recipe`"],
        )
        .answers(&["download, own: ok", "download, no: REL_KNS", "verify, own: ok"])
        .granted();
}

#[tokio::test]
async fn a_free_package() {
    report("", "", &["anybody@example.test", "redj_com_190"], "")
        .await
        .step(
            "package",
            OK,
            "package `redj_com_190` is free: nobody needs an account or a key for it",
            &[r#"line 1 of the plugin's option "Packages""#],
        )
        .step(
            "file",
            OK,
            "the file is there, 21 bytes",
            &[
                "DIR/files/public/joomla/redj/ReDJ1.9.0Community_J3.zip",
                "last changed TIME UTC",
                "sha256 38e7d920f340eb716350a2e49a77409d804f4d2ffff35b8734203a8b6e1c94d5",
            ],
        )
        .answers(&["download, no: ok", "verify, no: ok"])
        .granted();
}

#[tokio::test]
async fn a_package_group() {
    insta::assert_snapshot!(explain(&[ALICE, GROUP]).await, @r#"
Does `alice@example.test` get the package group `redj_enterprise`?

  ok  package group   package group `redj_enterprise` ("ReDJ Enterprise") is for user group 11
                      "Other" or 12 "ReDJ"
                      - line 1 of the plugin's option "Package groups"
                      - its packages: `redj_ent_190`
  ok  account         one account has this e-mail
                      - id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail
  ok  enabled         the account is not blocked
  ok  user groups     in 12 "ReDJ"
                      - directly assigned: 2 "Registered", 12 "ReDJ"
  ok  key             no key was given to look at; the right one would be accepted
                      - expected: 7759… (32 characters), made by `recipe`
  --  mail            mail is switched off: `keybyemail` ends with REL_ESM, whatever is said below
                      - switch it on in Joomla, or set `transport` in `[mail]`
  ok  end-point       an end-point is open to everybody
                      - /packages: open to everybody
                      - /apikey: needs an API key
                      - /apiuser: for visitors logged in to Joomla
                      - /selected: open to everybody
                      - /ssl: open to everybody, https only
                      - and 10 more

What clients get:

  validate, with the right key
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/packages/post/release/validate/redj_enterprise?email=alice%40example.test&key=…'

  validate, without a key
    HTTP 200  {"status":"ko","error_code":"REL_KNS","error_description":"Key not specified"}
    curl 'https://YOUR-SITE/packages/post/release/validate/redj_enterprise?email=alice%40example.test'

  keybyemail, which mails the key (the mail server is not tried)
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/packages/post/release/keybyemail/redj_enterprise?email=alice%40example.test'

Yes: `alice@example.test` gets the package group `redj_enterprise` with the right key.
exit code 0
"#);
}

#[tokio::test]
async fn a_package_whose_file_is_missing() {
    report("", "", &[ALICE, "gone"], "")
        .await
        .step(
            "file",
            NO,
            "package file `public/gone.zip` does not exist: upload it or correct its \
             settings line",
            &["looked for: DIR/files/public/gone.zip"],
        )
        .refused("REL_FNF");
}

#[tokio::test]
async fn an_unknown_package() {
    report("", "", &[ALICE, "Redj_ent_191"], "")
        .await
        .step(
            "package",
            NO,
            "there is neither a package nor a package group `Redj_ent_191`",
            &[
                "did you mean `redj_ent_190`, `redj_ent` or `redj_com_190`?",
                "upper and lower case count",
            ],
        )
        .answers(&["download, any: REL_PNF", "validate, any: REL_GNF"])
        .refused("REL_PNF");
    report("", "", &[ALICE, "something else"], "").await.step(
        "package",
        NO,
        "there is neither a package nor a package group `something else`",
        &[
            "the settings have 4 packages and 6 package groups, none of them is spelt alike",
            "upper and lower case count",
        ],
    );
}

/// Makes a statement that puts two lines before the fixture's last one.
fn settings(lines: &str) -> String {
    let lines = lines.replace('\n', "\\r\\n");
    format!(
        "UPDATE #__extensions SET params = REPLACE(params, '\\r\\nsmall;/public', \
         '\\r\\n{lines}\\r\\nsmall;/public') WHERE folder = 'jbackend' AND element = 'release'"
    )
}

#[tokio::test]
async fn a_package_of_a_missing_package_group_is_never_free() {
    let asked = Asked::new(Schema::Sqlite).await;
    asked.site.run(&settings("lost;/public/joomla/redj/small.zip;redj_enterprize")).await;
    asked
        .report(&[ALICE, "lost"], "")
        .await
        .step(
            "package",
            OK,
            "package `lost` needs the key of package group `redj_enterprize`",
            &[
                r#"line 3 of the plugin's option "Packages""#,
                "look at that line: package `lost` names the package group `redj_enterprize`, \
                 which does not exist: requests answer REL_GNF",
            ],
        )
        .step(
            "package group",
            NO,
            "there is no package group `redj_enterprize`",
            &[
                "a package of a missing package group is never given away: REL_GNF",
                "correct the third field of the package's line, or add the package group's \
                 line; near: `redj_enterprise` and `redj_ent`",
            ],
        )
        .refused("REL_GNF");
}

#[tokio::test]
async fn lines_with_flaws() {
    let asked = Asked::new(Schema::Sqlite).await;
    asked
        .site
        .run(&settings("out;../secret.zip\nmuch;/a.zip;redj_ent;more\nredj_ent_190;/b.zip"))
        .await;
    asked.report(&[ALICE, "out"], "").await.step(
        "file",
        NO,
        "the package's line names no usable file",
        &["package path `../secret.zip` holds a `..` component: write it relative to \
           the package folder, without `..`"],
    );
    asked
        .report(&[ALICE, "much"], "")
        .await
        .step(
            "package",
            OK,
            "package `much` needs the key of package group `redj_ent`",
            &[
                r#"line 4 of the plugin's option "Packages""#,
                "look at that line: package `much`: more than three fields; everything after \
                 the package group is ignored",
            ],
        )
        .step(
            "package group",
            OK,
            r#"package group `redj_ent` is for user group 12 "ReDJ""#,
            &[r#"line 2 of the plugin's option "Package groups""#, "its packages: `much`"],
        );
    asked
        .report(&[ALICE, PAID], "")
        .await
        .step(
            "package",
            OK,
            "package `redj_ent_190` needs the key of package group `redj_enterprise`",
            &[r#"line 2 of the plugin's option "Packages""#],
        )
        .step(
            "package group",
            OK,
            "package group `redj_enterprise` (\"ReDJ Enterprise\") is for user group 11 \
             \"Other\" or 12 \"ReDJ\"",
            &[r#"line 1 of the plugin's option "Package groups""#, "its packages: `redj_ent_190`"],
        );
    asked
        .report(&[ALICE, "zero"], "")
        .await
        .step(
            "package group",
            NO,
            r#"package group `zero` ("Zero") is for nobody: no user group is named"#,
            &[
                r#"line 6 of the plugin's option "Package groups""#,
                "its packages: none",
                "look at that line: package group `zero`: piece 1 of its user groups is no id \
                 (a positive number): it is left out",
                "look at that line: package group `zero` names no user group: nobody is \
                 authorised for it",
            ],
        )
        .refused("REL_ANA");
}

#[tokio::test]
async fn a_package_group_that_is_closed() {
    let toml = "[license]\nrecipe = \"default\"\n[joomla]\nsecret = \"\"\n";
    report("", toml, &[ALICE, "nohash"], "")
        .await
        .step(
            "package group",
            NO,
            "package group `nohash` is closed: anybody could compute its keys",
            &[
                "neither its hash nor Joomla's secret is set, so the default recipe has no \
                 secret",
                "give it a hash in the plugin's option \"Package groups\": `id;groups;hash`",
            ],
        )
        .refused("REL_GNF");
}

/// Codes that the site has renamed, and statuses, are shown as in real answers.
#[tokio::test]
async fn answers_are_as_the_site_has_them() {
    let toml = "[release]\nhttp_status = \"joomla-updater\"\n\
                [release.error_codes]\nREL_KNV = { code = \"REL_BAD\", text = \"No\" }\n\
                [server]\npublic_url = \"https://www.example.test\"\n";
    let printed = explain_with("", toml, &[ALICE, PAID, "--key", "x"], "").await;
    let answers = printed.split("What clients get:").nth(1).unwrap();
    insta::assert_snapshot!(answers, @r#"

  download, with the key given
    HTTP 200 (Joomla's updater: 403)  {"status":"ko","error_code":"REL_BAD","error_description":"No"}
    curl -OJ 'https://www.example.test/packages/get/release/download/redj_ent_190?email=alice%40example.test&key=…'

  verify, with the key given
    HTTP 200  {"status":"ko","error_code":"REL_BAD","error_description":"No"}
    curl 'https://www.example.test/packages/post/release/verify/redj_ent_190?email=alice%40example.test&key=…'

No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_BAD (No).
exit code 1
"#);
}

#[tokio::test]
async fn end_points_with_an_api_key() {
    let only_keys = "DELETE FROM #__menu WHERE path <> 'apikey'";
    let printed = explain_with(only_keys, "", &[ALICE, "redj_com_190"], "").await;
    insta::assert_snapshot!(printed, @r#"
Does `alice@example.test` get the package `redj_com_190`?

  ok  package         package `redj_com_190` is free: nobody needs an account or a key for it
                      - line 1 of the plugin's option "Packages"
  ok  file            the file is there, 21 bytes
                      - DIR/files/public/joomla/redj/ReDJ1.9.0Community_J3.zip
                      - last changed TIME UTC
                      - sha256 38e7d920f340eb716350a2e49a77409d804f4d2ffff35b8734203a8b6e1c94d5
  ok  end-point       clients need a valid API key (`api_key=…`) besides
                      - /apikey: needs an API key

What clients get:

  download, without a key
    HTTP 200  application/octet-stream: attachment; filename="ReDJ1.9.0Community_J3.zip"
    curl -OJ 'https://YOUR-SITE/apikey/get/release/download/redj_com_190'
    and a valid API key (`api_key=…`)

  verify, without a key
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/apikey/post/release/verify/redj_com_190'
    and a valid API key (`api_key=…`)

Yes: `alice@example.test` gets the package `redj_com_190`.
exit code 0
"#);
}

#[tokio::test]
async fn a_site_without_an_end_point() {
    report("DELETE FROM #__menu", "", &[ALICE, "redj_com_190"], "").await.step(
        "end-point",
        NO,
        "the site has no end-point to ask",
        &["publish a menu item of the type jBackend, or name one in `[[endpoints]]`"],
    );
}

/// The file opens but cannot be read, as on a failing disk.
#[tokio::test]
async fn a_file_that_cannot_be_read() {
    let toml = "[release]\nfolder = \"/proc/self\"\npackages = [\"broken;mem\"]\n";
    report("", toml, &[ALICE, "broken"], "").await.step(
        "file",
        UNKNOWN,
        "the file is there, 0 bytes",
        &[
            "/proc/self/mem",
            "last changed TIME UTC",
            "it cannot be read to its end, so downloads break: Input/output error (os \
             error 5)",
        ],
    );
}
