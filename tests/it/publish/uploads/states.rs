//! Uploads that become releases, and changes of their states.

use super::*;
use crate::cli::operations::eventually;

const XML: &str = "/packages/updates/pkg_shop.xml";

#[tokio::test]
async fn a_published_upload_is_served_and_the_same_again_changes_nothing() {
    let shop = shop().await;
    let token = shop.token(&["--may", "publish"]).await;
    let service = shop.start().await;
    let file = package("shop", "1.0.0", "[45]");
    let texts = [
        ("Release-Changelog", "KiBGaXhlZCBhIGJ1Zwo="),
        ("Release-Signature", "dW50cnVzdGVkIGNvbW1lbnQ6IHgK"),
    ];
    let name = "pkg_shop-1.0.0.zip?security=high";
    let reply = upload_with(&service, &token, name, &file, &texts).await;
    let stored = json(&reply);
    assert_eq!((reply.status, &stored["result"]), (201, &"stored".into()), "{stored}");
    assert_eq!((&stored["id"], &stored["state"]), (&"pkg_shop-1.0.0".into(), &"published".into()));
    assert_eq!(stored["xml"][0], "https://www.example.com/packages/updates/pkg_shop.xml");
    eventually("the XML", async || service.get(XML).await.status == 200).await;
    let xml = service.get(XML).await.text();
    assert!(xml.contains(stored["sha384"].as_str().unwrap()), "{xml}");
    let download = service.get("/packages/get/release/download/pkg_shop-1.0.0").await;
    assert_eq!(download.body, file);
    let again = upload(&service, &token, "pkg_shop-1.0.0.zip", &file).await;
    assert_eq!((again.status, &json(&again)["result"]), (200, &"unchanged".into()));
    let shown = &shop.json(0, &["releases", "show", "pkg_shop-1.0.0"]).await[0];
    assert_eq!(shown["changelog"], "* Fixed a bug\n");
    assert_eq!(shown["signature"], "untrusted comment: x\n");
    assert_eq!(shown["stored_by"], "token 1");
    assert_eq!(shop.files(), 1);
}

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let shop = shop().await;
    let token = shop.token(&[]).await;
    let service = shop.start().await;
    let file = package("shop", "1.0.0", "[45]");
    let reply = upload(&service, &token, "x.zip?dry-run=true", &file).await;
    assert_eq!((reply.status, &json(&reply)["result"]), (200, &"checked".into()));
    assert_eq!(shop.files(), 0);
    assert_eq!(shop.json(0, &["releases", "list"]).await, serde_json::json!([]));
}

#[tokio::test]
async fn states_change_as_far_as_the_token_goes() {
    let shop = shop().await;
    let stage = shop.token(&[]).await;
    let publish = shop.token(&["--may", "publish"]).await;
    let withdraw = shop.token(&["--may", "withdraw"]).await;
    let service = shop.start().await;
    let file = package("shop", "1.0.0", "[45]");
    let wanted = upload(&service, &stage, "x.zip?state=published", &file).await;
    assert!(refusal(403, &wanted).contains("make one with `--may publish`"));
    assert_eq!(json(&upload(&service, &stage, "x.zip", &file).await)["state"], "staged");
    let id = "pkg_shop-1.0.0";
    refusal(403, &change(&service, &stage, id, "promote").await);
    for (token, verb, state, result) in [
        (&publish, "promote", "published", "changed"),
        (&publish, "promote", "published", "unchanged"),
        (&publish, "hold", "held", "changed"),
        (&withdraw, "promote", "published", "changed"),
        (&withdraw, "withdraw", "withdrawn", "changed"),
        (&withdraw, "withdraw", "withdrawn", "unchanged"),
    ] {
        let reply = change(&service, token, id, verb).await;
        let value = json(&reply);
        assert_eq!(reply.status, 200, "{value}");
        assert_eq!((&value["state"], &value["result"]), (&state.into(), &result.into()), "{verb}");
    }
    refusal(403, &change(&service, &publish, id, "withdraw").await);
    let again = change(&service, &publish, id, "promote").await;
    assert!(refusal(409, &again).contains("is withdrawn"));
    assert!(
        refusal(404, &change(&service, &publish, "other", "promote").await).contains("`other`")
    );
    refusal(404, &change(&service, &publish, id, "delete").await);
    refusal(400, &change(&service, &publish, id, "promote?verson=1").await);
    refusal(404, &change(&service, &publish, id, "promote?version=2").await);
}

#[tokio::test]
async fn of_two_that_upload_one_version_at_once_one_wins() {
    let shop = shop().await;
    let tokens = [shop.token(&[]).await, shop.token(&[]).await];
    let service = shop.start().await;
    let one = package("shop", "1.0.0", "[45]");
    let other = package("shop", "1.0.0", "5");
    let (first, second) = tokio::join!(
        upload(&service, &tokens[0], "x.zip", &one),
        upload(&service, &tokens[1], "x.zip", &other)
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", first.text(), second.text());
    assert_eq!(shop.files(), 1, "the file of the loser is gone");
}

#[tokio::test]
async fn many_upload_at_the_same_time() {
    let shop = shop().await;
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut tokens = Vec::new();
    for name in names {
        let element = format!("pkg_{name}");
        tokens.push(shop.token(&["--extension", &element, "--may", "publish"]).await);
    }
    let service = shop.start().await;
    let uploads = names.iter().zip(&tokens).map(async |(name, token)| {
        upload(&service, token, "x.zip", &package(name, "1.0.0", "[45]")).await
    });
    for reply in futures_util::future::join_all(uploads).await {
        assert_eq!(reply.status, 201, "{}", reply.text());
    }
    assert_eq!(shop.files(), names.len());
}
