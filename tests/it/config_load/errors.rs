//! Mistakes in the configuration file: the message has the file, the line and the remedy, but no
//! value that may be a secret.

use super::{Sources, refusal};

#[test]
fn unknown_keys_are_named_with_line_and_likely_key() {
    insta::assert_snapshot!(refusal("[database]\n# one\npasword = \"hunter2\""), @"unknown key `database.pasword` in `DIR/bridge.toml`, line 3: did you mean `password`?");
    insta::assert_snapshot!(refusal("[server]\nrecipe = \"default\""), @"unknown key `server.recipe` in `DIR/bridge.toml`, line 2: did you mean `license.recipe`?");
    insta::assert_snapshot!(refusal("\n[databse]\nhost = \"h\""), @"unknown section `databse` in `DIR/bridge.toml`, line 2: did you mean `database`?");
    insta::assert_snapshot!(refusal("recipe = \"default\""), @"unknown key `recipe` in `DIR/bridge.toml`, line 1: did you mean `license.recipe`?");
    insta::assert_snapshot!(refusal("[log]\nxyzzy = 1"), @"unknown key `log.xyzzy` in `DIR/bridge.toml`, line 2: `config.example.toml` lists all keys");
    insta::assert_snapshot!(refusal("database = { hots = \"h\" }"), @"unknown key `database.hots` in `DIR/bridge.toml`, line 1: did you mean `host`?");
    insta::assert_snapshot!(refusal("[[endpoint]]\npath = \"p\""), @"unknown section `endpoint` in `DIR/bridge.toml`, line 1: did you mean `endpoints`?");
}

#[test]
fn unknown_keys_inside_tables_are_named() {
    insta::assert_snapshot!(refusal("[[endpoints]]\npath = \"p\"\n[[endpoints]]\npath = \"q\"\nacess = \"free\""), @"unknown key `endpoints.1.acess` in `DIR/bridge.toml`, line 5: did you mean `access`?");
    insta::assert_snapshot!(refusal("[release.param_names]\nfolders = \"f\""), @"unknown key `release.param_names.folders` in `DIR/bridge.toml`, line 2: did you mean `folder`?");
    insta::assert_snapshot!(refusal("[release.error_codes.REL_KNV]\ntexts = \"f\""), @"unknown key `release.error_codes.REL_KNV.texts` in `DIR/bridge.toml`, line 2: did you mean `text`?");
    insta::assert_snapshot!(refusal("[license]\naccepted_hashes = [{ group = \"g\", seed = \"hunter2\" }]"), @"unknown key `license.accepted_hashes.0.seed` in `DIR/bridge.toml`, line 2: `config.example.toml` lists all keys");
}

