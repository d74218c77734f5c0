//! From the `[updates]` section to the XML of Joomla's updater.

use std::path::PathBuf;
use std::sync::Arc;

use super::numbers::number;
use crate::config::Config;
use crate::config::problem::Problems;
use crate::config::public_url::PublicUrl;
use crate::updates::addresses::AddressPlan;
use crate::updates::rules::UpdateRules;

/// The XML of Joomla's updater.
#[derive(Clone)]
pub struct UpdatesPlan {
    /// What is listed, and how.
    pub rules: Arc<UpdateRules>,
    /// Where it is.
    pub addresses: AddressPlan,
    /// Says whether the operator cares for it: the section says what only matters with it.
    pub is_wanted: bool,
    /// The memory of checksums.
    pub memory: MemoryPlan,
    /// The site's name.
    pub site_name: Option<String>,
}

/// What makes one memory of checksums another than the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryPlan {
    /// The file in which checksums outlive a restart.
    pub file: Option<PathBuf>,
    /// Packages read at the same time.
    pub workers: usize,
}

impl UpdatesPlan {
    /// Reads the section, also if update XML is switched off.
    ///
    /// # Errors
    /// All values that make no sense.
    pub fn of(config: &Config, url: Option<&PublicUrl>) -> Result<Self, Problems> {
        let section = &config.updates;
        Ok(Self {
            rules: Arc::new(UpdateRules::new(section)?),
            addresses: AddressPlan {
                is_on: section.enabled,
                public_url: url.cloned(),
                endpoint: section.endpoint.clone(),
            },
            is_wanted: UpdateRules::are_wanted(section),
            memory: MemoryPlan {
                file: section.checksum_file.clone(),
                workers: number(section.checksum_workers),
            },
            site_name: config.joomla.site_name.clone(),
        })
    }
}
