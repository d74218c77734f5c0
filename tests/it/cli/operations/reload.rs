//! SIGHUP: the configuration is read again, and no client is disconnected.

use std::os::unix::net::UnixDatagram;

use insta::assert_snapshot;
use testkit::fixture::{self, Schema};

use super::load::Load;
use super::{Service, configure, eventually, site, usual, validate, value};
use crate::cli::{holds_no_secret, program};
use crate::common::site::Site;

const REQUESTS: &str = "jbackend_bridge_requests_total{resource=\"validate\",code=\"ok\"}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_configuration_changes() {
    for schema in [Schema::Sqlite, Schema::Joomla3] {
        let site = site(schema).await;
        let quiet = usual() + "log.level = 'warn,jbackend_bridge::cli=info'\n";
        configure(&site, &quiet);
        let service = Service::start(&site).await;
        let load = Load::begin(&service.client.address);
        load.further(50).await;
        let mut counted = 0.0;
        for nth in 1..=20 {
            // Each reload makes another front: pools, settings and limits are new.
            let mebibytes = if nth % 2 == 0 { 32 } else { 64 };
            configure(&site, &format!("{quiet}server.download_memory = {mebibytes}\n"));
            service.reload(nth).await;
            load.further(20).await;
            let metrics = service.metrics().await;
            let now = value(&metrics, REQUESTS).unwrap();
            assert!(now > counted, "{now} after {counted}");
            counted = now;
            let memory = value(&metrics, "jbackend_bridge_download_memory_limit_bytes");
            assert_eq!(memory, Some(f64::from(mebibytes * 1024 * 1024)));
        }
        let (answers, failed) = load.end().await;
        assert_eq!(failed, [""; 0]);
        let metrics = service.metrics().await;
        assert_eq!(value(&metrics, REQUESTS), Some(f64::from(u32::try_from(answers).unwrap())));
        assert_eq!(value(&metrics, "jbackend_bridge_reloads_total{result=\"ok\"}"), Some(20.0));
        service.signal("TERM").await;
        service.ended().await;
    }
}

#[tokio::test]
async fn what_a_reload_puts_into_force() {
    for schema in [Schema::Sqlite, Schema::Joomla3] {
        let site = site(schema).await;
        configure(&site, &usual());
        let service = Service::start(&site).await;
        assert_eq!(service.get(&validate()).await.code(), "ok");

        // The key ring changes: keys of the former recipe are refused.
        configure(&site, &usual().replace(fixture::recipe(), "sha1($email . $hash)"));
        service.reload(1).await;
        assert_eq!(service.get(&validate()).await.code(), "REL_KNV");

        // Names of codes, a catalog in the configuration, end-points and the log level change.
        configure(
            &site,
            &(usual()
                + "release.error_codes = { REL_GNF = { code = 'NO_SUCH' } }\n\
                   release.folder = 'files'\nrelease.packages = []\nlog.level = 'error'\n"),
        );
        // At `error`, the log has no line about the reload; only its effect shows.
        service.signal("HUP").await;
        eventually("the reload", async || service.get(&validate()).await.code() == "NO_SUCH").await;
        // The reload is counted after the level is in force.
        let reloads = "jbackend_bridge_reloads_total{result=\"ok\"}";
        eventually("its end", async || service.metric(reloads).await == Some(2.0)).await;
        let unseen = "/packages/post/release/keybyauth/unknown";
        assert_eq!(service.get(unseen).await.code(), "NO_SUCH");
        configure(&site, &usual());
        service.reload(2).await;
        assert_eq!(service.get(&validate()).await.code(), "ok");
        service.signal("TERM").await;
        let log = service.ended().await;
        assert!(log.contains("resource=\"validate\""), "{log}");
        assert!(!log.contains("resource=\"keybyauth\""), "{log}");
    }
}

/// Returns the last line of the log about a reload, with the parts replaced that differ between
/// runs.
fn told(site: &Site, service: &Service) -> String {
    let log = service.log();
    holds_no_secret(&log);
    let line = log.lines().rfind(|line| line.contains("reloaded: ") || line.contains("restart"));
    line.unwrap().replace(&site.folder.path().display().to_string(), "DIR")
}

