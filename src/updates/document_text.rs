//! The bytes of a document, as they are sent.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// The bytes of a document.
#[derive(Debug)]
pub struct DocumentText {
    /// As it is.
    pub plain: Bytes,
    /// Compressed by gzip, if that makes it shorter.
    pub packed: Option<Bytes>,
    /// A short ASCII text that another content does not have.
    pub tag: String,
}

impl DocumentText {
    pub(super) fn plain(text: String) -> Self {
        let digest = Sha256::digest(&text);
        let tag = base16ct::lower::encode_string(digest.get(..TAG).unwrap_or_default());
        Self { plain: text.into(), packed: None, tag }
    }

    pub(super) fn packed(text: String) -> Self {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        // Writing to memory cannot fail.
        let short = gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish()).ok();
        let packed = short.filter(|short| short.len() < text.len()).map(Bytes::from);
        Self { packed, ..Self::plain(text) }
    }
}

/// Bytes of the content's digest that are its tag.
const TAG: usize = 16;
