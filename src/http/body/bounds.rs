//! How much of a body is read and kept, and why one ends its request. See `docs/protocol.md`, "Bodies".
//!
//! Used by everything that reads a body.

/// Bytes of fields that are kept.
pub(in crate::http) const KEPT: usize = 64 * 1024;

/// Past this the body's fields are left out.
pub(in crate::http) const IGNORED_PAST: u64 = 8 * 1024 * 1024;

/// Past this the request is refused.
pub(super) const REFUSED_PAST: u64 = 16 * 1024 * 1024;

/// Why a body ended the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// More than 16 MiB.
    TooLarge,
    /// The client fell silent, or took too long for the whole.
    TooSlow,
    /// The client has gone, or broke the framing.
    Broken,
    /// The memory of all bodies together, or of those of an address, is used up.
    Busy,
}
