//! A site's `configuration.php`: its file, read by the crate `joomla_config`, and messages that
//! name the file and the remedy.
//!
//! `from_joomla` takes the database, the secret and the mail settings from it (`docs/joomla.md`,
//! "configuration.php"). Must not import: `sections`.

pub mod error;
mod read;

use std::fs;
use std::path::{Path, PathBuf};

use joomla_config::{FieldError, JConfig};

pub use error::JoomlaPhpError;

/// The fields of a site's `configuration.php`, and the path of the file.
#[derive(Debug)]
pub struct JoomlaPhp {
    file: PathBuf,
    class: JConfig,
}

impl JoomlaPhp {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// The file is missing, unreadable or no `configuration.php`, or its class has a parent, a
    /// trait or a constructor, which can change any field.
    pub fn read(path: &Path) -> Result<Self, JoomlaPhpError> {
        let source = read::bytes(path)?;
        let file = path.to_path_buf();
        // PHP's `__DIR__` contains no symlinks.
        let real = fs::canonicalize(path).unwrap_or_else(|_| file.clone());
        match JConfig::parse(&source, real.parent().unwrap_or(Path::new("/"))) {
            Ok(class) => Ok(Self { file, class }),
            Err(reason) => Err(JoomlaPhpError::Class { file, reason }),
        }
    }

    /// As [`JConfig::text`], but the error names the file.
    pub fn text(&self, name: &str) -> Result<Option<String>, JoomlaPhpError> {
        self.class.text(name).map_err(|reason| self.error(reason))
    }

    /// As [`JConfig::int`], but the error names the file.
    pub fn int(&self, name: &str) -> Result<Option<i64>, JoomlaPhpError> {
        self.class.int(name).map_err(|reason| self.error(reason))
    }

    /// As [`JConfig::flag`], but `None` if there is no such field; the error names the file.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, JoomlaPhpError> {
        let value = self.class.get(name).map_err(|reason| self.error(reason))?;
        Ok(value.map(joomla_config::PhpValue::is_true))
    }

    /// As [`JConfig::line`].
    #[must_use]
    pub fn line(&self, name: &str) -> Option<usize> {
        self.class.line(name)
    }

    fn error(&self, reason: FieldError) -> JoomlaPhpError {
        JoomlaPhpError::Field { file: self.file.clone(), reason }
    }
}
