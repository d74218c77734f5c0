//! The input of an explanation.

use secrecy::SecretString;

/// The question.
pub struct Question {
    /// An e-mail or a user name.
    pub who: String,
    /// A package or a package group.
    pub what: String,
    /// The license key the customer sends.
    pub key: Option<SecretString>,
    /// The password the customer logs in with.
    pub password: Option<SecretString>,
}
