//! The names of buckets on the server: `jbackend-bridge:<limit>:<hash>`.
//!
//! All bridges of a site must use the same name, but it must not show readers of the server whose
//! bucket it is. So the hash is keyed with Joomla's secret: all bridges of the site have it, and
//! outsiders do not. Bridges of two sites never use the same bucket, even on the same server. The
//! numbers of the limit are also in the hash: a bucket filled by other numbers would refuse for
//! times that do not fit this bridge's configuration.

use std::hash::Hash;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::limits::buckets::Rate;
use crate::limits::{AccountName, ClientAddress, Limit};

/// The prefix of every name.
pub const PREFIX: &str = "jbackend-bridge";

/// Separates this use of the secret from all others, and from names of a later form.
const LABEL: &[u8] = b"jbackend-bridge: shared limits, 1";

/// Bytes of a hash: enough to avoid equal hashes.
const LENGTH: usize = 16;

/// The owner of a bucket.
pub trait BucketKey: Hash {
    /// Returns a text that is the same on every bridge and machine; [`Hash`] does not promise that.
    fn text(&self) -> String;
}

impl BucketKey for AccountName {
    fn text(&self) -> String {
        self.folded().to_owned()
    }
}

impl BucketKey for ClientAddress {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// A user's id.
impl BucketKey for i64 {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// Makes the names of buckets.
pub struct BucketNames(Hmac<Sha256>);

/// Equal if the secret is the same.
impl PartialEq for BucketNames {
    fn eq(&self, other: &Self) -> bool {
        self.0.clone().finalize() == other.0.clone().finalize()
    }
}

impl BucketNames {
    /// Makes names under the site's secret; `None` if it is empty, because anyone could compute the
    /// names.
    #[must_use]
    pub fn under(secret: &[u8]) -> Option<Self> {
        if secret.is_empty() {
            return None;
        }
        let own = Hmac::<Sha256>::new_from_slice(secret).ok()?.chain_update(LABEL).finalize();
        Hmac::new_from_slice(&own.into_bytes()).ok().map(Self)
    }

    /// Returns the name of a bucket.
    #[must_use]
    pub fn name(&self, limit: Limit, rate: Rate, key: &impl BucketKey) -> String {
        let Rate { tokens, per, burst } = rate;
        let limit = limit.name();
        let what = format!("{limit} {tokens}/{}ns {burst} ", per.as_nanos());
        let hash = self.0.clone().chain_update(what).chain_update(key.text()).finalize();
        let hash = hash.into_bytes();
        let hash = hash.get(..LENGTH).unwrap_or(&hash);
        format!("{PREFIX}:{limit}:{}", base16ct::lower::encode_string(hash))
    }
}
