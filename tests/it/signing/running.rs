//! Files that change while the service runs.

use jbackend_bridge::config::values::WordOrWords;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{SignedSite, package, put};
use crate::update_site::archive;

/// A package of this size does not fit into the buffers of a connection.
const LARGE: usize = 24 << 20;

#[tokio::test]
async fn a_swapped_file_is_refused_until_the_signed_one_is_back() {
    let site = SignedSite::new(&["a;redj.zip"]).await;
    let good = site.put_signed("redj.zip", "1.9.0");
    let served = site.serve().await;
    served.serves("a", &good).await;
    served.write("redj.zip", &package("redj", "99.0", "[45]"));
    served.refuses("a", "swapped").await;
    served.write("redj.zip", &good);
    served.serves("a", &good).await;
}

#[tokio::test]
async fn a_file_that_is_written_to_during_its_download_leaves_as_it_was() {
    let site = SignedSite::new(&["a;redj.zip"]).await;
    let manifest = "<extension type=\"package\"><name>redj</name><packagename>redj</packagename>\
                    <version>1.9.0</version></extension>";
    let noise: Vec<u8> = (0..u32::try_from(LARGE / 4).unwrap())
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let mut large = archive(&[("pkg_redj.xml", manifest)]);
    // Bytes in front of a ZIP belong to it.
    large.splice(0..0, noise);
    put(&site.site, "redj.zip", &large);
    site.put_signature("redj.zip", &site.maker.sign_package(&large, "redj", "1.9.0"));
    let served = site.serve().await;
    let mut connection = TcpStream::connect(&served.server.client.address).await.unwrap();
    let request =
        "GET /packages/get/release/download/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    connection.read_exact(&mut answer).await.unwrap();
    // In place: the same file, other bytes.
    let evil = vec![b'!'; large.len()];
    served.write("redj.zip", &evil);
    connection.read_to_end(&mut answer).await.unwrap();
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    assert!(answer[head..] == large, "other bytes than the signed ones");
}

#[tokio::test]
async fn an_id_keeps_its_extension_and_never_sinks() {
    let mut site = SignedSite::new(&["a;redj.zip"]).await;
    let WordOrWords::Words(words) = &mut site.site.config.signing[0].elements else { panic!() };
    words.push("pkg_other".into());
    site.put_signed("redj.zip", "1.10.0");
    let old = package("redj", "1.9.0", "[45]");
    let other = package("other", "99.0", "[45]");
    let unsigned = package("free", "99.0", "[45]");
    let served = site.serve().await;
    let put = |file: &[u8], name: &str, version: &str| {
        let signature = served.maker.sign_package(file, name, version);
        served.write("redj.zip.minisig", signature.as_bytes());
        served.write("redj.zip", file);
    };
    let new = package("redj", "1.10.0", "[45]");
    served.serves("a", &new).await;
    put(&old, "redj", "1.9.0");
    served.refuses("a", "a lower version, signed").await;
    put(&other, "other", "99.0");
    served.refuses("a", "another extension, signed").await;
    std::fs::remove_file(served.path("redj.zip.minisig")).unwrap();
    served.write("redj.zip", &unsigned);
    served.refuses("a", "an extension that needs no signature, under an id that was signed").await;
    put(&new, "redj", "1.10.0");
    served.serves("a", &new).await;
}
