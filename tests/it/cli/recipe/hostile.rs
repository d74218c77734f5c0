//! Files of keys that were made to do harm, or were given by mistake.

use super::Folder;

/// The contents of the file are shown, but cannot steer the terminal.
#[tokio::test]
async fn regression_no_row_steers_a_terminal() {
    let folder = Folder::new();
    folder
        .write("known.csv", "a\u{1b}[31m\u{202e}@b.c,g\u{9b}2J,0123456789abcdef0123456789abcdef\n");
    for json in [&[][..], &["--json"]] {
        let test = ["recipe", "test", "--recipe", "md5($email . $hash)", "--keys", "known.csv"];
        let run = folder.run(&[&test[..], json].concat()).await;
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stdout.contains("2J"), "{}", run.stdout);
        let harmful = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!run.stdout.contains(harmful), "{:?}", run.stdout);
    }
}

/// A device or a dump given by mistake must not fill the memory.
#[tokio::test]
async fn regression_a_file_without_end_is_refused() {
    let folder = Folder::new();
    for command in [&["find"][..], &["test", "--recipe", "md5($email)"]] {
        let run = folder.run(&[&["recipe"], command, &["--keys", "/dev/zero"]].concat()).await;
        assert_eq!(run.code, Some(2), "{}", run.stdout);
        insta::allow_duplicates!(
            insta::assert_snapshot!(run.stderr.trim_end(), @"error: file `/dev/zero`, named by `--keys`, is larger than 8 MiB: give some of its lines")
        );
    }
}