#[tokio::test]
async fn a_configuration_that_makes_no_sense_leaves_the_old_one_in_force() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let successful = "jbackend_bridge_last_reload_successful";
    let mut told_so_far = Vec::new();
    let broken = [
        usual() + "release.refresch = 2\n",
        usual() + "hunter2",
        usual() + "log.level = 'a=b=c'\n",
        usual() + "release.folder = 'files'\n",
        usual().replace(fixture::recipe(), "no_such_function("),
        "admin.listen = '0'\n".to_owned(),
    ];
    for (nth, lines) in broken.iter().enumerate() {
        configure(&site, lines);
        service.reload(nth + 1).await;
        told_so_far.push(told(&site, &service));
        assert_eq!(service.get(&validate()).await.code(), "ok");
        assert_eq!(service.metric(successful).await, Some(0.0));
    }
    assert_snapshot!(told_so_far.join("\n"), @r#"
    ERROR not reloaded: the old configuration stays in force error="unknown key `release.refresch` in `DIR/bridge.toml`, line 13: did you mean `refresh`?"
    ERROR not reloaded: the old configuration stays in force error="`DIR/bridge.toml`, line 13 cannot be read as TOML: expected `.`, `=`: correct it; put text values between quotes"
    ERROR not reloaded: the old configuration stays in force error="`log.level`: `a=b=c` is no log level: use `error`, `warn`, `info`, `debug`, or a filter like `info,mysql_async=warn`"
    ERROR not reloaded: the old configuration stays in force error="`[release]` sets some of `folder`, `groups` and `packages`: they replace the plugin's settings as a whole, so set `folder` and `packages` (and `groups` for paid packages), or none of them"
    ERROR not reloaded: the old configuration stays in force error="`license.recipe`: column 1: unknown function `no_such_function`: known are `md5`, `sha1`, `crc32`, `hash`, `hash_hmac`, `base64_encode`, `bin2hex`, `dechex`, `strtolower`, `strtoupper`, `ucfirst`, `trim`, `ltrim`, `rtrim`, `strrev`, `substr`, `str_replace`, `str_pad`, `strlen`, `intval`, `chunk_split`, `str_split`, `strtr`, `sprintf`, `vsprintf`, `mb_strtolower`, `mb_strtoupper`, `wordwrap`, `preg_replace`, `implode`, `getHash`; docs/recipes.md explains formulas"
    ERROR not reloaded: the old configuration stays in force error="no license key formula: without the one of the site's plugin every key it has issued would be refused. Copy the formula from the plugin's source into `recipe` in `[license]` (or `--recipe`), for example `recipe = 'md5($email . $group . $hash)'`; on a site that has issued no keys yet set `recipe = \"default\"`"
    "#);
    let database = site.folder.path().join("site.db");
    std::fs::rename(&database, database.with_extension("away")).unwrap();
    configure(&site, &usual());
    service.reload(broken.len() + 1).await;
    assert_snapshot!(told(&site, &service), @r#"ERROR not reloaded: the old configuration stays in force error="cannot open the SQLite database `DIR/site.db`: unable to open database file: DIR/site.db: correct its path""#);
    std::fs::rename(database.with_extension("away"), &database).unwrap();
    service.reload(broken.len() + 2).await;
    assert_eq!(service.metric(successful).await, Some(1.0));
    assert_eq!(service.metric("jbackend_bridge_reloads_total{result=\"failed\"}").await, Some(7.0));
    service.signal("TERM").await;
    service.ended().await;
}

/// Also a reload whose limits never came into force grants no new budget: the next reload is not
/// compared with them.
#[tokio::test]
async fn a_reload_that_fails_gives_nobody_a_new_budget() {
    for schema in [Schema::Sqlite, Schema::Joomla3] {
        let site = site(schema).await;
        let limited = |burst: u32| {
            format!("{}limits.login_failures = 1\nlimits.login_failures_burst = {burst}\n", usual())
        };
        configure(&site, &limited(1));
        let service = Service::start(&site).await;
        let login = "/packages/post/release/keybyauth/redj_enterprise?username=alice&password=x";
        assert_eq!(service.get(login).await.code(), "REL_LIF");
        assert_eq!(service.get(login).await.code(), "REL_RLE");
        // These faults are found after the limits were made: `fallback.shadow` needs an upstream,
        // which is missing; the server refuses the account that counts the uses of API keys.
        let mut broken = vec!["fallback.shadow = ['verify']\n"];
        if schema == Schema::Joomla3 {
            broken.push("database.writer_user = 'nobody_here'\n");
        }
        for (nth, line) in broken.iter().enumerate() {
            configure(&site, &(limited(3) + line));
            let file = site.folder.path().join("bridge.toml");
            let text = std::fs::read_to_string(&file).unwrap();
            let with_keys =
                text.replace("path = \"packages\"", "path = 'packages', access = 'key'");
            std::fs::write(&file, with_keys).unwrap();
            service.reload(2 * nth + 1).await;
            assert!(told(&site, &service).contains("not reloaded: "), "{}", service.log());
            configure(&site, &limited(1));
            service.reload(2 * nth + 2).await;
            assert_eq!(service.get(login).await.code(), "REL_RLE", "{}", service.log());
        }
        // Other numbers that do come into force make another limit.
        configure(&site, &limited(2));
        service.reload(2 * broken.len() + 1).await;
        for code in ["REL_LIF", "REL_LIF", "REL_RLE"] {
            assert_eq!(service.get(login).await.code(), code);
        }
        service.signal("TERM").await;
        service.ended().await;
    }
}

#[tokio::test]
async fn what_needs_a_restart_is_named() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let service = Service::start(&site).await;
    let changed = usual().replace("admin.listen = '0'", "admin.listen = '1'")
        + "server.max_connections = 5\nserver.header_timeout = 5\nserver.write_timeout = 5\n\
           server.shutdown_deadline = 5\nserver.socket_mode = '600'\nadmin.socket_mode = '600'\n\
           log.format = 'json'\n";
    configure(&site, &changed);
    service.reload(1).await;
    let log = service.log();
    let line = log.lines().find(|line| line.contains("restart")).unwrap();
    assert_snapshot!(line, @"WARN changed, but in force only after a restart: `socket_mode` in `[server]`, `max_connections` in `[server]`, `header_timeout` in `[server]`, `write_timeout` in `[server]`, `shutdown_deadline` in `[server]`, `listen` in `[admin]`, `socket_mode` in `[admin]`, `format` in `[log]`");
    // The comparison is with the start: a value that is back is not a change.
    configure(&site, &usual());
    service.reload(2).await;
    assert_eq!(service.log().matches("restart").count(), 1);
    service.signal("TERM").await;
    service.ended().await;
}