#[test]
fn values_of_the_wrong_kind_are_told_without_the_value() {
    let refusal = |toml: &str| {
        let message = refusal(toml);
        assert!(!message.contains("271828") && !message.contains("hunter2"), "{message}");
        message
    };
    insta::assert_snapshot!(refusal("[database]\npassword = 271828"), @"`database.password` in `DIR/bridge.toml`, line 2: found a number: write a text in quotes");
    insta::assert_snapshot!(refusal("[database]\npassword = 271828.5"), @"`database.password` in `DIR/bridge.toml`, line 2: found a decimal number: write a text in quotes");
    insta::assert_snapshot!(refusal("[database]\npassword = [\"hunter2\"]"), @"`database.password` in `DIR/bridge.toml`, line 2: found a list: write a text in quotes");
    insta::assert_snapshot!(refusal("[database]\nport = \"hunter2\""), @"`database.port` in `DIR/bridge.toml`, line 2: found a text: write a whole number, without quotes");
    insta::assert_snapshot!(refusal("[database]\nport = -271828"), @"`database.port` in `DIR/bridge.toml`, line 2: found a negative number: write a whole number, without quotes");
    insta::assert_snapshot!(refusal("[joomla]\nsecret = 2001-02-03"), @"`joomla.secret` in `DIR/bridge.toml`, line 2: found a table: write a text in quotes");
    insta::assert_snapshot!(refusal("[release]\ninherit_groups = \"hunter2\""), @"`release.inherit_groups` in `DIR/bridge.toml`, line 2: found a text: write `true` or `false`, without quotes");
    insta::assert_snapshot!(refusal("[release]\ngroups = \"hunter2\""), @r#"`release.groups` in `DIR/bridge.toml`, line 2: found a text: write a list of texts: `["…", "…"]`"#);
    insta::assert_snapshot!(refusal("[license]\naccepted_hashes = \"hunter2\""), @"`license.accepted_hashes` in `DIR/bridge.toml`, line 2: found a text: write it as `config.example.toml` shows");
    insta::assert_snapshot!(refusal("[license]\naccepted_hashes = [{ group = \"g\", hash = 271828 }]"), @"`license.accepted_hashes.0.hash` in `DIR/bridge.toml`, line 2: found a number: write a string");
}

#[test]
fn sections_of_the_wrong_kind_are_told() {
    insta::assert_snapshot!(refusal("database = \"mysql://u:hunter2@h/d\""), @"`database` in `DIR/bridge.toml`, line 1: found a text: write it as a section, its name in brackets on a line of its own");
    insta::assert_snapshot!(refusal("[endpoints]\npath = \"p\""), @"`endpoints` in `DIR/bridge.toml`, line 1: found a table: write `[[endpoints]]` with double brackets above each end-point");
    insta::assert_snapshot!(refusal("[[endpoints]]\naccess = \"free\""), @"`endpoints.0` in `DIR/bridge.toml`, line 1: it has no `path`: add it");
}

#[test]
fn choices_are_listed() {
    insta::assert_snapshot!(refusal("[release]\nhttp_status = \"always200\""), @"`release.http_status` in `DIR/bridge.toml`, line 2: `always200` is not known: use `always-200`, `real` or `joomla-updater`");
    insta::assert_snapshot!(refusal("[release]\nprivacy = \"\""), @"`release.privacy` in `DIR/bridge.toml`, line 2: `` is not known: use `original` or `uniform`");
    insta::assert_snapshot!(refusal("[release]\ntwo_factor = \"x\""), @"`release.two_factor` in `DIR/bridge.toml`, line 2: `x` is not known: use `joomla` or `refuse`");
    insta::assert_snapshot!(refusal("database.tls = \"on\""), @"`database.tls` in `DIR/bridge.toml`, line 1: `on` is not known: use `off`, `required` or `verify`");
    insta::assert_snapshot!(refusal("[packages]\noffload = \"nginx\""), @"`packages.offload` in `DIR/bridge.toml`, line 2: `nginx` is not known: use `off`, `x-accel-redirect` or `x-sendfile`");
    insta::assert_snapshot!(refusal("[packages]\noffload_prefix = \"/a/../b\""), @"`packages.offload_prefix` in `DIR/bridge.toml`, line 2: `/a/../b` is no location of nginx: write one like `/.jbackend-packages`, of letters, digits, `-`, `.`, `_` and `/`");
    insta::assert_snapshot!(refusal("[mail]\ntransport = \"mail\""), @"`mail.transport` in `DIR/bridge.toml`, line 2: `mail` is not known: use `smtp`, `sendmail`, `file` or `off`");
    insta::assert_snapshot!(refusal("[log]\nformat = \"xml\""), @"`log.format` in `DIR/bridge.toml`, line 2: `xml` is not known: use `text` or `json`");
    insta::assert_snapshot!(refusal("[[endpoints]]\npath = \"p\"\naccess = \"public\""), @"`endpoints.0.access` in `DIR/bridge.toml`, line 3: `public` is not known: use `free`, `user` or `key`");
    insta::assert_snapshot!(refusal("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"nginx\"]"), @"`server.trusted_proxies.1` in `DIR/bridge.toml`, line 2: `nginx` is no address, network or `unix`: write `192.0.2.1` or `10.0.0.0/8`");
    insta::assert_snapshot!(refusal("[server]\nlisten = \"80800\""), @"`server.listen` in `DIR/bridge.toml`, line 2: `80800` is no address: write a port like `8080`, `127.0.0.1:8080`, `unix:/path` or `systemd`");
}

#[test]
fn a_bad_flag_is_named() {
    let mut sources = Sources::new().toml("database.host = \"h\"");
    sources.flags.listen = Some("everywhere".into());
    insta::assert_snapshot!(sources.refusal(), @"`server.listen` in the flag `--listen`: `everywhere` is no address: write a port like `8080`, `127.0.0.1:8080`, `unix:/path` or `systemd`");
}

#[test]
fn regression_broken_toml_showed_the_line_with_the_secret() {
    insta::assert_snapshot!(refusal("[database]\n\npassword = hunter2"), @r#"`DIR/bridge.toml`, line 3 cannot be read as TOML: invalid string, expected `"`, `'`: correct it; put text values between quotes"#);
    insta::assert_snapshot!(refusal("[database]\npassword = \"hunter2"), @"`DIR/bridge.toml`, line 2 cannot be read as TOML: invalid basic string: correct it; put text values between quotes");
    insta::assert_snapshot!(refusal("[database]\npassword = 'hunter2'x"), @"`DIR/bridge.toml`, line 2 cannot be read as TOML: expected newline, `#`: correct it; put text values between quotes");
    insta::assert_snapshot!(refusal("[database]\npassword = \"hunter2\\q\""), @r#"`DIR/bridge.toml`, line 2 cannot be read as TOML: invalid escape sequence, expected `b`, `f`, `n`, `r`, `t`, `u`, `U`, `\`, `"`: correct it; put text values between quotes"#);
    insta::assert_snapshot!(refusal("[database]\npassword 'hunter2'"), @"`DIR/bridge.toml`, line 2 cannot be read as TOML: expected `.`, `=`: correct it; put text values between quotes");
    insta::assert_snapshot!(refusal("[database]\npassword = 'a'\npassword = 'hunter2'"), @"`DIR/bridge.toml`, line 3 cannot be read as TOML: duplicate key `password` in table `database`: correct it; put text values between quotes");
    insta::assert_snapshot!(refusal("[database\npassword = 'hunter2'"), @"`DIR/bridge.toml`, line 1 cannot be read as TOML: invalid table header, expected `.`, `]`: correct it; put text values between quotes");
}

#[test]
fn regression_quotes_within_quotes_are_told() {
    insta::assert_snapshot!(refusal("[license]\nrecipe = \"md5($email . \"|\")\""), @r#"`DIR/bridge.toml`, line 2 cannot be read as TOML: expected newline, `#`: correct it; put a text that holds `"` between `'` and `'`"#);
    insta::assert_snapshot!(refusal("[license]\nrecipe = 'md5($email . '|')'"), @r#"`DIR/bridge.toml`, line 2 cannot be read as TOML: expected newline, `#`: correct it; put a text that holds `'` between `"` and `"`, or between `'''` and `'''`"#);
}

#[test]
fn locations_that_nginx_could_not_have_or_a_header_could_not_hold() {
    for prefix in
        ["", "/", "//", "a", "/a//b", "/a/.", "/a\\r\\nX: 1", "/a b", "/%41", "/é", "/a?b"]
    {
        let refusal = refusal(&format!("[packages]\noffload_prefix = \"{prefix}\""));
        assert!(refusal.contains("is no location of nginx"), "{prefix}: {refusal}");
    }
    let toml = "[packages]\noffload_prefix = '/a/b_c/'";
    let config = Sources::new().joomla("").toml(toml).load().unwrap();
    assert_eq!(config.packages.offload_prefix.to_string(), "/a/b_c");
}

#[test]
fn addresses_of_a_redis_server_are_told_without_the_password() {
    for wrong in [
        "",
        "h:6379",
        "http://u:hunter2@h",
        "redis://:hunter2@",
        "redis://:hunter2@h/x",
        "redis://:hunter2@h/-1",
        "redis://:hun/ter2@h",
        "redis://:hunter2@h:port",
        "redis://:hunter2@h?timeout=1",
        "redis://u@h",
        "rediss://:hunter2@h/#insecure",
        "unix://h?password=hunter2",
        "unix:///socket?db=x&pass=hunter2",
    ] {
        let message = refusal(&format!("[limits]\n\nshared = \"{wrong}\""));
        let start = "`limits.shared` in `DIR/bridge.toml`, line 3: this is no address";
        assert!(message.starts_with(start) && !message.contains("ter2"), "{wrong}: {message}");
    }
    insta::assert_snapshot!(refusal("[limits]\nshared = \"redis:hunter2\""), @"`limits.shared` in `DIR/bridge.toml`, line 2: this is no address of a Redis or Valkey server: write `redis://host:6379`, `redis://user:password@host:6379/0` (`rediss://` for TLS) or `unix:///path/to.sock?db=0&user=name&pass=password`; in user and password characters other than letters and digits as `%XX`");
    insta::assert_snapshot!(refusal("[limits]\nshared = 6379"), @"`limits.shared` in `DIR/bridge.toml`, line 2: found a number: write a text in quotes");
    insta::assert_snapshot!(refusal("[limits]\nshard = \"redis://h\""), @"unknown key `limits.shard` in `DIR/bridge.toml`, line 2: did you mean `shared`?");
    for (right, shown) in [
        ("redis://h", "redis://h:6379/0"),
        ("redis://u:hunter2@h:1/2", "redis://h:1/2"),
        ("rediss://:hunter2@[::1]:1", "rediss://[::1]:1/0"),
        ("valkey://:hunter2@127.0.0.1", "redis://127.0.0.1:6379/0"),
        ("unix:///run/r.sock?db=1&user=u&pass=hunter2", "unix:///run/r.sock?db=1"),
        ("redis+unix:///run/r.sock", "unix:///run/r.sock?db=0"),
    ] {
        let toml = format!("database.host = \"h\"\n[limits]\nshared = \"{right}\"");
        let url = Sources::new().toml(&toml).config().limits.shared.expect("an address");
        assert_eq!(url.to_string(), shown);
        assert_eq!(format!("{url:?}"), format!("RedisUrl({shown})"));
    }
}
