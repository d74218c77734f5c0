//! The release module: everything its methods work with, the decisions of the operator, and the
//! answers.
//!
//! Made by `service`, read by each method.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{DlidUser, Verifier};
use crate::limits::Limits;
use crate::mail::{Letters, Mailer};
use crate::packages::PackageFile;
use crate::release::license::{KeyRing, LicenseKey};
use crate::site::Settings;
use crate::store::TwoFactor;
use crate::supervise::Tasks;

/// What a method answers when it does not refuse.
#[derive(Debug)]
pub enum Answer {
    /// `{"status":"ok"}`.
    Ok,
    /// The user's e-mail as stored and the license key.
    Key {
        /// The e-mail.
        email: String,
        /// The key.
        key: LicenseKey,
        /// Whose one-field key stands beside it, where the operator wants one there.
        dlid: Option<DlidUser>,
    },
    /// The package.
    File(PackageFile),
}

/// What the operator decided about answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// One answer for unknown, blocked, unauthorised and wrong key.
    pub uniform: bool,
    /// A child user group counts as its parents.
    pub inherit_groups: bool,
    /// Accounts with a second factor get no key for a password alone, on every Joomla version.
    pub refuse_two_factor: bool,
}

/// The release module: what its methods work with.
pub struct Release {
    /// Password checks, limited in number.
    pub verifier: Verifier,
    /// What makes and accepts license keys.
    pub keys: Arc<KeyRing>,
    /// The way out for mails.
    pub mailer: Arc<dyn Mailer>,
    /// The letter that carries a key.
    pub letters: Arc<Letters>,
    /// The site's name, for the letter.
    pub site_name: String,
    /// What the operator decided.
    pub policy: Policy,
    /// keybyauth answers with the one-field key as well.
    pub dlid_in_json: bool,
    /// How often somebody may fail, log in, or have mails sent.
    pub limits: Limits,
    /// Room for mails that are sent after the answer.
    pub mails_waiting: Arc<Semaphore>,
    /// Where what goes on after the answer is watched.
    pub tasks: Tasks,
    /// How long a package may take to open: file systems on a network hang for ever when their
    /// server is gone.
    pub open_limit: Duration,
}

impl Release {
    /// Is a right password all that an account needs to get its key?
    #[must_use]
    pub fn password_is_enough(&self, settings: &Settings, two_factor: TwoFactor) -> bool {
        match two_factor {
            TwoFactor::Off => true,
            TwoFactor::AtLogin => {
                !settings.second_factor_at_login && !self.policy.refuse_two_factor
            }
            TwoFactor::AfterLogin => !self.policy.refuse_two_factor,
        }
    }
}
