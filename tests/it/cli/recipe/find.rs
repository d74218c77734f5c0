//! `recipe find` finds planted recipes again, and no others.

use super::{ANN, BOB, Folder, json, key, row};

const ALL_KNOWN: &[&str] = &["--groups", "groups.txt", "--secret-file", "secret.txt"];

/// Finds the simplest recipe that makes the keys of Ann and, for `keys` = 2, of Bob.
async fn found(planted: &str, keys: usize, options: &[&str]) -> String {
    let folder = Folder::new();
    let rows = [row(planted, &ANN), row(planted, &BOB)];
    folder.write("known.csv", &rows[..keys].concat());
    let arguments = [&["recipe", "find", "--keys", "known.csv", "--json"], options].concat();
    let run = folder.run(&arguments).await;
    assert_eq!(run.code, Some(0), "{planted}: {}{}", run.stdout, run.stderr);
    let report = json(&run);
    assert_eq!(report["formulas"][0]["fits"], keys, "{report}");
    report["formulas"][0]["recipe"].as_str().unwrap().to_owned()
}

/// The search knows only e-mail, package group, its seed and the secret.
#[tokio::test]
async fn recovers_planted_formulas() {
    let planted = [
        ("md5($email . $group . $hash)", 1),
        ("sha1($hash . '|' . $email . '|' . $group)", 1),
        ("md5(md5($email) . $hash)", 1),
        ("md5(sha1($group . $email))", 1),
        ("strtoupper(substr(md5($email . $secret), 0, 16))", 1),
        ("hash_hmac('sha256', $email . $group, $secret)", 1),
        ("substr(hash_hmac('sha256', $email . '|' . $group, $hash . $secret), 0, 32)", 1),
        ("dechex(crc32($email . $hash))", 2),
        ("crc32($group . '-' . $email)", 2),
        ("substr(hash('sha256', $group . '-' . $email . '-' . $hash), 7, 20)", 1),
        ("sha1(strtolower($email) . $hash)", 1),
        ("md5($secret . md5($group . $email))", 1),
        ("rtrim(chunk_split(strtoupper(substr(md5($hash . $email), 0, 20)), 5, '-'), '-')", 1),
        ("'RDJ-' . strtoupper(substr(sha1($email . $hash), -12))", 2),
        ("$group . '-' . substr(md5($email . $hash), 0, 10)", 2),
        ("base64_encode(sha1($email . $hash, true))", 1),
        ("getHash($email . '|' . $group)", 1),
        ("md5($email . '|' . $group . $hash)", 1),
        ("md5(md5(md5($email . $hash)))", 1),
    ];
    for (formula, keys) in planted {
        assert_eq!(found(formula, keys, ALL_KNOWN).await, formula);
    }
}

/// For a single key, the other facts about the user must be given.
#[tokio::test]
async fn reads_what_is_known_of_the_user() {
    for formula in [
        "md5($user_id . ':' . $username . ':' . $hash)",
        "sha1($name . $group . $hash)",
        "strtoupper(substr(sha1($user_id . $hash), 0, 16))",
    ] {
        let folder = Folder::new();
        folder.write("key.txt", &key(formula, &ANN));
        let user = ["--user-id", "4711", "--username", "ann_k", "--name", "Ann Kellner"];
        let one = ["--email", ANN.email, "--group", ANN.group, "--key-file", "key.txt"];
        let arguments =
            [&["recipe", "find", "--json", "--hash-file", "hash.txt"][..], &one, &user].concat();
        let report = json(&folder.run(&arguments).await);
        assert_eq!(report["formulas"][0]["recipe"], formula, "{report}");
    }
}

/// Bob's e-mail has no capital letter; Ann's has one.
#[tokio::test]
async fn both_forms_are_shown_where_no_e_mail_has_a_capital() {
    let folder = Folder::new();
    let find = ["recipe", "find", "--keys", "known.csv", "--groups", "groups.txt"];
    for planted in ["md5($email . $hash)", "md5(strtolower($email) . $hash)"] {
        folder.write("known.csv", &row(planted, &BOB));
        let run = folder.run(&find).await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        for form in ["md5($email . $hash)", "md5(strtolower($email) . $hash)"] {
            assert!(run.stdout.contains(&format!("  recipe = '{form}'")), "{}", run.stdout);
        }
        assert!(run.stdout.contains("hold no capitals"), "{}", run.stdout);
        let report = json(&folder.run(&[&find[..], &["--json"]].concat()).await);
        let lowered = &report["formulas"][0]["with_lower_email"];
        assert_eq!(lowered, "md5(strtolower($email) . $hash)", "{report}");

        folder.write("known.csv", &[row(planted, &ANN), row(planted, &BOB)].concat());
        let run = folder.run(&find).await;
        assert!(run.stdout.contains(&format!("  recipe = '{planted}'")), "{}", run.stdout);
        assert!(!run.stdout.contains("hold no capitals"), "{}", run.stdout);
    }
}

#[tokio::test]
async fn a_text_of_the_plugin_can_be_told() {
    let formula = "md5($email . 'it\\'s ReDJ' . $hash)";
    assert_eq!(
        found(formula, 1, &["--groups", "groups.txt", "--text", "it's ReDJ"]).await,
        formula
    );
}

