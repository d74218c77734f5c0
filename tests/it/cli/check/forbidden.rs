//! A package folder that the service may not use. The report names the folder that forbids it and
//! the command to run.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use tempfile::TempDir;

use super::super::{Run, run};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs `check` without an administrator's rights, to which no limit applies.
async fn check(folder: &Path) -> Run {
    let toml = folder.join("bridge.toml");
    let program = folder.join("jbackend-bridge");
    if !program.exists() {
        fs::copy(env!("CARGO_BIN_EXE_jbackend-bridge"), &program).unwrap();
    }
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = if is_root {
        let mut command = tokio::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        tokio::process::Command::new(&program)
    };
    command.args(["check", "--offline", "--config"]).arg(&toml).env_clear();
    command.stdin(std::process::Stdio::null()).current_dir("/");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    run(command).await
}

/// Returns the error about package files with its advice, in one line.
fn told(run: &Run, folder: &Path) -> String {
    let text: Vec<_> = run.stdout.split_whitespace().collect();
    let text = text.join(" ").replace(folder.to_str().unwrap(), "DIR");
    let (_, text) = text.split_once("package files error ").expect("an error");
    let (text, _) = text.split_once(" direct access").unwrap();
    let user = text.split("the account ").nth(1).and_then(|rest| rest.split(' ').next());
    text.replace(&format!("account {} ", user.unwrap_or("-")), "account USER ")
        .replace(&format!("u:{}:", user.unwrap_or("-")), "u:USER:")
}

#[tokio::test]
async fn the_folder_that_forbids_is_named_with_the_command() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    mode(folder, 0o755);
    let packages = folder.join("my site/files");
    fs::create_dir_all(packages.join("private/deep")).unwrap();
    fs::write(packages.join("private/deep/a.zip"), b"PK").unwrap();
    let toml = format!(
        "[database]\nhost = '127.0.0.1:1'\nname = 'a'\nuser = 'a'\nprefix = 'a_'\n\
         [release]\nfolder = '{}'\npackages = ['a;/private/deep/a.zip']\n",
        packages.display()
    );
    fs::write(folder.join("bridge.toml"), toml).unwrap();
    mode(&folder.join("bridge.toml"), 0o644);
    let mut all = Vec::new();
    for (path, shut, open) in [
        (folder.join("my site"), 0o700, 0o755),
        (packages.clone(), 0o600, 0o755),
        (packages.join("private"), 0o600, 0o755),
        (packages.join("private/deep/a.zip"), 0o200, 0o644),
    ] {
        mode(
            &path,
            shut & if fs::metadata("/proc/self").unwrap().uid() == 0 { 0o777 } else { 0o677 },
        );
        all.push(told(&check(folder).await, folder));
        mode(&path, open);
    }
    insta::assert_snapshot!(all.join("\n"));
    assert!(check(folder).await.stdout.contains("1 file can be read"));
}
