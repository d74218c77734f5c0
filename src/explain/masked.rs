//! Keys as an explanation shows them: enough to compare two on the telephone.

use crate::mask;

/// The first characters, and the length.
pub(super) fn masked(key: &str) -> String {
    let length = key.chars().count();
    format!("{} ({length} character{})", mask::key(key), if length == 1 { "" } else { "s" })
}

/// The first characters in ASCII, for the place a key has in JSON.
pub(super) fn masked_in_json(key: &str) -> String {
    format!("{}...", mask::start_of_key(key))
}
