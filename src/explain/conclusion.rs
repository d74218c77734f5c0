//! What the steps lead to: the code of each method, in the order of the service's checks
//! (`docs/release.md`, "Codes").
//!
//! Compared with the real answer every time; a test does it for every account, package and key of
//! the recorded site. It looks nothing up.

use crate::jbackend::code as core;
use crate::methods::{Code, Method, code};

use super::answer::KeySent;

/// What the steps have found out.
pub(super) struct Facts {
    /// The module is published, on the end-point and on the site.
    pub(super) published: bool,
    /// Why the package cannot be had by anybody.
    pub(super) no_package: Option<Code>,
    /// Why the package group cannot be had by anybody.
    pub(super) no_group: Option<Code>,
    /// The package is free.
    pub(super) free: bool,
    /// `privacy = "uniform"`.
    pub(super) uniform: bool,
    /// The accounts of the e-mail, in the service's order.
    pub(super) accounts: Vec<Assessed>,
    /// What a download finds.
    pub(super) file: Result<(), Code>,
    /// The account that logs in, and whether its password does.
    pub(super) login: Option<(bool, Option<Assessed>)>,
}

/// An account, judged.
#[derive(Clone, Copy)]
pub(super) struct Assessed {
    /// Enabled and in one of the user groups.
    pub(super) standing: Result<(), Code>,
    /// A key can be made for it.
    pub(super) has_key: bool,
    /// The key that was given is its own.
    pub(super) given_fits: bool,
    /// The key that would be right is its own.
    pub(super) own_fits: bool,
}

impl Facts {
    /// The outcome of a request.
    pub(super) fn of(&self, method: Method, key: KeySent) -> Result<(), Code> {
        if !self.published {
            return Err(core::MODULE_NOT_FOUND);
        }
        match method {
            Method::Download => self.verify(key).and(self.file),
            Method::Verify => self.verify(key),
            Method::Validate => {
                self.no_group.map_or(Ok(()), Err)?;
                self.holder(key)
            }
            Method::KeyByEmail => self.letter(),
            Method::KeyByAuth => self.log_in(),
        }
    }

    fn verify(&self, key: KeySent) -> Result<(), Code> {
        self.no_package.map_or(Ok(()), Err)?;
        if self.free { Ok(()) } else { self.holder(key) }
    }

    fn holder(&self, key: KeySent) -> Result<(), Code> {
        let fits = |account: &Assessed| match key {
            KeySent::Given => account.given_fits,
            KeySent::Own => account.own_fits,
            KeySent::No | KeySent::Any => false,
        };
        if key == KeySent::No {
            return Err(code::KEY_NOT_SPECIFIED);
        }
        if self.accounts.iter().any(|account| account.standing.is_ok() && fits(account)) {
            return Ok(());
        }
        let first = self.accounts.first().map(|account| account.standing);
        let refusal = match first {
            None => code::USER_NOT_FOUND,
            Some(Err(refusal)) => refusal,
            Some(Ok(())) => code::KEY_NOT_VALID,
        };
        Err(if self.uniform { code::KEY_NOT_VALID } else { refusal })
    }

    fn letter(&self) -> Result<(), Code> {
        self.no_group.map_or(Ok(()), Err)?;
        let chosen = self.accounts.iter().find(|account| account.standing.is_ok());
        let refusal = match (chosen, self.accounts.first()) {
            (Some(account), _) if account.has_key => return Ok(()),
            (Some(_), _) => code::GENERIC_ERROR,
            (None, Some(first)) => first.standing.err().unwrap_or(code::GENERIC_ERROR),
            (None, None) => code::USER_NOT_FOUND,
        };
        if self.uniform { Ok(()) } else { Err(refusal) }
    }

    fn log_in(&self) -> Result<(), Code> {
        self.no_group.map_or(Ok(()), Err)?;
        let Some((true, Some(account))) = self.login else {
            return Err(code::LOGIN_FAILED);
        };
        account.standing?;
        if account.has_key { Ok(()) } else { Err(code::GENERIC_ERROR) }
    }
}
