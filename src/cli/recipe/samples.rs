//! From known keys to samples: adds the site's data, if a site is named.

use license_recipe::Sample;
use secrecy::SecretString;

use super::keys::KeyOptions;
use crate::cli::site_options::SiteFiles;
use crate::config::{Config, ConfigError};
use crate::service::site::OpenSite;

/// The samples and their sources.
pub(super) struct Samples {
    pub(super) all: Vec<Sample>,
    /// The site's configuration, if a site is named.
    pub(super) config: Option<Config>,
    /// Notes for the operator: a sentence each.
    pub(super) notes: Vec<String>,
}

/// Returns the keys with all details from the options and the site. Options win. Reads users,
/// package groups and the secret of the site; writes nothing.
pub(super) async fn samples(site: &SiteFiles, keys: &KeyOptions) -> anyhow::Result<Samples> {
    let config = match site.load() {
        Err(ConfigError::NoSite) if !site.is_named() => None,
        loaded => Some(loaded?),
    };
    let all = keys.samples()?;
    let mut read = Samples { all, config, notes: Vec::new() };
    if let Some(config) = &read.config {
        // The recipe is being searched for, so any recipe will do to open the site.
        let mut any = config.clone();
        any.license.recipe = Some("default".to_owned());
        any.license.accepted_recipes = Vec::new();
        let site = OpenSite::open(&any).await?;
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

async fn add_user(site: &OpenSite, sample: &mut Sample) -> anyhow::Result<Option<String>> {
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

fn add_group(site: &OpenSite, sample: &mut Sample) -> Option<String> {
    let snapshot = &site.view.settings;
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
