//! The place of a mail in the budget of its account.
//!
//! [`super::Limits::take_mail`] makes it; the method that sends the mail gives it back on failure.

use super::budget::{Budget, Taken};

/// A taken place. If it is dropped, it is spent: the mail may have been sent, even if the client
/// did not wait for it.
pub struct MailPlace {
    /// `None` if mails are not limited.
    token: Option<(Budget, i64, Taken)>,
}

impl MailPlace {
    pub(super) fn unlimited() -> Self {
        Self { token: None }
    }

    pub(super) fn taken(budget: &Budget, user: i64, taken: Taken) -> Self {
        Self { token: Some((budget.clone(), user, taken)) }
    }

    /// Frees the place: the mail was not sent.
    pub fn give_back(self) {
        if let Some((budget, user, taken)) = self.token {
            budget.give_back(&user, taken);
        }
    }
}
