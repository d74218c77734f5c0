//! Keys that cannot be read or cannot be searched with: exit code 2, and advice.

use super::Folder;

/// Returns the messages of both commands about a file of known keys.
async fn refusal(csv: &str) -> String {
    let folder = Folder::new();
    folder.write("known.csv", csv);
    let mut messages = Vec::new();
    for command in [&["find", "--depth", "quick"][..], &["test", "--recipe", "md5($email)"]] {
        let arguments = [&["recipe"], command, &["--keys", "known.csv"]].concat();
        let run = folder.run(&arguments).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
        messages.push(run.stderr);
    }
    assert_eq!(messages[0], messages[1]);
    messages.remove(0)
}

#[tokio::test]
async fn of_the_encoding() {
    let folder = Folder::new();
    let utf16: Vec<u8> = "a@b.c,g,KEY1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.0.path().join("known.csv"), [b"\xff\xfe", &utf16[..]].concat()).unwrap();
    let run = folder.run(&["recipe", "find", "--keys", "known.csv"]).await;
    assert_eq!(run.code, Some(2));
    insta::assert_snapshot!(run.stderr, @"error: cannot read file `known.csv`, named by `--keys`: it is no UTF-8 text: save it as UTF-8");
}

#[tokio::test]
async fn of_the_file() {
    insta::assert_snapshot!(refusal("a@b.c|g|KEY1\n").await, @"error: `--keys`, file `known.csv`: line 1: 1 field and there must be 3: write `email,group,key`");
    insta::assert_snapshot!(refusal("a@b.c,g,KEY1\na@b.c,g\n").await, @"error: `--keys`, file `known.csv`: line 2: 2 fields and there must be 3: write `email,group,key`");
    insta::assert_snapshot!(refusal("a@b.c,g,\"open\n").await, @"error: `--keys`, file `known.csv`: line 1: the quoted field that starts here has no end: close its quote");
    insta::assert_snapshot!(refusal("email,group,key\n").await, @"error: `--keys`, file `known.csv`: no key in it: write rows of `email,group,key`");
    insta::assert_snapshot!(refusal("").await, @"error: `--keys`, file `known.csv`: no key in it: write rows of `email,group,key`");
}

/// Only the search refuses it: a test accepts any key.
#[tokio::test]
async fn of_a_key() {
    for (key, message) in [
        (
            "ab1",
            "error: line 1: a key of fewer than 4 characters fits too many formulas: use a longer one\n",
        ),
        (
            "no digest at all, obviously!",
            "error: line 1: the key can be no digest, not even a part of one: look for the formula in the plugin's source\n",
        ),
    ] {
        let folder = Folder::new();
        folder.write("known.csv", &format!("a@example.com,g,\"{key}\"\n"));
        let run = folder.run(&["recipe", "find", "--keys", "known.csv"]).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(2), message));
    }
}

#[tokio::test]
async fn of_the_options() {
    let folder = Folder::new();
    folder.write("known.csv", "a@example.com,one,KEY1\nb@example.com,two,KEY2\n");
    folder.write("empty.txt", "\n");
    folder.write("lines.txt", "one\ntwo\n");
    for (options, message) in [
        (
            &["--keys", "gone.csv"][..],
            "cannot read file `gone.csv`, named by `--keys`: No such file",
        ),
        (&["--keys", "known.csv", "--hash-file", "hash.txt"], "the keys are of 2"),
        (&["--keys", "known.csv", "--secret-file", "empty.txt"], "is empty: put the text into it"),
        (&["--keys", "known.csv", "--secret-file", "lines.txt"], "has more than one line"),
        (&["--keys", "-", "--secret-file", "-"], "for one option only"),
        (&["--email", "a@example.com"], "--group <GROUP>"),
        (&["--keys", "known.csv", "--email", "a@example.com"], "cannot be used with"),
        (&[], "--keys"),
    ] {
        for command in ["find", "test"] {
            let run = folder.run(&[&["recipe", command], options].concat()).await;
            assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{options:?}");
            assert!(run.stderr.contains(message), "{options:?}: {}", run.stderr);
        }
    }
}
