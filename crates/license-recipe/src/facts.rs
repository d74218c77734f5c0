//! The values a recipe may read. Filled by the key ring; read by `eval` and `bounds`.

use std::fmt;

use super::ast::Fact;
use super::value::Value;

/// The known facts about one person, one package group and the site, all as stored.
///
/// `Debug` does not show them: they are secrets and personal data.
#[derive(Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The user's e-mail as stored in the users table, not as sent.
    pub email: &'a str,
    /// The user's login name.
    pub username: &'a str,
    /// The user's human name.
    pub name: &'a str,
    /// The user's id.
    pub user_id: i64,
    /// The id of the package group.
    pub group: &'a str,
    /// The human name of the package group; empty when the settings give none.
    pub group_name: &'a str,
    /// The seed of the package group; empty when the settings give none.
    pub hash: &'a str,
    /// Joomla's `$secret`.
    pub secret: &'a [u8],
}

impl Facts<'_> {
    /// The value of one name as text.
    #[cfg(feature = "search")]
    pub(crate) fn text(&self, name: Fact) -> Vec<u8> {
        self.value(name).into_text().unwrap_or_default()
    }

    /// The value of one name.
    pub(super) fn value(&self, name: Fact) -> Value {
        let text = |text: &str| Value::Text(text.as_bytes().to_vec());
        match name {
            Fact::Email => text(self.email),
            Fact::Username => text(self.username),
            Fact::Name => text(self.name),
            Fact::UserId => Value::Int(self.user_id),
            Fact::Group => text(self.group),
            Fact::GroupName => text(self.group_name),
            Fact::Hash => text(self.hash),
            Fact::Secret => Value::Text(self.secret.to_vec()),
        }
    }
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Facts(REDACTED)")
    }
}
