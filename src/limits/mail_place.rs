//! The place of a mail in the budget of its account.
//!
//! [`super::Limits::take_mail`] makes it; the method that sends the mail says when it could not.

use super::budget::{Budget, Taken};

/// A place that was taken. Dropped, it is spent: the mail may have gone out, also where the client
/// did not wait for it.
pub struct MailPlace {
    /// Nothing where mails are not limited.
    token: Option<(Budget, i64, Taken)>,
}

impl MailPlace {
    pub(super) fn unlimited() -> Self {
        Self { token: None }
    }

    pub(super) fn taken(budget: &Budget, user: i64, taken: Taken) -> Self {
        Self { token: Some((budget.clone(), user, taken)) }
    }

    /// The mail was not sent: its place is free again.
    pub fn give_back(self) {
        if let Some((budget, user, taken)) = self.token {
            budget.give_back(&user, taken);
        }
    }
}
