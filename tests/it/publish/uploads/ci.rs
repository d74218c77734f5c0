//! `contrib/ci`: from a repository to a site, with the script that CI runs.

use std::path::Path;
use std::process::Output;

use tokio::process::Command;

use super::*;
use crate::cli::operations::eventually;

const XML: &str = "/packages/updates/pkg_shop.xml";

/// Runs the script against a service.
async fn script(service: &Service, token: &str, more: &[(&str, &str)], args: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/ci/release.sh");
    let mut command = Command::new("sh");
    command.arg(script).args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.env("JBRIDGE_URL", format!("http://{}/packages", service.client.address));
    command.env("JBRIDGE_TOKEN", token).envs(more.iter().copied());
    command.output().await.unwrap()
}

fn answer(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said} {}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Builds a package from files of a repository, as the workflows do.
async fn build(shop: &Shop, version: &str) -> String {
    let folder = shop.path(&format!("repository-{version}"));
    fs::create_dir_all(folder.join("packages")).unwrap();
    let manifest = format!(
        "<?xml version=\"1.0\"?>\n<extension type=\"package\">\n<name>Shop</name>\n\
         <packagename>shop</packagename>\n<version>{version}</version>\n\
         <targetplatform name=\"joomla\" version=\"[45]\"/>\n</extension>\n"
    );
    fs::write(folder.join("pkg_shop.xml"), manifest).unwrap();
    fs::write(folder.join("packages/plg_shop.zip"), "PK").unwrap();
    let file = shop.path(&format!("pkg_shop-{version}.zip"));
    let zip = Command::new("zip").arg("-qr").arg(&file).arg(".").current_dir(folder).output();
    assert!(zip.await.unwrap().status.success());
    file.display().to_string()
}

#[tokio::test]
async fn from_a_repository_to_a_site_with_the_script() {
    let shop = shop().await;
    let token = shop.token(&["--may", "publish"]).await;
    let service = shop.start().await;
    let file = build(&shop, "1.0.0").await;
    let key = shop.path("secret.key").display().to_string();
    let public = shop.path("public.key").display().to_string();
    let made = Command::new("minisign").args(["-G", "-W", "-s", &key, "-p", &public]).output();
    assert!(made.await.unwrap().status.success());
    let changelog = shop.path("CHANGES.md").display().to_string();
    fs::write(&changelog, "* Fixed a bug\n".repeat(100)).unwrap();
    let comment = "type=package element=pkg_shop version=1.0.0";
    let wishes = [
        ("MINISIGN_KEY", key.as_str()),
        ("MINISIGN_COMMENT", comment),
        ("JBRIDGE_CHANGELOG", &changelog),
        ("JBRIDGE_QUERY", "state=staged&security=high"),
    ];
    let staged = answer(&script(&service, &token, &wishes, &["upload", &file]).await);
    assert_eq!((&staged["state"], &staged["result"]), (&"staged".into(), &"stored".into()));
    assert_eq!(service.get(XML).await.status, 404);
    let again = answer(&script(&service, &token, &wishes, &["upload", &file]).await);
    assert_eq!(again["result"], "unchanged");
    let id = staged["id"].as_str().unwrap();
    let promoted = answer(&script(&service, &token, &[], &["promote", id]).await);
    assert_eq!(promoted["state"], "published");
    eventually("the XML", async || service.get(XML).await.status == 200).await;
    let xml = service.get(XML).await.text();
    assert!(xml.contains(staged["sha256"].as_str().unwrap()), "{xml}");
    let url = xml.split("<downloadurl").nth(1).unwrap().split(['>', '<']).nth(1).unwrap();
    let target = url.strip_prefix("https://www.example.com").unwrap();
    assert_eq!(service.get(target).await.body, fs::read(&file).unwrap());
    let shown = &shop.json(0, &["releases", "show", id]).await[0];
    assert!(shown["signature"].as_str().unwrap().contains(comment), "{shown}");
    assert_eq!(shown["changelog"], fs::read_to_string(&changelog).unwrap());
    assert_eq!(shown["security"], 3);
}

#[tokio::test]
async fn the_script_fails_with_the_reason() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let file = build(&shop, "1.0.0").await;
    let query = [("JBRIDGE_QUERY", "state=published")];
    let refused = script(&service, &token, &query, &["upload", &file]).await;
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stdout).contains("make one with `--may publish`"));
    for arguments in [&[][..], &["upload"], &["remove", "x"]] {
        let usage = script(&service, &token, &[], arguments).await;
        assert_eq!(usage.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn the_workflows_run_the_script_and_name_its_variables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/ci");
    let script = fs::read_to_string(folder.join("release.sh")).unwrap();
    let word = regex::Regex::new(r"\b(?:JBRIDGE|MINISIGN)_[A-Z]+\b").unwrap();
    for workflow in ["github.yml", "gitlab.yml"] {
        let text = fs::read_to_string(folder.join(workflow)).unwrap();
        assert!(text.contains("ci/release.sh upload") && text.contains("ci/release.sh promote"));
        for name in word.find_iter(&text).map(|found| found.as_str()) {
            assert!(script.contains(name), "{workflow}: {name}");
        }
    }
}
