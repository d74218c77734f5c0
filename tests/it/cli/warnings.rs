//! Warnings in the log at start, about a site that is served all the same.

use std::fs;

use testkit::client::Client;
use testkit::fixture::Schema;

use super::{Running, holds_no_secret, neutral, serve, write_configuration_php};
use crate::common::site::Site;

const SERVED: &str =
    "[[endpoints]]\npath = \"packages\"\n[license]\nrecipe = 'md5($email . $group . $hash)'\n";

/// Returns the warnings and errors in the log of a start, and the answer to `keybyemail`.
async fn log(site: &Site, toml: &str) -> (String, String) {
    let running = Running::start(serve(site, &format!("{SERVED}{toml}")), "listening on ").await;
    let client = Client::new(running.said.trim().trim_start_matches("listening on "));
    let target = "/packages/post/release/keybyemail/redj_enterprise?email=alice@example.test";
    let code = client.send("GET", target, &[], b"").await.code();
    let (status, _, log) = running.stop("TERM").await;
    assert!(status.success(), "{log}");
    holds_no_secret(&log);
    let wanted = |line: &&str| line.starts_with("WARN") || line.starts_with("ERROR");
    let lines: Vec<_> = log.lines().filter(wanted).collect();
    (neutral(site, &lines.join("\n")), code)
}

async fn with(fields: &[(&str, &str)]) -> (String, String) {
    let site = Site::new(Schema::Joomla5).await;
    write_configuration_php(&site, fields);
    log(&site, "allow_guessable = [\"redj_ent\", \"nohash\", \"pub\", \"grp2\", \"zero\"]").await
}

