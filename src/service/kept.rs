//! A thing that outlives reloads while the configuration asks for the same.

use parking_lot::Mutex;

/// The last one, and what it was made for.
///
/// A configuration that is being tried only stages another one: where it comes to nothing, the next
/// finds the former one, and nobody has a new budget by it.
pub(super) struct Kept<K, T>(Mutex<KeptParts<K, T>>);

struct KeptParts<K, T> {
    kept: Option<(K, T)>,
    staged: Option<(K, T)>,
}

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Self(Mutex::new(KeptParts { kept: None, staged: None }))
    }
}

impl<K: PartialEq, T: Clone> Kept<K, T> {
    /// The one that is kept, where it was made for the same; else another one, which is kept at
    /// once.
    pub(super) fn get(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        let mut places = self.0.lock();
        let value = places.stage(key, make);
        places.settle();
        value
    }

    /// The one that is kept, where it was made for the same; else another one, which is kept once
    /// it is settled.
    pub(super) fn stage(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        self.0.lock().stage(key, make)
    }

    /// Keeps what was staged last.
    pub(super) fn settle(&self) {
        self.0.lock().settle();
    }
}

impl<K: PartialEq, T: Clone> KeptParts<K, T> {
    /// What was staged before is forgotten.
    fn stage(&mut self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        self.staged = None;
        if let Some((known, value)) = &self.kept
            && *known == key
        {
            return value.clone();
        }
        let value = make(self.kept.as_ref().map(|(_, former)| former));
        self.staged = Some((key, value.clone()));
        value
    }

    fn settle(&mut self) {
        if let Some(staged) = self.staged.take() {
            self.kept = Some(staged);
        }
    }
}
