//! Reads the settings of the log from the `[log]` section.

use secrecy::SecretString;

use crate::config::log_filter::LogFilter;
use crate::config::problem::{Problem, Problems};
use crate::config::sections::Log;
use crate::config::values::LogFormat;
use crate::told::Told;

/// The settings of the log.
pub struct LogPlan {
    /// Selects the lines.
    pub filter: LogFilter,
    /// The format of the lines.
    pub format: LogFormat,
    /// The secret for hashing the customer's e-mail address.
    pub email_hash_key: Option<SecretString>,
}

impl LogPlan {
    /// Reads the section.
    ///
    /// # Errors
    /// A `level` that cannot be read.
    pub fn of(section: &Log) -> Result<Self, Problems> {
        let filter = section.level.parse();
        Ok(Self {
            filter: filter.map_err(|error: Told| Problem::told("log.level", error))?,
            format: section.format,
            email_hash_key: section.email_hash_key.clone(),
        })
    }
}
