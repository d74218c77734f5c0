//! Changes the states of releases: promote, hold, withdraw, roll back.
//!
//! Called by the command `releases` and by uploads with a token. Must not import: `packages`.

use std::sync::Arc;

use crate::ledger::{Ledger, LedgerError};
use crate::mask::printable;
use crate::release::record::{ReleaseRecord, ReleaseState};
use crate::told::{tells, told};

/// A change of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Serve and list it.
    Promote,
    /// Serve it, and do not list it.
    Hold,
    /// Serve it no longer.
    Withdraw,
}

impl Change {
    /// The state that follows.
    #[must_use]
    pub fn state(self) -> ReleaseState {
        match self {
            Self::Promote => ReleaseState::Published,
            Self::Hold => ReleaseState::Held,
            Self::Withdraw => ReleaseState::Withdrawn,
        }
    }

    /// Whether the change makes sense for a release of this state.
    fn applies_to(self, state: ReleaseState) -> bool {
        match self {
            Self::Promote => matches!(state, ReleaseState::Staged | ReleaseState::Held),
            Self::Hold => state == ReleaseState::Published,
            Self::Withdraw => state != ReleaseState::Withdrawn,
        }
    }
}

/// Why no state was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such release.
    Unknown {
        /// The identifier, or the element.
        id: String,
        /// The version, if one was named.
        version: Option<String>,
    },
    /// Several versions of the identifier could be meant.
    Ambiguous {
        /// The identifier.
        id: String,
        /// The versions.
        versions: String,
    },
    /// The release has a state that the change does not apply to.
    State {
        /// The identifier.
        id: String,
        /// The version.
        version: String,
        /// Its state.
        state: ReleaseState,
    },
    /// The ledger failed.
    Ledger(LedgerError),
}

tells!(ChangeError {
    Self::Unknown { id, version: None } => told!(
        "there is no release `{id}`" => "`jbackend-bridge releases list` shows all"
    ),
    Self::Unknown { id, version: Some(version) } => told!(
        "there is no version {version} of the release `{id}`" =>
        "`jbackend-bridge releases list` shows all"
    ),
    Self::Ambiguous { id, versions } => told!(
        "the release `{id}` has several versions: {versions}" => "name one of them after the id"
    ),
    Self::State { id, version, state } => told!(
        "version {version} of `{id}` is {state}" => "`jbackend-bridge releases show {id}` tells more"
    ),
    Self::Ledger(error) => error.told(),
});

/// Finds the release that is meant. Without a version it is the only one to which the change
/// applies.
///
/// # Errors
/// [`ChangeError`], if none or several could be meant.
pub fn find<'r>(
    releases: &'r [Arc<ReleaseRecord>],
    id: &str,
    version: Option<&str>,
    change: Change,
) -> Result<&'r Arc<ReleaseRecord>, ChangeError> {
    let of_id: Vec<_> = releases
        .iter()
        .filter(|one| one.id == id && version.is_none_or(|version| one.version == version))
        .collect();
    let fitting: Vec<_> = of_id.iter().filter(|one| change.applies_to(one.state)).collect();
    match (fitting.as_slice(), of_id.as_slice()) {
        ([one], _) => Ok(one),
        ([], []) => {
            Err(ChangeError::Unknown { id: printable(id), version: version.map(printable) })
        }
        ([], [one, ..]) => Err(ChangeError::State {
            id: one.id.clone(),
            version: one.version.clone(),
            state: one.state,
        }),
        (several, _) => {
            let versions: Vec<_> = several.iter().map(|one| one.version.as_str()).collect();
            Err(ChangeError::Ambiguous { id: printable(id), versions: versions.join(", ") })
        }
    }
}

/// Changes the state of a release.
///
/// # Errors
/// [`ChangeError`]; the state is as before then.
pub async fn change(
    ledger: &dyn Ledger,
    release: &ReleaseRecord,
    change: Change,
    actor: &str,
) -> Result<ReleaseRecord, ChangeError> {
    let changed = ReleaseRecord { state: change.state(), ..release.clone() };
    let done = ledger.set_release_state(&changed, release.state, actor).await;
    if done.map_err(ChangeError::Ledger)? {
        Ok(changed)
    } else {
        // Another command was faster.
        let (id, version) = (release.id.clone(), Some(release.version.clone()));
        Err(ChangeError::Unknown { id, version })
    }
}

/// Finds the highest version of an extension that is served, which a roll-back withdraws, and the one
/// that remains.
///
/// # Errors
/// [`ChangeError::Unknown`], if no release of the element is served.
pub fn highest<'r>(
    releases: &'r [Arc<ReleaseRecord>],
    element: &str,
) -> Result<(&'r Arc<ReleaseRecord>, Option<&'r Arc<ReleaseRecord>>), ChangeError> {
    let mut served: Vec<_> = releases
        .iter()
        .filter(|one| one.extension.element == element && one.state.is_served())
        .collect();
    served.sort_by(|one, other| other.compare_versions(one));
    let mut served = served.into_iter();
    let highest = served
        .next()
        .ok_or_else(|| ChangeError::Unknown { id: printable(element), version: None })?;
    let same_channel = served.find(|one| one.channel == highest.channel);
    Ok((highest, same_channel))
}
