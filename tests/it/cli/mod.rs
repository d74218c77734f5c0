//! The program as an operator runs it: arguments in; standard output, messages and exit code out.

mod check;
mod compare;
mod demo;
mod explain;
mod grants;
mod help;
mod ledger;
mod log_hash;
pub(crate) mod operations;
mod recipe;
mod serve;
mod start_up;
pub(crate) mod updates;
mod warnings;

use std::fs;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use secrecy::ExposeSecret;
use testkit::fixture;
use testkit::mariadb::PASSWORD;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::common::site::Site;

/// Longer than any step here takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Makes a command for the program, without the test's own environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jbackend-bridge"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The results of a run that ended by itself.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) async fn run(mut command: Command) -> Run {
    let output = timeout(PATIENCE, command.output()).await.expect("an end").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The program while it serves.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The output before it was ready.
    said: String,
}

impl Running {
    /// Starts the program and reads its standard output up to a line that starts with `last`.
    async fn start(mut command: Command, last: &str) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        loop {
            let line = said.len();
            let read = timeout(PATIENCE, stdout.read_line(&mut said)).await.expect("a line");
            if read.unwrap() == 0 {
                let mut stderr = String::new();
                child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
                panic!("it ended: {said}{stderr}");
            }
            if said[line..].starts_with(last) {
                return Self { child, stdout, said };
            }
        }
    }

    /// Sends a signal and waits for the end. Returns the exit status, the rest of the output, and
    /// the log without its times.
    async fn stop(mut self, signal: &str) -> (ExitStatus, String, String) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status().await.unwrap();
        assert!(sent.success());
        let mut stderr = self.child.stderr.take().unwrap();
        let (mut said, mut log) = (String::new(), String::new());
        let end = async {
            stderr.read_to_string(&mut log).await.unwrap();
            self.stdout.read_to_string(&mut said).await.unwrap();
            self.child.wait().await.unwrap()
        };
        let status = timeout(PATIENCE, end).await.expect("an end");
        let without_time =
            |line: &str| line.split_once(' ').map(|(_, rest)| rest.trim().to_owned());
        let log: Vec<_> = log.lines().filter_map(without_time).collect();
        (status, said, log.join("\n"))
    }
}

/// Writes the site's `configuration.php`; `fields` replace or follow the usual ones.
fn write_configuration_php(site: &Site, fields: &[(&str, &str)]) {
    let database = &site.config.database;
    let text = |value: &Option<String>| value.clone().unwrap();
    let mut all = vec![
        ("dbtype", "mysqli".to_owned()),
        ("host", text(&database.host)),
        ("user", text(&database.user)),
        ("password", database.password.as_ref().unwrap().expose_secret().to_owned()),
        ("db", text(&database.name)),
        ("dbprefix", fixture::prefix().to_owned()),
        ("secret", fixture::secret().to_owned()),
        ("sitename", "Recorded Site".to_owned()),
        ("mailonline", "0".to_owned()),
    ];
    for (name, value) in fields {
        all.retain(|(known, _)| known != name);
        all.push((name, (*value).to_owned()));
    }
    let lines: Vec<_> = all
        .iter()
        .map(|(name, value)| {
            format!("\tpublic ${name} = '{}';\n", value.replace('\\', r"\\").replace('\'', r"\'"))
        })
        .collect();
    let text = format!("<?php\nclass JConfig {{\n{}}}", lines.concat());
    fs::write(site.folder.path().join("configuration.php"), text).unwrap();
}

/// Makes the command that serves the site on a free port, with these lines in the configuration
/// file.
fn serve(site: &Site, toml: &str) -> Command {
    let file = site.folder.path().join("bridge.toml");
    fs::write(&file, toml).unwrap();
    let root = site.folder.path().to_str().unwrap();
    let file = file.to_str().unwrap();
    program(&["serve", "--config", file, "--joomla-root", root, "--listen", "127.0.0.1:0"])
}

/// Returns the message of a start that fails, with the parts replaced that differ between runs.
async fn refusal(site: &Site, command: Command) -> String {
    let run = run(command).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    let message = run.stderr.lines().last().unwrap_or_default();
    holds_no_secret(&run.stderr);
    neutral(site, message)
}

fn holds_no_secret(text: &str) {
    for secret in [PASSWORD, fixture::secret(), "hunter2", "HASH123KEY456"] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// Replaces the names of this run in a text.
fn neutral(site: &Site, text: &str) -> String {
    let database = &site.config.database;
    let mut text = text.replace(&path(site.folder.path()), "DIR");
    if let (Some(host), Some(name)) = (&database.host, &database.name) {
        text = text.replace(host, "ADDRESS").replace(&format!("`{name}`"), "`DATABASE`");
    }
    text
}

fn path(path: &Path) -> String {
    path.display().to_string()
}
