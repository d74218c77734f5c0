//! `recipe test`: tells which recipe makes which key.

use super::{ANN, BOB, Folder, json, key, row};

const FORMULA: &str = "md5($email . $group . $hash)";

async fn tested(csv: &str, options: &[&str]) -> super::Run {
    let folder = Folder::new();
    folder.write("known.csv", csv);
    let arguments = ["recipe", "test", "--keys", "known.csv", "--groups", "groups.txt"];
    folder.run(&[&arguments[..], options].concat()).await
}

#[tokio::test]
async fn every_key_fits() {
    let csv = format!("email,group,key\n{}{}", row(FORMULA, &ANN), row(FORMULA, &BOB));
    let run = tested(&csv, &["--recipe", FORMULA]).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    insta::assert_snapshot!(run.stdout, @r"
 line  e-mail           package group    key         made by
 2     Ann@example.com  redj_enterprise  2d52… (32)  --recipe
 3     bob@example.org  joocache_pro     4222… (32)  --recipe

`--recipe` fits: it makes 2 of 2 keys
");
    for fact in [ANN, BOB] {
        assert!(!run.stdout.contains(&key(FORMULA, &fact)), "a key is shown");
    }
}

#[tokio::test]
async fn one_of_two_fits() {
    let csv = row(FORMULA, &ANN) + &row("sha1($email . $hash)", &BOB);
    let run = tested(&csv, &["--recipe", FORMULA]).await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.stdout, @r"
 line  e-mail           package group    key         made by
 1     Ann@example.com  redj_enterprise  2d52… (32)  --recipe
 2     bob@example.org  joocache_pro     dbc1… (40)  NONE

`--recipe` fits in part: it makes 1 of 2 keys
1 of 2 keys are made by no formula: was their user's e-mail or the hash another one then?
");
    let run = tested(&csv, &["--recipe", FORMULA, "--recipe", "sha1($email . $hash)"]).await;
    assert_eq!(run.code, Some(0));
    insta::assert_snapshot!(run.stdout, @r"
 line  e-mail           package group    key         made by
 1     Ann@example.com  redj_enterprise  2d52… (32)  --recipe 1
 2     bob@example.org  joocache_pro     dbc1… (40)  --recipe 2

`--recipe 1` fits in part: it makes 1 of 2 keys
`--recipe 2` fits in part: it makes 1 of 2 keys
");
}

/// A hint names the difference, if it can be found.
#[tokio::test]
async fn hints_at_what_differs() {
    for (formula, hint) in [
        (
            "strtoupper(md5($email . $group . $hash))",
            "`--recipe`: they differ in letter case only: put `strtoupper(…)` around the recipe",
        ),
        (
            "substr(md5($email . $group . $hash), 4, 10)",
            "`--recipe`: the key is a part of the text that the recipe makes: put `substr(…, 4, 10)` around it",
        ),
        (
            "'ReDJ' . md5($email . $group . $hash)",
            "`--recipe`: the recipe makes a part of the key: 4 characters are missing",
        ),
        (
            "rtrim(chunk_split(md5($email . $group . $hash), 8, '-'), '-')",
            "`--recipe`: they differ in dashes or blanks only: `chunk_split` puts them in",
        ),
        (
            "md5(strtolower($email) . $group . $hash)",
            "`--recipe`: it fits with the e-mail in lower case: write `strtolower($email)`",
        ),
        (
            "md5(strtoupper($email) . $group . $hash)",
            "`--recipe`: it fits with the e-mail in upper case: write `strtoupper($email)`",
        ),
        (
            "md5($email . strtoupper($group) . $hash)",
            "`--recipe`: it fits with the package group in upper case: write `strtoupper($group)`",
        ),
        (
            "md5($email . $group)",
            "`--recipe`: it fits with an empty hash: was it made before the package group had one?",
        ),
    ] {
        let run = tested(&row(formula, &ANN), &["--recipe", FORMULA, "--json"]).await;
        assert_eq!(run.code, Some(1));
        assert_eq!(json(&run)["rows"][0]["hints"], serde_json::json!([hint]), "{formula}");
    }
    let run = tested(&row("sha1($email)", &ANN), &["--recipe", FORMULA, "--json"]).await;
    assert_eq!(json(&run)["rows"][0]["hints"], serde_json::json!([]));
}

#[tokio::test]
async fn says_which_value_is_not_known() {
    let run = tested(&row("md5($user_id)", &ANN), &["--recipe", "md5($user_id)"]).await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.stdout, @r"
 line  e-mail           package group    key         made by
 1     Ann@example.com  redj_enterprise  b523… (32)  NONE
line 1: `--recipe`: not tried, it reads `$user_id`, which is not known

`--recipe` does not fit: it makes 0 of 1 keys
`jbackend-bridge recipe find` searches for the formula.
");
}

#[tokio::test]
async fn json_holds_all_of_it() {
    let csv = row(FORMULA, &ANN) + &row("strtoupper(md5($email . $group . $hash))", &BOB);
    let run = tested(&csv, &["--recipe", FORMULA, "--json"]).await;
    insta::assert_snapshot!(run.stdout, @r#"
{
  "fits": false,
  "recipes": [
    {
      "name": "--recipe",
      "fits": 1,
      "of": 2
    }
  ],
  "rows": [
    {
      "line": 1,
      "email": "Ann@example.com",
      "group": "redj_enterprise",
      "key": "2d52… (32)",
      "made_by": [
        "--recipe"
      ],
      "hints": []
    },
    {
      "line": 2,
      "email": "bob@example.org",
      "group": "joocache_pro",
      "key": "4222… (32)",
      "made_by": [],
      "hints": [
        "`--recipe`: they differ in letter case only: put `strtoupper(…)` around the recipe"
      ]
    }
  ],
  "notes": []
}
"#);
}

#[tokio::test]
async fn one_key_from_standard_input() {
    let folder = Folder::new();
    let options = ["--recipe", FORMULA, "--hash-file", "hash.txt"];
    let one = ["recipe", "test", "--email", ANN.email, "--group", ANN.group, "--key-file", "-"];
    let arguments = [&one[..], &options].concat();
    let run = folder.run_with_input(&arguments, &(key(FORMULA, &ANN) + "\r\n")).await;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let run = folder.run_with_input(&arguments, "another key\n").await;
    assert_eq!(run.code, Some(1));
}

#[tokio::test]
async fn a_wrong_formula_is_exit_code_2() {
    let run = tested(&row(FORMULA, &ANN), &["--recipe", "md4($email)"]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(
        run.stderr.starts_with("error: `--recipe`: column 1: unknown function `md4`"),
        "{}",
        run.stderr
    );
    let run = tested(&row(FORMULA, &ANN), &[]).await;
    assert_eq!(run.code, Some(2));
    insta::assert_snapshot!(run.stderr, @"error: there is no formula to try: give it with `--recipe`, or name a configuration with `recipe` in `[license]`; `jbackend-bridge recipe find` searches for one");
}

/// The operator reads which lines of configuration explain a name that only this site uses.
#[tokio::test]
async fn a_spelling_that_is_missing_is_written_out() {
    for (recipe, message) in [
        (
            "md5($user->email)",
            "column 5: `$user->email` goes beyond a plain name: say which value it means, by these lines in the \
             configuration file: `[license.spellings]` and `'$user->email' = \"email\"`; ",
        ),
        (
            "$row['email']",
            "column 1: `$row['email']` goes beyond a plain name: say which value it means, by these lines in the \
             configuration file: `[license.spellings]` and `\"$row['email']\" = \"email\"`; ",
        ),
        (
            "JFactory::getConfig()->get('s3')",
            "column 1: `JFactory::getConfig` goes beyond a plain name: say which value it means, by these lines in the \
             configuration file: `[license.spellings]` and `'JFactory::getConfig' = \"…\"`; the names are missing: ",
        ),
    ] {
        let run = tested(&row(FORMULA, &ANN), &["--recipe", recipe]).await;
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.starts_with(format!("error: `--recipe`: {message}").trim_end()), "{said}");
    }
}
