//! Reads the settings of the release module from `[release]` and `[packages]`.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::numbers::{number, seconds};
use crate::config::Config;
use crate::config::offload::OffloadTo;
use crate::config::problem::{Problem, Problems};
use crate::config::sections::Release;
use crate::config::values::{Privacy, TwoFactor};
use crate::http::download::offload::Offload;
use crate::http::reply::Refusals;
use crate::methods::Policy;
use crate::release::catalog::SettingsText;
use crate::release::params::ParamNames;

/// The Release System.
pub struct ReleasePlan {
    /// Settings that replace the plugin's.
    pub fixed: Option<SettingsText>,
    /// JSON names of the plugin's settings.
    pub param_names: ParamNames,
    /// Folders that symlinks in the package folder may lead to.
    pub allow_roots: Vec<PathBuf>,
    /// The web server that sends package files, if one does.
    pub offload: Option<Offload>,
    /// The form of refusals.
    pub refusals: Refusals,
    /// The operator's choices about answers.
    pub policy: Policy,
    /// keybyauth's answer ends with the download key.
    pub dlid_in_json: bool,
    /// Answer `REQ_MNF` while the plugin is disabled.
    pub require_enabled: bool,
    /// Package groups whose guessable keys need no warning.
    pub allow_guessable: Vec<String>,
    /// Time after which changed settings are in force.
    pub refresh: Duration,
    /// Logins that may wait.
    pub login_queue: usize,
}

impl ReleasePlan {
    /// Reads the sections.
    ///
    /// # Errors
    /// Settings that replace the plugin's only in part.
    pub fn of(config: &Config) -> Result<Self, Problems> {
        let section = &config.release;
        Ok(Self {
            fixed: fixed_settings(section)?,
            param_names: section.param_names.clone(),
            allow_roots: section.allow_roots.iter().map(Into::into).collect(),
            offload: match config.packages.offload {
                OffloadTo::Off => None,
                OffloadTo::XAccelRedirect => {
                    Some(Offload::Nginx(config.packages.offload_prefix.clone()))
                }
                OffloadTo::XSendfile => Some(Offload::Apache),
            },
            refusals: Refusals::new(section),
            policy: Policy {
                uniform: section.privacy == Privacy::Uniform,
                inherit_groups: section.inherit_groups,
                refuse_two_factor: section.two_factor == TwoFactor::Refuse,
            },
            dlid_in_json: section.dlid_in_json,
            require_enabled: section.require_enabled,
            allow_guessable: config.license.allow_guessable.clone(),
            refresh: seconds(section.refresh),
            login_queue: number(section.login_queue).min(Semaphore::MAX_PERMITS / 2),
        })
    }
}

/// Settings in the configuration replace those of the database entirely, or not at all.
fn fixed_settings(section: &Release) -> Result<Option<SettingsText>, Problem> {
    match (&section.folder, &section.groups, &section.packages) {
        (None, None, None) => Ok(None),
        (Some(folder), groups, Some(packages)) => Ok(Some(SettingsText {
            folder: folder.clone(),
            groups: groups.as_deref().unwrap_or_default().join("\n"),
            packages: packages.join("\n"),
        })),
        _ => Err(Problem::new(
            "release",
            "`[release]` sets some of `folder`, `groups` and `packages`",
            "they replace the plugin's settings as a whole, so set `folder` and `packages` (and \
             `groups` for paid packages), or none of them",
        )
        .as_sentence()),
    }
}
