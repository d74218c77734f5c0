//! Reads the keys from the sources one by one, so that a key that cannot be read hides no other.
//!
//! Called by the sections. It must not know which keys exist.

use figment::value::{Dict, Value};
use figment::{Error, Figment};
use serde::de::DeserializeOwned;

/// The merged sources, and the errors found in them.
pub struct Reader<'a> {
    figment: &'a Figment,
    errors: &'a mut Vec<Error>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(figment: &'a Figment, errors: &'a mut Vec<Error>) -> Self {
        Self { figment, errors }
    }

    /// Adds an error if the name is set but is not a section.
    pub fn section(&mut self, name: &str) {
        let _: Option<Dict> = self.value(name);
    }

    /// Reads a key; `None` if it is not set or cannot be read.
    pub fn key<T: DeserializeOwned>(&mut self, section: &str, key: &str) -> Option<T> {
        self.value(&format!("{section}.{key}"))
    }

    /// Reads the entries of a list; those that cannot be read are left out.
    pub fn list<T: DeserializeOwned>(&mut self, name: &str) -> Vec<T> {
        match self.figment.find_value(name) {
            Ok(Value::Array(_, entries)) => {
                let read = |(index, entry)| self.read(&format!("{name}.{index}"), entry);
                (0..).zip(&entries).filter_map(read).collect()
            }
            _ => self.value(name).unwrap_or_default(),
        }
    }

    fn value<T: DeserializeOwned>(&mut self, path: &str) -> Option<T> {
        // A key that is not set is not an error.
        let value = self.figment.find_value(path).ok()?;
        self.read(path, &value)
    }

    fn read<T: DeserializeOwned>(&mut self, path: &str, value: &Value) -> Option<T> {
        let wrong = |mut error: Error| {
            error.path.splice(0..0, path.split('.').map(str::to_owned));
            error.metadata = self.figment.get_metadata(value.tag()).cloned();
            self.errors.push(error);
        };
        value.deserialize().map_err(wrong).ok()
    }
}
