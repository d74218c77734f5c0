//! From known keys to samples: adds what the site knows, where one is named.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

use super::keys::KeyOptions;
use crate::app::site::Site;
use crate::cli::site_options::SiteOptions;
use crate::config::{Config, ConfigError};
use crate::license::Sample;

/// The site the keys are of. Its users, package groups and secret are read, nothing is written.
#[derive(Debug, Args)]
pub(super) struct SiteArgs {
    /// Configuration file (TOML) that names the site
    #[arg(
        long,
        short,
        value_name = "FILE",
        env = "JBRIDGE_CONFIG",
        hide_env_values = true,
        help_heading = "The site, where there is one"
    )]
    config: Option<PathBuf>,
    /// Folder of the Joomla site, where configuration.php is
    #[arg(long, value_name = "DIR", help_heading = "The site, where there is one")]
    joomla_root: Option<PathBuf>,
}

/// The samples and where they come from.
pub(super) struct Samples {
    pub(super) all: Vec<Sample>,
    /// The site's configuration, where one is named.
    pub(super) config: Option<Config>,
    /// What the operator should know: a sentence each.
    pub(super) notes: Vec<String>,
}

impl SiteArgs {
    /// The site's configuration; `None` where none is named.
    fn config(&self) -> Result<Option<Config>, ConfigError> {
        let Self { config, joomla_root } = self;
        let named = config.is_some() || joomla_root.is_some();
        let options =
            SiteOptions { config: config.clone(), joomla_root: joomla_root.clone(), recipe: None };
        match options.load(None) {
            Err(ConfigError::NoSite) if !named => Ok(None),
            other => other.map(Some),
        }
    }

    /// The keys with all that options and site say about them. Options win.
    pub(super) async fn samples(&self, keys: &KeyOptions) -> anyhow::Result<Samples> {
        let config = self.config()?;
        let all = keys.samples()?;
        let mut read = Samples { all, config, notes: Vec::new() };
        if let Some(config) = &read.config {
            // Which recipe the configuration has is what we are asked; any will do to open the site.
            let mut any = config.clone();
            any.license.recipe = Some("default".to_owned());
            any.license.accepted_recipes = Vec::new();
            let site = Site::open(&any).await?;
            for sample in &mut read.all {
                let note = add_user(&site, sample).await?;
                read.notes.extend(note);
                read.notes.extend(add_group(&site, sample));
                if sample.secret.is_none() {
                    let secret = config.joomla.secret.clone();
                    sample.secret = secret.or(Some(SecretString::default()));
                }
            }
        }
        Ok(read)
    }
}

async fn add_user(site: &Site, sample: &mut Sample) -> anyhow::Result<Option<String>> {
    let users = site.joomla.users_by_email(&sample.email).await?;
    let Some(user) = users.first() else {
        return Ok(Some(format!(
            "line {}: the site has no user with this e-mail: user id, user name and name are not known",
            sample.line
        )));
    };
    sample.email.clone_from(&user.email);
    sample.user_id = sample.user_id.or(Some(user.id));
    sample.username.get_or_insert_with(|| user.username.clone());
    sample.name.get_or_insert_with(|| user.name.clone());
    Ok((users.len() > 1).then(|| {
        format!(
            "line {}: {} users have this e-mail: the one with id {} is taken",
            sample.line,
            users.len(),
            user.id
        )
    }))
}

fn add_group(site: &Site, sample: &mut Sample) -> Option<String> {
    let snapshot = site.release.settings.current();
    let Some(group) = snapshot.catalog.group(&sample.group) else {
        return sample.hash.is_none().then(|| {
            format!(
                "line {}: the site has no package group `{}`: its hash and name are not known",
                sample.line, sample.group
            )
        });
    };
    sample.hash.get_or_insert_with(|| group.hash.clone().into());
    sample.group_name.get_or_insert_with(|| group.name.clone());
    None
}
