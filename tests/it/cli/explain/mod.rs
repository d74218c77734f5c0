//! `explain` and `key`, as support staff run them. The texts are the same on every database.

mod accounts;
mod help;
mod json;
mod key;
mod keys;
mod logins;
mod packages;
mod rights;

use std::fs;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::{PATIENCE, Run, holds_no_secret, neutral, program, write_configuration_php};
use crate::common::fixture::{self, Schema};
use crate::common::site::{ALICE_KEY, Site};

const PAID: &str = "redj_ent_190";
const GROUP: &str = "redj_enterprise";
const ALICE: &str = "alice@example.test";

/// The databases on which the texts must be the same.
const DATABASES: [Schema; 2] = [Schema::Sqlite, Schema::Joomla5];

/// A site, with the configuration that the program gets.
struct Asked {
    site: Site,
    toml: String,
}

impl Asked {
    async fn new(schema: Schema) -> Self {
        Self::with(schema, "").await
    }

    /// Makes a site with further lines of configuration.
    async fn with(schema: Schema, toml: &str) -> Self {
        let mut site = Site::new(schema).await;
        let mut own = String::new();
        if schema == Schema::Sqlite {
            let file = site.folder.path().join("site.db");
            own = format!("[database]\nurl = \"sqlite:{}\"\n", file.display());
            let database = &mut site.config.database;
            let fields = [&mut database.host, &mut database.name, &mut database.user];
            for field in fields {
                *field = Some("unused".into());
            }
            database.password = Some("unused".into());
        }
        write_configuration_php(&site, &[]);
        Self { site, toml: format!("{own}{toml}") }
    }

    /// Runs a subcommand with the fixture's recipe, unless the configuration names another.
    async fn run(&self, arguments: &[&str], stdin: &str) -> Run {
        let file = self.site.folder.path().join("bridge.toml");
        let recipe = if self.toml.contains("recipe =") {
            String::new()
        } else {
            format!("\n[license]\nrecipe = '{}'\n", fixture::recipe())
        };
        fs::write(&file, format!("{}{recipe}", self.toml)).unwrap();
        let root = self.site.folder.path().to_str().unwrap();
        let site = ["--config", file.to_str().unwrap(), "--joomla-root", root];
        let mut command = program(&[arguments, &site].concat());
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        // A program that does not read its standard input may have ended by now.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes()).await;
        let output = timeout(PATIENCE, child.wait_with_output()).await.expect("an end").unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Runs `explain` and returns its output, with the exit code at the end.
    async fn explain(&self, arguments: &[&str], stdin: &str) -> String {
        let run = self.run(&[&["explain"], arguments].concat(), stdin).await;
        holds_no_secret(&run.stdout);
        holds_no_secret(&run.stderr);
        assert!(!run.stdout.contains(ALICE_KEY) && !run.stderr.contains(ALICE_KEY));
        let printed = neutral(&self.site, &run.stdout);
        let text: Vec<_> = printed.lines().map(without_time).collect();
        format!("{}\n{}exit code {}", text.join("\n"), run.stderr, run.code.unwrap())
    }
}

/// Replaces the time of a file, which the test has just made.
fn without_time(line: &str) -> String {
    let Some((before, time)) = line.split_once("last changed ") else { return line.to_owned() };
    let end = time.find("UTC").expect("a time");
    format!("{before}last changed TIME {}", &time[end..])
}

/// Runs `explain` on every database; the output must be the same.
async fn explain(arguments: &[&str]) -> String {
    explain_with("", "", arguments, "").await
}

/// Runs `explain` on a site changed by a statement, with lines of configuration and a standard
/// input.
async fn explain_with(statement: &str, toml: &str, arguments: &[&str], stdin: &str) -> String {
    let mut printed: Vec<String> = Vec::new();
    for schema in DATABASES {
        let asked = Asked::with(schema, toml).await;
        for statement in statement.split(';').filter(|statement| !statement.is_empty()) {
            asked.site.run(statement).await;
        }
        printed.push(asked.explain(arguments, stdin).await);
    }
    assert_eq!(printed[0], printed[1], "the databases differ");
    printed.swap_remove(0)
}

/// Returns the lines of one step, or of several.
fn step(printed: &str, name: &str) -> String {
    let mut kept = Vec::new();
    let mut inside = false;
    for line in printed.lines() {
        let is_head =
            line.starts_with("  ") && !line.starts_with("   ") && line.get(4..6) == Some("  ");
        if is_head {
            inside = line.get(6..).is_some_and(|rest| rest.starts_with(name));
        } else if !line.starts_with("      ") {
            inside = false;
        }
        if inside {
            kept.push(line);
        }
    }
    assert!(!kept.is_empty(), "no step `{name}` in:\n{printed}");
    kept.join("\n")
}

/// Returns the verdict and the text after it.
fn verdict(printed: &str) -> String {
    let start = ["\nYes: ", "\nNo: ", "\nNot to be told"];
    let at = start.iter().find_map(|start| printed.find(start));
    printed[at.unwrap_or_else(|| panic!("{printed}"))..].trim().to_owned()
}
