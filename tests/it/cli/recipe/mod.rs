//! `recipe test` and `recipe find`.

mod bad_input;
mod find;
mod help;
mod hostile;
mod on_a_site;
mod test;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use license_recipe::{Facts, Recipe, Spellings};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use super::{Run, program, run};

/// The customer of most keys here.
const ANN: Facts<'static> = Facts {
    email: "Ann@example.com",
    username: "ann_k",
    name: "Ann Kellner",
    user_id: 4711,
    group: "redj_enterprise",
    group_name: "ReDJ Enterprise",
    hash: "HASH123KEY456",
    secret: b"s3cr3tOfTheSite",
};

/// Another customer, of another package group.
const BOB: Facts<'static> = Facts {
    email: "bob@example.org",
    username: "bob.b",
    name: "Bob Baker",
    user_id: 812,
    group: "joocache_pro",
    group_name: "jooCache Pro",
    hash: "otherSeed-77",
    secret: b"s3cr3tOfTheSite",
};

/// The setting's lines with both package groups.
const GROUPS: &str = "redj_enterprise;9,12;HASH123KEY456;ReDJ Enterprise\njoocache_pro;9;otherSeed-77;jooCache Pro\n";

/// A folder with files for the program.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(TempDir::new().unwrap());
        folder.write("groups.txt", GROUPS);
        folder.write("secret.txt", "s3cr3tOfTheSite\n");
        folder.write("hash.txt", "HASH123KEY456\n");
        folder
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the program in the folder. Replaces the parts that differ between runs.
    async fn run(&self, arguments: &[&str]) -> Run {
        let mut command = program(arguments);
        command.current_dir(self.path());
        neutral(run(command).await)
    }

    /// Runs the program with this text on standard input.
    async fn run_with_input(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = program(arguments);
        command.current_dir(self.path()).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        neutral(Run {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        })
    }
}

/// Replaces the times.
fn neutral(mut run: Run) -> Run {
    let line = |line: &str| {
        if let Some((start, _)) = line.split_once("\"seconds\": ") {
            return format!("{start}\"seconds\": 0.0,");
        }
        match line.split_once("` in ") {
            Some((start, rest)) if line.starts_with("Tried ") => {
                let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
                let unit = rest.trim_start().find(['.', ',']).unwrap_or_default();
                format!("{start}` in TIME{}", &rest.trim_start()[unit..])
            }
            _ => line.to_owned(),
        }
    };
    run.stdout = run.stdout.lines().map(|text| line(text) + "\n").collect();
    run
}

/// Makes a key by a recipe.
fn key(formula: &str, facts: &Facts<'_>) -> String {
    let recipe = Recipe::parse(formula, &Spellings::default()).unwrap();
    String::from_utf8(recipe.evaluate(facts).unwrap()).unwrap()
}

/// Makes a row of the CSV file.
fn row(formula: &str, facts: &Facts<'_>) -> String {
    format!("{},{},{}\n", facts.email, facts.group, key(formula, facts))
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}
