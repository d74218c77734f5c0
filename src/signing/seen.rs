//! The identifiers that were served signed, with the extension and the highest version of each.
//!
//! A settings line names no version, so an old file that is signed would pass; here it does not.
//! Clones share the memory, which lasts until the service stops. Pure. Called by `signing::gate`.

use std::collections::BTreeMap;
use std::sync::Arc;

use joomla_updates::manifest::Manifest;
use parking_lot::{Mutex, MutexGuard};
use php_compat::version_compare::version_compare;

use super::SignatureError;

/// The memory.
#[derive(Debug, Clone, Default)]
pub struct SeenSigned(Arc<Mutex<BTreeMap<String, SignedVersion>>>);

/// The highest signed version of an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedVersion {
    /// The extension, in the words of [`Extension`](joomla_updates::extension::Extension).
    pub extension: String,
    /// The version.
    pub version: String,
}

impl SeenSigned {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, SignedVersion>> {
        self.0.lock()
    }

    /// Returns whether a package with this identifier was served signed.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    /// Compares a signed file with those that were served before.
    ///
    /// # Errors
    /// A lower version, or another extension.
    pub fn judge(&self, id: &str, manifest: &Manifest) -> Result<(), SignatureError> {
        let (extension, version) = (manifest.extension.to_string(), manifest.version.clone());
        match self.lock().get(id) {
            Some(seen) if seen.extension != extension => Err(SignatureError::OtherExtension {
                found: extension,
                seen: seen.extension.clone(),
            }),
            Some(seen) if version_compare(&version, &seen.version).is_lt() => {
                Err(SignatureError::Lower { found: version, highest: seen.version.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Remembers a signed file that passed. Returns whether that is news.
    pub(super) fn learn(&self, id: &str, manifest: &Manifest) -> bool {
        let mut seen = self.lock();
        let is_news = seen
            .get(id)
            .is_none_or(|seen| version_compare(&manifest.version, &seen.version).is_gt());
        if is_news {
            let extension = manifest.extension.to_string();
            let new = SignedVersion { extension, version: manifest.version.clone() };
            seen.insert(id.to_owned(), new);
        }
        is_news
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use joomla_updates::manifest::Manifest;

    use super::SeenSigned;

    fn package(name: &str, version: &str) -> Manifest {
        let text = format!(
            "<extension type=\"package\"><name>x</name><packagename>{name}</packagename>\
             <version>{version}</version></extension>"
        );
        Manifest::parse(text.as_bytes(), "a.xml").unwrap().unwrap()
    }

    #[test]
    fn a_lower_version_and_another_extension_are_refused() {
        let seen = SeenSigned::default();
        let [low, middle, high] = ["1.9", "1.10", "2.0"].map(|version| package("redj", version));
        assert!(seen.judge("a", &low).is_ok() && !seen.knows("a"));
        assert!(seen.learn("a", &low) && seen.learn("a", &middle));
        assert!(!seen.learn("a", &middle) && !seen.learn("a", &low));
        assert!(seen.judge("a", &low).is_err());
        assert!(seen.judge("a", &middle).is_ok() && seen.judge("a", &high).is_ok());
        assert!(seen.judge("a", &package("other", "2.0")).is_err());
        assert!(seen.judge("b", &low).is_ok());
    }
}
