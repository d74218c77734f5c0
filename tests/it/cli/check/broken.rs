//! A site with as many defects as there can be at once.

use super::web::{Web, status};
use super::{Schema, Site, check, report, settings, write_joomla};

/// Settings whose lines each have a defect.
const BROKEN: &str = r#"{"folder":"files","groups":"redj_enterprise;11,12,900;HASH123KEY456;ReDJ Enterprise\r\nempty;11;HASH123KEY456;Nobody\r\nredj_ent;12;;No hash\r\nmisplaced;12,HASH123KEY456\r\n;9;HASH123KEY456\r\nunused;12;HASH123KEY456\r\nunused;12;HASH123KEY456","packages":"redj_com_190;\/public\/joomla\/redj\/ReDJ1.9.0Community_J3.zip\r\nredj_ent_190;\/private\/joomla\/redj\/ReDJ1.9.0Enterprise_J3.zip;redj_enterprise\r\nredj_ent_190;\/private\/joomla\/redj\/ReDJ1.9.0Enterprise_J3.zip\r\ngone;\/private\/gone.zip;redj_ent\r\nabove;..\/..\/etc\/passwd;empty\r\nlink;\/private\/link.zip;misplaced\r\nnothing;\/private\/empty.zip;empty\r\nreadme;\/private\/readme.txt;redj_ent\r\nlost;\/private\/readme.txt;no_such_group\r\npathless"}"#;

/// Makes a site with all defects at once.
async fn broken() -> (Site, Web) {
    let site = Site::new(Schema::Joomla5).await;
    settings(&site, BROKEN).await;
    let private = site.packages().join("private");
    std::fs::write(private.join("empty.zip"), b"").unwrap();
    std::fs::write(private.join("readme.txt"), b"read me").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", private.join("link.zip")).unwrap();
    site.run("DELETE FROM #__menu WHERE id NOT IN (101, 201, 202, 203, 212, 213)").await;
    site.run("UPDATE #__users SET email = 'jose@exämple.test' WHERE id = 105").await;
    site.run("UPDATE #__users SET email = 'аlice@example.test' WHERE id = 106").await;
    site.run("UPDATE #__users SET email = 'BOB@example.test' WHERE id = 107").await;
    site.run("UPDATE #__users SET email = 'no blank@example.test' WHERE id = 108").await;
    site.run("UPDATE #__extensions SET enabled = 1 WHERE element = 'ldap'").await;
    site.run("UPDATE #__extensions SET enabled = 0 WHERE element IN ('user', 'release')").await;
    site.run(
        "INSERT INTO #__extensions (name, type, element, folder, client_id, enabled, access, params, \
         manifest_cache, custom_data) VALUES ('totp', 'plugin', 'totp', 'multifactorauth', 0, 1, 1, \
         '', '', '')",
    )
    .await;
    site.run("INSERT INTO #__user_mfa (user_id, method) VALUES (100, 'totp'), (101, 'totp')").await;
    site.run(
        "UPDATE #__jbackend_keys SET expiration_date = UTC_TIMESTAMP() + INTERVAL 100 HOUR \
         WHERE `key` = 'future'",
    )
    .await;
    site.run(
        "UPDATE #__jbackend_keys SET current_day = UTC_DATE(), current_hits = 2 WHERE `key` = 'limit2'",
    )
    .await;
    write_joomla(
        &site,
        &[
            ("mailonline", "1"),
            ("mailer", "smtp"),
            ("smtphost", "127.0.0.1:1"),
            ("mailfrom", "root@localhost"),
            ("replyto", "nobody"),
        ],
    );
    // The web server sends the recorded site's packages to every visitor.
    let web = Web::start(|_, path| {
        let is_there = path.starts_with("/files/private/") && !path.ends_with("/gone.zip");
        status(if is_there { 200 } else { 404 })
    });
    (site, web.await)
}

#[tokio::test]
async fn the_whole_report() {
    let (site, web) = broken().await;
    let run = check(&site, "", &["--public-url", &web.url(), "--values"]).await;
    let text = report(&site, &run).replace(&web.url(), "PUBLIC");
    let name = site.config.database.name.as_deref().unwrap();
    let text = text.replace(&format!("database.name {name} "), "database.name DATABASE ");
    insta::assert_snapshot!(without_dates(&text));
    assert_eq!(run.code, Some(1));
}

/// Replaces the end date of the API key that ends in some days.
fn without_dates(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("`f…`, ends ") {
        Some((before, _)) => format!("{before}`f…`, ends SOON"),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn lines_keep_to_the_width_of_the_terminal() {
    let (site, web) = broken().await;
    for width in [40, 80, 120] {
        let arguments = ["check", "--joomla-root", site.folder.path().to_str().unwrap()];
        let mut command = super::program(&[&arguments[..], &["--public-url", &web.url()]].concat());
        command.env("COLUMNS", width.to_string());
        let run = super::run(command).await;
        for line in run.stdout.lines() {
            // Lines to be copied stay whole, and so do words that are longer than the width.
            let is_copied = line.starts_with("               ");
            let is_one_word = line.trim().trim_start_matches("at ").trim_start_matches("→ ");
            let is_one_word = !is_one_word.contains(' ');
            assert!(line.chars().count() <= width || is_copied || is_one_word, "{width}: {line}");
        }
        assert!(run.stdout.contains("the formula of the"), "{}", run.stdout);
    }
}

#[tokio::test]
async fn the_whole_report_as_json() {
    let (site, web) = broken().await;
    let run = check(&site, "", &["--public-url", &web.url(), "--json"]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let count = |severity: &str| {
        let found = json["findings"].as_array().unwrap().iter();
        found.filter(|one| one["severity"] == severity).count()
    };
    for (key, severity) in [
        ("errors", "error"),
        ("warnings", "warning"),
        ("notices", "notice"),
        ("skipped", "skipped"),
    ] {
        assert_eq!(json["summary"][key], count(severity), "{key}");
    }
    // Scripts read these parts of a finding and of a value.
    let found = json["findings"].as_array().unwrap();
    let is_open =
        |one: &&serde_json::Value| one["subject"] == "direct-access" && one["severity"] == "error";
    let open = found.iter().find(is_open).unwrap();
    let host =
        json["values"].as_array().unwrap().iter().find(|one| one["key"] == "database.password");
    let both = serde_json::to_string_pretty(&(open, host.unwrap())).unwrap();
    insta::assert_snapshot!(super::neutral(&site, &both).replace(&web.url(), "PUBLIC"));
}
