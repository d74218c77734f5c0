//! The options of a check.

use crate::config::public_url::PublicUrl;
use crate::operator::http_client::Certificates;

/// The wishes of the operator.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// The site's address, if the configuration has none or another one is meant.
    pub public_url: Option<PublicUrl>,
    /// Leave out whatever asks the public site or a mail server.
    pub offline: bool,
    /// Send a test mail to this address.
    pub send_test: Option<String>,
    /// Make the test mail the letter for this package group, with sample values.
    pub letter: Option<String>,
    /// Show e-mail addresses whole.
    pub show_emails: bool,
    /// The certificates that are accepted of the public site.
    pub certificates: Certificates,
}
