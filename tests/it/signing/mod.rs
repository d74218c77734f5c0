//! Signatures: nothing unsigned leaves the server, whatever becomes of files, lines and links.

mod files;
pub(crate) mod maker;
mod releases;
mod running;

use std::fs;

use jbackend_bridge::config::values::{ConfiguredSigning, WordOrWords};
use tempfile::TempDir;

use crate::cli::updates::{package, put};
use crate::common::site::{Server, Site};
use maker::Maker;
use testkit::client::Reply;
use testkit::fixture::Schema;

/// A site whose maker signs the extension `pkg_redj`.
struct SignedSite {
    site: Site,
    maker: Maker,
    copies: TempDir,
}

impl SignedSite {
    async fn new(lines: &[&str]) -> Self {
        let (maker, copies) = (Maker::new(), TempDir::new().unwrap());
        let mut site = Site::new(Schema::Sqlite).await;
        site.config.release.folder = Some("files".into());
        site.config.release.packages = Some(lines.iter().map(|line| (*line).into()).collect());
        site.config.release.groups = Some(vec!["redj_ent;1;SEED;ReDJ".into()]);
        site.config.releases.folder = Some(copies.path().join("copies"));
        site.config.signing = vec![ConfiguredSigning {
            elements: WordOrWords::Words(vec!["pkg_redj".into()]),
            keys: vec![maker.key()],
            require: true,
        }];
        Self { site, maker, copies }
    }

    /// Puts a signed version of the extension there.
    fn put_signed(&self, path: &str, version: &str) -> Vec<u8> {
        let file = package("redj", version, "[45]");
        put(&self.site, path, &file);
        self.put_signature(path, &self.maker.sign_package(&file, "redj", version));
        file
    }

    fn put_signature(&self, path: &str, signature: &str) {
        put(&self.site, &format!("{path}.minisig"), signature.as_bytes());
    }

    async fn serve(self) -> Served {
        let server = self.site.serve().await;
        Served { server, maker: self.maker, _copies: self.copies }
    }
}

/// The same site, in service.
struct Served {
    server: Server,
    maker: Maker,
    _copies: TempDir,
}

impl Served {
    async fn download(&self, id: &str) -> Reply {
        self.server.get(&format!("/packages/get/release/download/{id}")).await
    }

    /// Asserts that a package is served with exactly these bytes.
    async fn serves(&self, id: &str, file: &[u8]) {
        let reply = self.download(id).await;
        assert_eq!(reply.status, 200);
        assert!(reply.body == file, "other bytes, or a refusal: {}", reply.text());
    }

    /// Asserts that a package is refused as one whose file is missing.
    async fn refuses(&self, id: &str, why: &str) {
        let reply = self.download(id).await;
        assert_eq!(reply.code(), "REL_FNF", "{why}");
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.server.site.packages().join(path)
    }

    fn write(&self, path: &str, content: &[u8]) {
        fs::write(self.path(path), content).unwrap();
    }
}
