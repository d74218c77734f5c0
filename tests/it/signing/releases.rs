//! Releases: a ledger that was edited by hand lets no unsigned byte out.

use crate::publish::Shop;

use super::maker::Maker;

#[tokio::test]
async fn an_edited_ledger_makes_no_file_good() {
    let maker = Maker::new();
    let shop = Shop::new().await;
    let file = shop.build("redj", "1.9.0");
    let bytes = std::fs::read(&file).unwrap();
    shop.json(0, &["publish", &file, "--free"]).await;
    shop.configure(&format!("[[signing]]\nelements = 'all'\nkeys = ['{}']\n", maker.key()));
    let good = maker.sign_package(&bytes, "redj", "1.9.0");
    let other = maker.sign_package(b"other", "redj", "1.9.0");
    let ledger = rusqlite::Connection::open(shop.path("bridge.db")).unwrap();
    let edit = |signature: Option<&str>, version: &str| {
        let set = "UPDATE releases SET signature = ?1, version = ?2";
        assert_eq!(ledger.execute(set, (signature, version)).unwrap(), 1);
    };
    let id: String = ledger.query_row("SELECT id FROM releases", [], |row| row.get(0)).unwrap();
    for (signature, version, why) in [
        (None, "1.9.0", "no signature"),
        (Some(other.as_str()), "1.9.0", "the signature of another file"),
        (Some(good.as_str()), "99.0", "a version that the file does not have"),
    ] {
        edit(signature, version);
        let service = shop.start().await;
        let reply = service.client.send("GET", &download(&id), &[], b"").await;
        assert_eq!(reply.code(), "REL_FNF", "{why}");
    }
    edit(Some(&good), "1.9.0");
    let service = shop.start().await;
    let reply = service.client.send("GET", &download(&id), &[], b"").await;
    assert!(reply.body == bytes, "{}", reply.text());
}

fn download(id: &str) -> String {
    format!("/packages/get/release/download/{id}")
}
