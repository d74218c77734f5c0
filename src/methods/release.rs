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

/// The answer of a method that does not refuse.
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
        /// The user of the one-field key beside it, if the operator has enabled that.
        dlid: Option<DlidUser>,
    },
    /// The package.
    File(PackageFile),
}

/// The operator's settings about answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// One answer for unknown, blocked, unauthorised and wrong key.
    pub uniform: bool,
    /// A child user group counts as its parents.
    pub inherit_groups: bool,
    /// Accounts with a second factor get no key for only a password, on every Joomla version.
    pub refuse_two_factor: bool,
}

/// The release module: the data of its methods.
pub struct Release {
    /// Password checks, limited in number.
    pub verifier: Verifier,
    /// Makes and accepts license keys.
    pub keys: Arc<KeyRing>,
    /// The way out for mails.
    pub mailer: Arc<dyn Mailer>,
    /// The letter that carries a key.
    pub letters: Arc<Letters>,
    /// The site's name, for the letter.
    pub site_name: String,
    /// The operator's settings about answers.
    pub policy: Policy,
    /// keybyauth answers with the one-field key as well.
    pub dlid_in_json: bool,
    /// How often a client may fail, log in, or have mails sent.
    pub limits: Limits,
    /// Room for mails that are sent after the answer.
    pub mails_waiting: Arc<Semaphore>,
    /// The supervisor of work that goes on after the answer.
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
