//! The values of a site's own requests: its packages, an account, keys; and the templates for them.
//!
//! The values come from flags, from a file, or from the site's database. No type here has a
//! `Debug`: most values are secret.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Value};
use secrecy::{ExposeSecret, SecretString};
use strum::{Display, EnumString, VariantArray};

/// Something of a site that a request names, by its name between braces in a template and in a file
/// of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Name {
    /// A package that needs a license key.
    Package,
    /// A package that needs no key.
    FreePackage,
    /// A package in the settings whose file is missing.
    MissingPackage,
    /// The package group of the paid package.
    Group,
    /// The e-mail of a user with a license for it.
    Email,
    /// His license key.
    Key,
    /// The e-mail of a blocked user.
    BlockedEmail,
    /// The e-mail of a user in none of the package group's user groups.
    OutsideEmail,
    /// A test account to log in with.
    Username,
    /// Its password.
    Password,
    /// An API key, for end-points that want one.
    ApiKey,
    /// An API key that has expired.
    ExpiredApiKey,
    /// The end-point's menu item.
    Itemid,
}

impl Name {
    /// The flag that sets it.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::Package => "`--package`",
            Self::FreePackage => "`--free-package`",
            Self::Group => "`--group`",
            Self::Email => "`--email`",
            Self::Key => "`--key-file`",
            _ => "the file of `--values`",
        }
    }
}

/// All names, for messages.
fn all_names() -> String {
    let names: Vec<_> = Name::VARIANTS.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// A file of values that cannot be used. Holds no value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    /// No TOML.
    #[error("line {line}: {reason}; write lines like `email = \"user@example.com\"`")]
    Syntax {
        /// Line number, from 1.
        line: usize,
        /// In the parser's words.
        reason: String,
    },
    /// A name that is none.
    #[error("`{name}` is no value: use {known}", known = all_names())]
    Unknown {
        /// As written.
        name: String,
    },
    /// A list, a table …
    #[error("`{name}` is no text: write `{name} = \"…\"`")]
    NoText {
        /// The value's name.
        name: String,
    },
}

/// The values that are known.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<Name, SecretString>);

impl Values {
    /// Reads a TOML file of `name = "value"` lines.
    ///
    /// # Errors
    /// See [`ValuesError`].
    pub fn parse(text: &str) -> Result<Self, ValuesError> {
        let text = text.trim_start_matches('\u{feff}');
        // The parser's whole message quotes the line, in which a secret may stand.
        let dict: Dict = Toml::from_str(text).map_err(|error| ValuesError::Syntax {
            line: error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.matches('\n').count() + 1),
            reason: error.message().trim().replace('\n', ", "),
        })?;
        let mut values = Self::default();
        for (written, value) in dict {
            let Ok(name) = Name::from_str(&written) else {
                return Err(ValuesError::Unknown { name: written });
            };
            let text = match value {
                Value::String(_, text) => text,
                Value::Num(_, number) => match (number.to_i128(), number.to_u128()) {
                    (Some(number), _) => number.to_string(),
                    (None, Some(number)) => number.to_string(),
                    (None, None) => return Err(ValuesError::NoText { name: written }),
                },
                _ => return Err(ValuesError::NoText { name: written }),
            };
            values.set(name, text);
        }
        Ok(values)
    }

    /// Sets a value, in place of the one that was there.
    pub fn set(&mut self, name: Name, value: String) {
        self.0.insert(name, value.into());
    }

    /// Adopts values that are missing here.
    pub fn fill_up(&mut self, others: Self) {
        for (name, value) in others.0 {
            self.0.entry(name).or_insert(value);
        }
    }

    /// Returns the value, if it is known.
    #[must_use]
    pub fn get(&self, name: Name) -> Option<&str> {
        self.0.get(&name).map(ExposeSecret::expose_secret)
    }
}

/// A text with names between braces.
#[derive(Clone)]
pub struct Template(Vec<ValuePart>);

#[derive(Clone)]
enum ValuePart {
    Text(String),
    Name(Name),
    /// The end-point's path, which each side knows by itself.
    Endpoint(&'static str),
}

/// The end-point's path in a target that is not one side's yet.
pub const ENDPOINT: &str = "{endpoint}";
/// The same in capital letters.
pub const ENDPOINT_IN_CAPITALS: &str = "{ENDPOINT}";

/// A name between braces that is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no value is called like the text between `{{` and `}}` after {before} characters: use {known}, \
     `endpoint`, `ENDPOINT`; a brace itself is `%7B` or `%7D`",
    known = all_names()
)]
pub struct UnknownName {
    before: usize,
}

impl Template {
    /// Takes a text apart.
    ///
    /// # Errors
    /// See [`UnknownName`].
    pub fn parse(text: &str) -> Result<Self, UnknownName> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let at = text.len() - rest.len() + before.len();
            let wrong = || UnknownName { before: at };
            let (name, behind) = after.split_once('}').ok_or_else(wrong)?;
            pieces.push(ValuePart::Text(before.to_owned()));
            pieces.push(match name {
                "endpoint" => ValuePart::Endpoint(ENDPOINT),
                "ENDPOINT" => ValuePart::Endpoint(ENDPOINT_IN_CAPITALS),
                _ => ValuePart::Name(Name::from_str(name).map_err(|_| wrong())?),
            });
            rest = behind;
        }
        pieces.push(ValuePart::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// A text in which braces are braces.
    #[must_use]
    pub fn literal(text: String) -> Self {
        Self(vec![ValuePart::Text(text)])
    }

    /// The text with its values, each made fit for its place by `encode`.
    ///
    /// # Errors
    /// The name of a value that is not known.
    pub fn fill(&self, values: &Values, encode: fn(&str) -> String) -> Result<String, Name> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                ValuePart::Text(piece) => text.push_str(piece),
                ValuePart::Endpoint(mark) => text.push_str(mark),
                ValuePart::Name(name) => text.push_str(&encode(values.get(*name).ok_or(*name)?)),
            }
        }
        Ok(text)
    }
}
