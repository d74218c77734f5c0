//! What is known of a document since it was looked at last.

use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use super::document_text::DocumentText;
use crate::release::catalog::Catalog;

/// What is known of a document.
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
    /// Without what they withdraw.
    pub text: Arc<DocumentText>,
    /// Do they withdraw nothing?
    pub is_whole: bool,
}