#[tokio::test]
async fn regression_a_bad_sender_stopped_the_service() {
    let fields = [("mailonline", "1"), ("mailer", "smtp"), ("mailfrom", "not an address")];
    let (log, code) = with(&fields).await;
    assert_eq!(code, "REL_ESM");
    insta::assert_snapshot!(log, @r"
WARN mails cannot be sent: `keybyemail` answers REL_ESM error=`mailfrom` is not one valid mailbox: set it to an address like `name@example.com`
WARN package group `zero`: piece 1 of its user groups is no id (a positive number): it is left out setting=Package groups line=6
WARN package group `zero` names no user group: nobody is authorised for it setting=Package groups line=6
ERROR the mail with a license key was not sent error=the mail settings cannot be used, see the warning at start: correct them
");
}

#[tokio::test]
async fn mail_settings_that_make_no_sense_stop_mails_only() {
    let mail = [("mailonline", "1"), ("mailer", "smtp"), ("mailfrom", "a@example.com")];
    let fields = |field| [&mail[..], &[field]].concat();
    let (log, code) = with(&fields(("smtpsecure", "quite"))).await;
    assert_eq!(code, "REL_ESM");
    insta::assert_snapshot!(log, @r"
WARN mails cannot be sent: `keybyemail` answers REL_ESM error=`smtpsecure` has an unknown value: use `none`, `ssl` or `tls`
WARN package group `zero`: piece 1 of its user groups is no id (a positive number): it is left out setting=Package groups line=6
WARN package group `zero` names no user group: nobody is authorised for it setting=Package groups line=6
ERROR the mail with a license key was not sent error=the mail settings cannot be used, see the warning at start: correct them
");
    let (log, code) = with(&fields(("smtphost", "a b:c"))).await;
    assert_eq!(code, "REL_ESM");
    insta::assert_snapshot!(log, @r"
WARN mails cannot be sent: `keybyemail` answers REL_ESM error=entry 1 of `smtphost` is no mail server: write `host`, `host:port`, `ssl://host:port` or `tls://host:port`, several with `;` between
WARN package group `zero`: piece 1 of its user groups is no id (a positive number): it is left out setting=Package groups line=6
WARN package group `zero` names no user group: nobody is authorised for it setting=Package groups line=6
ERROR the mail with a license key was not sent error=the mail settings cannot be used, see the warning at start: correct them
");
    let (log, code) = with(&[
        ("mailonline", "1"),
        ("mailfrom", "a@example.com"),
        ("sendmail", "/nowhere/sendmail"),
    ])
    .await;
    assert_eq!(code, "REL_ESM");
    insta::assert_snapshot!(log, @r"
WARN mails cannot be sent: `keybyemail` answers REL_ESM error=cannot run the sendmail program `/nowhere/sendmail`: No such file or directory (os error 2); install one, set `sendmail` to its path, or set `mailer` to `smtp`
WARN package group `zero`: piece 1 of its user groups is no id (a positive number): it is left out setting=Package groups line=6
WARN package group `zero` names no user group: nobody is authorised for it setting=Package groups line=6
ERROR the mail with a license key was not sent error=cannot run the sendmail program `/nowhere/sendmail`: No such file or directory (os error 2); install one, set `sendmail` to its path, or set `mailer` to `smtp`
");
    let (log, code) = with(&[("mailonline", "0")]).await;
    assert_eq!(code, "REL_ESM");
    insta::assert_snapshot!(log, @r"
WARN mail is switched off: `keybyemail` answers REL_ESM
WARN package group `zero`: piece 1 of its user groups is no id (a positive number): it is left out setting=Package groups line=6
WARN package group `zero` names no user group: nobody is authorised for it setting=Package groups line=6
ERROR the mail with a license key was not sent error=mail is switched off for this site: set `mailonline` to let keys be mailed
");
    let (log, code) = with(&[("mailonline", "1")]).await;
    assert_eq!(code, "REL_ESM");
    insta::assert_snapshot!(log, @r"
WARN mails cannot be sent: `keybyemail` answers REL_ESM error=`mailfrom` is not one valid mailbox: set it to an address like `name@example.com`
WARN package group `zero`: piece 1 of its user groups is no id (a positive number): it is left out setting=Package groups line=6
WARN package group `zero` names no user group: nobody is authorised for it setting=Package groups line=6
ERROR the mail with a license key was not sent error=the mail settings cannot be used, see the warning at start: correct them
");
}

#[tokio::test]
async fn missing_package_folder_and_guessable_groups() {
    let site = Site::new(Schema::Joomla5).await;
    write_configuration_php(&site, &[]);
    fs::remove_dir_all(site.packages()).unwrap();
    let mails = site.folder.path().join("mails");
    let mail = format!(
        "[mail]\ntransport = \"file\"\nfrom = \"a@example.com\"\noutbox = \"{}\"",
        mails.display()
    );
    let (log, code) = log(&site, &mail).await;
    assert_eq!(code, "ok");
    insta::assert_snapshot!(log, @r#"
WARN package group `zero`: piece 1 of its user groups is no id (a positive number): it is left out setting=Package groups line=6
WARN package group `zero` names no user group: nobody is authorised for it setting=Package groups line=6
WARN `recipe` with its current hash reads no hash and no secret: anybody can compute the keys of this package group; give it a hash, or list it in `allow_guessable` group="redj_ent"
WARN `recipe` with its current hash reads no hash and no secret: anybody can compute the keys of this package group; give it a hash, or list it in `allow_guessable` group="nohash"
WARN `recipe` with its current hash reads no hash and no secret: anybody can compute the keys of this package group; give it a hash, or list it in `allow_guessable` group="pub"
WARN `recipe` with its current hash reads no hash and no secret: anybody can compute the keys of this package group; give it a hash, or list it in `allow_guessable` group="grp2"
WARN `recipe` with its current hash reads no hash and no secret: anybody can compute the keys of this package group; give it a hash, or list it in `allow_guessable` group="zero"
ERROR the package folder is missing: downloads answer REL_FNF; create it, or correct the option Folder of the plugin folder=DIR/files
"#);
}
