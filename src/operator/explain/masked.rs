//! Keys as an explanation shows them: enough to compare two on the telephone.

use crate::mask;
use crate::words::count;

/// The first characters, and the length.
pub(super) fn masked(key: &str) -> String {
    format!("{} ({})", mask::key(key), count(key.chars().count(), "character"))
}

/// The first characters in ASCII, for the place a key has in JSON.
pub(super) fn masked_in_json(key: &str) -> String {
    format!("{}...", mask::start_of_key(key))
}
