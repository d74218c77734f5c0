//! Why a method does not answer.

use super::code::{self, Code};
use crate::limits::Exceeded;

/// The code the client gets, and for a limit what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// The limit behind `REL_RLE`.
    pub exceeded: Option<Exceeded>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, exceeded: None }
    }
}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self { code: code::LIMIT_EXCEEDED, exceeded: Some(exceeded) }
    }
}
