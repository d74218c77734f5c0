//! Package, package group and file.

use super::{ALICE, Asked, GROUP, PAID, explain, explain_with, step, verdict};
use crate::common::fixture::Schema;
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
    insta::assert_snapshot!(explain(&[ALICE, PAID]).await, @r#"
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
  ok  key             no key was given to look at; the right one would be accepted
                      - expected: 7759… (32 characters), made by `recipe`
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
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=alice%40example.test&key=…'

  download, without a key
    HTTP 200  {"status":"ko","error_code":"REL_KNS","error_description":"Key not specified"}
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_ent_190?email=alice%40example.test'

  verify, with the right key
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/packages/post/release/verify/redj_ent_190?email=alice%40example.test&key=…'

Yes: `alice@example.test` gets the package `redj_ent_190` with the right key.
exit code 0
"#);
}

#[tokio::test]
async fn a_free_package() {
    insta::assert_snapshot!(explain(&["anybody@example.test", "redj_com_190"]).await, @r#"
Does `anybody@example.test` get the package `redj_com_190`?

  ok  package         package `redj_com_190` is free: nobody needs an account or a key for it
                      - line 1 of the plugin's option "Packages"
  ok  file            the file is there, 21 bytes
                      - DIR/files/public/joomla/redj/ReDJ1.9.0Community_J3.zip
                      - last changed TIME UTC
                      - sha256 38e7d920f340eb716350a2e49a77409d804f4d2ffff35b8734203a8b6e1c94d5
  ok  end-point       an end-point is open to everybody
                      - /packages: open to everybody
                      - /apikey: needs an API key
                      - /apiuser: for visitors logged in to Joomla
                      - /selected: open to everybody
                      - /ssl: open to everybody, https only
                      - and 10 more

What clients get:

  download, without a key
    HTTP 200  application/octet-stream: attachment; filename="ReDJ1.9.0Community_J3.zip"
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/redj_com_190'

  verify, without a key
    HTTP 200  {"status":"ok"}
    curl 'https://YOUR-SITE/packages/post/release/verify/redj_com_190'

Yes: `anybody@example.test` gets the package `redj_com_190`.
exit code 0
"#);
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
    let printed = explain(&[ALICE, "gone"]).await;
    insta::assert_snapshot!([step(&printed, "file"), verdict(&printed)].join("\n"), @r"
  NO  file            package file `public/gone.zip` does not exist: upload it or correct its
                      settings line
                      - looked for: DIR/files/public/gone.zip
No: `alice@example.test` does not get the package `gone`: REL_FNF (File not found).
exit code 1
");
}

#[tokio::test]
async fn an_unknown_package() {
    insta::assert_snapshot!(explain(&[ALICE, "Redj_ent_191"]).await, @r#"
Does `alice@example.test` get `Redj_ent_191`?

  NO  package         there is neither a package nor a package group `Redj_ent_191`
                      - did you mean `redj_ent_190`, `redj_ent` or `redj_com_190`?
                      - upper and lower case count
  ok  account         one account has this e-mail
                      - id 100, user name `alice`, e-mail `alice@example.test`: exactly this e-mail
  ok  end-point       an end-point is open to everybody
                      - /packages: open to everybody
                      - /apikey: needs an API key
                      - /apiuser: for visitors logged in to Joomla
                      - /selected: open to everybody
                      - /ssl: open to everybody, https only
                      - and 10 more

What clients get:

  download, with any key
    HTTP 200  {"status":"ko","error_code":"REL_PNF","error_description":"Package not found"}
    curl -OJ 'https://YOUR-SITE/packages/get/release/download/Redj_ent_191?email=alice%40example.test&key=…'

  validate, with any key
    HTTP 200  {"status":"ko","error_code":"REL_GNF","error_description":"Package group not found"}
    curl 'https://YOUR-SITE/packages/post/release/validate/Redj_ent_191?email=alice%40example.test&key=…'

No: `alice@example.test` does not get `Redj_ent_191`, whatever the key: REL_PNF (Package not found).
exit code 1
"#);
    let printed = explain(&[ALICE, "something else"]).await;
    insta::assert_snapshot!(step(&printed, "package"), @r"
NO  package         there is neither a package nor a package group `something else`
                    - the settings have 4 packages and 6 package groups, none of them is spelt
                      alike
                    - upper and lower case count
");
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
    let printed = asked.explain(&[ALICE, "lost"], "").await;
    insta::assert_snapshot!([step(&printed, "package"), verdict(&printed)].join("\n"), @r#"
  ok  package         package `lost` needs the key of package group `redj_enterprize`
                      - line 3 of the plugin's option "Packages"
                      - look at that line: package `lost` names the package group `redj_enterprize`,
                        which does not exist: requests answer REL_GNF
  NO  package group   there is no package group `redj_enterprize`
                      - a package of a missing package group is never given away: REL_GNF
                      - correct the third field of the package's line, or add the package group's
                        line; near: `redj_enterprise` and `redj_ent`
No: `alice@example.test` does not get the package `lost`, whatever the key: REL_GNF (Package group
not found).
exit code 1
"#);
}

#[tokio::test]
async fn lines_with_flaws() {
    let asked = Asked::new(Schema::Sqlite).await;
    asked
        .site
        .run(&settings("out;../secret.zip\nmuch;/a.zip;redj_ent;more\nredj_ent_190;/b.zip"))
        .await;
    let mut steps = Vec::new();
    for (package, name) in [("out", "file"), ("much", "package"), (PAID, "package")] {
        steps.push(step(&asked.explain(&[ALICE, package], "").await, name));
    }
    insta::assert_snapshot!(steps.join("\n"), @r#"
NO  file            the package's line names no usable file
                    - package path `../secret.zip` holds a `..` component: write it relative to
                      the package folder, without `..`
ok  package         package `much` needs the key of package group `redj_ent`
                    - line 4 of the plugin's option "Packages"
                    - look at that line: package `much`: more than three fields; everything after
                      the package group is ignored
ok  package group   package group `redj_ent` is for user group 12 "ReDJ"
                    - line 2 of the plugin's option "Package groups"
                    - its packages: `much`
ok  package         package `redj_ent_190` needs the key of package group `redj_enterprise`
                    - line 2 of the plugin's option "Packages"
ok  package group   package group `redj_enterprise` ("ReDJ Enterprise") is for user group 11
                    "Other" or 12 "ReDJ"
                    - line 1 of the plugin's option "Package groups"
                    - its packages: `redj_ent_190`
"#);
    let printed = asked.explain(&[ALICE, "zero"], "").await;
    insta::assert_snapshot!([step(&printed, "package group"), verdict(&printed)].join("\n"), @r#"
  NO  package group   package group `zero` ("Zero") is for nobody: no user group is named
                      - line 6 of the plugin's option "Package groups"
                      - its packages: none
                      - look at that line: package group `zero`: piece 1 of its user groups is no id
                        (a positive number): it is left out
                      - look at that line: package group `zero` names no user group: nobody is
                        authorised for it
No: `alice@example.test` does not get the package group `zero` with the right key: REL_ANA (Access
not authorized).
exit code 1
"#);
}

#[tokio::test]
async fn a_package_group_that_is_closed() {
    let toml = "[license]\nrecipe = \"default\"\n[joomla]\nsecret = \"\"\n";
    let printed = explain_with("", toml, &[ALICE, "nohash"], "").await;
    insta::assert_snapshot!([step(&printed, "package group"), verdict(&printed)].join("\n"), @r#"
  NO  package group   package group `nohash` is closed: anybody could compute its keys
                      - neither its hash nor Joomla's secret is set, so the default recipe has no
                        secret
                      - give it a hash in the plugin's option "Package groups": `id;groups;hash`
No: `alice@example.test` does not get the package group `nohash`, whatever the key: REL_GNF (Package
group not found).
exit code 1
"#);
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
    let printed = explain_with("DELETE FROM #__menu", "", &[ALICE, "redj_com_190"], "").await;
    insta::assert_snapshot!(step(&printed, "end-point"), @r"
NO  end-point       the site has no end-point to ask
                    - publish a menu item of the type jBackend, or name one in `[[endpoints]]`
");
}

/// The file opens but cannot be read, as on a failing disk.
#[tokio::test]
async fn a_file_that_cannot_be_read() {
    let toml = "[release]\nfolder = \"/proc/self\"\npackages = [\"broken;mem\"]\n";
    let printed = explain_with("", toml, &[ALICE, "broken"], "").await;
    insta::assert_snapshot!(step(&printed, "file"), @r"
??  file            the file is there, 0 bytes
                    - /proc/self/mem
                    - last changed TIME UTC
                    - it cannot be read to its end, so downloads break: Input/output error (os
                      error 5)
");
}
