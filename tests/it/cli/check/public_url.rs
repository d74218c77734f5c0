//! The site's address, and clocks.

use super::web::{Web, jbackend, status};
use super::{Schema, findings, sound};

#[tokio::test]
async fn what_answers_at_the_end_point() {
    let site = sound(Schema::Sqlite).await;
    let found = async |web: &Web| {
        let arguments = ["--insecure", "--public-url", &web.url(), "--json"];
        let run = super::check(&site, "", &arguments).await;
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let found = json["findings"].as_array().unwrap().iter();
        let found = found.filter(|one| one["subject"] == "public-url");
        let lines: Vec<_> = found
            .map(|one| {
                format!("{}: {}", one["severity"].as_str().unwrap(), one["what"].as_str().unwrap())
            })
            .collect();
        lines.join("\n").replace(&web.url(), "PUBLIC")
    };
    let php = Web::https(|_, _| {
        let (status, headers, body) = jbackend();
        (status, format!("{headers}Set-Cookie: a=b; path=/\r\n"), body)
    });
    assert_eq!(
        found(&php.await).await,
        "ok: the end-point answers at PUBLIC/packages (PHP answers)"
    );
    let own = Web::https(|_, _| jbackend()).await;
    assert_eq!(
        found(&own).await,
        "ok: the end-point answers at PUBLIC/packages (as jBackend does)"
    );
    let other = Web::https(|_, _| status(404)).await;
    assert_eq!(
        found(&other).await,
        "warning: the end-point does not answer there: the status is 404, and the answer none of jBackend's"
    );
    // If no end-point can be requested without leaving a trace row, the start page is requested.
    site.run(
        r#"UPDATE #__menu SET params = '{"access_type":"free","enable_trace":"1"}' WHERE id = 201"#,
    )
    .await;
    assert_eq!(found(&own).await, "ok: the site answers at PUBLIC/ (status 200)");
    assert!(own.asked().contains(&"GET /".to_owned()));
}

#[tokio::test]
async fn addresses_that_do_not_work() {
    let site = sound(Schema::Sqlite).await;
    let invalid = "[server]\npublic_url = 'www.example.com'\n";
    let invalid = findings(&site, invalid, &[], "public-url").await;
    let unset = findings(&site, "", &[], "public-url").await;
    let silent = findings(&site, "", &["--public-url", "http://127.0.0.1:1"], "public-url").await;
    insta::assert_snapshot!([invalid, unset, silent].join("\n---\n"), @r##"
error: no address of a site
  at `server.public_url`
  → write `https://www.example.com`, with the folder if Joomla is in one
---
warning: the site's address is not set: redirects to https trust the Host header of clients
  at `server.public_url`, or `live_site` in configuration.php
  → set `public_url` in `[server]`, as `https://www.example.com`
---
warning: the site is served without TLS: e-mails, passwords and license keys can be read on their way
  at http://127.0.0.1:1
  → get a certificate, and set `public_url` to the https address
error: the site gives no answer: Connection refused (os error 111)
  at http://127.0.0.1:1/packages
  → correct the public URL, or look for the fault of the web server
"##);
}

#[tokio::test]
async fn a_clock_that_is_wrong() {
    let site = sound(Schema::Joomla5).await;
    let found = async |date: &'static str| {
        let web = Web::start(move |_, _| (404, format!("Date: {date}\r\n"), String::new())).await;
        findings(&site, "", &["--public-url", &web.url()], "clock").await
    };
    // Leave out the seconds, which differ from run to run.
    let text = |found: String| {
        found.split(' ').filter(|word| word.parse::<i64>().is_err()).collect::<Vec<_>>().join(" ")
    };
    let past = text(found("Mon, 01 Jan 2001 00:00:00 GMT").await);
    let future = text(found("Fri, 01 Jan 2100 00:00:00 GMT").await);
    insta::assert_snapshot!(format!("{past}\n---\n{future}"), @r##"
warning: this machine's clock is days ahead of the web server's
  at `date` on both machines
  → let both machines set their clocks by NTP: seeds, API keys and menu items end at the wrong time
---
warning: this machine's clock is days behind the web server's
  at `date` on both machines
  → let both machines set their clocks by NTP: seeds, API keys and menu items end at the wrong time
"##);
    assert_eq!(found("no date").await, "");
}

#[tokio::test]
async fn the_status_of_refusals_that_clients_are_used_to() {
    let site = sound(Schema::Sqlite).await;
    let found = async |web: &Web, mode: &str| {
        let toml = format!("[release]\nhttp_status = '{mode}'\n");
        let found = findings(&site, &toml, &["--public-url", &web.url()], "public-url").await;
        let found = found.split("\nnotice: ").nth(1).unwrap_or_default().to_owned();
        found.replace(&web.url(), "PUBLIC")
    };
    let php = |status: u16| {
        Web::start(move |_, _| {
            let (_, headers, body) = jbackend();
            (status, format!("{headers}Set-Cookie: a=b; path=/\r\n"), body)
        })
    };
    let (usual, real) = (php(200).await, php(400).await);
    for (web, mode) in [
        (&usual, "always-200"),
        (&usual, "joomla-updater"),
        (&real, "real"),
        (&real, "joomla-updater"),
    ] {
        assert_eq!(found(web, mode).await, "");
    }
    let text = [found(&usual, "real").await, found(&real, "always-200").await];
    insta::assert_snapshot!(text.join("\n---\n"));
}
