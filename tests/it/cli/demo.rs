//! `demo`: users paste the printed commands into a shell.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::process::Command;

use super::{Running, program, run};

async fn start(arguments: &[&str]) -> Running {
    let arguments = [&["demo"], arguments].concat();
    Running::start(program(&arguments), "Stop with").await
}

/// Finds the sample site's folder in the comment about mails.
fn folder(said: &str) -> PathBuf {
    let mails = said.lines().find_map(|line| line.split_once("it is put into ")).unwrap().1;
    Path::new(mails).parent().unwrap().into()
}

/// Runs each printed command in a shell, in a new folder, and returns its output and the files it
/// saved.
async fn paste(said: &str) -> Vec<(String, Vec<(String, Vec<u8>)>)> {
    let mut results = Vec::new();
    for line in said.lines().filter(|line| line.starts_with("curl ")) {
        let folder = TempDir::new().unwrap();
        let shell =
            Command::new("sh").args(["-c", line]).current_dir(&folder).output().await.unwrap();
        assert!(shell.status.success(), "{line}: {}", String::from_utf8_lossy(&shell.stderr));
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap())
            .map(|file| {
                (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())
            })
            .collect();
        files.sort();
        results.push((String::from_utf8(shell.stdout).unwrap(), files));
    }
    results
}

async fn check(said: &str) {
    let results = paste(said).await;
    let site = folder(said);
    let sample = |path: &str| std::fs::read(site.join("files").join(path)).unwrap();
    let [free, login, mail, validate, verify, paid, _] = &results[..] else {
        panic!("not seven commands: {said}");
    };
    let community = "public/joomla/redj/ReDJ1.9.0Community_J3.zip";
    assert_eq!(free.1, [("ReDJ1.9.0Community_J3.zip".to_owned(), sample(community))]);
    let enterprise = "private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";
    assert_eq!(paid.1, [("ReDJ1.9.0Enterprise_J3.zip".to_owned(), sample(enterprise))]);
    assert!(free.1[0].1.starts_with(b"PK") && free.1 != paid.1);

    // The service computes the checksums in the background.
    let last = said.lines().find(|line| line.contains("/updates/")).unwrap();
    let asking = async {
        loop {
            let (xml, _) = paste(last).await.pop().unwrap();
            if xml.contains("<version>1.9.0</version>") {
                return xml;
            }
        }
    };
    let xml = tokio::time::timeout(super::PATIENCE, asking).await.expect("update XML");
    let host = last.rsplit('\'').nth(1).unwrap().split("/packages/").next().unwrap();
    let url = format!(">{host}/packages/get/release/download/redj_com_190<");
    assert!(host.starts_with("http://") && xml.contains(&url), "{xml}");

    let login: serde_json::Value = serde_json::from_str(&login.0).unwrap();
    assert_eq!((&login["status"], &login["email"]), (&"ok".into(), &"user123@example.com".into()));
    let key = login["key"].as_str().unwrap();
    assert!(said.contains(&format!("key={key}'")), "the key of the login is the printed one");
    for (answer, _) in [mail, validate, verify] {
        assert_eq!(answer, r#"{"status":"ok"}"#);
    }
    let mails: Vec<_> = std::fs::read_dir(site.join("mails")).unwrap().collect();
    let text = mails.into_iter().map(|mail| std::fs::read_to_string(mail.unwrap().path()).unwrap());
    assert!(
        text.into_iter().any(|text| text.contains(key)),
        "the key of the mail is the printed one"
    );
}

#[tokio::test]
async fn the_printed_commands_work_and_nothing_is_left() {
    let demo = start(&["--listen", "127.0.0.1:0"]).await;
    check(&demo.said).await;
    let site = folder(&demo.said);
    assert!(site.join("site.db").exists());
    assert!(demo.stop("TERM").await.0.success());
    assert!(!site.exists(), "{}", site.display());
}

#[tokio::test]
async fn ctrl_c_removes_the_folder_too() {
    let demo = start(&["--listen", "127.0.0.1:0"]).await;
    let site = folder(&demo.said);
    assert!(demo.stop("INT").await.0.success());
    assert!(!site.exists(), "{}", site.display());
}

#[tokio::test]
async fn the_commands_for_a_unix_socket_work() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("it's a socket");
    let demo = start(&["--listen", &format!("unix:{}", socket.display())]).await;
    check(&demo.said).await;
    assert!(demo.stop("TERM").await.0.success());
}

#[tokio::test]
async fn a_folder_of_ones_own_is_kept_and_used_again() {
    let parent = TempDir::new().unwrap();
    let site = parent.path().join("sample site");
    let arguments = ["--listen", "127.0.0.1:0", "--dir", site.to_str().unwrap()];
    for _ in 0..2 {
        let demo = start(&arguments).await;
        assert_eq!(folder(&demo.said), site);
        check(&demo.said).await;
        assert!(demo.stop("TERM").await.0.success());
        assert!(site.join("site.db").exists());
    }
    assert_eq!(std::fs::read_dir(site.join("mails")).unwrap().count(), 2);
}

