//! Panics in tasks beside requests, and in requests: they are logged and counted, and the service
//! continues.

use std::time::Duration;

use jbackend_bridge::config::values::StandbyRule;
use jbackend_bridge::supervise::{Task, Tasks};
use testkit::client::{Client, read};
use testkit::fixture::Schema;
use testkit::redis::Redis;

use crate::common::log::Log;
use crate::common::site::{ALICE_KEY, Server, Site};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PATIENCE: Duration = Duration::from_secs(30);

/// Polls until an event that must come.
async fn eventually(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !happened().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, polling).await.unwrap_or_else(|_| panic!("{what}: never"));
}

fn validate() -> String {
    format!(
        "/packages/post/release/validate/redj_enterprise?email=alice@example.test&key={ALICE_KEY}"
    )
}

/// Starts a site with all tasks beside requests.
async fn with_all_tasks(redis: &Redis) -> Server {
    let mut site = Site::recorded().await;
    site.config.admin.listen = Some("0".parse().unwrap());
    site.config.limits.shared = Some(redis.url());
    site.config.database.snapshot = StandbyRule::On;
    site.config.database.snapshot_file = site.folder.path().join("snapshot.db");
    site.config.fallback.upstream = Some("http://127.0.0.1:9".parse().unwrap());
    site.config.fallback.shadow = vec!["keybyauth".to_owned()];
    site.serve().await
}

async fn ask_admin(server: &Server, target: &str) -> String {
    let admin = Client::new(server.admin.as_ref().unwrap());
    admin.send("GET", target, &[], b"").await.text()
}

async fn is_named(server: &Server, task: Task) -> bool {
    let ready = ask_admin(server, "/readyz").await;
    let tasks = ready.split_once("\"tasks\"").unwrap().1;
    tasks.contains(task.name())
}

async fn panics(server: &Server, task: Task) -> u64 {
    let metrics = ask_admin(server, "/metrics").await;
    let name = format!("jbackend_bridge_panics_total{{task=\"{}\"}} ", task.name());
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name)).unwrap();
    line.parse().unwrap()
}

/// Breaks every task that starts again, with a sign that each works. The service reports the fault,
/// and answers meanwhile.
#[tokio::test]
async fn a_task_that_panics_is_named_and_begins_again() {
    let log = Log::keep();
    let redis = Redis::start();
    let server = with_all_tasks(&redis).await;
    let tasks = server.reloader.tasks().clone();
    for task in [
        Task::SettingsRefresh,
        Task::UpdateXml,
        Task::SnapshotWatcher,
        Task::SnapshotCopies,
        Task::TraceWriter,
        Task::SharedLimits,
        Task::ShadowReport,
    ] {
        let before = panics(&server, task).await;
        tasks.break_task(task);
        eventually(task.name(), async || panics(&server, task).await > before + 1).await;
        eventually(task.name(), async || is_named(&server, task).await).await;
        assert_eq!(server.code(&validate()).await, "ok", "{}", task.name());
        tasks.mend(task);
    }
    // These come to the end of a round by themselves.
    for task in [Task::SettingsRefresh, Task::SharedLimits] {
        eventually(task.name(), async || !is_named(&server, task).await).await;
    }
    let traced = validate().replace("/packages/", "/trace/");
    assert_eq!(server.code(&traced).await, "ok");
    eventually("a trace row", async || !is_named(&server, Task::TraceWriter).await).await;
    assert!(log.count(&["at=\"src/supervise/mod.rs:", "task=\"trace writer\""]) >= 2);
    assert_eq!(log.count(&["a secret"]), 0, "the text of a panic is in no log");
}

/// If the refresh ended for good, settings would stay as they are.
#[tokio::test]
async fn settings_are_fresh_again_after_a_panic() {
    let server = Site::recorded().await.serve().await;
    let tasks = server.reloader.tasks();
    tasks.break_task(Task::SettingsRefresh);
    eventually("a panic", async || !tasks.failing_names().is_empty()).await;
    assert_eq!(tasks.failing_names(), ["settings refresh"]);
    let none = r#"{"folder":"files","groups":"","packages":""}"#;
    let save = format!("UPDATE #__extensions SET params = '{none}' WHERE element = 'release'");
    server.site.run(&save).await;
    tasks.mend(Task::SettingsRefresh);
    eventually("new settings", async || server.code(&validate()).await != "ok").await;
    eventually("its end", async || tasks.failing_names().is_empty()).await;
}

#[tokio::test]
async fn no_trace_row_is_lost_to_a_panic() {
    let server = Site::recorded().await.serve().await;
    let tasks = server.reloader.tasks();
    tasks.break_task(Task::TraceWriter);
    eventually("a panic", async || !tasks.failing_names().is_empty()).await;
    for _ in 0..50 {
        assert_eq!(server.code("/trace").await, "REQ_MNS");
    }
    tasks.mend(Task::TraceWriter);
    eventually("all rows", async || {
        let mut rows = server.site.rows("SELECT COUNT(*) FROM #__jbackend_logs").await;
        rows.pop().unwrap().take::<i64, _>(0) == Some(50)
    })
    .await;
}

