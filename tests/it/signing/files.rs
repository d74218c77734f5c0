//! Files, signatures, lines and links that are not what the maker has signed.

use std::fs;
use std::os::unix::fs::symlink;

use jbackend_bridge::config::offload::OffloadTo;
use jbackend_bridge::config::values::WordOrWords;

use super::maker::Maker;
use super::{SignedSite, package, put};

#[tokio::test]
async fn a_signed_package_is_served_under_its_name_and_an_unsigned_one_is_not() {
    let site = SignedSite::new(&["good;a/redj.zip", "bare;a/bare.zip", "free;a/other.zip"]).await;
    let good = site.put_signed("a/redj.zip", "1.9.0");
    put(&site.site, "a/bare.zip", &package("redj", "1.9.0", "[45]"));
    let other = package("other", "1.0", "[45]");
    put(&site.site, "a/other.zip", &other);
    let served = site.serve().await;
    served.serves("good", &good).await;
    let reply = served.download("good").await;
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"redj.zip\"");
    served.refuses("bare", "no signature").await;
    served.serves("free", &other).await;
    // The signature comes later.
    let late = package("redj", "1.9.0", "[45]");
    served
        .write("a/bare.zip.minisig", served.maker.sign_package(&late, "redj", "1.9.0").as_bytes());
    served.serves("bare", &late).await;
}

#[tokio::test]
async fn every_wrong_signature_is_refused() {
    let site = SignedSite::new(&["a;redj.zip"]).await;
    let file = site.put_signed("redj.zip", "1.9.0");
    let older = package("redj", "1.8.0", "[45]");
    let (own, stranger) = (&site.maker, Maker::new());
    let wrong = [
        ("none of minisign", "hello".to_owned()),
        ("of an older file", own.sign_package(&older, "redj", "1.9.0")),
        ("of another key", stranger.sign_package(&file, "redj", "1.9.0")),
        ("for another version", own.sign_package(&file, "redj", "1.8.0")),
        ("for another extension", own.sign_package(&file, "other", "1.9.0")),
        ("without the words", own.sign(&file, "timestamp:1 file:redj.zip")),
        (
            "for a group",
            own.sign(&file, "type=package element=pkg_redj version=1.9.0 group=redj_ent"),
        ),
        ("empty", String::new()),
    ];
    let served = site.serve().await;
    for (why, signature) in wrong {
        // Facts are known of the file that is there now: a new one has none.
        served.write("redj.zip", b"");
        served.write("redj.zip.minisig", signature.as_bytes());
        served.write("redj.zip", &file);
        served.refuses("a", why).await;
    }
    served.write("redj.zip.minisig", served.maker.sign_package(&file, "redj", "1.9.0").as_bytes());
    served.serves("a", &file).await;
}

#[tokio::test]
async fn no_line_makes_a_signed_extension_free_of_its_signature() {
    let lines = ["high;high.zip", "case;case.zip", "paid;paid.zip", "none;none.zip"];
    let site = SignedSite::new(&lines).await;
    // A free line with the element and a high version, also as Joomla would find the element.
    put(&site.site, "high.zip", &package("redj", "99.0", "[45]"));
    put(&site.site, "case.zip", &package("ReDJ", "99.0", "[45]"));
    // A paid package, signed for its group, and old: on a free line with a new id.
    let paid = package("redj", "1.0", "[45]");
    let words = "type=package element=pkg_redj version=1.0 group=redj_ent";
    put(&site.site, "paid.zip", &paid);
    site.put_signature("paid.zip", &site.maker.sign(&paid, words));
    // Joomla could find a manifest where the bridge finds none.
    put(&site.site, "none.zip", b"PK\x03\x04 no directory");
    let served = site.serve().await;
    for line in ["high", "case", "paid", "none"] {
        served.refuses(line, line).await;
    }
}

#[tokio::test]
async fn keys_count_for_their_extensions_and_all_covers_every_one() {
    let mut site = SignedSite::new(&["a;other.zip", "b;redj.zip"]).await;
    let strangers = Maker::new();
    let mut all = site.site.config.signing[0].clone();
    all.elements = WordOrWords::Word("all".into());
    all.keys = vec![strangers.key()];
    site.site.config.signing.push(all);
    let other = package("other", "1.0", "[45]");
    put(&site.site, "other.zip", &other);
    site.put_signature("other.zip", &site.maker.sign_package(&other, "other", "1.0"));
    let redj = site.put_signed("redj.zip", "1.0");
    let served = site.serve().await;
    served.refuses("a", "a key of other extensions").await;
    served.serves("b", &redj).await;
    served.write("other.zip.minisig", strangers.sign_package(&other, "other", "1.0").as_bytes());
    served.serves("a", &other).await;
}

#[tokio::test]
async fn links_lead_to_no_unsigned_byte() {
    let site = SignedSite::new(&["link;link.zip", "hard;hard.zip"]).await;
    let good = site.put_signed("real.zip", "1.9.0");
    let evil = package("redj", "99.0", "[45]");
    put(&site.site, "evil.zip", &evil);
    let folder = site.site.packages();
    for name in ["link.zip", "hard.zip"] {
        fs::copy(folder.join("real.zip.minisig"), folder.join(format!("{name}.minisig"))).unwrap();
    }
    symlink("real.zip", folder.join("link.zip")).unwrap();
    fs::hard_link(folder.join("real.zip"), folder.join("hard.zip")).unwrap();
    let served = site.serve().await;
    served.serves("link", &good).await;
    served.serves("hard", &good).await;
    // Another link, and another content by another name.
    fs::remove_file(served.path("link.zip")).unwrap();
    symlink("evil.zip", served.path("link.zip")).unwrap();
    served.write("real.zip", &evil);
    served.refuses("link", "a link that was turned").await;
    served.refuses("hard", "a file that was written to by another name").await;
}

#[tokio::test]
async fn web_servers_in_front_are_told_of_no_file() {
    for offload in [OffloadTo::XAccelRedirect, OffloadTo::XSendfile] {
        let mut site = SignedSite::new(&["a;redj.zip"]).await;
        site.site.config.packages.offload = offload;
        let good = site.put_signed("redj.zip", "1.9.0");
        let served = site.serve().await;
        let reply = served.download("a").await;
        for order in ["x-accel-redirect", "x-sendfile"] {
            assert!(!reply.headers.contains_key(order), "{order}");
        }
        assert!(reply.body == good);
        served.write("redj.zip", &package("redj", "99.0", "[45]"));
        served.refuses("a", "swapped").await;
    }
}

#[tokio::test]
async fn signatures_need_a_folder_for_copies_and_right_keys() {
    let mut site = SignedSite::new(&[]).await.site;
    site.config.releases.folder = None;
    site.config.signing[0].keys = vec!["RWnonsense".into()];
    site.config.signing[0].elements = WordOrWords::Words(vec!["pkg redj".into()]);
    let draft = jbackend_bridge::service::plan::Draft::of(&site.config);
    let problems: Vec<_> = draft.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "`signing.0.elements`: names no extension, or a text that is not an element: write \
             elements as manifests have them, like `pkg_redj`, or `all`",
            "`signing.0.keys`: is not a public key of minisign: copy the last line of \
             `minisign.pub`, which begins with `RW`",
            "`signing`: `require` needs a folder for the checked copies of packages: set `folder` in \
             `[releases]`",
        ]
    );
}
