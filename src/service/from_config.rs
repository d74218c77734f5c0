//! Values of the configuration in the types of the rooms that use them.

use std::path::PathBuf;

use joomla_password::Rules;

use super::start_error::StartError;
use crate::config::Config;
use crate::config::offload::OffloadTo;
use crate::http::download::offload::Offload;
use crate::release::catalog::SettingsText;
use crate::release::params::ParamNames;
use crate::store::JoomlaVersion;

/// Joomla's `force_ssl` for every page.
pub(super) const WHOLE_SITE: u64 = 2;

pub(super) fn param_names(config: &Config) -> ParamNames {
    let names = config.release.param_names.clone();
    ParamNames { folder: names.folder, groups: names.groups, packages: names.packages }
}

/// The table plugins are in, for messages.
pub(super) fn extensions_table(config: &Config) -> String {
    format!("{}extensions", config.database.prefix.as_deref().unwrap_or_default())
}

pub(super) fn allow_roots(config: &Config) -> Vec<PathBuf> {
    config.release.allow_roots.iter().map(Into::into).collect()
}

/// The web server that sends package files, where one does.
pub(super) fn offload(config: &Config) -> Option<Offload> {
    match config.packages.offload {
        OffloadTo::Off => None,
        OffloadTo::XAccelRedirect => Some(Offload::Nginx(config.packages.offload_prefix.clone())),
        OffloadTo::XSendfile => Some(Offload::Apache),
    }
}

/// Settings in the configuration replace the database's entirely, or not at all.
pub(super) fn fixed_settings(config: &Config) -> Result<Option<SettingsText>, StartError> {
    let release = &config.release;
    match (&release.folder, &release.groups, &release.packages) {
        (None, None, None) => Ok(None),
        (Some(folder), groups, Some(packages)) => Ok(Some(SettingsText {
            folder: folder.clone(),
            groups: groups.as_deref().unwrap_or_default().join("\n"),
            packages: packages.join("\n"),
        })),
        _ => Err(StartError::Config(
            "`[release]` sets some of `folder`, `groups` and `packages`: they replace the plugin's \
             settings as a whole, so set `folder` and `packages` (and `groups` for paid packages), or \
             none of them"
                .into(),
        )),
    }
}

pub(super) fn rules(config: &Config) -> Result<Option<Rules>, StartError> {
    let Some(version) = &config.joomla.version else { return Ok(None) };
    let version: JoomlaVersion = version
        .parse()
        .map_err(|error| StartError::Config(format!("`joomla.version`: {error}")))?;
    Ok(Some(if version.major < 4 { Rules::Joomla3 } else { Rules::Joomla4 }))
}

/// Host and port of the public URL.
pub(super) fn public_host(config: &Config) -> Option<String> {
    let (_, rest) = config.server.public_url.as_deref()?.split_once("://")?;
    rest.split('/').next().filter(|host| !host.is_empty()).map(str::to_owned)
}

pub(super) fn mebibytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(1024 * 1024)
}

pub(super) fn socket_mode(section: &str, text: &str) -> Result<u32, StartError> {
    u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o777).ok_or_else(|| {
        StartError::Config(format!(
            "`{section}.socket_mode`: `{text}` is no octal permission: write one like `660`"
        ))
    })
}
