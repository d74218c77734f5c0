//! Files that the configuration names. A pipe or a folder in place of a file holds up no request,
//! and a changed file is read again by itself.

use std::fs;
use std::path::Path;

use mysql_async::prelude::Queryable;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use testkit::fixture::Schema;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::{Service, configure, eventually, site, usual, validate};
use crate::cli::{PATIENCE, program};
use crate::common::site::Site;

const CHANGED: &str = "files have changed";

fn fifo(path: &Path) {
    let _ = fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// Lists the lines of configuration that name a file, each with the name.
fn named(site: &Site) -> Vec<(&'static str, String)> {
    let file = |name: &str| site.folder.path().join(name).display().to_string();
    fs::create_dir_all(site.folder.path().join("letters")).unwrap();
    vec![
        ("configuration.php", String::new()),
        ("keys.csv", format!("license.accepted_keys = '{}'\n", file("keys.csv"))),
        ("letters/subject.txt.j2", format!("mail.templates = '{}'\n", file("letters"))),
        (
            "redis.pem",
            format!("limits.shared = 'rediss://h'\nlimits.shared_ca = '{}'\n", file("redis.pem")),
        ),
        (
            "mail.pem",
            format!(
                "mail.transport = 'smtp'\nmail.smtp_host = 'h'\nmail.smtp_ca = '{}'\n",
                file("mail.pem")
            ),
        ),
        ("bridge.toml", String::new()),
    ]
}

/// A read of the pipe would hang: no request would be answered, and SIGTERM would not end the
/// service.
#[tokio::test]
async fn a_pipe_in_the_place_of_a_file_freezes_nothing() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let mut failures = 0;
    for (name, lines) in named(&site) {
        let lines = usual() + &lines;
        let lines =
            if name == "mail.pem" { lines.replace("mail.transport = 'file'", "") } else { lines };
        configure(&site, &lines);
        if name == "mail.pem" {
            let file = site.folder.path().join("bridge.toml");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(&file, text.replacen("mail.transport = 'file'\n", "", 1)).unwrap();
        }
        let file = site.folder.path().join(name);
        fifo(&file);
        failures += 1;
        service.signal("HUP").await;
        service.logs("not reloaded: ", failures).await;
        let log = service.log();
        let line = log.lines().rfind(|line| line.contains("not reloaded")).unwrap();
        assert!(line.contains(name) && line.contains("it is a FIFO, not a file"), "{name}: {line}");
        assert_eq!(service.get(&validate()).await.code(), "ok");
        assert_eq!(service.ask_admin("/healthz").await.status, 200);
        fs::remove_file(&file).unwrap();
        if name == "configuration.php" {
            fs::write(&file, "<?php\nclass JConfig {\n}\n").unwrap();
        }
    }
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn a_start_says_what_is_no_file() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    fifo(&site.folder.path().join("configuration.php"));
    let output = program(&Service::arguments(&site, "127.0.0.1:0")).output();
    let output = timeout(PATIENCE, output).await.expect("an end").unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("configuration.php` cannot be read: it is a FIFO, not a file"), "{text}");
    assert_eq!(output.status.code(), Some(2));

    let secret = site.folder.path().join("secret");
    fifo(&secret);
    let mut command = program(&Service::arguments(&site, "127.0.0.1:0"));
    command.env("JBRIDGE_DATABASE_PASSWORD_FILE", &secret);
    let output = timeout(PATIENCE, command.output()).await.expect("an end").unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("JBRIDGE_DATABASE_PASSWORD_FILE"), "{text}");
    assert!(text.contains("it is a FIFO, not a file"), "{text}");
}

/// Here the database hangs to which the reload connects.
#[tokio::test]
async fn a_reload_that_hangs_does_not_keep_the_service_from_its_end() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let toml = site.folder.path().join("bridge.toml");
    let text = fs::read_to_string(&toml).unwrap();
    let port = silent.local_addr().unwrap().port();
    let url =
        format!("database.url = 'mysql://u:p@127.0.0.1:{port}/d'\ndatabase.connect_timeout = 3600");
    let lines: Vec<_> = text
        .lines()
        .map(|line| if line.starts_with("database.url") { url.as_str() } else { line })
        .collect();
    fs::write(&toml, lines.join("\n")).unwrap();
    service.signal("HUP").await;
    // The reload is under way now.
    let _connected = timeout(PATIENCE, silent.accept()).await.expect("a connection").unwrap();
    assert_eq!(service.get(&validate()).await.code(), "ok");
    service.signal("TERM").await;
    service.ended().await;
}

