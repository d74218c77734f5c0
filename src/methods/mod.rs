//! The five methods of the release module, one file each, all with the same inner order:
//! parameters, package and package group, limits, user, key, answer.
//!
//! Called by the jBackend core once end-point and access are settled. Knows traits only: which
//! database, mail server or folder stands behind them is decided in `service`. The contract is
//! `docs/release.md`. Must not import: `http`, `warp`, `hyper`.

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
mod release;
mod validate;
mod verifier;
mod verify;

pub use arguments::{Argument, Arguments, Sent};
pub use caller::Caller;
pub use code::ErrorCode;
pub use decision::{Decision, DecisionLog, Judged, NotOpened, Recorded, Unlogged};
pub use dlid::{Dlid, DlidUser};
pub use holder::{judge, may_have, person};
pub use lookup::{find_group, find_package};
pub use refusal::Refusal;
pub use release::{Answer, Policy, Release};
pub use verifier::{Busy, Load, Verifier};

use strum::{IntoStaticStr, VariantArray};

use crate::packages::PackageFile;
use crate::release::settings::Package;
use crate::site::{Settings, SiteView};

/// A method of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
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
    pub const ALL: &'static [Self] = Self::VARIANTS;

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
        self.into()
    }
}

impl Release {
    /// Runs a method for a client, by the site of one moment.
    ///
    /// # Errors
    /// Returns the code for the client. Problems for the operator are logged at their source,
    /// except a failure of the database: another store may be used.
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

    /// Returns the answer of [`Release::run`] without sending a mail.
    ///
    /// # Errors
    /// Returns the code that the client would get.
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
}
