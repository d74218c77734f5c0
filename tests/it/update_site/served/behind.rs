//! In front of a whole site: the bridge's update XML if there is one, and the site's own otherwise.

use testkit::fixture::Schema;

use super::{XML, listed, site};
use crate::fallback::upstream::Upstream;

#[tokio::test]
async fn the_site_s_own_xml_stays_where_there_is_none_of_ours() {
    let upstream = Upstream::start().await;
    let mut site = site(Schema::Sqlite).await;
    let address = format!("http://{}", upstream.address);
    site.config.fallback.upstream = Some(address.parse().unwrap());
    site.config.fallback.shadow = vec!["validate".into()];
    let server = site.serve().await;
    let ours = listed(&server, XML, "1.9.0").await;
    assert!(ours.text().contains("<updates>"));
    upstream.take();
    // The XML is public, also at an end-point that needs a key.
    assert_eq!(server.get("/apikey/updates/pkg_redj.xml").await.text(), ours.text());
    assert_eq!(server.client.send("POST", XML, &[], b"").await.status, 405);
    assert!(upstream.take().is_empty());
    for target in ["/packages/updates/hand_written.xml", "/packages/updates/pkg_redj.xml/"] {
        assert_eq!(server.get(target).await.text(), "the site", "{target}");
        assert_eq!(upstream.take().len(), 1, "{target}");
    }
    server.stopped().await;
}

/// PHP still answers downloads, so the XML that leads to them stays the site's, too.
#[tokio::test]
async fn in_shadow_mode_all_update_xml_is_the_site_s() {
    for shadow in ["all", "download"] {
        let upstream = Upstream::start().await;
        let mut site = site(Schema::Sqlite).await;
        let address = format!("http://{}", upstream.address);
        site.config.fallback.upstream = Some(address.parse().unwrap());
        site.config.fallback.shadow = vec![shadow.into()];
        let server = site.serve().await;
        assert_eq!(server.get(XML).await.text(), "the site");
        server.stopped().await;
    }
}
