//! The given key: the report tells which key it is, if it is not the right one.

use md5::{Digest, Md5};
use testkit::fixture::Schema;

use super::{ALICE, Asked, GROUP, NO, OK, PAID, Report, report};
use crate::common::site::ALICE_KEY;

fn md5_hex(text: &str) -> String {
    base16ct::lower::encode_string(&Md5::digest(text))
}

const WRONG: &str = "the key is not the one of this account and package group";

async fn about(toml: &str, who: &str, key: &str) -> Report {
    report("", toml, &[who, PAID, "--key", key], "").await
}

/// Expects a refusal of the key with these details.
async fn wrong(toml: &str, who: &str, key: &str, details: &[&str]) {
    about(toml, who, key).await.step("key", NO, WRONG, details).refused("REL_KNV");
}

#[tokio::test]
async fn a_wrong_key() {
    wrong(
        "",
        ALICE,
        "0123456789abcdef",
        &[
            "given: 0123… (16 characters)",
            "expected: 7759… (32 characters), made by `recipe`",
            "it is no key of this e-mail for any package group here: was it issued before \
             the e-mail, the hash or the formula was changed, or for another e-mail?",
        ],
    )
    .await;
    wrong(
        "",
        ALICE,
        "",
        &[
            "given: … (0 characters)",
            "expected: 7759… (32 characters), made by `recipe`",
            "the key is empty",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_key_that_was_copied_badly() {
    wrong(
        "",
        ALICE,
        &ALICE_KEY.to_uppercase(),
        &["it differs in upper and lower case only: keys must match to the letter"],
    )
    .await;
    wrong(
        "",
        ALICE,
        &ALICE_KEY[..20],
        &["given: 7759… (20 characters)", "it is a part of the right key: the rest was not copied"],
    )
    .await;
    wrong(
        "",
        ALICE,
        &format!("key:{ALICE_KEY}"),
        &[
            "given: key:… (36 characters)",
            "it holds the right key and more: only the key itself must be sent",
        ],
    )
    .await;
    let in_groups = format!("{}-{}", &ALICE_KEY[..8], &ALICE_KEY[8..]);
    wrong(
        "",
        ALICE,
        &in_groups,
        &[
            "given: 7759… (33 characters)",
            "it is the right key with blanks or other signs in it, or without its own",
        ],
    )
    .await;
    about("", ALICE, &format!("  {ALICE_KEY}\n"))
        .await
        .step(
            "key",
            OK,
            "the key is good: accepted by `recipe` with its current hash",
            &["given: 7759… (32 characters), and blanks, which do not count"],
        )
        .granted();
}

#[tokio::test]
async fn the_key_of_something_else() {
    let other = md5_hex("alice@example.testredj_ent");
    wrong(
        "",
        ALICE,
        &other,
        &["given: 57fe… (32 characters)", "it is the key of another package group: `redj_ent`"],
    )
    .await;
    let spelling = md5_hex("mixed.case@example.testredj_enterpriseHASH123KEY456");
    wrong(
        "",
        "mixed.case@example.test",
        &spelling,
        &[
            "given: 4e77… (32 characters)",
            "expected: a687… (32 characters), made by `recipe`",
            "it is the key for the e-mail spelt `mixed.case@example.test`; the account \
                 has `Mixed.Case@Example.TEST`, and keys are made from the stored spelling",
        ],
    )
    .await;
    let recipe = "[license]\nrecipe = 'md5($email . $user_id . $group . $hash)'\n";
    let of_blocked = md5_hex("dup@example.test115redj_enterpriseHASH123KEY456");
    about(recipe, "dup@example.test", &of_blocked)
        .await
        .step(
            "key",
            OK,
            "id 115: the key is good: accepted by `recipe` with its current hash",
            &["given: d519… (32 characters)"],
        )
        .step(
            "key",
            NO,
            "id 116: the key is not the one of this account and package group",
            &[
                "given: d519… (32 characters)",
                "expected: 63a7… (32 characters), made by `recipe`",
                "it is the key of the account with the id 115",
            ],
        )
        .refused("REL_UNE");
    let of_enabled = md5_hex("dup@example.test116redj_enterpriseHASH123KEY456");
    about(recipe, "dup@example.test", &of_enabled)
        .await
        .step(
            "key",
            NO,
            "id 115: the key is not the one of this account and package group",
            &[
                "given: 63a7… (32 characters)",
                "expected: d519… (32 characters), made by `recipe`",
                "it is the key of the account with the id 116",
            ],
        )
        .step(
            "key",
            OK,
            "id 116: the key is good: accepted by `recipe` with its current hash",
            &["given: 63a7… (32 characters)"],
        )
        .granted();
}

#[tokio::test]
async fn keys_that_are_accepted_beside() {
    let old = md5_hex("alice@example.testredj_enterpriseOLDHASH");
    let accepted = "[license]\nrecipe = 'md5($email . $group . $hash)'\n\
                    accepted_hashes = [{ group = \"redj_enterprise\", hash = \"OLDHASH\" }]\n";
    about(accepted, ALICE, &old)
        .await
        .step(
            "key",
            OK,
            "the key is good: accepted by `recipe` with entry 1 of `accepted_hashes`",
            &[
                "given: 59fb… (32 characters)",
                "both are accepted; new keys are made by `recipe` with the current hash",
            ],
        )
        .granted();
    let ended = accepted.replace(" }]", ", until = \"2020-12-31\" }]");
    wrong(
        &ended,
        ALICE,
        &old,
        &[
            "given: 59fb… (32 characters)",
            "it was accepted by `recipe` with entry 1 of `accepted_hashes` until that \
                 hash's end date (`until`)",
        ],
    )
    .await;
    let recipes = "[license]\nrecipe = 'sha1($email . $group . $hash)'\n\
                   accepted_recipes = ['md5($group)', 'md5($email . $group . $hash)']\n";
    about(recipes, ALICE, ALICE_KEY)
        .await
        .step(
            "key",
            OK,
            "the key is good: accepted by entry 2 of `accepted_recipes` with its current \
             hash",
            &[
                "expected: 7129… (40 characters), made by `recipe`",
                "both are accepted; new keys are made by `recipe` with the current hash",
            ],
        )
        .granted();
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
    about(&toml, ALICE, "AB12-CD34")
        .await
        .step(
            "key",
            OK,
            "the key is good: accepted by a row of `accepted_keys`",
            &[
                "given: AB… (9 characters)",
                "both are accepted; new keys are made by `recipe` with the current hash",
            ],
        )
        .granted();
}

#[tokio::test]
async fn a_recipe_that_makes_no_key() {
    let toml = "[license]\nrecipe = \"str_replace('alice@example.test', '', $email)\"\n";
    report("", toml, &["alice", GROUP, "--password-stdin"], "alicepass").await.refused("REL_RGE");
    report("", toml, &[ALICE, PAID], "")
        .await
        .step(
            "key",
            NO,
            "no license key can be made",
            &["the license recipe gives an empty key for this user: let it read `$email` or \
               `$hash`"],
        )
        .refused("REL_KNV");
}

#[tokio::test]
async fn a_key_on_standard_input() {
    let asked = Asked::new(Schema::Sqlite).await;
    for stdin in [format!("{ALICE_KEY}\n"), format!("{ALICE_KEY}\r\n"), ALICE_KEY.to_owned()] {
        let printed = asked.explain(&[ALICE, PAID, "--key", "-"], &stdin).await;
        let verdict =
            format!("Yes: `{ALICE}` gets the package `{PAID}` with this key.\nexit code 0");
        assert!(printed.ends_with(&verdict), "{printed}");
    }
    insta::assert_snapshot!(asked.explain(&[ALICE, PAID, "--key", "-"], "").await, @r"

error: standard input ended before the license key: write it there, on a line of its own
exit code 2
");
}
