//! A site served by the program, from its own `configuration.php`.

use std::process::Stdio;

use testkit::client::Client;
use testkit::fixture::{self, Schema};
use testkit::smtp_sink::SmtpSink;

use super::{PATIENCE, Running, program, serve, write_configuration_php};
use tokio::process::Command;
use tokio::time::timeout;

use crate::common::site::{ALICE_KEY, PAID_FILE, Site};

fn client(running: &Running) -> Client {
    let line = running.said.lines().last().unwrap();
    Client::new(line.trim_start_matches("listening on "))
}

/// Checks the answers of all five methods, on a site with the fixture's rows and the end-point
/// `packages`.
pub(super) async fn answers_all_methods(client: &Client) {
    let get =
        async |target: &str| client.send("GET", &format!("/packages/{target}"), &[], b"").await;
    let alice = format!("email=alice@example.test&key={ALICE_KEY}");
    assert_eq!(
        get("post/release/keybyemail/redj_enterprise?email=alice@example.test").await.code(),
        "ok"
    );
    assert_eq!(get(&format!("post/release/validate/redj_enterprise?{alice}")).await.code(), "ok");
    assert_eq!(get(&format!("post/release/verify/redj_ent_190?{alice}")).await.code(), "ok");
    let one_field = format!("post/release/verify/redj_ent_190?dlid=100:{ALICE_KEY}");
    assert_eq!(get(&one_field).await.code(), "ok");
    let file = get(&format!("get/release/download/redj_ent_190?{alice}")).await;
    assert_eq!((file.status, file.body.as_slice()), (200, PAID_FILE));
    let login = "username=alice&password=alicepass";
    assert_eq!(
        client.post("/packages/post/release/keybyauth/redj_enterprise", login).await.code(),
        "ok"
    );
}

#[tokio::test]
async fn the_migration_of_the_readme() {
    for schema in [Schema::Joomla3, Schema::Joomla5] {
        let sink = SmtpSink::start().await;
        let site = Site::new(schema).await;
        let port = sink.address.port().to_string();
        write_configuration_php(
            &site,
            &[
                ("mailonline", "1"),
                ("mailer", "smtp"),
                ("smtphost", "127.0.0.1"),
                ("smtpport", &port),
                ("mailfrom", "licenses@example.test"),
                ("smtpsecure", "none"),
            ],
        );
        let recipe = fixture::recipe();
        let toml = format!("[license]\nrecipe = '{recipe}'\n[[endpoints]]\npath = \"packages\"\n");
        let running = Running::start(serve(&site, &toml), "listening on ").await;
        answers_all_methods(&client(&running)).await;
        let mails = sink.mails();
        assert!(mails[0].data.contains("Recorded Site") && mails[0].data.contains(ALICE_KEY));
        assert_eq!(mails[0].from, "<licenses@example.test>");
        assert!(running.stop("TERM").await.0.success());
    }
}

#[tokio::test]
async fn the_site_folder_and_a_formula_are_enough() {
    let site = Site::new(Schema::Joomla5).await;
    write_configuration_php(&site, &[]);
    let root = site.folder.path().to_str().unwrap();
    let arguments = [
        "serve",
        "--joomla-root",
        root,
        "--recipe",
        "md5($email . $group . $hash)",
        "--listen",
        "127.0.0.1:0",
    ];
    let running = Running::start(program(&arguments), "listening on ").await;
    // End-points of the component itself need no menu item; the recorded site requires a key for
    // them.
    let target = "/component/jbackend/post/release/validate/redj_enterprise";
    let reply = client(&running).send("GET", target, &[], b"").await;
    assert_eq!((reply.status, reply.code()), (200, "REQ_AKR".to_owned()));
    let (status, said, log) = running.stop("INT").await;
    assert!(status.success() && said.is_empty());
    assert!(log.contains("stopping: running answers may finish"), "{log}");
}

#[tokio::test]
async fn variables_reach_the_program() {
    let site = Site::new(Schema::Joomla5).await;
    write_configuration_php(&site, &[("password", "wrong")]);
    let secret = site.folder.path().join("password");
    std::fs::write(&secret, format!("{}\n", testkit::mariadb::PASSWORD)).unwrap();
    let mut command = serve(&site, "[license]\nrecipe = 'default'\n");
    command.env("JBRIDGE_DATABASE_PASSWORD_FILE", &secret).env("JBRIDGE_LOG_FORMAT", "json");
    let running = Running::start(command, "listening on ").await;
    assert!(running.stop("TERM").await.0.success());
}

#[tokio::test]
async fn regression_a_closed_standard_output_ended_the_program() {
    let site = Site::new(Schema::Sqlite).await;
    let socket = site.folder.path().join("bridge.sock");
    let url = site.config.database.url.as_ref().map(secrecy::ExposeSecret::expose_secret).unwrap();
    let toml = format!(
        "[joomla]\nsecret = 's'\n[database]\nurl = '{url}'\nprefix = '{}'\n[license]\nrecipe = 'default'\n\
         [server]\nlisten = 'unix:{}'\n[release]\nfolder = '/'\npackages = []\n",
        fixture::prefix(),
        socket.display()
    );
    let file = site.folder.path().join("bridge.toml");
    std::fs::write(&file, toml).unwrap();
    let mut command = program(&["serve", "--config", file.to_str().unwrap()]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = command.stdout(Stdio::from(writer)).spawn().unwrap();
    // The command still holds the writing end.
    drop(command);
    let socket = socket.to_str().unwrap();
    let answer = async {
        loop {
            assert!(child.try_wait().unwrap().is_none(), "it ended");
            let mut curl = Command::new("curl");
            curl.args([
                "--silent",
                "--max-time",
                "30",
                "--unix-socket",
                socket,
                "http://localhost/",
            ]);
            // The socket accepts only after the announcement, and only a process that has survived
            // it answers.
            if curl.output().await.unwrap().status.success() {
                return;
            }
        }
    };
    timeout(PATIENCE, answer).await.expect("an answer");
}
