//! The transports on this machine: the sendmail program, files in a folder, and none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use jbackend_bridge::mail::{Mail, MailError, Mailer, Offline, Outbox, Sendmail};

use super::{LETTER, LIMIT, SHORT, header, mail, parts, sender};

/// Makes a sendmail program of a shell script, in a new folder.
fn program(body: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sendmail");
    let here = folder.path().display();
    // Another process writes it: a program that is still open for writing cannot be run.
    let script = format!("#!/bin/sh\ncd '{here}'\n{body}\n");
    fs::write(folder.path().join("script"), script).unwrap();
    let copied = std::process::Command::new("install")
        .args(["-m", "755"])
        .arg(folder.path().join("script"))
        .arg(&path)
        .status();
    assert!(copied.unwrap().success());
    let path = path.display().to_string();
    (folder, path)
}

#[tokio::test]
async fn sendmail_gets_arguments_and_message() {
    let (folder, path) = program("printf '%s\\n' \"$@\" > args; cat > message");
    for command in [path.clone(), format!(" {path} -oi ")] {
        let mailer = Sendmail::new(&command, sender(), LIMIT);
        mailer.check().unwrap();
        mailer.send(&mail()).await.unwrap();
        let arguments = fs::read_to_string(folder.path().join("args")).unwrap();
        let own = if command == path { "" } else { "-oi\n" };
        assert_eq!(arguments, format!("{own}-t\n-i\n-f\nshop@site.example\n"));
        let message = fs::read_to_string(folder.path().join("message")).unwrap();
        assert!(
            !message.contains('\r')
                && message.contains("\nTo: \"Ann User\" <user123@example.com>\n")
        );
        assert!(parts(&message.replace('\n', "\r\n"))[0].contains(LETTER.key));
    }
}

#[tokio::test]
async fn sendmail_that_fails_is_an_error() {
    let (_folder, path) = program("cat > /dev/null; echo user123@example.com >&2; exit 75");
    let error = Sendmail::new(&path, sender(), LIMIT).send(&mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Program { .. }));
    assert!(error.to_string().contains("75") && !error.to_string().contains("user123"), "{error}");

    let (_folder, path) = program("exit 0");
    let large = Mail { text: "x".repeat(1 << 20), ..mail() };
    let error = Sendmail::new(&path, sender(), LIMIT).send(&large).await.unwrap_err();
    assert!(error.to_string().contains("did not read"), "{error}");
}

#[tokio::test]
async fn sendmail_that_hangs_is_killed() {
    let (folder, path) = program("echo $$ > pid; exec sleep 600");
    let error = Sendmail::new(&path, sender(), SHORT).send(&mail()).await.unwrap_err();
    assert!(matches!(error, MailError::ProgramTimeout { .. }), "{error}");
    let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
    let process = Path::new("/proc").join(pid.trim());
    for _ in 0..100 {
        if !process.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("process {pid} is still there");
}

#[tokio::test]
async fn sendmail_that_is_missing_is_found_at_start_and_later() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain file");
    fs::write(&plain, "x").unwrap();
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
    for command in ["/nonexistent/sendmail -t", "", "/tmp", plain.to_str().unwrap()] {
        let mailer = Sendmail::new(command, sender(), LIMIT);
        assert!(matches!(mailer.check(), Err(MailError::NoProgram { .. })), "{command}");
        let error = mailer.send(&mail()).await.unwrap_err();
        assert!(matches!(error, MailError::NoProgram { .. }), "{command}: {error}");
    }
}

#[tokio::test]
async fn the_outbox_keeps_mails_in_order_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    let outbox = Outbox::new(&inner, sender());
    for number in 0..20 {
        outbox.send(&Mail { subject: format!("mail {number}"), ..mail() }).await.unwrap();
    }
    let mut files: Vec<_> =
        fs::read_dir(&inner).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let subjects: Vec<_> =
        files.iter().map(|file| header(&fs::read_to_string(file).unwrap(), "Subject")).collect();
    assert_eq!(subjects, (0..20).map(|number| format!("mail {number}")).collect::<Vec<_>>());
    for file in files {
        assert_eq!(file.extension().unwrap(), "eml");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    fs::write(folder.path().join("file"), "").unwrap();
    let error = Outbox::new(folder.path().join("file"), sender()).send(&mail()).await.unwrap_err();
    assert!(matches!(error, MailError::Outbox { .. }), "{error}");
}

#[tokio::test]
async fn a_site_without_mail_refuses_every_mail() {
    assert!(matches!(Offline.send(&mail()).await, Err(MailError::Offline)));
}
