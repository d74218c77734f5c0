//! No secret reaches the log, not even at the level `trace`, or the output of commands about a
//! site.

use std::fmt::Write as _;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jbackend_bridge::jbackend::access::Sessions;
use secrecy::ExposeSecret;
use testkit::fixture::{self, Schema};
use testkit::mariadb::PASSWORD;
use testkit::smtp_sink::{Script, SmtpSink};

use super::{Service, program};
use crate::cli::run;
use crate::common::site::{ALICE_KEY, Site};
use crate::common::store::StoreSettings as _;

const SMTP_PASSWORD: &str = "Smtp0Pass0Word";
const HASH_KEY: &str = "Hash0Key0Of0The0Log";
const SESSION: &str = "session0of0alice0in0joomla";
/// Alice's password on the recorded site, and a wrong one.
const PASSWORDS: [&str; 2] = ["alicepass", "Wrong0Pass0Word"];
/// An API key of the recorded site, and an unknown one.
const API_KEYS: [&str; 2] = ["goodkey", "Made0Up0Api0Key"];
/// The seed of the package group.
const SEED: &str = "HASH123KEY456";
/// Marks in other parts of requests.
const MARKERS: [&str; 4] =
    ["Query0Marker", "Body0Marker", "Header0Marker", "ffffffffffffffffffffffffffffffff"];
/// The start of Alice's password hash.
const STORED: &str = "$2y$10$4YxdBm8un";

/// Lists the secrets, in every form in which they might be logged.
fn secrets() -> Vec<String> {
    let plain = [PASSWORD, fixture::secret(), SMTP_PASSWORD, HASH_KEY, SESSION, SEED, STORED]
        .into_iter()
        .chain([ALICE_KEY, "alice@example.test", "alice%40example.test"])
        .chain(PASSWORDS)
        .chain(API_KEYS)
        .chain(MARKERS);
    let mut forms = Vec::new();
    for secret in plain {
        forms.push(secret.to_owned());
        // `Debug` of a `Vec<u8>` shows bytes like this.
        forms.push(format!("{:?}", secret.as_bytes()).trim_matches(['[', ']']).to_owned());
        forms.push(secret.bytes().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }));
        forms.push(STANDARD.encode(secret).trim_end_matches('=').to_owned());
    }
    // SMTP sends it in this form.
    forms.push(STANDARD.encode(format!("\0postman\0{SMTP_PASSWORD}")));
    forms
}

fn says_no_secret(place: &str, text: &str) {
    for secret in secrets() {
        if let Some(at) = text.find(&secret) {
            let line = text[..at].matches('\n').count();
            panic!("`{secret}` in {place}: {:?}", text.lines().nth(line));
        }
    }
}

/// Writes a configuration with every kind of secret.
fn configure(site: &Site, smtp: &SmtpSink, format: &str) {
    let database = &site.config.database;
    let mut toml = format!(
        "joomla.root = '{}'\njoomla.secret = '{}'\njoomla.version = '3.10'\n\
         database.prefix = '{}'\nlicense.recipe = '{}'\nadmin.listen = '0'\n\
         log.level = 'trace'\nlog.format = '{format}'\nlog.email_hash_key = '{HASH_KEY}'\n\
         mail.transport = 'smtp'\nmail.from = 'licenses@example.test'\n\
         mail.smtp_host = '127.0.0.1'\nmail.smtp_port = {}\nmail.smtp_security = 'none'\n\
         mail.smtp_user = 'postman'\nmail.smtp_password = '{SMTP_PASSWORD}'\n",
        site.folder.path().display(),
        fixture::secret(),
        fixture::prefix(),
        fixture::recipe(),
        smtp.address.port(),
    );
    if let Some(url) = &database.url {
        writeln!(toml, "database.url = '{}'", url.expose_secret()).unwrap();
    } else {
        for (key, value) in
            [("host", &database.host), ("name", &database.name), ("user", &database.user)]
        {
            writeln!(toml, "database.{key} = '{}'", value.as_ref().unwrap()).unwrap();
        }
        writeln!(toml, "database.password = '{PASSWORD}'").unwrap();
    }
    fs::write(site.folder.path().join("bridge.toml"), toml).unwrap();
    let php = format!("<?php\nclass JConfig {{ public $secret = '{}'; }}\n", fixture::secret());
    fs::write(site.folder.path().join("configuration.php"), php).unwrap();
}

