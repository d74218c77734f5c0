//! The release module, and the source of its settings, from the configuration.
//!
//! Called when a site is read, at a start, by a reload and by the operator's commands.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::bounds::OPEN_LIMIT;
use super::from_config::{
    allow_roots, extensions_table, fixed_settings, offload, param_names, rules,
};
use super::process_state::ProcessState;
use super::start_error::StartError;
use super::{keys, mail};
use crate::config::Config;
use crate::config::values::{Privacy, TwoFactor};
use crate::methods::{Policy, Release};
use crate::packages::Packages;
use crate::release::license::KeyRing;
use crate::site::settings::SettingsSource;

pub(super) fn settings_source(
    config: &Config,
    lasting: &ProcessState,
) -> Result<SettingsSource, StartError> {
    let fixed = fixed_settings(config)?;
    let keys = Arc::new(keys::ring(config, fixed.is_none())?);
    let open_folder = lasting.open_folder(allow_roots(config), offload(config).is_some());
    Ok(SettingsSource {
        fixed,
        param_names: param_names(config),
        root: config.joomla.root.clone(),
        table: extensions_table(config),
        rules: rules(config)?,
        require_enabled: config.release.require_enabled,
        allow_guessable: config.license.allow_guessable.clone(),
        keys,
        open_folder: Box::new(move |path: &Path| -> Arc<dyn Packages> {
            Arc::new(open_folder(path))
        }),
    })
}

pub(super) fn release(
    config: &Config,
    keys: Arc<KeyRing>,
    lasting: &ProcessState,
) -> Result<Release, StartError> {
    let queue = usize::try_from(config.release.login_queue).unwrap_or(usize::MAX);
    Ok(Release {
        verifier: lasting.verifier(queue.min(Semaphore::MAX_PERMITS / 2)),
        keys,
        mailer: mail::mailer(config, &lasting.metrics)?,
        letters: Arc::new(mail::letters(config)?),
        site_name: config.joomla.site_name.clone().unwrap_or_default(),
        policy: Policy {
            uniform: config.release.privacy == Privacy::Uniform,
            inherit_groups: config.release.inherit_groups,
            refuse_two_factor: config.release.two_factor == TwoFactor::Refuse,
        },
        dlid_in_json: config.release.dlid_in_json,
        limits: lasting.limits.limits(config)?,
        mails_waiting: Arc::clone(&lasting.mails_waiting),
        tasks: lasting.metrics.tasks.clone(),
        open_limit: OPEN_LIMIT,
    })
}
