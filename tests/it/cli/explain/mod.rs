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

use testkit::fixture::{self, Schema};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::{PATIENCE, Run, holds_no_secret, neutral, program, write_configuration_php};
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

    /// Runs `explain --json`.
    async fn report(&self, arguments: &[&str], stdin: &str) -> Report {
        Report::new(&self.explain(&[arguments, &["--json"]].concat(), stdin).await)
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

/// Runs `explain --json` on every database; the report must be the same.
async fn report_on_all(statement: &str, toml: &str, arguments: &[&str], stdin: &str) -> Report {
    Report::new(&explain_with(statement, toml, &[arguments, &["--json"]].concat(), stdin).await)
}

/// Runs `explain --json` on a site changed by a statement, with lines of configuration and a
/// standard input.
async fn report(statement: &str, toml: &str, arguments: &[&str], stdin: &str) -> Report {
    let asked = Asked::with(Schema::Joomla5, toml).await;
    if !statement.is_empty() {
        asked.site.run(statement).await;
    }
    asked.report(arguments, stdin).await
}

/// The report of `--json`.
struct Report {
    json: serde_json::Value,
    exit_code: String,
}

const OK: &str = "ok";
const NO: &str = "refused";
const INFO: &str = "info";
const UNKNOWN: &str = "unknown";

impl Report {
    fn new(printed: &str) -> Self {
        let (json, exit_code) = printed.rsplit_once("exit code ").expect("an exit code");
        let json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {printed}"));
        Self { json, exit_code: exit_code.to_owned() }
    }

    /// Expects a step with this result and, among its details, these.
    fn step(self, name: &str, outcome: &str, title: &str, details: &[&str]) -> Self {
        let steps = self.json["steps"].as_array().expect("steps");
        let of_name: Vec<_> = steps.iter().filter(|step| step["name"] == name).collect();
        let found = of_name.iter().find(|step| {
            let id = step.get("account").map_or(String::new(), |id| format!("id {id}: "));
            step["outcome"] == outcome && id + step["title"].as_str().unwrap() == title
        });
        let found = found.unwrap_or_else(|| panic!("no {outcome} `{title}` in {of_name:#?}"));
        for detail in details {
            let all = found["details"].as_array().expect("details");
            assert!(all.iter().any(|one| one == detail), "no `{detail}` in {all:#?}");
        }
        self
    }

    /// Expects these answers: the method, the sent key and the code of each.
    fn answers(self, expected: &[&str]) -> Self {
        let answers = self.json["answers"].as_array().expect("answers").iter();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("ok").to_owned();
        let answers: Vec<_> = answers
            .map(|one| [&one["method"], &one["key"], &one["code"]].map(text))
            .map(|[method, key, code]| format!("{method}, {key}: {code}"))
            .collect();
        assert_eq!(answers, expected);
        self
    }

    /// Expects that the customer gets it.
    fn granted(&self) {
        let verdict = (self.json["gets_it"].as_bool(), self.exit_code.as_str());
        assert_eq!(verdict, (Some(true), "0"), "{:#}", self.json);
    }

    /// Expects a refusal with this code.
    fn refused(&self, code: &str) {
        let verdict = (self.json["gets_it"].as_bool(), self.exit_code.as_str());
        assert_eq!(verdict, (Some(false), "1"), "{:#}", self.json);
        assert_eq!(self.json["code"], code, "{:#}", self.json);
    }
}
