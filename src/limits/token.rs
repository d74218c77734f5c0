//! A token of a budget that is held during a try.

use super::budget::{Budget, Taken};
use super::shared::names::BucketKey;
use super::{AccountName, ClientAddress};

/// A token, given back when it is dropped.
pub(super) struct HeldToken<K: BucketKey> {
    budget: Budget,
    /// `None` once it is spent.
    of: Option<(K, Taken)>,
}

impl<K: BucketKey> HeldToken<K> {
    /// Holds a token that was taken from this budget.
    pub(super) fn taken(budget: &Budget, of: K, taken: Taken) -> Self {
        Self { budget: budget.clone(), of: Some((of, taken)) }
    }

    pub(super) fn spend(mut self) {
        self.of = None;
    }
}

impl<K: BucketKey> Drop for HeldToken<K> {
    fn drop(&mut self) {
        if let Some((key, taken)) = &self.of {
            self.budget.give_back(key, *taken);
        }
    }
}

/// The account of a login, after the query to the database.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum LoginAccount {
    /// The account with this id.
    Account(i64),
    /// No account, so it counts for the name.
    Nobody(AccountName),
}

/// A folded name contains no blank, so these texts never equal another key's.
impl BucketKey for LoginAccount {
    fn text(&self) -> String {
        match self {
            Self::Account(id) => format!("account {id}"),
            Self::Nobody(name) => format!("nobody {}", name.folded()),
        }
    }
}

/// An address whose requests were refused before any account was looked up. These have a separate
/// count, so that they do not block the customers who share the address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Refused {
    kind: &'static str,
    address: ClientAddress,
}

impl Refused {
    pub(super) fn of(address: ClientAddress) -> Self {
        Self { kind: "refused", address }
    }
}

impl BucketKey for Refused {
    fn text(&self) -> String {
        format!("{} {}", self.kind, self.address)
    }
}
