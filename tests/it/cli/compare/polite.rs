//! A comparison does not harm a site in use: it sends no mails and no logins, and repeats no
//! request that must not be repeated.

use std::sync::{Arc, Mutex};

use super::fake::{Does, ENDPOINT, Fake, json};
use super::{compare, values};

/// Starts a server that records the request lines.
async fn recorder() -> (Fake, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&seen);
    let fake = Fake::start(move |_, head| {
        lines.lock().unwrap().push(head.lines().next().unwrap().to_owned());
        json(ENDPOINT)
    })
    .await;
    (fake, seen)
}

#[tokio::test]
async fn nothing_that_could_mail_or_log_in_is_sent_unless_it_is_allowed() {
    let ((old, seen), (new, _)) = (recorder().await, recorder().await);
    let run = compare(&old.url, &new.url, &["--group", "g", "--email", "alice@example.test"]).await;
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let lines = seen.lock().unwrap().clone();
    let mails: Vec<_> = lines.iter().filter(|line| line.contains("mail/")).collect();
    assert!(!mails.is_empty());
    assert!(mails.iter().all(|line| !line.contains("alice")), "{mails:?}");
    let logins: Vec<_> = lines.iter().filter(|line| line.contains("username=")).collect();
    assert!(!logins.is_empty());
    assert!(
        logins.iter().all(|line| line.contains("username=jbackend-bridge-compare-unknown")),
        "{logins:?}"
    );
}

#[tokio::test]
async fn mails_of_a_file_wait_for_leave_however_they_are_spelt() {
    let (old, new) = (recorder().await, recorder().await);
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    let cases = "\
        {\"target\": \"post/release/keybyemail/g?email=a@example.test\"}\n\
        {\"target\": \"?action=post&module=release&resource=%6beybymail&id=g\"}\n\
        {\"target\": \"?action=post\", \"form\": {\"resource\": \"keybyemail\"}}\n\
        {\"target\": \"?action=post&resource=key%3Cb%3Ebyemail\"}\n\
        {\"target\": \"?action=post&resource=key%26lt%3Bb%3Ebyemail\"}\n\
        {\"target\": \"?action=post&resource=k&#101;ybyemail\"}\n\
        {\"target\": \"post/release/validate/g\"}\n";
    std::fs::write(&file, cases).unwrap();
    let path = file.to_str().unwrap();
    let run = compare(&old.0.url, &new.0.url, &["--cases", path]).await;
    assert!(run.stdout.contains("6 left out"), "{}{}", run.stdout, run.stderr);
    assert_eq!(old.1.lock().unwrap().len(), 2);
    compare(&old.0.url, &new.0.url, &["--cases", path, "--allow-mails"]).await;
    assert_eq!(old.1.lock().unwrap().len(), 2 + 8);
}

#[tokio::test]
async fn what_differs_is_asked_once_more() {
    let old = Fake::start(|_, _| json(ENDPOINT)).await;
    // The second answer differs; the third is like the old side's.
    let new =
        Fake::start(|number, _| json(if number == 1 { "{\"status\":\"ok\"}" } else { ENDPOINT }))
            .await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"name\": \"bare\"}").unwrap();
    let path = file.to_str().unwrap();
    let run = compare(&old.url, &new.url, &["--cases", path]).await;
    assert_eq!((run.code, old.requests(), new.requests()), (Some(0), 3, 3), "{}", run.stdout);
    let text = run.stdout.replace(&old.url, "OLD").replace(&new.url, "NEW");
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_mail_is_never_asked_for_twice() {
    let old = Fake::start(|_, _| json(ENDPOINT)).await;
    let new = Fake::start(|number, _| match number {
        0 => json(ENDPOINT),
        _ => Does::Says(Vec::new()),
    })
    .await;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("cases.jsonl");
    std::fs::write(&file, "{\"target\": \"post/release/keybyemail/g\"}").unwrap();
    let more = ["--cases", file.to_str().unwrap(), "--allow-mails"];
    let run = compare(&old.url, &new.url, &more).await;
    assert_eq!((run.code, old.requests()), (Some(1), 2), "{}", run.stdout);
}

#[tokio::test]
async fn nothing_is_sent_on_a_dry_run() {
    let (old, new) = (recorder().await, recorder().await);
    let (_folder, file) = values("");
    let more = ["--dry-run", "--values", file.to_str().unwrap()];
    let run = compare(&old.0.url, &new.0.url, &more).await;
    super::masked(&run);
    assert_eq!((run.code, old.0.requests(), new.0.requests()), (Some(0), 0, 0));
    assert!(run.stdout.contains("nothing was sent"), "{}", run.stdout);
}
