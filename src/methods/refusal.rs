//! Why a method does not answer.

use super::code::{self, ErrorCode};
use crate::limits::Exceeded;
use crate::store::StoreError;

/// The code for the client, and its cause.
#[derive(Debug)]
pub struct Refusal {
    /// The code.
    pub code: ErrorCode,
    /// The limit behind `REL_RLE`.
    pub exceeded: Option<Exceeded>,
    /// The failure of the database behind `REL_RGE`: another store may still answer.
    pub failure: Option<StoreError>,
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, exceeded: None, failure: None }
    }
}

impl From<Exceeded> for Refusal {
    fn from(exceeded: Exceeded) -> Self {
        Self { code: code::LIMIT_EXCEEDED, exceeded: Some(exceeded), failure: None }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self { code: code::GENERIC_ERROR, exceeded: None, failure: Some(error) }
    }
}
