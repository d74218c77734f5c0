//! What a bucket is called on the server: `jbackend-bridge:<limit>:<hash>`.
//!
//! All bridges of a site must call it the same, and nobody who reads the server may learn whose it
//! is. So the hash is keyed by what all bridges of a site have anyway, and nobody else: Joomla's
//! secret. Bridges of two sites never meet, whatever server they share. The numbers of the limit are
//! in it, too: a bucket filled by other numbers would refuse for times that this bridge's
//! configuration does not know.

use std::hash::Hash;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::limits::buckets::Rate;
use crate::limits::{AccountName, ClientAddress, Limit};

/// The start of every name.
pub const PREFIX: &str = "jbackend-bridge";

/// Keeps this use of the secret apart from all others, and from names of another form to come.
const LABEL: &[u8] = b"jbackend-bridge: shared limits, 1";

/// Bytes of a hash: enough that no two meet.
const LENGTH: usize = 16;

/// Whose bucket it is.
pub trait BucketKey: Hash {
    /// The same on every bridge, whatever machine it runs on; [`Hash`] does not promise that.
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

/// Gives buckets their names.
pub struct BucketNames(Hmac<Sha256>);

/// Under the same secret.
impl PartialEq for BucketNames {
    fn eq(&self, other: &Self) -> bool {
        self.0.clone().finalize() == other.0.clone().finalize()
    }
}

impl BucketNames {
    /// Under the site's secret. `None` for an empty one: anybody could compute the names.
    #[must_use]
    pub fn under(secret: &[u8]) -> Option<Self> {
        if secret.is_empty() {
            return None;
        }
        let own = Hmac::<Sha256>::new_from_slice(secret).ok()?.chain_update(LABEL).finalize();
        Hmac::new_from_slice(&own.into_bytes()).ok().map(Self)
    }

    /// The name of a bucket.
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
