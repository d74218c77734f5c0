//! A value that outlives reloads while the configuration for it stays the same.

use parking_lot::Mutex;

/// The last value, and the configuration it was made for.
///
/// A configuration that is only tried stages its value. If that configuration is refused, the next
/// one finds the former value: a failed reload must not give clients new budgets.
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
    /// Returns the kept value if it was made for the same key. Otherwise makes another one and
    /// keeps it at once.
    pub(super) fn get(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        let mut places = self.0.lock();
        let value = places.stage(key, make);
        places.settle();
        value
    }

    /// Returns the kept value if it was made for the same key. Otherwise makes another one, which
    /// is kept after [`Kept::settle`].
    pub(super) fn stage(&self, key: K, make: impl FnOnce(Option<&T>) -> T) -> T {
        self.0.lock().stage(key, make)
    }

    /// Keeps the value that was staged last.
    pub(super) fn settle(&self) {
        self.0.lock().settle();
    }
}

impl<K: PartialEq, T: Clone> KeptParts<K, T> {
    /// Forgets the value that was staged before.
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
