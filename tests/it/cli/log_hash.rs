//! `log-hash`: the hash that the request log shows for a customer; `http/log.rs` has the log's side.

use std::fs;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;

use super::{PATIENCE, Run, program, run};

/// Writes a configuration with the hash key of `http/log.rs`.
fn configured(log: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::TempDir::new().unwrap();
    fs::write(folder.path().join("configuration.php"), "<?php\nclass JConfig {\n}\n").unwrap();
    let toml = folder.path().join("bridge.toml");
    let text = format!("[joomla]\nroot = '{}'\n[log]\n{log}\n", folder.path().display());
    fs::write(&toml, text).unwrap();
    let toml = toml.to_str().unwrap().to_owned();
    (folder, toml)
}

#[tokio::test]
async fn the_hash_of_a_customer_is_the_one_in_the_log() {
    let (_folder, toml) = configured("email_hash_key = 'k'");
    for (who, hash) in [
        ("user123@example.com", "66dfa10b88"),
        (" User123@EXAMPLE.com ", "66dfa10b88"),
        ("MÜLLER@example.test", "660e7b839e"),
        ("42", "7955074f51"),
    ] {
        let printed = run(program(&["log-hash", who, "--config", &toml])).await;
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{who}");
        assert_eq!(printed.stdout, format!("{hash}\n"), "{who}");
    }
    let json = run(program(&["log-hash", "42", "--json", "--config", &toml])).await;
    assert_eq!(json.stdout, "{\n  \"hash\": \"7955074f51\"\n}\n");
}

/// Runs the program with this text on standard input.
async fn piped(arguments: &[&str], text: &str) -> Run {
    let mut child = program(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).await.unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[tokio::test]
async fn the_address_may_come_on_standard_input() {
    let (_folder, toml) = configured("email_hash_key = 'k'");
    for arguments in [&["log-hash", "--config", &toml][..], &["log-hash", "-", "--config", &toml]] {
        let printed = piped(arguments, "user123@example.com\n").await;
        assert_eq!((printed.code, printed.stdout.as_str()), (Some(0), "66dfa10b88\n"));
        for (text, why) in [("\n", "no e-mail was given"), ("a@b.test\nc@d.test\n", "one line")] {
            let refused = piped(arguments, text).await;
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{text:?}");
            assert!(refused.stderr.contains(why), "{}", refused.stderr);
        }
    }
}

#[tokio::test]
async fn without_a_secret_there_is_no_hash() {
    let (_folder, toml) = configured("");
    let refused = run(program(&["log-hash", "a@b.test", "--config", &toml])).await;
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("`email_hash_key` in `[log]`"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("a@b.test"), "{}", refused.stderr);
}
