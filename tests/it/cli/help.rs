//! `--help`, `--version` and wrong usage.

use super::{program, run};

pub(super) async fn help(arguments: &[&str]) -> String {
    let run = run(program(arguments)).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.stdout
}

#[tokio::test]
async fn of_the_program() {
    insta::assert_snapshot!(help(&["--help"]).await, @r"
Serves the license keys and packages of a jBackend Release System site, in place of the PHP plugin

Usage: jbackend-bridge <COMMAND>

Commands:
  serve     Serve a Joomla site: its users, its settings, its packages
  check     Look at everything that can be wrong with a site, before it goes live
  compare   Compare the bridge with the running PHP site before it takes over
  explain   Why a customer gets a package or not, step by step, and the exact answer clients get
  key       Print a customer's license key, for support
  ledger    Look at the ledger, back it up and restore it
  log-hash  Print the hash that stands for a customer in the request log
  publish   Publish a ZIP as a release
  recipe    Try formulas of license keys, or search for the right one
  releases  Show releases, and change their states
  updates   Show the update XML of the packages, and why a package is in none
  demo      Try it out: a sample site with one customer, a free and a paid package
  help      Print this message or the help of the given subcommand(s)

Options:
  -h, --help     Print help
  -V, --version  Print version
");
}

#[tokio::test]
async fn of_serve() {
    insta::assert_snapshot!(help(&["serve", "--help"]).await, @r"
Serve a Joomla site: its users, its settings, its packages.

Of Joomla's tables only the times of sessions in use are written.

The database, the mail settings and the secret are read from its configuration.php, packages and
package groups from the plugin's settings in the database. Neither holds the formula of the license
keys: copy it from the plugin (`--recipe`).

Usage: jbackend-bridge serve [OPTIONS]

Options:
  -c, --config <FILE>
          Configuration file (TOML); config.example.toml explains every key
          
          [env: JBRIDGE_CONFIG]

      --joomla-root <DIR>
          Folder of the Joomla site, where configuration.php is

      --recipe <PHP>
          Formula of the license keys as it stands in the site's plugin; `default` on a site that
          has issued no keys yet

      --listen <ADDR>
          Address to listen on: `host:port`, `unix:/path` or `systemd`

  -h, --help
          Print help (see a summary with '-h')

Examples:
  jbackend-bridge serve --config /etc/jbackend-bridge.toml
  jbackend-bridge serve --joomla-root /var/www/html --recipe 'md5($email . $group . $hash)'

At SIGHUP the configuration is read again, and nobody is disconnected; by itself it is when
configuration.php or another file it names has changed:
  kill -HUP <process>        systemctl reload jbackend-bridge

Every key of the configuration file can also be set by an environment variable, for example
`port` in `[database]` by JBRIDGE_DATABASE_PORT. Flags win over variables, variables over the
file, the file over configuration.php.
");
}

#[tokio::test]
async fn of_demo() {
    insta::assert_snapshot!(help(&["demo", "--help"]).await, @r"
Try it out: a sample site with one customer, a free and a paid package.

Needs no database server, no Joomla and no mail server: the site is a SQLite file, mails become
`.eml` files. Prints a `curl` line for each method, ready to be pasted into another terminal.

Usage: jbackend-bridge demo [OPTIONS]

Options:
      --listen <ADDR>
          Address to listen on: `host:port` or `unix:/path`
          
          [default: 127.0.0.1:8080]

      --dir <DIR>
          Folder for the sample site, new, empty or from an earlier `demo`; a temporary one, removed
          at the end, when not given

  -h, --help
          Print help (see a summary with '-h')

Examples:
  jbackend-bridge demo
  jbackend-bridge demo --listen 127.0.0.1:9000 --dir /tmp/sample-site
");
}

#[tokio::test]
async fn version_names_the_commit() {
    let version = help(&["--version"]).await;
    let commit = version
        .strip_prefix(concat!("jbackend-bridge ", env!("CARGO_PKG_VERSION"), " ("))
        .and_then(|rest| rest.strip_suffix(")\n"))
        .unwrap_or_else(|| panic!("{version}"));
    let is_commit = commit.len() == 10 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_commit || commit == "unknown commit", "{commit}");
}

#[tokio::test]
async fn wrong_usage_is_exit_code_2() {
    for arguments in
        [&["serv"][..], &["serve", "--confg", "x"], &["demo", "--listen", "80800"], &[]]
    {
        let run = run(program(arguments)).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains("Usage") || run.stderr.contains("--help"), "{}", run.stderr);
    }
}