#[tokio::test]
async fn regression_a_folder_of_something_else_is_refused_and_left_as_it_is() {
    let parent = TempDir::new().unwrap();
    let site = parent.path().join("joomla");
    std::fs::create_dir(&site).unwrap();
    let of_others = ["configuration.php", "bridge.toml", "site.db", ".htaccess"];
    for name in of_others {
        let file = site.join(name);
        std::fs::write(&file, "mine").unwrap();
        let failed = run(program(&["demo", "--dir", site.to_str().unwrap()])).await;
        let message = failed.stderr.replace(site.to_str().unwrap(), "DIR").replace(name, "NAME");
        assert_eq!((failed.code, failed.stdout.as_str()), (Some(2), ""));
        insta::allow_duplicates! {
            insta::assert_snapshot!(message, @"error: `DIR` is not empty, and its content (`NAME`) is not a sample site: name a new or an empty folder with `--dir`; nothing was changed");
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(&site).unwrap().count(), 1);
        std::fs::remove_file(&file).unwrap();
    }
    // A file stands in the place of the folder.
    let file = parent.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    assert_eq!(run(program(&["demo", "--dir", file.to_str().unwrap()])).await.code, Some(2));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[tokio::test]
async fn a_sample_site_changed_by_hand_stays_as_it_is() {
    let parent = TempDir::new().unwrap();
    let site = parent.path().join("site");
    let arguments = ["--listen", "127.0.0.1:0", "--dir", site.to_str().unwrap()];
    let settings = || std::fs::read_to_string(site.join("bridge.toml")).unwrap();
    let demo = start(&arguments).await;
    assert!(demo.stop("TERM").await.0.success());
    let first = settings();
    let demo = start(&arguments).await;
    assert!(demo.stop("TERM").await.0.success());
    assert_ne!(settings(), first, "the port is another one");

    let changed = settings() + "[log]\nlevel = \"debug\"\n";
    let package = "files/public/joomla/redj/ReDJ1.9.0Community_J3.zip";
    for (name, text) in [
        ("bridge.toml", changed.as_str()),
        ("configuration.php", "<?php class JConfig { public $sitename = 'My Site'; }"),
        (package, "my own package"),
    ] {
        std::fs::write(site.join(name), text).unwrap();
    }
    let demo = start(&arguments).await;
    assert!(demo.stop("TERM").await.0.success());
    assert_eq!(settings(), changed);
    assert_eq!(std::fs::read_to_string(site.join(package)).unwrap(), "my own package");
    let php = std::fs::read_to_string(site.join("configuration.php")).unwrap();
    assert!(php.contains("My Site"), "{php}");
}

#[tokio::test]
async fn failures_say_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let failed = run(program(&["demo", "--listen", &address])).await;
    assert_eq!((failed.code, failed.stdout.as_str()), (Some(2), ""));
    let message = failed.stderr.lines().last().unwrap().replace(&address, "TAKEN");
    insta::assert_snapshot!(message, @"error: cannot listen on `TAKEN`: Address already in use (os error 98): choose another address with `--listen`, or with `listen` in `[server]`");

    let failed = run(program(&["demo", "--dir", "/proc/nowhere"])).await;
    assert_eq!(failed.code, Some(2));
    insta::assert_snapshot!(failed.stderr, @"error: cannot write the sample site into `/proc/nowhere`: No such file or directory (os error 2): name another folder with `--dir`");
}

#[tokio::test]
async fn the_printed_text() {
    let demo = start(&["--listen", "127.0.0.1:0"]).await;
    let address = demo.said.split("served at ").nth(1).unwrap().split(". ").next().unwrap();
    let site = folder(&demo.said).display().to_string();
    insta::assert_snapshot!(demo.said.replace(address, "ADDRESS").replace(&site, "DIR"), @r"
A sample site is served at ADDRESS. Paste these into another terminal:

# the free package
curl -OJ 'ADDRESS/packages/get/release/download/redj_com_190'

# the license key for a login
curl 'ADDRESS/packages/post/release/keybyauth/redj_enterprise' -d username=user123 -d password=pass123

# the license key by mail; it is put into DIR/mails
curl 'ADDRESS/packages/post/release/keybyemail/redj_enterprise?email=user123@example.com'

# is the key good for the package group, and for the package?
curl 'ADDRESS/packages/post/release/validate/redj_enterprise?email=user123@example.com&key=e817430132ff4aea3e09d27de5932189'
curl 'ADDRESS/packages/post/release/verify/redj_ent_190?email=user123@example.com&key=e817430132ff4aea3e09d27de5932189'

# the paid package
curl -OJ 'ADDRESS/packages/get/release/download/redj_ent_190?email=user123@example.com&key=e817430132ff4aea3e09d27de5932189'

# what Joomla's updater reads of the free package
curl 'ADDRESS/packages/updates/pkg_redj.xml'

Stop with Ctrl-C.
");
    assert!(demo.stop("TERM").await.0.success());
}
