//! `check`: it finds each kind of defect, and its report tells how to fix it.

mod accounts;
mod broken;
mod configuration;
mod database;
mod direct_access;
mod endpoints;
mod forbidden;
mod good;
mod limits;
mod mail;
mod many;
mod offload;
mod packages;
mod public_url;
mod read_only;
mod rights;
mod snapshot;
mod updates;
mod web;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use secrecy::ExposeSecret;
use testkit::fixture::{self, Schema};

use super::{Run, holds_no_secret, neutral, program, run, write_configuration_php};
use crate::common::site::{PAID_FILE, Site};

/// The settings of a sound site: a free and a paid package.
const SOUND: &str = r#"{"folder":"files","groups":"redj_enterprise;11,12;HASH123KEY456;ReDJ Enterprise","packages":"redj_com_190;\/public\/joomla\/redj\/ReDJ1.9.0Community_J3.zip\r\nredj_ent_190;\/private\/joomla\/redj\/ReDJ1.9.0Enterprise_J3.zip;redj_enterprise"}"#;

/// Makes the recorded site without its defects, and with one end-point, for all visitors.
async fn sound(schema: Schema) -> Site {
    let site = Site::new(schema).await;
    settings(&site, SOUND).await;
    site.run("DELETE FROM #__users WHERE id = 116").await;
    site.run("DELETE FROM #__menu WHERE id NOT IN (101, 201)").await;
    write_joomla(&site, &[]);
    site
}

/// Puts a text into the plugin's params.
async fn settings(site: &Site, params: &str) {
    let params = params.replace('\'', "''");
    site.run(&format!(
        "UPDATE #__extensions SET params = '{params}' WHERE element = 'release' AND folder = 'jbackend'"
    ))
    .await;
}

/// Writes `configuration.php`, for any kind of database.
fn write_joomla(site: &Site, fields: &[(&str, &str)]) {
    if site.config.database.url.is_none() {
        return write_configuration_php(site, fields);
    }
    let mut lines = format!(
        "\tpublic $secret = '{}';\n\tpublic $sitename = 'Recorded Site';\n\tpublic $dbprefix = '{}';\n",
        fixture::secret(),
        fixture::prefix()
    );
    for (name, value) in fields.iter().chain(&[("mailonline", "0")]) {
        if !lines.contains(&format!("${name} ")) {
            writeln!(lines, "\tpublic ${name} = '{value}';").unwrap();
        }
    }
    let text = format!("<?php\nclass JConfig {{\n{lines}}}");
    fs::write(site.folder.path().join("configuration.php"), text).unwrap();
}

/// Runs `check` on a site, with these lines in the configuration file and the site's recipe.
async fn check(site: &Site, toml: &str, arguments: &[&str]) -> Run {
    // The configuration file lies beside the site's folder, as it should.
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    let mut text = toml.to_owned();
    if !toml.contains("[license]") {
        write!(text, "\n[license]\nrecipe = '{}'\n", fixture::recipe()).unwrap();
    }
    if let Some(url) = &site.config.database.url {
        let url = format!("url = '{}'\n", url.expose_secret());
        text = match text.split_once("[database]\n") {
            Some((before, after)) => format!("{before}[database]\n{url}{after}"),
            None => format!("{text}\n[database]\n{url}"),
        };
    }
    fs::write(&file, text).unwrap();
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o600)).unwrap();
    let root = site.folder.path().to_str().unwrap();
    let path = file.path().to_str().unwrap();
    let named = ["check", "--config", path, "--joomla-root", root];
    let mut run = run(program(&[&named[..], arguments].concat())).await;
    run.stdout = run.stdout.replace(path, "CONFIG");
    holds_no_secret(&run.stdout);
    holds_no_secret(&run.stderr);
    run
}

/// Returns the report, with the parts replaced that differ between runs and machines.
fn report(site: &Site, run: &Run) -> String {
    assert_eq!(run.stderr, "");
    let text = unwrapped(&neutral(site, &run.stdout));
    let mut lines: Vec<String> = Vec::new();
    let mut is_about_root = false;
    for line in text.lines() {
        let is_new = line.starts_with("  ") && line.chars().nth(2) != Some(' ');
        if is_new || !line.starts_with(' ') {
            is_about_root = line.contains("run as root, which may read everything");
        }
        if is_about_root {
            continue;
        }
        let mut words = line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for at in 1..words.len() {
            if ["MariaDB", "SQLite"].contains(&words[at - 1].as_str()) {
                "VERSION".clone_into(&mut words[at]);
            }
        }
        lines.push(words.join(" "));
    }
    // The last line counts the notice about root, if there is one.
    let last = lines.pop().unwrap_or_default();
    lines.push(last.split_once(": ").unwrap_or((&last, "")).0.to_owned());
    lines.join("\n")
}

/// Puts each sentence on one line, as names of this run can be of any length; columns stay side by
/// side.
fn unwrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let sentence = line.trim_start();
        let indent = line.len() - sentence.len();
        let starts = ["at ", "→ ", "values that"].iter().any(|start| sentence.starts_with(start));
        let is_value = indent == 11 && (sentence.contains("  ") || sentence.contains(" the flag"));
        if is_value {
            let words: Vec<_> = sentence.split_whitespace().collect();
            lines.push(format!("           {}", words.join(" ")));
        } else if (11..=14).contains(&indent) && !starts {
            let last = lines.last_mut().unwrap();
            last.push(' ');
            last.push_str(sentence);
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

/// Lists the findings of a subject that are not ok, one per line: severity, text, place, advice.
async fn findings(site: &Site, toml: &str, arguments: &[&str], subject: &str) -> String {
    let run = check(site, toml, &[arguments, &["--json"]].concat()).await;
    assert_eq!(run.stderr, "");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let found = json["findings"].as_array().unwrap().iter();
    let found = found.filter(|one| one["subject"] == subject && one["severity"] != "ok");
    let found = found.filter(|one| !one["what"].as_str().unwrap().starts_with("run as root"));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let lines: Vec<_> = found
        .map(|one| {
            let lines = one["lines"].as_array().unwrap().iter();
            let lines =
                lines.map(|line| format!("\n    {}", text(line))).collect::<Vec<_>>().concat();
            let [severity, what, place, advice] =
                ["severity", "what", "where", "advice"].map(|key| text(&one[key]));
            format!("{severity}: {what}\n  at {place}\n  → {advice}{lines}")
        })
        .collect();
    neutral(site, &lines.join("\n"))
}