#[tokio::test]
async fn systemd_is_told_of_the_start_reloads_and_the_stop() {
    let site = site(Schema::Sqlite).await;
    configure(&site, &usual());
    let path = site.folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(crate::cli::PATIENCE)).unwrap();
    let mut command = program(&Service::arguments(&site, "127.0.0.1:0"));
    command.env("NOTIFY_SOCKET", &path);
    let service = Service::run(&site, command).await;
    service.reload(1).await;
    configure(&site, "nonsense");
    service.reload(2).await;
    service.signal("TERM").await;
    service.ended().await;
    let mut said = Vec::new();
    let mut buffer = [0; 1024];
    while said.last().is_none_or(|word: &String| word != "STOPPING=1") {
        let length = socket.recv(&mut buffer).unwrap();
        let message = String::from_utf8(buffer[..length].to_vec()).unwrap();
        let word = |line: &str| match line.strip_prefix("MONOTONIC_USEC=") {
            Some(time) => format!(
                "MONOTONIC_USEC={}",
                if time.parse::<u64>().is_ok() { "time" } else { time }
            ),
            None => line.to_owned(),
        };
        said.extend(message.lines().map(word));
    }
    let reload = ["RELOADING=1", "MONOTONIC_USEC=time", "READY=1"];
    assert_eq!(said, [&["READY=1"][..], &reload, &reload, &["STOPPING=1"]].concat());
}

#[tokio::test]
async fn a_reload_under_way_does_not_hold_a_stop() {
    let site = site(Schema::Joomla3).await;
    configure(&site, &usual());
    for _ in 0..5 {
        let service = Service::start(&site).await;
        service.get("/trace").await;
        service.signal("HUP").await;
        service.signal("TERM").await;
        let log = service.ended().await;
        assert!(log.contains("stopping") && !log.contains("given up"), "{log}");
    }
}
