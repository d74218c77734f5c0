//! Running the service: admin listener, metrics, reload, upgrade; all with the real program.

mod admin;
mod database_faults;
mod documents;
mod faults;
mod ledger;
mod load;
mod metrics;
mod named_files;
mod reload;
mod reload_leaks;
mod secrets;
mod site_faults;
mod snapshot;
mod updates;
mod upgrade;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::{PATIENCE, program};
use crate::common::client::{Client, Reply};
use crate::common::fixture::{self, Schema};
use crate::common::site::{ALICE_KEY, Site};

use tokio::io::{AsyncBufReadExt, BufReader};

/// Makes the target of a request that succeeds.
fn validate() -> String {
    format!(
        "/packages/post/release/validate/redj_enterprise?email=alice@example.test&key={ALICE_KEY}"
    )
}

/// Polls until an event that must come.
pub(crate) async fn eventually(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !happened().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, polling).await.unwrap_or_else(|_| panic!("{what} did not happen"));
}

/// Makes a site with an empty `configuration.php`; [`configure`] writes its configuration.
pub(crate) async fn site(schema: Schema) -> Site {
    let site = Site::new(schema).await;
    fs::write(site.folder.path().join("configuration.php"), "<?php\nclass JConfig {\n}\n").unwrap();
    site
}

/// Writes the configuration file of a site: these lines of TOML, and the site's own values.
pub(crate) fn configure(site: &Site, lines: &str) {
    let config = &site.config.database;
    let mut toml = format!(
        "endpoints = [{{ path = \"packages\" }}]\njoomla.root = '{}'\njoomla.secret = '{}'\n\
         joomla.site_name = 'Recorded Site'\ndatabase.prefix = '{}'\nmail.transport = 'file'\n\
         mail.outbox = '{0}/mails'\nmail.from = 'licenses@example.test'\n",
        site.folder.path().display(),
        fixture::secret(),
        fixture::prefix(),
    );
    if let Some(url) = &config.url {
        writeln!(toml, "database.url = '{}'", url.expose_secret()).unwrap();
    } else {
        for (key, value) in [("host", &config.host), ("name", &config.name), ("user", &config.user)]
        {
            writeln!(toml, "database.{key} = '{}'", value.as_ref().unwrap()).unwrap();
        }
        let password = config.password.as_ref().unwrap().expose_secret();
        writeln!(toml, "database.password = '{password}'").unwrap();
    }
    fs::write(site.folder.path().join("bridge.toml"), toml + lines).unwrap();
}

/// Returns the lines with which most tests begin.
pub(crate) fn usual() -> String {
    format!("license.recipe = '{}'\nadmin.listen = '0'\nrelease.refresh = 1\n", fixture::recipe())
}

/// The program while it serves.
pub(crate) struct Service {
    child: Child,
    _stdout: BufReader<ChildStdout>,
    log: std::path::PathBuf,
    pub(crate) client: Client,
    admin: Client,
}

impl Service {
    /// Starts the service on a free port.
    pub(crate) async fn start(site: &Site) -> Self {
        Self::run(site, program(&Self::arguments(site, "127.0.0.1:0"))).await
    }

    /// Starts the service on a socket that was handed over, as systemd does.
    async fn on(site: &Site, socket: &TcpListener) -> Self {
        let script = r#"exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" "$@""#;
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_jbackend-bridge")]);
        command.args(Self::arguments(site, "systemd"));
        command.stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())));
        Self::run(site, command).await
    }

    fn arguments<'a>(site: &Site, listen: &'a str) -> Vec<&'a str> {
        let file = site.folder.path().join("bridge.toml").display().to_string();
        // The leaked text lives long enough for the arguments.
        vec!["serve", "--config", file.leak(), "--listen", listen]
    }

    async fn run(site: &Site, mut command: Command) -> Self {
        let name = format!("log{}", fs::read_dir(site.folder.path()).unwrap().count());
        let log = site.folder.path().join(name);
        command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut addresses = ["admin listener on ", "listening on "].map(|word| (word, None));
        for (word, address) in &mut addresses {
            let mut line = String::new();
            timeout(PATIENCE, stdout.read_line(&mut line)).await.expect("a line").unwrap();
            let found = line.strip_prefix(*word).unwrap_or_else(|| {
                panic!("`{word}` is missing: {line}{}", fs::read_to_string(&log).unwrap())
            });
            *address = Some(Client::new(found.trim()));
        }
        let [admin, client] = addresses.map(|(_, address)| address.unwrap());
        Self { child, _stdout: stdout, log, client, admin }
    }

    /// Sends a signal.
    async fn signal(&self, name: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().await.unwrap().success());
    }

    fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Reads the log so far, without the times.
    fn log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap();
        let without_time =
            |line: &str| line.split_once(' ').map(|(_, rest)| rest.trim().to_owned());
        log.lines().filter_map(without_time).collect::<Vec<_>>().join("\n")
    }

    /// Waits until that many lines of the log hold a text.
    async fn logs(&self, text: &str, lines: usize) {
        eventually(text, async || {
            self.log().lines().filter(|line| line.contains(text)).count() >= lines
        })
        .await;
    }

    /// Makes the service reload its configuration, for the n-th time.
    async fn reload(&self, nth: usize) {
        self.signal("HUP").await;
        self.logs("reloaded: ", nth).await;
    }

    /// Waits for the end after a signal; the program must succeed.
    async fn ended(mut self) -> String {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("an end").unwrap();
        assert!(status.success(), "{status} {}", self.log());
        self.log()
    }

    pub(crate) async fn get(&self, target: &str) -> Reply {
        self.client.send("GET", target, &[], b"").await
    }

    async fn ask_admin(&self, target: &str) -> Reply {
        self.admin.send("GET", target, &[], b"").await
    }

    /// Reads `/metrics`.
    async fn metrics(&self) -> String {
        let reply = self.ask_admin("/metrics").await;
        assert_eq!(reply.status, 200);
        reply.text()
    }

    /// Reads the number of a metric, labels included; `None` if it is missing.
    async fn metric(&self, name: &str) -> Option<f64> {
        value(&self.metrics().await, name)
    }
}

/// Reads the number of a metric in a text of `/metrics`.
fn value(metrics: &str, name: &str) -> Option<f64> {
    let mut lines = metrics.lines().filter_map(|line| line.rsplit_once(' '));
    lines.find(|(found, _)| *found == name).map(|(_, number)| number.parse().unwrap())
}
