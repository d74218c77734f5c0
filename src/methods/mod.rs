//! The five methods of the release module, one file each, all with the same inner order:
//! parameters, package and package group, limits, user, key, answer.
//!
//! Called by the jBackend core once end-point and access are settled. Knows traits only: which
//! database, mail server or folder stands behind them is decided in `service`. Knows nothing of HTTP.
//! The contract is `docs/release.md`.

mod arguments;
mod caller;
pub mod code;
mod decision;
mod dlid;
mod download;
mod even_time;
mod holder;
mod key_by_auth;
mod key_by_email;
mod lookup;
mod refusal;
mod validate;
mod verifier;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

pub use arguments::{Argument, Arguments, Sent};
pub use caller::Caller;
pub use code::ErrorCode;
pub use decision::{Decision, DecisionLog, Judged, NotOpened, Recorded, Unlogged};
pub use dlid::{Dlid, DlidUser};
pub use holder::{judge, may_have, person};
pub use lookup::{find_group, find_package};
pub use refusal::Refusal;
pub use verifier::{Busy, Load, Verifier};

use crate::limits::Limits;
use crate::mail::{Letters, Mailer};
use crate::packages::PackageFile;
use crate::release::license::{KeyRing, LicenseKey};
use crate::release::settings::Package;
use crate::site::{Settings, SiteView};
use crate::store::TwoFactor;
use crate::supervise::Tasks;

/// A method of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Mails the license key.
    KeyByEmail,
    /// Answers with the license key, after a login.
    KeyByAuth,
    /// Checks a key for a package group.
    Validate,
    /// Checks a key for a package.
    Verify,
    /// Serves a package.
    Download,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::KeyByEmail, Self::KeyByAuth, Self::Validate, Self::Verify, Self::Download];

    /// The method behind an action and a resource; both must match to the letter.
    #[must_use]
    pub fn find(action: &[u8], resource: &[u8]) -> Option<Self> {
        match (action, resource) {
            (b"post", b"keybyemail" | b"keybymail") => Some(Self::KeyByEmail),
            (b"post", b"keybyauth") => Some(Self::KeyByAuth),
            (b"post", b"validate") => Some(Self::Validate),
            (b"post", b"verify") => Some(Self::Verify),
            (b"post" | b"get", b"download") => Some(Self::Download),
            _ => None,
        }
    }

    /// Its name in URLs, logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyByEmail => "keybyemail",
            Self::KeyByAuth => "keybyauth",
            Self::Validate => "validate",
            Self::Verify => "verify",
            Self::Download => "download",
        }
    }
}

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
    /// Runs a method for a client, by the site of one moment.
    ///
    /// # Errors
    /// The code the client gets. What the operator should know is logged where it happened, but for a
    /// failure of the database: another store may be asked.
    pub async fn run<'a, L: DecisionLog>(
        &self,
        view: &SiteView,
        method: Method,
        arguments: &'a Arguments,
        caller: &mut Caller<'a, L>,
    ) -> Result<Answer, Refusal> {
        match method {
            Method::KeyByEmail => key_by_email::run(self, view, arguments, caller).await,
            Method::KeyByAuth => key_by_auth::run(self, view, arguments, caller).await,
            Method::Validate => validate::run(self, view, arguments, caller).await,
            Method::Verify => verify::run(self, view, arguments, caller).await,
            Method::Download => download::run(self, view, arguments, caller).await,
        }
    }

    /// What [`Release::run`] would answer, without sending a mail.
    ///
    /// # Errors
    /// The code the client would get.
    pub async fn rehearse<'a, L: DecisionLog>(
        &self,
        view: &SiteView,
        method: Method,
        arguments: &'a Arguments,
        caller: &mut Caller<'a, L>,
    ) -> Result<Answer, Refusal> {
        match method {
            Method::KeyByEmail => key_by_email::rehearse(self, view, arguments, caller).await,
            method => self.run(view, method, arguments, caller).await,
        }
    }

    /// Opens a package's file.
    ///
    /// # Errors
    /// `REL_FNF`, or `REL_RGE` if the storage fails.
    pub async fn open(
        &self,
        settings: &Settings,
        package: &Package,
        log: &mut impl DecisionLog,
    ) -> Result<PackageFile, ErrorCode> {
        download::open(self, settings, package, log).await
    }

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
