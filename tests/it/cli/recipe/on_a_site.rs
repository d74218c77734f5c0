//! Users, package groups and the secret come from a site's database, if one is named.

use std::fs;

use secrecy::ExposeSecret;
use testkit::fixture::{self, Schema};

use super::super::{holds_no_secret, write_configuration_php};
use super::{Run, json, neutral, program, run};
use crate::common::site::{ALICE_KEY, Site};

/// Runs a command on the site with a file of keys.
async fn on(site: &Site, csv: &str, license: &str, command: &[&str]) -> Run {
    let folder = site.folder.path();
    fs::write(folder.join("known.csv"), csv).unwrap();
    let mut toml = license.to_owned();
    if let Some(url) = &site.config.database.url {
        let (prefix, secret) = (fixture::prefix(), fixture::secret());
        let php = format!(
            "<?php\nclass JConfig {{ public $dbprefix = '{prefix}'; public $secret = '{secret}'; }}"
        );
        fs::write(folder.join("configuration.php"), php).unwrap();
        toml.extend(["\n[database]\nurl = \"", url.expose_secret(), "\"\n"]);
    } else {
        write_configuration_php(site, &[]);
    }
    toml.extend(["\n[joomla]\nroot = \"", &folder.display().to_string(), "\"\n"]);
    fs::write(folder.join("bridge.toml"), toml).unwrap();
    let mut program = program(
        &[&["recipe"], command, &["--config", "bridge.toml", "--keys", "known.csv"]].concat(),
    );
    program.current_dir(folder);
    neutral(run(program).await)
}

async fn sites() -> [Site; 2] {
    [Site::new(Schema::Joomla5).await, Site::new(Schema::Sqlite).await]
}

#[tokio::test]
async fn finds_the_formula() {
    for site in sites().await {
        let csv = format!("alice@example.test,redj_enterprise,{ALICE_KEY}\n");
        let run = on(&site, &csv, "", &["find", "--json"]).await;
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        let report = json(&run);
        assert_eq!(report["formulas"][0]["recipe"], fixture::recipe());
        let values = report["values"].as_array().unwrap();
        assert!(values.len() > 5, "{values:?}");
        holds_no_secret(&(run.stdout + &run.stderr));
    }
}

#[tokio::test]
async fn a_user_or_group_the_site_does_not_know() {
    let mut said = Vec::new();
    for site in sites().await {
        let csv = "nobody@example.com,redj_enterprise,0123456789abcdef0123456789abcdef\n\
                   alice@example.test,no_such_group,fedcba9876543210fedcba9876543210\n";
        let run = on(&site, csv, "", &["find", "--depth", "quick"]).await;
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        let notes: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("note:")).collect();
        said.push(notes.join("\n"));
    }
    assert_eq!(said[0], said[1]);
    insta::assert_snapshot!(said[0], @r"
note: line 1: the site has no user with this e-mail: user id, user name and name are not known
note: line 2: the site has no package group `no_such_group`: its hash and name are not known
");
}

#[tokio::test]
async fn tests_the_formulas_of_the_configuration() {
    let mut said = Vec::new();
    for site in sites().await {
        let csv = format!(
            "alice@example.test,redj_enterprise,{ALICE_KEY}\n\
             ALICE@example.test,redj_enterprise,{ALICE_KEY}\n\
             alice@example.com,redj_enterprise,0123456789abcdef0123456789abcdef\n"
        );
        let license = format!(
            "[license]\nrecipe = 'sha1($email)'\naccepted_recipes = ['{}', 'md5($name)']\n",
            fixture::recipe()
        );
        let run = on(&site, &csv, &license, &["test"]).await;
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        holds_no_secret(&(run.stdout.clone() + &run.stderr));
        said.push(run.stdout);
    }
    assert_eq!(said[0], said[1]);
    insta::assert_snapshot!(said[0], @r"
note: line 3: the site has no user with this e-mail: user id, user name and name are not known
 line  e-mail              package group    key         made by
 1     alice@example.test  redj_enterprise  7759… (32)  accepted_recipes 1
 2     alice@example.test  redj_enterprise  7759… (32)  accepted_recipes 1
 3     alice@example.com   redj_enterprise  0123… (32)  NONE
line 3: `accepted_recipes 2`: not tried, it reads `$name`, which is not known

`recipe` does not fit: it makes 0 of 3 keys
`accepted_recipes 1` fits in part: it makes 2 of 3 keys
`accepted_recipes 2` does not fit: it makes 0 of 3 keys
1 of 3 keys are made by no formula: was their user's e-mail or the hash another one then?
");
}

/// The key was made before the package group's seed was changed.
#[tokio::test]
async fn tests_old_hashes() {
    let site = Site::new(Schema::Sqlite).await;
    site.run("UPDATE #__extensions SET params = replace(params, 'HASH123KEY456', 'NEWHASH')").await;
    let csv = format!("alice@example.test,redj_enterprise,{ALICE_KEY}\n");
    let license = format!(
        "[license]\nrecipe = '{}'\naccepted_hashes = [{{ group = 'redj_enterprise', hash = 'HASH123KEY456' }}]\n",
        fixture::recipe()
    );
    let run = on(&site, &csv, &license, &["test"]).await;
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    insta::assert_snapshot!(run.stdout, @r"
 line  e-mail              package group    key         made by
 1     alice@example.test  redj_enterprise  7759… (32)  recipe, accepted_hashes 1

`recipe` fits: it makes 1 of 1 keys
");
}

#[tokio::test]
async fn a_site_that_cannot_be_opened_is_exit_code_2() {
    let site = Site::new(Schema::Sqlite).await;
    site.run("DELETE FROM #__extensions WHERE element = 'release'").await;
    let csv = format!("alice@example.test,redj_enterprise,{ALICE_KEY}\n");
    for command in [&["find"][..], &["test", "--recipe", "md5($email)"]] {
        let run = on(&site, &csv, "", command).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        assert!(
            run.stderr.contains("the plugin jBackend Release System is not in"),
            "{}",
            run.stderr
        );
    }
}
