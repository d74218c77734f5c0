//! The parameters of a request: form body over query over path, each through Joomla's filter.

use php_compat::query::{Fields, Value};
use php_compat::string_filter;

use crate::methods::{Argument, Arguments};

/// The client's parameters, by source.
#[derive(Debug, Clone, Default)]
pub struct Params {
    /// Fields of a form body.
    pub body: Fields,
    /// Parameters of the query.
    pub query: Fields,
    /// Defaults out of the path: action, module, resource, id.
    pub path: Fields,
}

impl Params {
    /// The value as sent, from the source that wins.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&Value> {
        [&self.body, &self.query, &self.path].into_iter().find_map(|source| source.get(name))
    }

    /// The value a module sees: entities decoded and tags removed.
    #[must_use]
    pub fn argument(&self, name: &str) -> Argument {
        match self.raw(name) {
            None => Argument::Absent,
            Some(Value::Array) => Argument::Unusable,
            Some(Value::Text(text)) => Argument::Text(string_filter::clean(text)),
        }
    }

    /// Returns the parameters that the release methods read.
    #[must_use]
    pub fn arguments(&self) -> Arguments {
        let password_as_sent = match self.raw("password") {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        Arguments {
            id: self.argument("id"),
            email: self.argument("email"),
            key: self.argument("key"),
            dlid: self.argument("dlid"),
            username: self.argument("username"),
            password: self.argument("password"),
            password_as_sent,
        }
    }
}
