//! The update XML in force: the publisher puts it here, requests take it from here.
//!
//! It outlives reloads: while a new configuration looks at the packages, the XML of the former one is
//! served.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;

use super::document_text::DocumentText;
use super::documents::{Document, Documents};

/// The documents in force.
#[derive(Debug, Default)]
pub struct Publication {
    current: RwLock<(u64, Arc<Documents>)>,
    changes: Mutex<BTreeMap<String, Change>>,
    wake: Notify,
}

/// Since when a document has the content it has.
#[derive(Debug)]
struct Change {
    tag: String,
    /// Whole seconds since 1970.
    at: u64,
}

/// Documents that are gone and remembered all the same.
const FORMER: usize = 1000;

/// The right to publish; a later one ends it.
#[derive(Debug)]
pub struct Term(u64);

impl Publication {
    /// The documents in force.
    #[must_use]
    pub fn current(&self) -> Arc<Documents> {
        Arc::clone(&self.current.read().1)
    }

    /// Begins a term: from now on publications of former terms are ignored.
    #[must_use]
    pub fn begin(&self) -> Term {
        let mut current = self.current.write();
        current.0 += 1;
        Term(current.0)
    }

    /// There are none any more.
    pub fn clear(&self) {
        let term = self.begin();
        self.publish(&term, &Arc::default());
    }

    /// Puts documents into force.
    pub fn publish(&self, term: &Term, documents: &Arc<Documents>) {
        {
            let mut current = self.current.write();
            if current.0 != term.0 {
                return;
            }
            current.1 = Arc::clone(documents);
        }
        {
            // A document that is gone may come back.
            let mut changes = self.changes.lock();
            if changes.len() > documents.iter().count().saturating_mul(2).max(FORMER) {
                changes.retain(|name, _| documents.get(name).is_some());
            }
        }
        for document in documents.iter() {
            self.last_change(document, document.whole());
        }
    }

    /// Since when the document has this content, as far as this process has seen it. It never goes
    /// back, and two contents never have the same second; so it may be in the next one.
    pub fn last_change(&self, document: &Document, content: &DocumentText) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut changes = self.changes.lock();
        match changes.get_mut(document.name()) {
            Some(known) if known.tag == content.tag => known.at,
            Some(known) => {
                known.at = now.max(known.at.saturating_add(1));
                known.tag.clone_from(&content.tag);
                known.at
            }
            None => {
                let change = Change { tag: content.tag.clone(), at: now };
                changes.insert(document.name().to_owned(), change);
                now
            }
        }
    }

    /// Something is not as it was: the publisher should look.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits until [`Publication::wake`] is called.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }
}
