//! The login at a mail server.

use std::fmt;

use secrecy::SecretString;

/// User name and password for the mail server.
#[derive(Clone)]
pub struct SmtpLogin {
    /// `smtpuser`.
    pub user: String,
    /// `smtppass`.
    pub password: SecretString,
}

/// Shows neither: the user name is often an e-mail address.
impl fmt::Debug for SmtpLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SmtpLogin").finish_non_exhaustive()
    }
}
