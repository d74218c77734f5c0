//! The decisions of the methods, for a log that words them.
//!
//! The methods write here; `explain` runs them with a [`Recorded`] log. A service serves with
//! [`Unlogged`], for which the compiler leaves all of it out. No decision may depend on a log.

use joomla_password::Verdict;

use super::ErrorCode;
use crate::packages::PackageError;
use crate::release::authorise::Membership;
use crate::release::license::AcceptedAs;
use crate::release::package_path::PathError;
use crate::release::settings::{Package, PackageGroup};
use crate::store::{Account, TwoFactor};

/// One decision of a method.
pub enum Decision {
    /// The package that the id names.
    Package(Package),
    /// The package group that is asked for, or that the package names.
    Group(PackageGroup),
    /// No such package group for clients.
    NoGroup {
        /// The settings have it, but anyone could compute its keys.
        closed: bool,
    },
    /// An account was held against a package group and a key.
    Judged(Judged),
    /// The account whose key is accepted.
    Counts(i64),
    /// `privacy = "uniform"` hides the reason of the refusal.
    Hidden,
    /// No password was sent that Joomla's login would look at.
    PasswordUnseen,
    /// The account that a user name names.
    Account(Option<Account>),
    /// The password was compared with the stored hash.
    Password(Verdict),
    /// The account's second factor was looked at.
    SecondFactor {
        /// The kind it is.
        factor: TwoFactor,
        /// The password is enough with it.
        enough: bool,
    },
    /// The result of opening the package's file.
    File(Result<(), NotOpened>),
}

/// An account, held against a package group and a key.
#[derive(Clone)]
pub struct Judged {
    /// `#__users.id`.
    pub user: i64,
    /// The reason for which the key is accepted.
    pub accepted: Option<AcceptedAs>,
    /// The account may have the package group; or the refusal.
    pub standing: Result<(), ErrorCode>,
    /// Not blocked.
    pub enabled: bool,
    /// The memberships that count for the package group.
    pub memberships: Vec<Membership>,
}

/// Why a package's file was not opened.
pub enum NotOpened {
    /// The package's line names no file.
    NoPath(PathError),
    /// The package folder refused it or failed.
    Failed(PackageError),
    /// The package folder did not answer in time.
    Silent,
}

/// Takes the decisions of a request.
pub trait DecisionLog: Send {
    /// Whether decisions are wanted. They are not even made for a log that wants none.
    const RECORDS: bool;

    /// Takes one.
    fn record(&mut self, decision: Decision);

    /// Takes the one that this makes, if decisions are wanted.
    fn note(&mut self, decision: impl FnOnce() -> Decision)
    where
        Self: Sized,
    {
        if Self::RECORDS {
            self.record(decision());
        }
    }
}

/// The log of a service: none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unlogged;

impl DecisionLog for Unlogged {
    const RECORDS: bool = false;

    fn record(&mut self, _: Decision) {}
}

/// Keeps all decisions, in their order.
#[derive(Default)]
pub struct Recorded(pub Vec<Decision>);

impl DecisionLog for Recorded {
    const RECORDS: bool = true;

    fn record(&mut self, decision: Decision) {
        self.0.push(decision);
    }
}
