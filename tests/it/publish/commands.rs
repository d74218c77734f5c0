//! From a ZIP on the maker's disk to a download, with the real program.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use rusqlite::Connection;

use super::Shop;
use crate::cli::operations::eventually;
use crate::cli::program;
use crate::common::site::ALICE_KEY;

const XML: &str = "/packages/updates/pkg_shop.xml";

#[tokio::test]
async fn a_release_is_served_by_a_service_that_runs() {
    let shop = Shop::new().await;
    let service = shop.start().await;
    eventually("no XML", async || service.get(XML).await.status == 404).await;
    let file = shop.build("shop", "1.0.0");
    let published = shop.json(0, &["publish", &file, "--free"]).await;
    assert_eq!(published["release"]["id"], "pkg_shop-1.0.0");
    assert_eq!(published["xml"][0], "https://www.example.com/packages/updates/pkg_shop.xml");
    eventually("the XML", async || service.get(XML).await.status == 200).await;
    let xml = service.get(XML).await.text();
    let sum = published["release"]["checksums"]["sha256"].as_str().unwrap();
    assert!(xml.contains("<version>1.0.0</version>") && xml.contains(sum), "{xml}");
    let reply = service.get("/packages/get/release/download/pkg_shop-1.0.0").await;
    assert_eq!((reply.status, reply.body.as_slice()), (200, fs::read(&file).unwrap().as_slice()));
    let disposition = reply.header("content-disposition");
    assert_eq!(disposition, "attachment; filename=\"pkg_shop-1.0.0.zip\"");
}

#[tokio::test]
async fn a_paid_release_opens_with_the_key_of_its_package_group() {
    let shop = Shop::new().await;
    let file = shop.build("shop", "1.0.0");
    shop.json(0, &["publish", &file, "--group", "redj_enterprise", "--id", "shop"]).await;
    let service = shop.start().await;
    let download = "/packages/get/release/download/shop";
    assert!(service.get(download).await.text().contains("REL_"), "without a key");
    let key = format!("{download}?email=alice@example.test&key={ALICE_KEY}");
    assert_eq!(service.get(&key).await.body, fs::read(&file).unwrap());
    let of_other = format!("{download}?email=bob@example.test&key={ALICE_KEY}");
    assert!(service.get(&of_other).await.text().contains("REL_"));
}

