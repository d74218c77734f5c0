//! The given key: the report tells which key it is, if it is not the right one.

use md5::{Digest, Md5};

use super::{ALICE, Asked, GROUP, PAID, explain_with, step, verdict};
use crate::common::fixture::Schema;
use crate::common::site::ALICE_KEY;

fn md5_hex(text: &str) -> String {
    base16ct::lower::encode_string(&Md5::digest(text))
}

async fn about(toml: &str, who: &str, key: &str) -> String {
    let printed = explain_with("", toml, &[who, PAID, "--key", key], "").await;
    assert!(!printed.contains(ALICE_KEY), "{printed}");
    [step(&printed, "key"), verdict(&printed)].join("\n")
}

#[tokio::test]
async fn a_wrong_key() {
    insta::assert_snapshot!(about("", ALICE, "0123456789abcdef").await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: 0123… (16 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - it is no key of this e-mail for any package group here: was it issued before
                        the e-mail, the hash or the formula was changed, or for another e-mail?
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
    insta::assert_snapshot!(about("", ALICE, "").await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: … (0 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - the key is empty
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
}

#[tokio::test]
async fn a_key_that_was_copied_badly() {
    insta::assert_snapshot!(about("", ALICE, &ALICE_KEY.to_uppercase()).await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: 7759… (32 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - it differs in upper and lower case only: keys must match to the letter
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
    insta::assert_snapshot!(about("", ALICE, &ALICE_KEY[..20]).await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: 7759… (20 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - it is a part of the right key: the rest was not copied
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
    insta::assert_snapshot!(about("", ALICE, &format!("key:{ALICE_KEY}")).await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: key:… (36 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - it holds the right key and more: only the key itself must be sent
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
    let in_groups = format!("{}-{}", &ALICE_KEY[..8], &ALICE_KEY[8..]);
    insta::assert_snapshot!(about("", ALICE, &in_groups).await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: 7759… (33 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - it is the right key with blanks or other signs in it, or without its own
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
    insta::assert_snapshot!(about("", ALICE, &format!("  {ALICE_KEY}\n")).await, @r"
  ok  key             the key is good: accepted by `recipe` with its current hash
                      - given: 7759… (32 characters), and blanks, which do not count
Yes: `alice@example.test` gets the package `redj_ent_190` with this key.
exit code 0
");
}

#[tokio::test]
async fn the_key_of_something_else() {
    let other = md5_hex("alice@example.testredj_ent");
    insta::assert_snapshot!(about("", ALICE, &other).await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: 57fe… (32 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - it is the key of another package group: `redj_ent`
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
    let spelling = md5_hex("mixed.case@example.testredj_enterpriseHASH123KEY456");
    insta::assert_snapshot!(about("", "mixed.case@example.test", &spelling).await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: 4e77… (32 characters)
                      - expected: a687… (32 characters), made by `recipe`
                      - it is the key for the e-mail spelt `mixed.case@example.test`; the account
                        has `Mixed.Case@Example.TEST`, and keys are made from the stored spelling
No: `mixed.case@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key
not valid).
exit code 1
");
    let recipe = "[license]\nrecipe = 'md5($email . $user_id . $group . $hash)'\n";
    let of_blocked = md5_hex("dup@example.test115redj_enterpriseHASH123KEY456");
    insta::assert_snapshot!(about(recipe, "dup@example.test", &of_blocked).await, @r"
  ok  key             id 115: the key is good: accepted by `recipe` with its current hash
                      - given: d519… (32 characters)
  NO  key             id 116: the key is not the one of this account and package group
                      - given: d519… (32 characters)
                      - expected: 63a7… (32 characters), made by `recipe`
                      - it is the key of the account with the id 115
No: `dup@example.test` does not get the package `redj_ent_190` with this key: REL_UNE (User not
enabled).
exit code 1
");
    let of_enabled = md5_hex("dup@example.test116redj_enterpriseHASH123KEY456");
    insta::assert_snapshot!(about(recipe, "dup@example.test", &of_enabled).await, @r"
  NO  key             id 115: the key is not the one of this account and package group
                      - given: 63a7… (32 characters)
                      - expected: d519… (32 characters), made by `recipe`
                      - it is the key of the account with the id 116
  ok  key             id 116: the key is good: accepted by `recipe` with its current hash
                      - given: 63a7… (32 characters)
Yes: `dup@example.test` gets the package `redj_ent_190` with this key.
exit code 0
");
}

#[tokio::test]
async fn keys_that_are_accepted_beside() {
    let old = md5_hex("alice@example.testredj_enterpriseOLDHASH");
    let accepted = "[license]\nrecipe = 'md5($email . $group . $hash)'\n\
                    accepted_hashes = [{ group = \"redj_enterprise\", hash = \"OLDHASH\" }]\n";
    insta::assert_snapshot!(about(accepted, ALICE, &old).await, @r"
  ok  key             the key is good: accepted by `recipe` with entry 1 of `accepted_hashes`
                      - given: 59fb… (32 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - both are accepted; new keys are made by `recipe` with the current hash
Yes: `alice@example.test` gets the package `redj_ent_190` with this key.
exit code 0
");
    let ended = accepted.replace(" }]", ", until = \"2020-12-31\" }]");
    insta::assert_snapshot!(about(&ended, ALICE, &old).await, @r"
  NO  key             the key is not the one of this account and package group
                      - given: 59fb… (32 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - it was accepted by `recipe` with entry 1 of `accepted_hashes` until that
                        hash's end date (`until`)
No: `alice@example.test` does not get the package `redj_ent_190` with this key: REL_KNV (Key not
valid).
exit code 1
");
    let recipes = "[license]\nrecipe = 'sha1($email . $group . $hash)'\n\
                   accepted_recipes = ['md5($group)', 'md5($email . $group . $hash)']\n";
    insta::assert_snapshot!(about(recipes, ALICE, ALICE_KEY).await, @r"
  ok  key             the key is good: accepted by entry 2 of `accepted_recipes` with its current
                      hash
                      - given: 7759… (32 characters)
                      - expected: 7129… (40 characters), made by `recipe`
                      - both are accepted; new keys are made by `recipe` with the current hash
Yes: `alice@example.test` gets the package `redj_ent_190` with this key.
exit code 0
");
}

#[tokio::test]
async fn a_key_of_the_list() {
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&list, "email,group,key\nalice@example.test,redj_enterprise,AB12-CD34\n")
        .unwrap();
    let toml = format!(
        "[license]\nrecipe = 'md5($email . $group . $hash)'\naccepted_keys = \"{}\"\n",
        list.path().display()
    );
    insta::assert_snapshot!(about(&toml, ALICE, "AB12-CD34").await, @r"
  ok  key             the key is good: accepted by a row of `accepted_keys`
                      - given: AB… (9 characters)
                      - expected: 7759… (32 characters), made by `recipe`
                      - both are accepted; new keys are made by `recipe` with the current hash
Yes: `alice@example.test` gets the package `redj_ent_190` with this key.
exit code 0
");
}

#[tokio::test]
async fn a_recipe_that_makes_no_key() {
    let toml = "[license]\nrecipe = \"str_replace('alice@example.test', '', $email)\"\n";
    let login = explain_with("", toml, &["alice", GROUP, "--password-stdin"], "alicepass").await;
    insta::assert_snapshot!(verdict(&login), @r"
No: `alice` does not get the package group `redj_enterprise` with this login: REL_RGE (Release
generic error).
exit code 1
");
    let printed = explain_with("", toml, &[ALICE, PAID], "").await;
    insta::assert_snapshot!([step(&printed, "key"), verdict(&printed)].join("\n"), @r"
  NO  key             no license key can be made
                      - the license recipe gives an empty key for this user: let it read `$email` or
                        `$hash`
No: `alice@example.test` does not get the package `redj_ent_190`, whatever the key: REL_KNV (Key not
valid).
exit code 1
");
}

#[tokio::test]
async fn a_key_on_standard_input() {
    let asked = Asked::new(Schema::Sqlite).await;
    for stdin in [format!("{ALICE_KEY}\n"), format!("{ALICE_KEY}\r\n"), ALICE_KEY.to_owned()] {
        let printed = asked.explain(&[ALICE, PAID, "--key", "-"], &stdin).await;
        assert_eq!(
            verdict(&printed),
            format!("Yes: `{ALICE}` gets the package `{PAID}` with this key.\nexit code 0")
        );
    }
    insta::assert_snapshot!(asked.explain(&[ALICE, PAID, "--key", "-"], "").await, @r"

error: standard input ended before the license key: write it there, on a line of its own
exit code 2
");
}