#[tokio::test]
async fn shows_the_line_and_what_was_searched() {
    let folder = Folder::new();
    let formula = "sha1($hash . '|' . $email)";
    folder.write("known.csv", &format!("email,group,key\n{}", row(formula, &ANN)));
    let run = folder
        .run(&[
            "recipe",
            "find",
            "--keys",
            "known.csv",
            "--groups",
            "groups.txt",
            "--depth",
            "quick",
        ])
        .await;
    assert_eq!(run.code, Some(0));
    insta::assert_snapshot!(run.stdout, @r"
found: this formula makes the key:

  recipe = '''sha1($hash . '|' . $email)'''   # 1 of 1 keys

Tried 1,469 of the 2,729 formulas of `--depth quick` in TIME.
Made of: $email, $group, $hash, $group_name
Without: $secret, $user_id, $username, $name (not known)

Check it with keys of other customers and package groups: `jbackend-bridge recipe test`.
Put the line into `[license]` of the configuration file.
");
    insta::assert_snapshot!(run.stderr, @"2,729 formulas to try");
}

#[tokio::test]
async fn a_miss_says_what_it_does_not_prove() {
    let folder = Folder::new();
    let run = folder
        .run_with_input(
            &[
                "recipe",
                "find",
                "--email",
                ANN.email,
                "--group",
                "g",
                "--key-file",
                "-",
                "--depth",
                "quick",
            ],
            "0123456789abcdef0123456789abcdef\n",
        )
        .await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.stdout, @r"
not found: no formula of this space makes the keys.

Tried 378 of the 378 formulas of `--depth quick` in TIME.
Made of: $email, $group
Without: $hash, $secret, $user_id, $username, $group_name, $name (not known)

This proves nothing about formulas outside of the space, which docs/recipes.md
describes. What can help:
- more values: name the site with `--joomla-root` or `--config`, or give
  `--groups`, `--secret-file`, `--user-id`, `--username`, `--name`
- a larger space: `--depth full`
- the key of another customer: this one may have been made by hand
- a text that the formula may hold, such as the product's name: `--text`
- the plugin's source: docs/recipes.md tells how its line becomes a recipe
Keys that follow no formula can be accepted one by one: `accepted_keys` in
`[license]`.
");
}

/// The wrong key may be the first one that is searched with.
#[tokio::test]
async fn one_wrong_key_among_three_is_told() {
    let formula = "md5($email . $hash)";
    for wrong in 0..3 {
        let folder = Folder::new();
        let mut rows = [row(formula, &ANN), row(formula, &BOB), row(formula, &ANN)];
        rows[2] = rows[2].replace(&key(formula, &ANN), &key(formula, &ANN).to_uppercase());
        rows[2] =
            format!("{},{},{}\n", ANN.email, BOB.group, key("md5($email . 'otherSeed-77')", &ANN));
        let others = ["f".repeat(32), "e".repeat(32), "d".repeat(32)];
        let (start, _) = rows[wrong].rsplit_once(',').unwrap();
        rows[wrong] = format!("{start},{}\n", others[wrong]);
        folder.write("known.csv", &rows.concat());
        let arguments = ["recipe", "find", "--keys", "known.csv", "--groups", "groups.txt"];
        let run = folder.run(&[&arguments[..], &["--depth", "quick"]].concat()).await;
        assert_eq!(run.code, Some(1));
        assert!(
            run.stdout.contains("recipe = 'md5($email . $hash)'   # 2 of 3 keys"),
            "{}",
            run.stdout
        );
        assert!(
            run.stdout.contains(&format!("line {} has another key", wrong + 1)),
            "{}",
            run.stdout
        );
        if wrong == 1 {
            insta::assert_snapshot!(run.stdout, @r"
not found: no formula makes all 3 keys. This one makes 2 of them, and not
by accident:

  recipe = 'md5($email . $hash)'   # 2 of 3 keys
  line 2 has another key

Tried 4,276 of the 4,276 formulas of `--depth quick` in TIME.
Made of: $email, $group, $hash, $group_name
Without: $secret, $user_id, $username, $name (not known)

This proves nothing about formulas outside of the space, which docs/recipes.md
describes. What can help:
- more values: name the site with `--joomla-root` or `--config`, or give
  `--groups`, `--secret-file`, `--user-id`, `--username`, `--name`
- a larger space: `--depth full`
- a text that the formula may hold, such as the product's name: `--text`
- the plugin's source: docs/recipes.md tells how its line becomes a recipe
Keys that follow no formula can be accepted one by one: `accepted_keys` in
`[license]`.
");
        }
    }
}

/// A key that is not a digest does not stop the search with the others.
#[tokio::test]
async fn a_key_made_by_hand_among_others() {
    let folder = Folder::new();
    let formula = "md5($email . $hash)";
    let by_hand = format!("{},{},VIP customer!\n", ANN.email, ANN.group);
    folder.write("known.csv", &[by_hand, row(formula, &ANN), row(formula, &BOB)].concat());
    let arguments = ["recipe", "find", "--keys", "known.csv", "--groups", "groups.txt", "--json"];
    let run = folder.run(&[&arguments[..], &["--depth", "quick"]].concat()).await;
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let found = &json(&run)["formulas"][0];
    assert_eq!((&found["recipe"], &found["fits"]), (&formula.into(), &2.into()));
    assert_eq!(found["wrong_lines"], serde_json::json!([1]));
    assert_eq!(found["may_be_accident"], false);
}

/// If one customer has different keys of one package group, no single recipe can make them.
#[tokio::test]
async fn contradictory_rows() {
    let folder = Folder::new();
    let (first, second) = (row("md5($email . $hash)", &ANN), row("sha1($email)", &ANN));
    folder.write("known.csv", &format!("{first}{second}"));
    let run = folder
        .run(&[
            "recipe",
            "find",
            "--keys",
            "known.csv",
            "--groups",
            "groups.txt",
            "--depth",
            "quick",
        ])
        .await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.stdout, @r"
not found: no formula makes all 2 keys. This one makes 1 of them, and not
by accident:

  recipe = 'sha1($email)'   # 1 of 2 keys
  line 1 has another key

Tried 2,729 of the 2,729 formulas of `--depth quick` in TIME.
Made of: $email, $group, $hash, $group_name
Without: $secret, $user_id, $username, $name (not known)

This proves nothing about formulas outside of the space, which docs/recipes.md
describes. What can help:
- more values: name the site with `--joomla-root` or `--config`, or give
  `--groups`, `--secret-file`, `--user-id`, `--username`, `--name`
- a larger space: `--depth full`
- a text that the formula may hold, such as the product's name: `--text`
- the plugin's source: docs/recipes.md tells how its line becomes a recipe
Keys that follow no formula can be accepted one by one: `accepted_keys` in
`[license]`.
");
}

/// Many recipes make a short key; a second key shows the right one.
#[tokio::test]
async fn a_short_key_needs_a_second_one() {
    let folder = Folder::new();
    let formula = "substr(md5($email . $hash), 0, 4)";
    folder.write("one.csv", &row(formula, &ANN));
    folder.write("two.csv", &(row(formula, &ANN) + &row(formula, &BOB)));
    let find = |file| {
        let folder = &folder;
        async move {
            folder
                .run(&[
                    "recipe",
                    "find",
                    "--keys",
                    file,
                    "--groups",
                    "groups.txt",
                    "--depth",
                    "quick",
                ])
                .await
        }
    };
    let run = find("one.csv").await;
    assert_eq!(run.code, Some(0));
    insta::assert_snapshot!(run.stdout, @r"
found: 6 formulas make the key; the simplest first:

  recipe = 'substr(md5($email . $hash), 0, 4)'   # 1 of 1 keys
  recipe = '''substr(hash_hmac('md5', $email, $hash), 12, 4)'''   # 1 of 1 keys
  recipe = '''substr(hash_hmac('sha256', $hash . '_' . $email, $hash), 52, 4)'''   # 1 of 1 keys
  … and 3 more: `--all` prints them

Tried 5,006 of the 5,006 formulas of `--depth quick` in TIME.
Made of: $email, $group, $hash, $group_name
Without: $secret, $user_id, $username, $name (not known)

Careful: about 3.7 formulas fit keys this short by accident. Search again with
one more key, of another customer and package group.
");
    let run = find("two.csv").await;
    assert_eq!(run.code, Some(0));
    insta::assert_snapshot!(run.stdout, @r"
found: this formula makes all keys:

  recipe = 'substr(md5($email . $hash), 0, 4)'   # 2 of 2 keys

Tried 2,486 of the 5,006 formulas of `--depth quick` in TIME.
Made of: $email, $group, $hash, $group_name
Without: $secret, $user_id, $username, $name (not known)

Put the line into `[license]` of the configuration file.
");
}

#[tokio::test]
async fn json_holds_all_of_it() {
    let folder = Folder::new();
    folder.write("known.csv", &row("md5($email . $hash)", &ANN));
    let run = folder
        .run(&[
            "recipe",
            "find",
            "--keys",
            "known.csv",
            "--groups",
            "groups.txt",
            "--json",
            "--depth",
            "quick",
        ])
        .await;
    insta::assert_snapshot!(run.stdout, @r#"
{
  "found": true,
  "formulas": [
    {
      "recipe": "md5($email . $hash)",
      "line": "recipe = 'md5($email . $hash)'",
      "fits": 1,
      "of": 1,
      "wrong_lines": [],
      "unknown_lines": [],
      "may_be_accident": false
    }
  ],
  "more_formulas": 0,
  "keys": 1,
  "depth": "quick",
  "values": [
    "$email",
    "$group",
    "$hash",
    "$group_name"
  ],
  "values_left_out": [
    "$secret, $user_id, $username, $name (not known)"
  ],
  "space": 4276,
  "tried": 2260,
  "stopped_early": true,
  "seconds": 0.0,
  "expected_accidents": 6.031696612939322e-34,
  "notes": []
}
"#);
}