#[tokio::test]
async fn a_staged_release_waits_for_its_promotion() {
    let shop = Shop::new().await;
    let file = shop.build("shop", "1.0.0");
    let staged = shop.json(0, &["publish", &file, "--free", "--stage"]).await;
    assert_eq!(staged["release"]["state"], "staged");
    let service = shop.start().await;
    let download = "/packages/get/release/download/pkg_shop-1.0.0";
    assert!(service.get(download).await.text().contains("REL_PNF"));
    shop.json(0, &["releases", "promote", "pkg_shop-1.0.0"]).await;
    eventually("the download", async || !service.get(download).await.text().contains("REL_PNF"))
        .await;
    eventually("the XML", async || service.get(XML).await.status == 200).await;
    shop.json(0, &["releases", "hold", "pkg_shop-1.0.0"]).await;
    eventually("no XML", async || service.get(XML).await.status == 404).await;
    assert!(!service.get(download).await.text().contains("REL_"), "a held one is served");
    shop.json(0, &["releases", "withdraw", "pkg_shop-1.0.0"]).await;
    eventually("no download", async || service.get(download).await.text().contains("REL_PNF"))
        .await;
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_another_one_is_refused() {
    let shop = Shop::new().await;
    let file = shop.build("shop", "1.0.0");
    let first = shop.json(0, &["publish", &file, "--free"]).await;
    let again = shop.json(0, &["publish", &file]).await;
    assert_eq!((&first["is_new"], &again["is_new"]), (&true.into(), &false.into()));
    assert_eq!(first["release"], again["release"]);
    let other = crate::cli::updates::package("shop", "1.0.0", "4");
    let other = shop.put("other.zip", &other);
    let refused = shop.json(1, &["publish", &other, "--force"]).await;
    let error = refused["error"].as_str().unwrap();
    assert!(
        error.contains("version 1.0.0 of `pkg_shop-1.0.0` exists with another file"),
        "{error}"
    );
    let list = shop.json(0, &["releases", "list"]).await;
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn two_that_publish_one_version_at_once_do_not_both_win() {
    let shop = Shop::new().await;
    let one = shop.build("shop", "1.0.0");
    let other = shop.put("other.zip", &crate::cli::updates::package("shop", "1.0.0", "5"));
    let publish = async |file: &str| shop.command(&["publish", file, "--free"]).await.code;
    let (first, second) = tokio::join!(publish(&one), publish(&other));
    let mut codes = [first, second];
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(1)]);
    assert_eq!(shop.json(0, &["releases", "list"]).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_extension_stays_with_the_package_group_that_published_it() {
    let shop = Shop::new().await;
    let first = shop.build("shop", "1.0.0");
    shop.json(0, &["publish", &first, "--group", "redj_enterprise"]).await;
    let second = shop.build("shop", "1.1.0");
    let refused = shop.json(1, &["publish", &second, "--free"]).await;
    let error = refused["error"].as_str().unwrap();
    assert!(
        error.contains("package pkg_shop belongs to the package group `redj_enterprise`"),
        "{error}"
    );
    let published = shop.json(0, &["publish", &second]).await;
    assert_eq!(published["release"]["group"], "redj_enterprise", "as before");
}

#[tokio::test]
async fn a_roll_back_withdraws_the_highest_version_and_says_who_keeps_it() {
    let shop = Shop::new().await;
    for version in ["1.0.0", "1.10.0", "1.9.0"] {
        let file = shop.build("shop", version);
        shop.json(0, &["publish", &file, "--free", "--force"]).await;
    }
    let said = shop.command(&["releases", "rollback", "pkg_shop"]).await.stdout;
    assert!(said.contains("withdrawn: pkg_shop-1.10.0 1.10.0"), "{said}");
    assert!(said.contains("new sites get 1.9.0 now"), "{said}");
    assert!(said.contains("sites that have installed 1.10.0 keep it"), "{said}");
    let again = shop.json(0, &["releases", "rollback", "pkg_shop"]).await;
    assert_eq!(
        (&again["withdrawn"]["version"], &again["remains"]),
        (&"1.9.0".into(), &"1.0.0".into())
    );
}

#[tokio::test]
async fn a_line_of_the_plugin_becomes_a_release() {
    let shop = Shop::new().await;
    crate::cli::updates::put_recorded(&shop.site);
    let adopted = shop.json(0, &["releases", "adopt", "redj_ent_190"]).await;
    assert_eq!(adopted["release"]["group"], "redj_enterprise");
    let warning = adopted["warnings"][0]["what"].as_str().unwrap();
    assert!(warning.contains("`redj_ent_190` stands in line"), "{warning}");
    let unknown = shop.command(&["releases", "adopt", "nothing"]).await;
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.stdout.contains("there is no release `nothing`"), "{}", unknown.stdout);
}

#[tokio::test]
async fn files_of_root_belong_to_the_owner_of_the_ledger() {
    let shop = Shop::new().await;
    let file = shop.build("shop", "1.0.0");
    let published = shop.json(0, &["publish", &file, "--free"]).await;
    let copy = shop.state().join(published["release"]["checksums"]["sha256"].as_str().unwrap());
    let metadata = fs::metadata(&copy).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o400);
    assert_eq!(metadata.uid(), fs::metadata(shop.state()).unwrap().uid());
    assert_eq!(fs::metadata(shop.state()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn nothing_is_left_of_a_refused_file() {
    let shop = Shop::new().await;
    let file = shop.put("broken.zip", b"PK\x03\x04 and no more");
    let refused = shop.json(1, &["publish", &file, "--free"]).await;
    assert!(super::errors(&refused)[0].contains("it is no ZIP file, or a broken one"));
    let dry = shop.build("shop", "1.0.0");
    shop.json(0, &["publish", &dry, "--free", "--dry-run"]).await;
    assert_eq!(fs::read_dir(shop.state()).unwrap().count(), 0);
    assert_eq!(shop.json(0, &["releases", "list"]).await, serde_json::json!([]));
}

#[tokio::test]
async fn a_disk_that_is_full_publishes_nothing() {
    let shop = Shop::new().await;
    let noise: Vec<u8> =
        (0..400_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let manifest = "<extension type=\"file\"><name>shop</name><element>shop</element>\
         <version>1</version><targetplatform name=\"joomla\" version=\"5\"/></extension>";
    let files: [(&str, &[u8]); 2] = [("shop.xml", manifest.as_bytes()), ("noise", &noise)];
    let file = shop.put("shop.zip", &crate::update_site::archive_of(&files));
    let toml = shop.path("bridge.toml").display().to_string();
    let script = format!(
        "ulimit -f 600; exec '{}' publish '{file}' --free --config '{toml}'",
        program(&[]).as_std().get_program().to_str().unwrap()
    );
    let mut shell = tokio::process::Command::new("bash");
    let ended = shell.args(["-c", &script]).output().await.unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot copy") && said.contains("File too large"), "{said}");
    assert_eq!(fs::read_dir(shop.state()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_ledger_edited_by_hand_is_told_in_words() {
    let shop = Shop::new().await;
    let file = shop.build("shop", "1.0.0");
    shop.json(0, &["publish", &file, "--free"]).await;
    let ledger = Connection::open(shop.path("bridge.db")).unwrap();
    ledger.execute("UPDATE extensions SET client = 'moon'", []).unwrap();
    drop(ledger);
    let shown = shop.command(&["releases", "list"]).await;
    assert_eq!(shown.code, Some(2));
    assert!(shown.stderr.contains("column `client`: an unknown word"), "{}", shown.stderr);
}

#[tokio::test]
async fn without_a_ledger_the_commands_say_how_to_get_one() {
    let shop = Shop::new().await;
    crate::cli::operations::configure(&shop.site, &crate::cli::operations::usual());
    let file = shop.build("shop", "1.0.0");
    for arguments in [&["publish", file.as_str()][..], &["releases", "list"]] {
        let run = shop.command(arguments).await;
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.contains("`ledger.url` is not set"), "{}", run.stderr);
    }
}

/// Each change is in force at the next request: no request waits for the next look at the ledger.
#[tokio::test]
async fn a_withdrawal_is_in_force_at_the_next_request() {
    let shop = Shop::new().await;
    let file = shop.build("shop", "1.0.0");
    shop.json(0, &["publish", &file, "--free"]).await;
    let service = shop.start().await;
    let download = "/packages/get/release/download/pkg_shop-1.0.0";
    for _ in 0..4 {
        assert_eq!(service.get(download).await.body, fs::read(&file).unwrap());
        shop.json(0, &["releases", "withdraw", "pkg_shop-1.0.0"]).await;
        let at_once = (0..8).map(|_| service.get(download));
        for reply in futures_util::future::join_all(at_once).await {
            assert!(reply.text().contains("REL_PNF"), "{}", reply.text());
        }
        let ledger = Connection::open(shop.path("bridge.db")).unwrap();
        let publish =
            "UPDATE releases SET state = 'published'; UPDATE ledger SET revision = revision + 1";
        ledger.execute_batch(&format!("BEGIN; {publish}; COMMIT")).unwrap();
    }
}

#[tokio::test]
async fn the_changelog_of_a_release_is_served_with_its_update() {
    let shop = Shop::new().await;
    let changes = shop.put("CHANGES.md", b"### Security\n\n- closes a hole\n");
    let first = shop.build("shop", "1.0.0");
    shop.json(0, &["publish", &first, "--free", "--changelog", &changes]).await;
    let all = shop.put("ALL.md", b"## 1.1.0\n\n- adds a page\n\n## 1.0.0\n\n- not this text\n");
    let second = shop.build("shop", "1.1.0");
    shop.json(0, &["publish", &second, "--changelog", &all, "--security", "high"]).await;
    let service = shop.start().await;
    eventually("the XML", async || service.get(XML).await.status == 200).await;
    let xml = service.get(XML).await.text();
    let address = "https://www.example.com/packages/updates/changelogs/pkg_shop.xml";
    assert!(xml.contains(address) && xml.contains("<security>3</security>"), "{xml}");
    let changelog = service.get("/packages/updates/changelogs/pkg_shop.xml").await.text();
    for text in
        ["<version>1.1.0</version>", "adds a page", "<version>1.0.0</version>", "closes a hole"]
    {
        assert!(changelog.contains(text), "{text} in {changelog}");
    }
    assert!(changelog.matches("<version>1.0.0</version>").count() == 1, "{changelog}");
}
