//! Reads the settings of Joomla's update XML from the `[updates]` section.

use std::path::PathBuf;
use std::sync::Arc;

use super::numbers::number;
use crate::config::Config;
use crate::config::problem::Problems;
use crate::config::public_url::PublicUrl;
use crate::updates::addresses::AddressPlan;
use crate::updates::rules::UpdateRules;

/// The settings of Joomla's update XML.
#[derive(Clone)]
pub struct UpdatesPlan {
    /// Rules for the entries.
    pub rules: Arc<UpdateRules>,
    /// The addresses of XML and downloads.
    pub addresses: AddressPlan,
    /// The operator uses update XML: the section has keys that only matter with it.
    pub is_wanted: bool,
    /// The memory of checksums.
    pub memory: MemoryPlan,
    /// The site's name.
    pub site_name: Option<String>,
}

/// Another memory of checksums is opened if one of these differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryPlan {
    /// The file that keeps checksums over a restart.
    pub file: Option<PathBuf>,
    /// How many packages are read at the same time.
    pub workers: usize,
}

impl UpdatesPlan {
    /// Reads the section, even if update XML is switched off.
    ///
    /// # Errors
    /// All invalid values.
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