/// A hosting panel changes the password of the database, in `configuration.php` and on the server.
#[tokio::test]
async fn another_password_in_configuration_php_is_taken_over_by_itself() {
    for file_first in [true, false] {
        let site = site(Schema::Joomla3).await;
        let database = site.database();
        let mut admin = database.admin().await;
        let user = format!("panel_{}", site.config.database.name.as_ref().unwrap());
        let user: String = user.chars().take(60).collect();
        let name = site.config.database.name.clone().unwrap();
        for sql in [
            format!("CREATE USER '{user}'@'%' IDENTIFIED BY 'first-secret'"),
            format!("GRANT ALL ON `{name}`.* TO '{user}'@'%'"),
        ] {
            admin.query_drop(sql).await.unwrap();
        }
        let host = site.config.database.host.clone().unwrap();
        let php = |password: &str| {
            format!(
                "<?php\nclass JConfig {{\n\tpublic $dbtype = 'mysqli';\n\tpublic $host = '{host}';\n\
                 \tpublic $user = '{user}';\n\tpublic $password = '{password}';\n\
                 \tpublic $db = '{name}';\n}}\n"
            )
        };
        let write = |text: &str| {
            fs::write(site.folder.path().join("configuration.php"), text).unwrap();
        };
        write(&php("first-secret"));
        configure(&site, &usual());
        let toml = site.folder.path().join("bridge.toml");
        let text = fs::read_to_string(&toml).unwrap();
        let of_file = ["database.host", "database.name", "database.user", "database.password"];
        let lines: Vec<_> =
            text.lines().filter(|line| !of_file.iter().any(|key| line.starts_with(key))).collect();
        fs::write(&toml, lines.join("\n")).unwrap();
        let service = Service::start(&site).await;
        assert_eq!(service.get(&validate()).await.code(), "ok");

        // A half-written file leaves the old settings in force, and is logged once.
        let whole = php("second-secret");
        write(&whole[..whole.len() / 2]);
        service.logs("cannot be used", 1).await;
        assert_eq!(service.get(&validate()).await.code(), "ok");

        let alter = format!("ALTER USER '{user}'@'%' IDENTIFIED BY 'second-secret'");
        let kill = format!("KILL USER '{user}'@'%'");
        if file_first {
            write(&whole);
            service.logs("cannot be used", 2).await;
            admin.query_drop(alter).await.unwrap();
            let _ = admin.query_drop(kill).await;
        } else {
            admin.query_drop(alter).await.unwrap();
            let _ = admin.query_drop(kill).await;
            write(&whole);
        }
        service.logs("files have changed: the new configuration is in force", 1).await;
        eventually("an answer", async || service.get(&validate()).await.code() == "ok").await;
        let log = service.log();
        assert!(log.contains("configuration.php"), "{log}");
        assert!(!log.contains("first-secret") && !log.contains("second-secret"), "{log}");
        let told = log.lines().filter(|line| line.contains("cannot be used")).count();
        assert_eq!(told, if file_first { 2 } else { 1 }, "{log}");
        service.signal("TERM").await;
        service.ended().await;
        admin.query_drop(format!("DROP USER '{user}'@'%'")).await.unwrap();
    }
}

/// The keys are sold while the service runs.
#[tokio::test]
async fn accepted_keys_are_taken_over_by_themselves() {
    let site = site(Schema::Sqlite).await;
    let keys = site.folder.path().join("keys.csv");
    fs::write(&keys, "").unwrap();
    let lines = format!("{}license.accepted_keys = '{}'\n", usual(), keys.display());
    configure(&site, &lines);
    let service = Service::start(&site).await;
    fs::write(&keys, "nonsense without a comma").unwrap();
    service.logs("cannot be used", 1).await;
    fs::write(&keys, "").unwrap();
    service.logs(CHANGED, 2).await;
    assert_eq!(service.get(&validate()).await.code(), "ok");
    service.signal("TERM").await;
    service.ended().await;
}
