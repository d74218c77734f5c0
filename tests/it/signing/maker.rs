//! A maker of extensions: a key of minisign, packages, and their signatures.

use std::io::Cursor;

use minisign::KeyPair;

/// A maker.
pub(crate) struct Maker(KeyPair);

impl Maker {
    pub(crate) fn new() -> Self {
        Self(KeyPair::generate_unencrypted_keypair().unwrap())
    }

    /// The key, as the configuration has it.
    pub(crate) fn key(&self) -> String {
        self.0.pk.to_base64()
    }

    /// Signs a file with a trusted comment.
    pub(crate) fn sign(&self, file: &[u8], comment: &str) -> String {
        let signed =
            minisign::sign(Some(&self.0.pk), &self.0.sk, Cursor::new(file), Some(comment), None);
        signed.unwrap().into_string()
    }

    /// Signs a package as it should be.
    pub(crate) fn sign_package(&self, file: &[u8], name: &str, version: &str) -> String {
        self.sign(file, &format!("type=package element=pkg_{name} version={version}"))
    }
}
