//! The state of a document since its last check.

use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;

use super::document_text::DocumentText;
use crate::release::catalog::Catalog;

/// The state of a document.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// When the last look began.
    pub(super) looked: Mutex<Option<Instant>>,
    /// The text under the settings last asked for.
    pub(super) standing: Mutex<Option<(Weak<Catalog>, GuardedDocument)>>,
}

/// A document under the settings in force.
#[derive(Debug, Clone)]
pub struct GuardedDocument {
    /// The text without withdrawn packages.
    pub text: Arc<DocumentText>,
    /// Whether no package is withdrawn.
    pub is_whole: bool,
}
