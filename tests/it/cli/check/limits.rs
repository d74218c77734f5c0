//! The server through which limits are shared.

use testkit::redis::Redis;

use super::{Schema, check, findings, sound, write_joomla};

fn shared(redis: &Redis, login: &str) -> String {
    format!("[limits]\nshared = 'redis://{login}127.0.0.1:{}'\n", redis.port)
}

#[tokio::test]
async fn a_server_that_answers_and_one_that_does_not() {
    let site = sound(Schema::Sqlite).await;
    assert_eq!(findings(&site, "", &[], "limits").await, "", "nobody wants it");
    let redis = Redis::with_password("hunter2", &[]);
    let port = redis.port.to_string();
    let good = check(&site, &shared(&redis, ":hunter2@"), &["--json"]).await.stdout;
    assert!(
        good.contains(&format!("limits are shared through `redis://127.0.0.1:{port}/0`")),
        "{good}"
    );
    assert!(!good.contains("hunter2"), "{good}");
    let with = async |login: &str, arguments: &[&str]| {
        let found = findings(&site, &shared(&redis, login), arguments, "limits").await;
        found.replace(&port, "PORT")
    };
    insta::assert_snapshot!(with(":hunter3@", &[]).await, @r##"
warning: limits are not shared, each bridge counts for itself: `redis://127.0.0.1:PORT/0`: Password authentication failed - AuthenticationFailed
  at `limits.shared`
  → start the server, or correct its address, name and password; docs/operations.md, "Several bridges", says what rights it must give
"##);
    insta::assert_snapshot!(with("", &[]).await, @r##"
warning: limits are not shared, each bridge counts for itself: `redis://127.0.0.1:PORT/0`: NOAUTH Authentication required.
  at `limits.shared`
  → start the server, or correct its address, name and password; docs/operations.md, "Several bridges", says what rights it must give
"##);
    insta::assert_snapshot!(with(":hunter2@", &["--offline"]).await, @r##"
skipped: whether the server that shares limits can be reached: `--offline`
  at -
  → run it again without `--offline`
"##);
    redis.kill();
    insta::assert_snapshot!(with(":hunter2@", &[]).await, @r##"
warning: limits are not shared, each bridge counts for itself: `redis://127.0.0.1:PORT/0`: Connection refused (os error 111)
  at `limits.shared`
  → start the server, or correct its address, name and password; docs/operations.md, "Several bridges", says what rights it must give
"##);
}

#[tokio::test]
async fn what_keeps_the_service_from_starting() {
    let site = sound(Schema::Sqlite).await;
    let found = async |lines: &str| {
        findings(&site, &format!("[limits]\n{lines}\n"), &["--offline"], "limits").await
    };
    insta::assert_snapshot!(found("shared = 'redis://h'\nshared_ca = '/nowhere.pem'").await, @r##"
error: `limits.shared_ca`: `shared` is without TLS, which needs no certificates
  at -
  → write `rediss://` in `shared`, or leave `shared_ca` out
"##);
    insta::assert_snapshot!(found("shared = 'rediss://h'\nshared_ca = '/nowhere.pem'").await, @r##"
error: `limits.shared_ca`: cannot read `/nowhere.pem`: No such file or directory (os error 2)
  at -
  → correct its path or rights
"##);
    insta::assert_snapshot!(found("shared = 'rediss://h'\nshared_ca = '/dev/null'").await, @r##"
error: `limits.shared_ca`: no certificate is in `/dev/null`
  at -
  → name a file with CA certificates in PEM
"##);
    write_joomla(&site, &[("secret", "")]);
    let file = site.folder.path().join("configuration.php");
    let text = std::fs::read_to_string(&file).unwrap();
    let without: Vec<_> = text.lines().filter(|line| !line.contains("$secret")).collect();
    std::fs::write(&file, without.join("\n")).unwrap();
    insta::assert_snapshot!(found("shared = 'redis://h'").await, @r##"
error: `joomla.secret` is not set
  at -
  → name the site's `$secret`: all its bridges call the buckets of `shared` in `[limits]` by it, and nobody else can tell whose they are
"##);
}
