//! Bounds for reading a body, and the faults that end its request. See `docs/protocol.md`,
//! "Bodies".
//!
//! Used by all code that reads a body.

/// Bytes of fields that are kept.
pub(crate) const KEPT: usize = 64 * 1024;

/// If a body is longer, its fields are left out.
pub(crate) const IGNORED_PAST: u64 = 8 * 1024 * 1024;

/// If a body is longer, the request is refused.
pub(super) const REFUSED_PAST: u64 = 16 * 1024 * 1024;

/// Why a body ended the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// More than 16 MiB.
    TooLarge,
    /// The client sent nothing for too long, or took too long for the whole body.
    TooSlow,
    /// The client disconnected, or broke the framing.
    Broken,
    /// The memory of all bodies together is used up, or the share of the address.
    Busy,
}
