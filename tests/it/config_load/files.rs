//! The configuration file as a file.

use std::path::Path;

use jbackend_bridge::config::{Flags, load};

use super::Sources;

#[test]
fn a_missing_file_is_named() {
    let flags = Flags::default();
    let message = load(Some(Path::new("/nowhere/bridge.toml")), std::iter::empty(), &flags);
    insta::assert_snapshot!(message.unwrap_err(), @"cannot read the configuration file `/nowhere/bridge.toml`: No such file or directory (os error 2): correct its path or rights");
    let message = load(Some(Path::new("/")), std::iter::empty(), &flags);
    insta::assert_snapshot!(message.unwrap_err(), @"cannot read the configuration file `/`: Is a directory (os error 21): correct its path or rights");
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let mut sources = Sources::new();
    sources.toml = Some(b"[database]\npassword = '\xff'".into());
    insta::assert_snapshot!(sources.refusal(), @"cannot read the configuration file `DIR/bridge.toml`: stream did not contain valid UTF-8: save it as UTF-8");
}

#[test]
fn byte_order_mark_and_crlf_change_nothing() {
    let config =
        Sources::new().toml("\u{feff}[database]\r\nhost = \"h\"\r\nport = 3307\r\n").config();
    assert_eq!(config.database.port, Some(3307));
    let sources = Sources::new().toml("\u{feff}[database]\r\nhots = \"h\"\r\n");
    assert!(sources.refusal().contains("bridge.toml`, line 2: did you mean `host`?"));
}
