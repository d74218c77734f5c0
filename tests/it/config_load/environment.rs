//! Environment variables.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;

use secrecy::ExposeSecret;

use super::{Sources, password};

fn variable(name: &str, value: &str) -> Sources {
    Sources::new().toml("[database]\nhost = \"h\"\nuser = \"toml\"").variable(name, value)
}

#[test]
fn values_are_taken_as_text() {
    for text in ["0123", "true", "1.5", "[a]", "{a=1}", "\"quoted\"", " blanks ", "a,b", "#", "ü"]
    {
        let config = variable("JBRIDGE_DATABASE_PASSWORD", text).config();
        assert_eq!(password(&config), Some(text));
        let config = variable("JBRIDGE_JOOMLA_SITE_NAME", text).config();
        assert_eq!(config.joomla.site_name.as_deref(), Some(text));
    }
}

#[test]
fn numbers_flags_and_lists_are_read_by_the_kind_of_the_key() {
    let config = variable("JBRIDGE_DATABASE_PORT", " 3307 ").config();
    assert_eq!(config.database.port, Some(3307));
    for (text, flag) in [("true", true), ("YES", true), ("1", true), ("off", false), ("0", false)] {
        let config = variable("JBRIDGE_RELEASE_INHERIT_GROUPS", text).config();
        assert_eq!(config.release.inherit_groups, flag, "{text}");
    }
    let config = variable("JBRIDGE_LICENSE_ALLOW_GUESSABLE", "a, b ,,c").config();
    assert_eq!(config.license.allow_guessable, ["a", "b", "c"]);
    let config = variable("JBRIDGE_SERVER_TRUSTED_PROXIES", "10.0.0.0/8,unix").config();
    assert_eq!(config.server.trusted_proxies.len(), 2);
    let config = variable("JBRIDGE_RELEASE_PRIVACY", "uniform").config();
    assert_eq!(format!("{:?}", config.release.privacy), "Uniform");
}

#[test]
fn empty_variables_count_as_not_set() {
    for name in [
        "JBRIDGE_DATABASE_USER",
        "JBRIDGE_DATABASE_PORT",
        "JBRIDGE_DATABASE_PASSWORD_FILE",
        "JBRIDGE_JOOMLA_ROOT",
        "JBRIDGE_RELEASE_INHERIT_GROUPS",
        "JBRIDGE_SERVER_TRUSTED_PROXIES",
        "JBRIDGE_RELEASE_ERROR_CODES",
    ] {
        let config = variable(name, "").config();
        assert_eq!(config.database.user.as_deref(), Some("toml"), "{name}");
        assert_eq!(config.server.trusted_proxies.len(), 3, "{name}");
    }
}

#[test]
fn secrets_can_stand_in_files_without_the_newline_at_the_end() {
    for (content, secret) in [
        ("s3cret", "s3cret"),
        ("s3cret\n", "s3cret"),
        ("s3cret\r\n", "s3cret"),
        (" a \n\n", " a \n"),
    ] {
        let sources = Sources::new().toml("database.host = \"h\"");
        let file = sources.folder.path().join("secret");
        fs::write(&file, content).unwrap();
        let config = sources
            .variable("JBRIDGE_DATABASE_PASSWORD_FILE", &file)
            .variable("JBRIDGE_MAIL_SMTP_PASSWORD_FILE", &file)
            .config();
        assert_eq!(password(&config), Some(secret));
        assert_eq!(config.mail.smtp_password.unwrap().expose_secret(), secret);
    }
}

#[test]
fn a_missing_file_of_a_secret_is_named() {
    let sources = variable("JBRIDGE_DATABASE_PASSWORD_FILE", "/nowhere/secret");
    insta::assert_snapshot!(sources.refusal(), @"`database.password` in the environment variable `JBRIDGE_DATABASE_PASSWORD_FILE`: cannot read the file `/nowhere/secret`: No such file or directory (os error 2): correct its path or rights");
}

#[test]
fn a_secret_given_in_both_ways_is_refused_without_showing_it() {
    let sources = Sources::new().toml("database.host = \"h\"");
    let file = sources.folder.path().join("secret");
    fs::write(&file, "hunter2").unwrap();
    let message = sources
        .variable("JBRIDGE_DATABASE_PASSWORD_FILE", &file)
        .variable("JBRIDGE_DATABASE_PASSWORD", "hunter3")
        .refusal();
    insta::assert_snapshot!(message, @"`database.password` in the environment variable `JBRIDGE_DATABASE_PASSWORD`: it is set with `_FILE` appended to its name, too: unset one of the two");
}

