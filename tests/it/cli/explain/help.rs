//! `--help`, and wrong usage.

use crate::cli::{program, run};

async fn help(command: &str) -> String {
    let run = run(program(&[command, "--help"])).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.stdout
}

#[tokio::test]
async fn of_explain() {
    insta::assert_snapshot!(help("explain").await, @r"
Why a customer gets a package or not, step by step, and the exact answer clients get.

Looks at the site as the service does: settings, account, user groups, license key, file,
end-points. Nothing is written, no mail is sent and no API key is counted. Keys are shown by their
first characters only; `jbackend-bridge key` prints one.

Usage: jbackend-bridge explain [OPTIONS] <EMAIL|USERNAME> <PACKAGE|GROUP>

Arguments:
  <EMAIL|USERNAME>
          E-mail or user name of the customer

  <PACKAGE|GROUP>
          Package, or package group, as the plugin's settings name it

Options:
      --key <KEY>
          License key that the customer sends; `-` reads it from standard input

      --password-stdin
          Try a login, too: reads the password from standard input, one line (behind the key's with
          `--key -`)

  -v, --verbose
          Show the service's own log, too, on standard error

      --json
          Print JSON, for scripts

  -h, --help
          Print help (see a summary with '-h')

The site:
  -c, --config <FILE>
          Configuration file (TOML); config.example.toml explains every key
          
          [env: JBRIDGE_CONFIG]

      --joomla-root <DIR>
          Folder of the Joomla site, where configuration.php is

      --recipe <PHP>
          Formula of the license keys as it stands in the site's plugin; `default` on a site that
          has issued no keys yet

Examples:
  jbackend-bridge explain alice@example.com redj_ent_190
  jbackend-bridge explain alice@example.com redj_ent_190 --key 7759be2e42149d8de20744af04915090
  jbackend-bridge explain alice redj_enterprise --password-stdin < password.txt
  jbackend-bridge explain alice redj_ent_190 --json --config /etc/jbackend-bridge.toml

Without a key the verdict is about the right one.

Exit code: 0 the customer gets it; 1 the customer does not; 2 it could not be found out (no
database, storage failed, wrong usage).
");
}

#[tokio::test]
async fn of_key() {
    insta::assert_snapshot!(help("key").await, @r"
Print a customer's license key, for support.

It is the key that the service itself would mail. Only the key goes to standard output; its owner
goes to standard error. A customer who is blocked, or in none of the package group's user groups,
has a key all the same: it is printed with a warning, and opens nothing until the account is in
order.

Usage: jbackend-bridge key [OPTIONS] <EMAIL|USERNAME> <GROUP>

Arguments:
  <EMAIL|USERNAME>
          E-mail or user name of the customer

  <GROUP>
          Package group, as the plugin's settings name it; a package stands for its package group

Options:
  -v, --verbose
          Show the service's own log, too, on standard error

      --json
          Print JSON, for scripts

  -h, --help
          Print help (see a summary with '-h')

The site:
  -c, --config <FILE>
          Configuration file (TOML); config.example.toml explains every key
          
          [env: JBRIDGE_CONFIG]

      --joomla-root <DIR>
          Folder of the Joomla site, where configuration.php is

      --recipe <PHP>
          Formula of the license keys as it stands in the site's plugin; `default` on a site that
          has issued no keys yet

Examples:
  jbackend-bridge key alice@example.com redj_enterprise
  jbackend-bridge key alice redj_enterprise --json --config /etc/jbackend-bridge.toml

Exit code: 0 the key is good; 1 it is printed but the service refuses the account now, or there is
no key; 2 it could not be found out (no database, wrong usage).
");
}

#[tokio::test]
async fn wrong_usage_is_exit_code_2() {
    for arguments in [
        &["explain"][..],
        &["explain", "alice"],
        &["explain", "alice", "x", "--key"],
        &["explain", "alice", "x", "y"],
        &["explain", "", "x"],
        &["explain", "alice", ""],
        &["key", "alice"],
        &["key", "", "x"],
        &["key", "alice", ""],
        &["key", "alice", "x", "--key", "y"],
    ] {
        let run = run(program(arguments)).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains("--help"), "{}", run.stderr);
    }
}
