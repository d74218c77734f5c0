//! `--help` of the commands.

use super::{program, run};

#[tokio::test]
async fn of_each_command() {
    for (command, words) in [
        (&["recipe", "--help"][..], &["recipe test", "recipe find"][..]),
        (
            &["recipe", "test", "--help"],
            &["--recipe <PHP>", "--keys <FILE>", "Exit code: 0", "Examples:"],
        ),
        (
            &["recipe", "find", "--help"],
            &["--depth <DEPTH>", "--keys <FILE>", "Exit code: 0", "Examples:"],
        ),
    ] {
        let run = run(program(command)).await;
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        for word in words {
            assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
        }
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
    }
}
