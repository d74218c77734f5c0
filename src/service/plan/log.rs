//! From the `[log]` section to what is logged.

use secrecy::SecretString;

use crate::config::log_filter::LogFilter;
use crate::config::problem::{Problem, Problems};
use crate::config::sections::Log;
use crate::config::values::LogFormat;
use crate::told::Told;

/// What is logged.
pub struct LogPlan {
    /// Which lines.
    pub filter: LogFilter,
    /// How they look.
    pub format: LogFormat,
    /// Secret for the hash of the customer.
    pub email_hash_key: Option<SecretString>,
}

impl LogPlan {
    /// Reads the section.
    ///
    /// # Errors
    /// A `level` that is none.
    pub fn of(section: &Log) -> Result<Self, Problems> {
        let filter = section.level.parse();
        Ok(Self {
            filter: filter.map_err(|error: Told| Problem::told("log.level", error))?,
            format: section.format,
            email_hash_key: section.email_hash_key.clone(),
        })
    }
}