/// Clients wait in the socket's queue meanwhile.
#[tokio::test]
async fn a_listener_that_panics_takes_in_who_has_come_meanwhile() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let tasks = server.reloader.tasks();
    tasks.break_task(Task::Listener);
    eventually("a panic", async || tasks.failing_names() == ["listener"]).await;
    let mut waiting = server.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", validate());
    waiting.write_all(request.as_bytes()).await.unwrap();
    tasks.mend(Task::Listener);
    assert_eq!(read(&mut waiting).await.code(), "ok");
    eventually("its end", async || tasks.failing_names().is_empty()).await;
    server.stopped().await;
}

/// The panic must not cost the client its answer or its connection.
#[tokio::test]
async fn a_request_that_panics_is_answered_and_its_connection_goes_on() {
    let log = Log::keep();
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.admin.listen = Some("0".parse().unwrap());
    let server = site.serve().await;
    let tasks = server.reloader.tasks();
    let mut stream = server.client.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: h\r\n\r\n", validate());
    tasks.break_task(Task::Request);
    stream.write_all(request.as_bytes()).await.unwrap();
    let first = one_answer(&mut stream).await;
    assert!(first.starts_with("HTTP/1.1 200 "), "{first}");
    assert!(first.contains("\"error_code\":\"REL_RGE\""), "{first}");
    assert!(first.to_lowercase().contains("x-release-error: rel_rge"), "{first}");
    tasks.mend(Task::Request);
    stream.write_all(request.as_bytes()).await.unwrap();
    let second = one_answer(&mut stream).await;
    assert!(second.contains("{\"status\":\"ok\"}"), "{second}");
    let metrics = ask_admin(&server, "/metrics").await;
    assert!(metrics.contains("jbackend_bridge_panics_total{task=\"request\"} 1"), "{metrics}");
    assert!(metrics.contains("code=\"REL_RGE\"} 1"), "{metrics}");
    assert_eq!(log.count(&["a secret"]), 0);
    assert_eq!(log.count(&["task=\"request\"", "please report"]), 1);
}

/// Reads an answer whose body ends with its first `}`.
async fn one_answer(stream: &mut tokio::net::TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"}") {
        text.push(tokio::time::timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    String::from_utf8(text).unwrap()
}

/// Like other refusals, it has a real status if the operator configures that.
#[tokio::test]
async fn a_panic_is_answered_with_the_status_of_other_refusals() {
    use jbackend_bridge::config::values::HttpStatus;
    let mut site = Site::new(Schema::Sqlite).await;
    site.config.release.http_status = HttpStatus::JoomlaUpdater;
    let server = site.serve().await;
    server.reloader.tasks().break_task(Task::Request);
    assert_eq!(server.get(&validate()).await.status, 200);
    let updater = [("User-Agent", "Joomla!/5.3 Joomla")];
    let reply = server.client.send("GET", "/packages/get/release/download/x", &updater, b"").await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "REL_RGE"));
    server.reloader.tasks().mend(Task::Request);
    assert_eq!(server.code(&validate()).await, "ok");
}

#[tokio::test]
async fn a_password_check_that_panics_refuses_and_others_go_on() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let tasks = server.reloader.tasks();
    let login =
        "/packages/post/release/keybyauth/redj_enterprise?username=alice&password=alicepass";
    tasks.break_task(Task::PasswordCheck);
    assert_eq!(server.code(login).await, "REL_RGE");
    tasks.mend(Task::PasswordCheck);
    assert_eq!(server.code(login).await, "ok");
}

#[tokio::test]
async fn a_connection_that_panics_ends_alone() {
    let server = Site::new(Schema::Sqlite).await.serve().await;
    let tasks = server.reloader.tasks();
    tasks.break_task(Task::Connection);
    let mut stream = server.client.connect().await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert_eq!(rest, b"");
    tasks.mend(Task::Connection);
    assert_eq!(server.code(&validate()).await, "ok");
}

/// Breaks each task, together with the data that it must not lose outside its future.
#[tokio::test]
async fn a_task_begins_again_with_what_it_had_until_it_is_done() {
    for &task in Task::ALL {
        let tasks = Tasks::default();
        let mut left = 3;
        let work = |_| {
            left -= 1;
            let is_last = left == 0;
            async move { assert!(is_last, "a secret") }
        };
        tasks.clone().keep(task, work).await;
        assert_eq!(left, 0);
        assert_eq!(tasks.failing_names(), [""; 0], "it has come to its end");
        let mut text = String::new();
        let mut registry = prometheus_client::registry::Registry::default();
        registry.register("panics", "", tasks.panics());
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(text.contains(&format!("{{task=\"{}\"}} 2\n", task.name())), "{text}");
    }
}
