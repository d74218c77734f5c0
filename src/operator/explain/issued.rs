//! The license key of a customer, for support.
//!
//! The key is the one the service itself would issue. Called by the subcommand `key`.

use crate::methods::{ErrorCode, may_have, person};
use crate::release::license::{KeyError, LicenseKey};
use crate::service::site::OpenSite;
use crate::site::settings::seed;
use crate::store::StoreError;
use crate::words::{choice, list};

use super::people::People;
use super::wanted::{Group, WantedThing, near};

/// A key and its owner.
pub struct Issued {
    /// The key.
    pub key: LicenseKey,
    /// `#__users.id`.
    pub user_id: i64,
    /// The user name.
    pub username: String,
    /// The e-mail as stored, which the key may be made from.
    pub email: String,
    /// The package group's id.
    pub group: String,
    /// The package group's name, or its id if it has none.
    pub group_title: String,
    /// Why the service would refuse the account at the moment.
    pub refusal: Option<ErrorCode>,
    /// Further notes for the operator; a sentence each.
    pub notes: Vec<String>,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum NotIssued {
    /// The database does not answer, so the key is unknown.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A free package.
    #[error("package `{0}` is free: it needs no license key")]
    Free(String),
    /// No package group and no package.
    #[error("there is no package group `{id}`{hint}")]
    NoGroup {
        /// As it was asked.
        id: String,
        /// The groups there are.
        hint: String,
    },
    /// A package whose group is missing, or a group whose keys anyone could compute.
    #[error("{0}")]
    Closed(String),
    /// No account has the name.
    #[error("no account has the e-mail or user name `{0}`: look it up in Joomla's user manager")]
    Nobody(String),
    /// The recipe fails for this person.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The key of a person for a package group; a package stands for its package group.
///
/// # Errors
/// See [`NotIssued`].
pub async fn issue(site: &OpenSite, who: &str, what: &str) -> Result<Issued, NotIssued> {
    let release = &*site.release;
    let settings = &*site.view.settings;
    let mut notes = Vec::new();
    // A package group is expected here, so it wins over a package of the same name.
    let group = match settings.group(what) {
        Some(group) => group.clone(),
        None => match WantedThing::find(settings, what) {
            WantedThing::Package { package, group: Group::There(group) } => {
                notes
                    .push(format!("`{}` is a package of package group `{}`", package.id, group.id));
                group
            }
            WantedThing::Package { package, group: Group::Free } => {
                return Err(NotIssued::Free(package.id.clone()));
            }
            WantedThing::Unknown => {
                let groups = settings.catalog.groups();
                let ids = || groups.iter().map(|group| group.id.as_str());
                let hint = match near(what, ids()).as_slice() {
                    [] if groups.is_empty() => ": the plugin's settings have none".to_owned(),
                    [] => format!(": there are {}", list(ids())),
                    near => format!(": did you mean {}?", choice(near)),
                };
                return Err(NotIssued::NoGroup { id: what.to_owned(), hint });
            }
            missing => {
                let names = super::people::GroupNames::default();
                let steps = missing.steps(settings, what, &names);
                let reason = steps.last().map(|step| {
                    [std::slice::from_ref(&step.title), &step.details].concat().join("; ")
                });
                return Err(NotIssued::Closed(reason.unwrap_or_default()));
            }
        },
    };
    let people = People::find(&*site.joomla, who).await?;
    let standing = |user: &_| may_have(release, settings, user, &group);
    let user = people.chosen(|user| standing(user).is_ok());
    let user = user.ok_or_else(|| NotIssued::Nobody(who.to_owned()))?;
    let others = people.candidates.iter().filter(|other| other.id != user.id);
    let others: Vec<_> = others.map(|other| other.id).collect();
    if !others.is_empty() {
        notes.push(format!(
            "further accounts have this e-mail: id {}; `explain` tells about all of them",
            others.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ));
    }
    Ok(Issued {
        key: release.keys.issue(&person(user), &seed(&group))?,
        user_id: user.id,
        username: user.username.clone(),
        email: user.email.clone(),
        group: group.id.clone(),
        group_title: group.title().to_owned(),
        refusal: standing(user).err(),
        notes,
    })
}
