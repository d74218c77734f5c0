//! Paid packages that a web server sends without a key.

use super::web::{Web, jbackend, status};
use super::{PAID_FILE, Schema, Site, findings, settings, sound};

const PAID: &str = "/files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip";

/// Returns the finding about a web server that answers a request for the paid package like this.
async fn where_it_is(
    site: &Site,
    answer: impl Fn(&str) -> (u16, String, String) + Send + Sync + 'static,
) -> (String, Vec<String>) {
    let web = Web::start(
        move |method, path| if path == "/packages" { jbackend() } else { answer(method) },
    );
    let web = web.await;
    let found = findings(site, "", &["--public-url", &web.url()], "direct-access").await;
    let asked = web.asked().into_iter().filter(|one| !one.contains("/packages")).collect();
    (found.replace(&web.url(), "PUBLIC"), asked)
}

#[tokio::test]
async fn every_kind_of_answer() {
    let site = sound(Schema::Sqlite).await;
    let page = "Content-Type: text/html; charset=utf-8\r\n";
    for closed in [401, 403, 404, 410] {
        let (found, asked) = where_it_is(&site, move |_| status(closed)).await;
        assert_eq!((found.as_str(), asked), ("", vec![format!("HEAD {PAID}")]));
    }
    for open in [200, 206] {
        let (found, _) = where_it_is(&site, move |_| status(open)).await;
        assert!(found.starts_with("error: all visitors can download 1 paid package"), "{found}");
    }
    // If the server refuses HEAD, only one byte is requested.
    let (found, asked) =
        where_it_is(&site, |method| status(if method == "HEAD" { 405 } else { 206 })).await;
    assert!(found.starts_with("error: all visitors can download 1 paid package"), "{found}");
    assert_eq!(asked, [format!("GET {PAID} bytes=0-0"), format!("HEAD {PAID}")]);

    let (found, _) = where_it_is(&site, move |_| (200, page.to_owned(), "not found".into())).await;
    insta::assert_snapshot!(found, @r##"
notice: package `redj_ent_190`: the web server answers with a web page, not with the file
  at PUBLIC/files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip
  → look at it with a browser
"##);
    // An answer with the length of the file is the file, even with the type of a page.
    let length = format!("{page}Content-Length: {}\r\n", PAID_FILE.len());
    let (found, _) = where_it_is(&site, move |_| (200, length.clone(), String::new())).await;
    assert!(found.starts_with("error"), "{found}");
    let login = "Location: https://login.example.com/\r\n";
    let (found, _) = where_it_is(&site, move |_| (302, login.to_owned(), String::new())).await;
    insta::assert_snapshot!(found, @r##"
notice: package `redj_ent_190`: redirected to `https://login.example.com/`
  at PUBLIC/files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip
  → look at it with a browser
"##);
    let (found, _) = where_it_is(&site, |_| status(500)).await;
    insta::assert_snapshot!(found, @r##"
notice: package `redj_ent_190`: the web server answers with the status 500
  at PUBLIC/files/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip
  → look at it with a browser
"##);
}

#[tokio::test]
async fn redirects_within_the_site_are_followed() {
    let site = sound(Schema::Sqlite).await;
    let web = Web::start(|_, path| match path {
        "/packages" => jbackend(),
        path if path.starts_with("/moved/") => status(200),
        path => (301, format!("Location: /moved{path}\r\n"), String::new()),
    });
    let web = web.await;
    let found = findings(&site, "", &["--public-url", &web.url()], "direct-access").await;
    assert!(found.starts_with("error: all visitors can download 1 paid package"), "{found}");
    // Circular redirects end.
    let web = Web::start(|_, path| (302, format!("Location: {path}\r\n"), String::new())).await;
    let found = findings(&site, "", &["--public-url", &web.url()], "direct-access").await;
    assert!(found.starts_with("notice: package `redj_ent_190`: redirected to"), "{found}");
}

#[tokio::test]
async fn a_joomla_in_a_folder_and_free_packages_beside_paid_ones() {
    let site = sound(Schema::Sqlite).await;
    let packages = site.packages();
    for path in ["mixed/free.zip", "mixed/pa id.zip", "mixed/only/paid.zip"] {
        std::fs::create_dir_all(packages.join(path).parent().unwrap()).unwrap();
        std::fs::write(packages.join(path), b"PK").unwrap();
    }
    settings(
        &site,
        r#"{"folder":"files","groups":"g;12;HASH123KEY456","packages":"a;mixed/free.zip\nb;mixed/pa id.zip;g\nc;mixed/only/paid.zip;g\nd;/public/joomla/redj/small.zip;g\ne;/public/joomla/redj/small.zip"}"#,
    )
    .await;
    let web = Web::start(|_, _| status(200)).await;
    let url = format!("{}/shop/", web.url());
    let found = findings(&site, "", &["--public-url", &url], "direct-access").await;
    insta::assert_snapshot!(found.replace(&web.url(), "PUBLIC"), @r##"
error: all visitors can download 2 paid packages without a license key, past the bridge
  at folder `DIR/files`
  → close the folder in the web server with the lines below, reload it, and run this again; downloads through the bridge go on
    c: PUBLIC/shop/files/mixed/only/paid.zip
    b: PUBLIC/shop/files/mixed/pa%20id.zip
    # Apache 2.4, in the site's VirtualHost:
    <Directory "DIR/files/mixed/only">
        Require all denied
    </Directory>
    <Location "/shop/files/mixed/pa id.zip">
        Require all denied
    </Location>
    # or, if you cannot change that, in a file `.htaccess` in each folder:
    Require all denied
    # nginx, in the site's server block:
    location ^~ /shop/files/mixed/only/ { deny all; }
    location = "/shop/files/mixed/pa id.zip" { deny all; }
"##);
    // A package that is also free under another id is not requested.
    assert!(!web.asked().iter().any(|one| one.contains("small.zip")));
}

#[tokio::test]
async fn what_cannot_be_asked_is_skipped() {
    let site = sound(Schema::Sqlite).await;
    let found = findings(&site, "", &[], "direct-access").await;
    insta::assert_snapshot!(found, @r##"
skipped: whether the web server hands out 1 paid package without a key: the site's address is not known
  at -
  → name it with `--public-url https://www.example.com`, or set `public_url` in `[server]`
"##);
    let found = findings(&site, "", &["--public-url", "http://127.0.0.1:1"], "direct-access").await;
    insta::assert_snapshot!(found, @r##"
skipped: 1 paid package: no answer: Connection refused (os error 111)
  at http://127.0.0.1:1
  → see the subject public URL, and run this again
"##);
    let web = super::good::closed().await;
    let found = findings(&site, "", &["--public-url", &web.url()], "public-url").await;
    assert!(found.contains("certificate"), "{found}");
}

/// A package whose request failed may be open, too.
#[tokio::test]
async fn open_packages_are_at_least_so_many_where_some_answers_are_missing() {
    let site = sound(Schema::Sqlite).await;
    let packages = r#""a;/private/joomla/redj/ReDJ1.9.0Enterprise_J3.zip;g\nb;private/z.zip;g""#;
    settings(
        &site,
        &format!(r#"{{"folder":"files","groups":"g;12;HASH123KEY456","packages":{packages}}}"#),
    )
    .await;
    for (last, told) in [
        (200, "error: all visitors can download 2 paid packages without"),
        (404, "error: all visitors can download 1 paid package without"),
        // The status 0 is not HTTP, so it counts as no answer.
        (0, "error: all visitors can download at least 1 paid package without"),
    ] {
        let web = Web::start(move |_, path| match path {
            "/packages" => jbackend(),
            path => status(if path.ends_with("z.zip") { last } else { 200 }),
        });
        let web = web.await;
        let found = findings(&site, "", &["--public-url", &web.url()], "direct-access").await;
        assert!(found.contains(told), "{last}: {found}");
        assert_eq!(found.contains("skipped: 1 paid package: "), last == 0, "{last}: {found}");
    }
}

#[tokio::test]
async fn a_folder_outside_the_site_is_not_asked_for() {
    let site = sound(Schema::Sqlite).await;
    let elsewhere = tempfile::TempDir::new().unwrap();
    let toml = format!(
        "[release]\nfolder = '{}'\ngroups = ['g;12;HASH123KEY456']\npackages = ['a;x.zip;g']\n",
        elsewhere.path().display()
    );
    let web = Web::start(|_, _| status(200)).await;
    assert_eq!(findings(&site, &toml, &["--public-url", &web.url()], "direct-access").await, "");
    assert!(!web.asked().iter().any(|one| one.contains("x.zip")));
    // The same holds for a link in the site's folder, which web servers follow.
    std::fs::write(elsewhere.path().join("x.zip"), b"PK").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), site.folder.path().join("linked")).unwrap();
    let toml = toml.replace(elsewhere.path().to_str().unwrap(), "linked");
    let found = findings(&site, &toml, &["--public-url", &web.url()], "direct-access").await;
    assert!(found.contains("/linked/x.zip\n") && found.contains("location ^~ /linked/"), "{found}");
}
