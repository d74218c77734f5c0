//! The file `configuration.php` of a site: reading it, and the messages for the operator.

use jbackend_bridge::config::joomla_php::{JoomlaPhp, JoomlaPhpError};

#[test]
fn files_are_read_and_missing_ones_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("configuration.php");
    let error = JoomlaPhp::read(&path).unwrap_err();
    assert!(matches!(error, JoomlaPhpError::Missing { .. }), "{error}");

    std::fs::write(&path, "<?php class JConfig { public $log = __DIR__ . '/x'; }").unwrap();
    let real = folder.path().canonicalize().unwrap().join("x");
    let log = JoomlaPhp::read(&path).unwrap().text("log").unwrap();
    assert_eq!(log.as_deref(), real.to_str());

    std::fs::write(&path, vec![b' '; 2 << 20]).unwrap();
    let error = JoomlaPhp::read(&path).unwrap_err();
    assert!(matches!(error, JoomlaPhpError::TooLarge { .. }), "{error}");
    let error = JoomlaPhp::read(folder.path()).unwrap_err();
    assert!(matches!(error, JoomlaPhpError::Unreadable { .. }), "{error}");
}

#[test]
fn messages_name_the_file_and_tell_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("configuration.php");
    let message = |source: &str| {
        std::fs::write(&path, source).unwrap();
        let read = JoomlaPhp::read(&path).and_then(|file| {
            file.text("a")?;
            file.int("b")
        });
        let message = read.unwrap_err().to_string();
        assert!(message.starts_with(&format!("`{}` ", path.display())), "{message}");
        message.replace(&*folder.path().to_string_lossy(), "DIR")
    };
    let own = "the bridge's configuration file";
    let cases = [
        (
            "<?php",
            "has no class `JConfig`: give the path of Joomla's own `configuration.php`".into(),
        ),
        (
            "<?php class JConfig { public $a 1; }",
            format!(
                "line 1: the end of the statement that starts at line 1 is not understood: correct the file, or write its values into {own} and \
                 leave out the Joomla folder"
            ),
        ),
        (
            "<?php\nclass JConfig extends X {}",
            format!(
                "line 2: a parent class (`extends`) can change every field of `JConfig`, and PHP code \
                 is not run here: write the values into {own} and leave out the Joomla folder"
            ),
        ),
        (
            "<?php class JConfig { public $a = getenv('A'); }",
            format!(
                "line 1: the value of `$a` needs PHP to be run (a call of `getenv()`): write the value \
                 into {own}"
            ),
        ),
        (
            "<?php class JConfig { public $b = array(); }",
            format!(
                "line 1: `$b` is no whole number: correct the file, or write the value into {own}"
            ),
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(message(source), format!("`DIR/configuration.php` {expected}"), "{source}");
    }
}
