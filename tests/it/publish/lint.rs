//! Everything that speaks against a release, told at once.

use super::{Shop, errors};
use crate::signing::maker::Maker;
use crate::update_site::archive;

/// A package with a manifest of these elements.
fn zip(elements: &str) -> Vec<u8> {
    let manifest = format!(
        "<?xml version=\"1.0\"?><extension type=\"package\"><name>Shop</name>\
         <packagename>shop</packagename>{elements}</extension>"
    );
    archive(&[("pkg_shop.xml", &manifest)])
}

#[tokio::test]
async fn every_finding_is_told_at_once() {
    let shop = Shop::new().await;
    let first = shop.build("shop", "2.0.0");
    shop.json(0, &["publish", &first, "--free"]).await;
    let bad = zip("<version>1.0.0</version><targetplatform name=\"joomla\" version=\"/\"/>");
    let bad = shop.put("größe.php", &bad);
    let wishes = ["--group", "nobody", "--id", "a b", "--channel", "stable"];
    let refused = shop.json(1, &[&["publish", bad.as_str()][..], &wishes].concat()).await;
    insta::assert_snapshot!(errors(&refused).join("\n"));
}

#[tokio::test]
async fn warnings_do_not_keep_a_release_back() {
    let shop = Shop::new().await;
    let file = zip("<version>1.0.0</version><targetplatform name=\"joomla\" version=\"5\"/>\
         <updateservers><server>https://elsewhere.example/list.xml</server></updateservers>");
    let file = shop.put("shop.zip", &file);
    let said = shop.command(&["publish", &file, "--free", "--id", "redj_com_190"]).await;
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    assert!(
        said.stdout.contains("its manifest sends sites for updates to `https://elsewhere.example")
    );
    assert!(said.stdout.contains("`redj_com_190` stands in line"), "{}", said.stdout);
}

#[tokio::test]
async fn a_version_must_be_higher_in_its_channel_and_for_its_joomla() {
    let shop = Shop::new().await;
    let publish = async |version: &str, joomla: &str, more: &[&str]| {
        let name = format!("{version}-{}.zip", joomla.len());
        let file = shop.put(&name, &crate::cli::updates::package("shop", version, joomla));
        let id = format!("{version}-{}", joomla.len());
        let wishes = ["publish", &file, "--free", "--id", &id];
        shop.command(&[&wishes, more].concat()).await.code
    };
    assert_eq!(publish("2.0.0", "[45]", &[]).await, Some(0));
    assert_eq!(publish("1.9.0", "[456]", &[]).await, Some(1), "lower for 4 and 5");
    assert_eq!(publish("2.0.0", "[4567]", &[]).await, Some(1), "the same version");
    assert_eq!(publish("1.9.0", "3", &[]).await, Some(0), "of another Joomla");
    assert_eq!(publish("1.9.0-beta1", "[45]", &[]).await, Some(0), "of another channel");
    assert_eq!(publish("1.8.0", "[45]", &["--force"]).await, Some(0), "on the server");
    assert_eq!(publish("2.0.10", "[45]", &[]).await, Some(0));
    assert_eq!(publish("2.0.9", "[45]", &[]).await, Some(1), "numbers, not letters");
}

#[tokio::test]
async fn an_id_is_of_one_extension_and_one_channel() {
    let shop = Shop::new().await;
    let first = shop.build("shop", "1.0.0");
    shop.json(0, &["publish", &first, "--free", "--id", "shop"]).await;
    let beta = shop.build("shop", "1.1.0-beta1");
    let refused = shop.json(1, &["publish", &beta, "--free", "--id", "shop"]).await;
    assert!(errors(&refused)[0].contains("`shop` has releases of the channel stable"));
    let other = shop.build("other", "1.1.0");
    let refused = shop.json(1, &["publish", &other, "--free", "--id", "shop"]).await;
    assert_eq!(errors(&refused), ["`shop` is the id of package pkg_shop"]);
}

#[tokio::test]
async fn a_release_that_needs_a_signature_is_refused_without_a_good_one() {
    let shop = Shop::new().await;
    let maker = Maker::new();
    let key = maker.key();
    shop.configure(&format!("[[signing]]\nelements = ['pkg_shop']\nkeys = ['{key}']\n"));
    let file = shop.build("shop", "1.0.0");
    let content = std::fs::read(&file).unwrap();
    let refused = shop.json(1, &["publish", &file, "--free"]).await;
    let missing = &errors(&refused)[0];
    assert!(missing.contains("signature"), "{missing}");
    let put = |signature: String| shop.put("pkg_shop-1.0.0.zip.minisig", signature.as_bytes());
    for (signature, why) in [
        (maker.sign_package(&content, "shop", "0.9.0"), "another version"),
        (maker.sign_package(b"other bytes", "shop", "1.0.0"), "other bytes"),
        (Maker::new().sign_package(&content, "shop", "1.0.0"), "another key"),
        ("nonsense".to_owned(), "no signature"),
    ] {
        put(signature);
        let refused = shop.json(1, &["publish", &file, "--free"]).await;
        assert_eq!(errors(&refused).len(), 1, "{why}");
    }
    put(maker.sign_package(&content, "shop", "1.0.0"));
    shop.json(0, &["publish", &file, "--free"]).await;
    let service = shop.start().await;
    let reply = service.get("/packages/get/release/download/pkg_shop-1.0.0").await;
    assert!(reply.body == content, "{}", reply.text());
}