#[test]
fn variables_that_fit_no_key_are_refused() {
    for (name, hint) in [
        ("JBRIDGE_DATABASE_PASWORD", ": did you mean `JBRIDGE_DATABASE_PASSWORD`?"),
        ("JBRIDGE_DATABASE_USER_FILE", ": did you mean `JBRIDGE_DATABASE_USER`?"),
        ("JBRIDGE_database_user", ": did you mean `JBRIDGE_DATABASE_USER`?"),
        ("JBRIDGE_XYZZY", ": `config.example.toml` lists all keys"),
        ("JBRIDGE_", ": `config.example.toml` lists all keys"),
    ] {
        let message = variable(name, "hunter2").refusal();
        assert_eq!(message, format!("unknown key `{name}` in the environment{hint}"));
        assert_eq!(variable(name, "").refusal(), message);
    }
    variable("PATH", "/bin").variable("JBRIDGE_CONFIG", "x").variable("jbridge_x", "x").config();
}

#[test]
fn values_of_the_wrong_kind_are_refused_without_showing_them() {
    let about = |name| variable(name, "hunter2").refusal();
    insta::assert_snapshot!(about("JBRIDGE_DATABASE_PORT"), @"`database.port` in the environment variable `JBRIDGE_DATABASE_PORT`: it is no whole number: write digits only");
    insta::assert_snapshot!(about("JBRIDGE_RELEASE_INHERIT_GROUPS"), @"`release.inherit_groups` in the environment variable `JBRIDGE_RELEASE_INHERIT_GROUPS`: it is neither `true` nor `false`: write one of them");
    insta::assert_snapshot!(about("JBRIDGE_RELEASE_ERROR_CODES"), @"`release.error_codes` in the environment variable `JBRIDGE_RELEASE_ERROR_CODES`: a table can only stand in the configuration file: write it there");
    let message = variable("JBRIDGE_RELEASE_PRIVACY", "total").refusal();
    insta::assert_snapshot!(message, @"`release.privacy` in the environment variable `JBRIDGE_RELEASE_PRIVACY`: `total` is not known: use `original` or `uniform`");
    let message = variable("JBRIDGE_SERVER_TRUSTED_PROXIES", "unix,10.0.0.0/33").refusal();
    insta::assert_snapshot!(message, @"`server.trusted_proxies.1` in the environment variable `JBRIDGE_SERVER_TRUSTED_PROXIES`: `10.0.0.0/33` is no address, network or `unix`: write `192.0.2.1` or `10.0.0.0/8`");
}

#[test]
fn variables_that_are_not_utf8_are_refused_not_ignored() {
    let bytes = || OsString::from_vec(b"hunter2\xff".into());
    let message =
        variable("JBRIDGE_DATABASE_PASSWORD", "").variable("JBRIDGE_DATABASE_PASSWORD", bytes());
    insta::assert_snapshot!(message.refusal(), @"`database.password` in the environment variable `JBRIDGE_DATABASE_PASSWORD`: it is not UTF-8: write it in UTF-8");
    let mut sources = variable("PATH", "/bin").variable("OTHER", bytes());
    sources.config();
    sources.variables.push((OsString::from_vec(b"JBRIDGE_\xff".into()), "x".into()));
    insta::assert_snapshot!(sources.refusal(), @"unknown key `JBRIDGE_�` in the environment: `config.example.toml` lists all keys");
}

#[test]
fn checksums_are_kept_in_the_folder_systemd_made() {
    let file = |value: &str, toml: &str| {
        let sources = Sources::new().toml(&format!("database.host = \"h\"\n{toml}"));
        let config = sources.variable("STATE_DIRECTORY", value).config();
        config.updates.checksum_file.map(|file| file.display().to_string())
    };
    assert_eq!(file("/var/lib/a:/var/lib/b", "").as_deref(), Some("/var/lib/a/checksums"));
    assert_eq!(file("", ""), None);
    let own = "[updates]\nchecksum_file = \"/srv/sums\"\n";
    assert_eq!(file("/var/lib/a", own).as_deref(), Some("/srv/sums"));
    let none = "[updates]\nchecksum_file = \"\"\n";
    assert_eq!(file("/var/lib/a", none).as_deref(), Some(""));
}