/// Sends every method in every way, right and wrong, and returns the codes of the answers.
async fn send_everything(service: &Service) -> Vec<String> {
    let cookie = format!("{}={SESSION}", Sessions::cookie_name(fixture::secret(), "site"));
    let authorization = format!("api_key {}", API_KEYS[1]);
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Authorization", authorization.as_str()),
        ("User-Agent", "Header0Marker"),
        ("Referer", "http://example.test/?Header0Marker"),
        ("X-Forwarded-For", "Header0Marker"),
    ];
    let mut codes = Vec::new();
    for place in ["packages", "apiuser", "tracekey"] {
        for (resource, id) in [
            ("keybyemail", "redj_enterprise"),
            ("keybyauth", "redj_enterprise"),
            ("validate", "redj_enterprise"),
            ("verify", "redj_ent_190"),
            ("download", "redj_ent_190"),
        ] {
            let action = if resource == "download" { "get" } else { "post" };
            // A login is slow on purpose, so each is tried once.
            let tries = if resource == "keybyemail" { 1 } else { 2 };
            for (password, api_key) in PASSWORDS.iter().zip(API_KEYS).take(tries) {
                let fields = format!(
                    "email=alice%40example.test&key={ALICE_KEY}&username=alice&password={password}\
                     &api_key={api_key}&dlid=100:{ALICE_KEY}"
                );
                let target = format!("/{place}/{action}/release/{resource}/{id}");
                let query = format!("{target}?{fields}&x=Query0Marker");
                let reply = service.client.send("GET", &query, &headers, b"").await;
                if reply.header("content-type").contains("json") {
                    codes.push(reply.code());
                }
                service.client.post(&target, &format!("{fields}&x=Body0Marker")).await;
                let mut parts = String::new();
                for (name, value) in fields.split('&').filter_map(|field| field.split_once('=')) {
                    let head = "--xyz\r\nContent-Disposition: form-data";
                    write!(parts, "{head}; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
                }
                let kind = [("Content-Type", "multipart/form-data; boundary=xyz")];
                parts.push_str("--xyz--");
                service.client.send("POST", &target, &kind, parts.as_bytes()).await;
                let alone = format!("{target}?dlid=100:{}", MARKERS[3]);
                service.client.send("GET", &alone, &headers, b"").await;
            }
        }
    }
    // These requests break off or are not valid.
    for request in [
        format!("GET /packages?key={ALICE_KEY}\x01 HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET /packages HTTP/1.1\r\nHost: x\r\nX: {ALICE_KEY}\x01\r\n\r\n"),
        format!(
            "POST /packages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\
             Transfer-Encoding: chunked\r\n\r\n{ALICE_KEY}"
        ),
        format!(
            "POST /packages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{ALICE_KEY}"
        ),
    ] {
        service.client.raw(request.as_bytes()).await;
    }
    codes
}

async fn is_silent(schema: Schema, format: &str) {
    let login = Script {
        offers: vec!["AUTH PLAIN LOGIN"],
        login: Some(("postman", SMTP_PASSWORD)),
        ..Script::default()
    };
    let smtp = SmtpSink::scripted(login).await;
    let site = Site::new(schema).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    site.run(&format!(
        "INSERT INTO #__session (session_id, time, client_id, guest, userid) \
         VALUES ('{SESSION}', {now}, 0, 0, 100)"
    ))
    .await;
    configure(&site, &smtp, format);
    let service = Service::start(&site).await;
    let codes = send_everything(&service).await;
    // All code that could log a secret has run.
    for wanted in ["ok", "REL_LIF", "REQ_AKI"] {
        let is_sqlite = schema == Schema::Sqlite;
        let is_here = codes.iter().any(|code| code == wanted);
        assert!(is_here || is_sqlite && wanted.starts_with("REQ"), "{wanted}: {codes:?}");
    }
    assert!(smtp.commands().iter().any(|command| command == "AUTH"), "{:?}", smtp.commands());
    assert!(!smtp.mails().is_empty());
    says_no_secret("/metrics", &service.metrics().await);
    service.signal("HUP").await;
    service.logs("the new configuration is in force", 1).await;
    service.signal("TERM").await;
    let log = service.log.clone();
    service.ended().await;
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "a log at `trace`: {log}");
    says_no_secret("the log", &log);
    says_little(&site).await;
}

/// Checks the output of commands about the same site.
async fn says_little(site: &Site) {
    let file = site.folder.path().join("bridge.toml").display().to_string();
    for arguments in [
        vec!["check", "--values", "--config", &file],
        vec!["check", "--offline", "--values", "--json", "--config", &file],
    ] {
        let done = run(program(&arguments)).await;
        assert!(done.stdout.len() > 100, "{arguments:?}: {}", done.stderr);
        // `check` names the sender and masks accounts. For its output, their addresses are no
        // secrets.
        says_no_secret(&format!("{arguments:?}"), &(done.stdout + &done.stderr));
    }
}

#[tokio::test]
async fn nothing_secret_is_logged_at_trace_on_mariadb() {
    is_silent(Schema::Joomla3, "text").await;
}

#[tokio::test]
async fn nothing_secret_is_logged_at_trace_on_sqlite() {
    is_silent(Schema::Sqlite, "json").await;
}

#[tokio::test]
async fn debug_of_the_configuration_shows_no_secret() {
    let site = Site::new(Schema::Joomla3).await;
    let mut config = site.config.clone();
    config.mail.smtp_password = Some(SMTP_PASSWORD.to_owned().into());
    config.log.email_hash_key = Some(HASH_KEY.to_owned().into());
    config.release.groups = Some(vec![format!("redj;12;{SEED};Name")]);
    says_no_secret("Debug", &format!("{config:?} {config:#?}"));
    // This value is made from the configuration and kept while requests are served.
    let shown = format!("{:?}", site.database().settings());
    says_no_secret("Debug of the database", &shown);
}
