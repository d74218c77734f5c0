//! The configuration: whether it loads, and the sources of its values.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use jbackend_bridge::config::section::ValueKind;

use super::{Schema, check, findings, program, report, run, sound, write_joomla};

#[tokio::test]
async fn one_that_does_not_load_ends_the_run() {
    let site = sound(Schema::Sqlite).await;
    let run = check(&site, "[database]\nprefx = 'a'\n", &[]).await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(report(&site, &run), @r##"
configuration
  error    unknown key `database.prefx` in `CONFIG`, line 3
           → did you mean `prefix`?
  skipped  everything else: it needs the configuration

not ready to go live
"##);
    fs::write(
        site.folder.path().join("configuration.php"),
        "<?php class JConfig { public $secret = f(); }",
    )
    .unwrap();
    let run = check(&site, "", &[]).await;
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(report(&site, &run), @r##"
configuration
  error    `DIR/configuration.php` line 1: the value of `$secret` needs PHP to be run (a call of `f()`)
           → write the value into the bridge's configuration file
  skipped  everything else: it needs the configuration

not ready to go live
"##);
}

/// Runs `check` with only this configuration file, and returns the refusals.
async fn refusals(toml: &str) -> Vec<String> {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    fs::write(&file, toml).unwrap();
    let path = file.path().to_str().unwrap();
    let run = run(program(&["check", "--config", path, "--json"])).await;
    super::holds_no_secret(&run.stdout);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{}", run.stdout);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|finding| finding["severity"] == "error");
    let text = |finding: &serde_json::Value, part: &str| finding[part].as_str().map(str::to_owned);
    let line = |finding| match text(finding, "where") {
        Some(place) => format!("{place}: {}", text(finding, "what").unwrap()),
        None => text(finding, "what").unwrap(),
    };
    errors.map(line).map(|line| line.replace(path, "CONFIG")).collect()
}

#[tokio::test]
async fn every_key_of_another_kind_is_named_in_one_run() {
    let mut toml = String::new();
    let mut keys = vec!["`endpoints.0.path`".to_owned(), "`endpoints.1`".to_owned()];
    for section in jbackend_bridge::config::outline() {
        writeln!(toml, "[{}]", section.name).unwrap();
        for key in section.keys {
            let nonsense = match key.kind {
                ValueKind::Number | ValueKind::Flag => "'nonsense'",
                ValueKind::Text | ValueKind::Secret | ValueKind::List | ValueKind::Table => "17",
            };
            writeln!(toml, "{} = {nonsense}", key.name).unwrap();
            keys.push(format!("`{}.{}`", section.name, key.name));
        }
    }
    toml.push_str("[[endpoints]]\npath = 17\n[[endpoints]]\n[nonsense]\n");
    let told = refusals(&toml).await;
    for key in &keys {
        let named = told.iter().filter(|what| what.starts_with(&format!("{key} in `")));
        assert_eq!(named.count(), 1, "{key}: {told:#?}");
    }
    assert!(told[0].starts_with("unknown section `nonsense` in `"), "{told:#?}");
    assert_eq!(told.len(), keys.len() + 1, "{told:#?}");
}

#[tokio::test]
async fn every_value_that_makes_no_sense_is_named_in_one_run() {
    const NONSENSE: &str = "\
[server]
listen = 'nonsense'
socket_mode = 'nonsense'
public_url = 'nonsense'
trusted_proxies = ['unix', 'nonsense']
[joomla]
version = 'nonsense'
[database]
url = 'nonsense'
port = 70000
prefix = 'no sense'
tls = 'nonsense'
snapshot = 'on'
snapshot_file = '/'
snapshot_every = 0
[release]
folder = 'nonsense'
http_status = 'nonsense'
error_codes = { REL_KNV = { nonsense = 'nonsense' } }
privacy = 'nonsense'
two_factor = 'nonsense'
[packages]
offload = 'nonsense'
offload_prefix = 'nonsense'
[license]
recipe = 'nonsense('
accepted_recipes = ['nonsense(']
accepted_hashes = [{ group = 'a', hash = 'hunter2', until = 'nonsense' }]
accepted_keys = '/nonsense'
[mail]
transport = 'smtp'
from = 'nonsense'
smtp_port = 70000
smtp_security = 'nonsense'
smtp_ca = '/nonsense'
smtp_helo = 'no sense'
templates = '/nonsense'
[fallback]
upstream = 'nonsense'
package_files = 'nonsense'
shadow = ['nonsense']
[limits]
shared = 'rediss://localhost'
shared_ca = '/nonsense'
shared_timeout = 0
[updates]
versions = 'nonsense'
targetplatform = '4|5'
infourl = 'no sense'
changelogs = '/../nonsense'
maintainerurl = 'no sense'
checksum_workers = 0
packages = [{ tag = 'rc' }, { package = 'a', tag = 'nonsense', security = 'nonsense' }]
[admin]
listen = 'nonsense'
socket_mode = 'nonsense'
[log]
format = 'nonsense'
level = 'nonsense'
[[endpoints]]
path = 'nonsense'
access = 'nonsense'
";
    let told = refusals(NONSENSE).await;
    insta::assert_snapshot!(told.join("\n"));
    let told = refusals("[log]\nformat = 'nonsense'\n[mail]\ntransport = 'smtp'\n").await;
    assert!(
        told.iter()
            .any(|what| what
                == "`[mail]`: mails cannot be sent: `mailfrom` is not one valid mailbox"),
        "{told:#?}"
    );
}

#[tokio::test]
async fn nothing_to_look_at_is_no_result() {
    let run = run(program(&["check"])).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(run.stderr, @r##"
error: no site is named: give the Joomla folder with `--joomla-root DIR`, or a configuration file with `--config FILE`
"##);
    let run = super::run(program(&["check", "--public-url", "www.example.com"])).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(run.stderr, @r##"
error: invalid value 'www.example.com' for '--public-url <URL>': no address of a site: write `https://www.example.com`, with the folder if Joomla is in one

For more information, try '--help'.
"##);
}

#[tokio::test]
async fn every_source_is_named() {
    let site = sound(Schema::Joomla5).await;
    write_joomla(&site, &[("mailonline", "1"), ("mailer", "smtp"), ("smtpport", "26")]);
    let file = site.folder.path().join("bridge.toml");
    fs::write(&file, "[mail]\nfrom = 'a@example.com'\n\n[[endpoints]]\npath = 'x'\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let arguments = ["check", "--joomla-root", site.folder.path().to_str().unwrap(), "--recipe"];
    let rest = ["md5($email . $hash)", "--config", file.to_str().unwrap(), "--json", "--offline"];
    let mut command = program(&[&arguments[..], &rest].concat());
    command
        .env("JBRIDGE_MAIL_SMTP_PASSWORD", "hunter2")
        .env("JBRIDGE_RELEASE_ALLOW_ROOTS", "/a,/b")
        .env("JBRIDGE_SERVER_PUBLIC_URL", "https://a:hunter2@example.com");
    let run = run(command).await;
    super::holds_no_secret(&run.stdout);
    assert!(!run.stdout.contains("md5("), "the formula can hold a seed");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    let values = json["values"].as_array().unwrap().iter().map(|one| {
        let [key, value, from, field] =
            ["key", "value", "from", "field"].map(|key| text(&one[key]));
        format!("{key} = {value}  ({from}, {field})")
    });
    let values = super::neutral(&site, &values.collect::<Vec<_>>().join("\n"));
    let name = site.config.database.name.as_deref().unwrap();
    insta::assert_snapshot!(values.replace(&format!("name = {name} "), "name = DATABASE "), @r##"
server.public_url = (set)  (the environment variable `JBRIDGE_SERVER_PUBLIC_URL`, -)
joomla.root = DIR  (the flag `--joomla-root`, -)
joomla.secret = (set)  (`DIR/configuration.php`, line 9, $secret)
joomla.site_name = Recorded Site  (`DIR/configuration.php`, line 10, $sitename)
database.host = ADDRESS  (`DIR/configuration.php`, line 4, $host)
database.name = DATABASE  (`DIR/configuration.php`, line 7, $db)
database.user = bridge  (`DIR/configuration.php`, line 5, $user)
database.password = (set)  (`DIR/configuration.php`, line 6, $password)
database.prefix = jos_  (`DIR/configuration.php`, line 8, $dbprefix)
release.allow_roots = /a, /b  (the environment variable `JBRIDGE_RELEASE_ALLOW_ROOTS`, -)
license.recipe = (set)  (the flag `--recipe`, -)
mail.transport = smtp  (`DIR/configuration.php`, line 12, $mailer)
mail.from = a@example.com  (`DIR/bridge.toml`, line 2, -)
mail.smtp_port = 26  (`DIR/configuration.php`, line 13, $smtpport)
mail.smtp_password = (set)  (the environment variable `JBRIDGE_MAIL_SMTP_PASSWORD`, -)
endpoints = (1 entry)  (`DIR/bridge.toml`, line 4, -)
"##);
}

#[tokio::test]
async fn settings_that_would_stop_the_service() {
    let site = sound(Schema::Sqlite).await;
    let toml = "[server]\nsocket_mode = '999'\n[fallback]\nshadow = ['all']\n[joomla]\nversion = 'x'\n\
        [log]\nlevel = 'info,a=quite'\n";
    let circle =
        "[server]\nlisten = '0.0.0.0:8123'\n[fallback]\nupstream = 'http://127.0.0.1:8123'\n";
    let circle = findings(&site, circle, &["--offline"], "configuration").await;
    assert!(
        circle.starts_with("error: `upstream` in `[fallback]`") && circle.contains("circle"),
        "{circle}"
    );
    insta::assert_snapshot!(findings(&site, toml, &["--offline"], "configuration").await, @r##"
error: `server.socket_mode`: `999` is no octal permission
  at -
  → write one like `660`
error: `joomla.version`: not a Joomla version
  at -
  → write it as `5.3` or `3.10.11`
error: `fallback.upstream` is not set
  at -
  → name the site's web server: in shadow mode it is PHP that answers
error: `info,a=quite` is no log level
  at `log.level`
  → use `error`, `warn`, `info`, `debug`, or a filter like `info,mysql_async=warn`
"##);
}

#[tokio::test]
async fn secrets_that_everybody_may_read() {
    let site = sound(Schema::Joomla5).await;
    let file = site.folder.path().join("bridge.toml");
    let root = site.folder.path().to_str().unwrap();
    fs::write(&file, "[mail]\nsmtp_password = 'hunter2'\n").unwrap();
    let arguments = ["check", "-c", file.to_str().unwrap(), "--joomla-root", root, "--offline"];
    for (mode, is_told) in [(0o640, false), (0o644, true)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let run = run(program(&arguments)).await;
        super::holds_no_secret(&run.stdout);
        assert_eq!(run.stdout.contains("all users of this machine may read the secrets"), is_told);
    }
}

#[tokio::test]
async fn files_that_visitors_may_read() {
    let site = sound(Schema::Sqlite).await;
    let (keys, mails) = (site.folder.path().join("keys.csv"), site.folder.path().join("mails"));
    fs::write(&keys, "email,group,key\n").unwrap();
    fs::create_dir(&mails).unwrap();
    let license = format!("[license]\nrecipe = 'default'\naccepted_keys = '{}'\n", keys.display());
    let mail = format!("[mail]\ntransport = 'file'\noutbox = '{}'\n", mails.display());
    let toml = format!("{license}{mail}");
    insta::assert_snapshot!(findings(&site, &toml, &["--offline"], "configuration").await, @r##"
warning: the list of keys lies in the site's folder: the web server may hand it out to all visitors
  at `DIR/keys.csv`
  → move it out of there, for example into `/etc/jbackend-bridge`
warning: the folder for mails with license keys lies in the site's folder: the web server may hand it out to all visitors
  at `DIR/mails`
  → move it out of there, for example into `/etc/jbackend-bridge`
"##);
    let file = site.folder.path().join("bridge.toml");
    fs::write(&file, "[log]\nlevel = 'warn'\n").unwrap();
    let root = site.folder.path().to_str().unwrap();
    let arguments = ["check", "-c", file.to_str().unwrap(), "--joomla-root", root, "--offline"];
    let run = run(program(&arguments)).await;
    assert!(
        run.stdout.contains("the configuration file lies in the site's folder"),
        "{}",
        run.stdout
    );
}

#[tokio::test]
async fn help() {
    insta::assert_snapshot!(super::super::help::help(&["check", "--help"]).await);
}

#[tokio::test]
async fn checksums_that_cannot_be_remembered_are_told() {
    let site = sound(Schema::Sqlite).await;
    let run = check(&site, "[updates]\nchecksum_file = '/nowhere/checksums'\n", &[]).await;
    let report = report(&site, &run);
    let told: Vec<_> =
        report.lines().skip_while(|line| !line.contains("remembered")).take(3).collect();
    insta::assert_snapshot!(told.join("\n"), @r##"
  warning  checksums cannot be remembered: `/nowhere/checksums` cannot be written (entity not found)
           at `updates.checksum_file`
           → let the service's user write into its folder, or name another file as `checksum_file` in `[updates]`
"##);
}
