//! A web server that is told to send packages.

use super::web::{Web, jbackend};
use super::{SOUND, Schema, findings, settings, sound};

const NGINX: &str = "[packages]\noffload = 'x-accel-redirect'\n";
const DOWNLOAD: &str = "/packages/get/release/download/redj_com_190";

#[tokio::test]
async fn does_it_obey() {
    let site = sound(Schema::Sqlite).await;
    let found = async |toml: &str, status: u16, header: &'static str| {
        let web = Web::start(move |_, path| match path {
            DOWNLOAD => (status, header.to_owned(), String::new()),
            _ => jbackend(),
        })
        .await;
        let found = findings(&site, toml, &["--public-url", &web.url()], "public-url").await;
        let asked = web.asked().contains(&format!("HEAD {DOWNLOAD}"));
        assert_eq!(asked, !toml.is_empty(), "{:?}", web.asked());
        // Skip the warning about TLS.
        let lines = found.replace(&web.url(), "PUBLIC");
        lines.lines().skip(3).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(found("", 200, "X-Accel-Redirect: /x\r\n").await, "");
    assert_eq!(found(NGINX, 200, "").await, "");
    let unheard = found(NGINX, 200, "X-Accel-Redirect: /x\r\n").await;
    let apache = found("[packages]\noffload = 'x-sendfile'\n", 200, "X-Sendfile: /x\r\n").await;
    let refused = found(NGINX, 403, "").await;
    insta::assert_snapshot!([unheard, apache, refused].join("\n---\n"), @r##"
error: no web server obeys `x-accel-redirect`: customers get empty packages, and see the paths of the files
  at PUBLIC/packages/get/release/download/redj_com_190
  → set the web server up as docs/offload.md says, or `offload = "off"` in `[packages]`
---
error: no web server obeys `x-sendfile`: customers get empty packages, and see the paths of the files
  at PUBLIC/packages/get/release/download/redj_com_190
  → set the web server up as docs/offload.md says, or `offload = "off"` in `[packages]`
---
error: in place of a package comes the status 403
  at PUBLIC/packages/get/release/download/redj_com_190
  → see the web server's error log: the folder it looks in, and its right to read the packages (docs/offload.md)
"##);
}

#[tokio::test]
async fn what_cannot_be_asked() {
    let site = sound(Schema::Sqlite).await;
    let web = Web::start(|_, _| jbackend()).await;
    let untrusted = format!("[server]\ntrusted_proxies = []\n{NGINX}");
    let found = async |toml: &str| {
        let found = findings(&site, toml, &["--public-url", &web.url()], "public-url").await;
        found.lines().skip(3).collect::<Vec<_>>().join("\n")
    };
    let untrusted = found(&untrusted).await;
    let offline = findings(&site, NGINX, &["--offline"], "public-url").await;
    settings(&site, &SOUND.replace("Community_J3.zip", "Community_J3.zip;redj_enterprise")).await;
    let paid = found(NGINX).await;
    insta::assert_snapshot!([untrusted, offline, paid].join("\n---\n"), @r##"
warning: the web server is told to send packages, but none is trusted: the bridge sends them all
  at `packages.offload`
  → name the web server in `trusted_proxies` in `[server]`
---
skipped: whether the site answers: `--offline`
  at -
  → run it again without `--offline`
skipped: whether the web server sends packages: `--offline`
  at -
  → run it again without `--offline`
---
skipped: whether the web server sends packages: there is no free one at a public end-point without traces
  at `packages.offload`
  → download a package, and see that it is not empty
"##);
    assert!(!web.asked().iter().any(|asked| asked.starts_with("HEAD /packages")));
}
