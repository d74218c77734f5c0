//! Reads a Joomla site's `configuration.php` without PHP.
#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! The words of the file and PHP's grammar of expressions are `php_compat`'s.
//!
//! - `class`, `expression`: the class and its fields as they are written.
//! - `evaluate`, `value`: the values. - `error`: the errors.
//! - `db_host`: the notations of `$host`.
//!
//! It handles PHP's class syntax, but not the names and meanings of fields.

mod class;
mod db_host;
mod error;
mod evaluate;
mod expression;
mod value;

use std::collections::HashMap;
use std::path::Path;

pub use db_host::DbHost;
pub use error::{ClassError, FieldError};
pub use value::{PhpKey, PhpValue};

use class::{Class, Field};
use evaluate::Scope;
use php_compat::expression::{Lexer, Refusal};

/// The fields of a site's class `JConfig` that Joomla sees: public and not static.
#[derive(Debug)]
pub struct JConfig {
    fields: Vec<Known>,
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Known {
    name: String,
    line: usize,
    value: Result<PhpValue, Refusal>,
}

impl JConfig {
    /// Reads `source`, the text of a `configuration.php` in the folder `directory` (PHP's
    /// `__DIR__`).
    ///
    /// # Errors
    /// The text is no `configuration.php`, or its class has a parent, a trait or a constructor,
    /// which can change any field.
    pub fn parse(source: &[u8], directory: &Path) -> Result<Self, ClassError> {
        let class = class::read(&Lexer::new(source).collect::<Result<Vec<_>, _>>()?)?;
        let (fields, places) = evaluated(&class, directory);
        Ok(Self { fields, places })
    }

    /// Returns the value of the field `name`, whose letter case counts; `None` if there is no such
    /// field, or Joomla does not see it.
    ///
    /// # Errors
    /// Fails if only PHP can evaluate it, because it is not made of literals.
    pub fn get(&self, name: &str) -> Result<Option<&PhpValue>, FieldError> {
        let Some(field) = self.field(name) else {
            return Ok(None);
        };
        match &field.value {
            Ok(value) => Ok(Some(value)),
            Err(Refusal { line, construct }) => Err(FieldError::NotLiteral {
                line: *line,
                field: name.to_owned(),
                construct: construct.clone(),
            }),
        }
    }

    /// The field as PHP's text: numbers in decimal, `true` as `1`, `false` as the empty text;
    /// `None` when it is absent or `null`.
    ///
    /// # Errors
    /// As [`JConfig::get`]; the field is an array or its text is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<String>, FieldError> {
        let Some(value) = self.set(name)? else {
            return Ok(None);
        };
        let text = value.to_text();
        let text = text.ok_or_else(|| self.wrong(name, "is an array, and a text is expected"))?;
        let text = String::from_utf8(text);
        text.map(Some).map_err(|_| self.wrong(name, "is not UTF-8"))
    }

    /// The field as PHP's `(int)`: a text counts as the number it starts with, else as 0; `None`
    /// when it is absent or `null`.
    ///
    /// # Errors
    /// As [`JConfig::get`]; the field is an array or too large for a whole number.
    pub fn int(&self, name: &str) -> Result<Option<i64>, FieldError> {
        let Some(value) = self.set(name)? else {
            return Ok(None);
        };
        let number = value.to_int();
        number.map(Some).ok_or_else(|| self.wrong(name, "is no whole number"))
    }

    /// Whether PHP takes the field for true; an absent one is false, as are `''`, `'0'`, 0,
    /// `false` and `null`.
    ///
    /// # Errors
    /// As [`JConfig::get`].
    pub fn flag(&self, name: &str) -> Result<bool, FieldError> {
        Ok(self.get(name)?.is_some_and(PhpValue::is_true))
    }

    /// The line of the field's declaration, from 1.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<usize> {
        self.field(name).map(|field| field.line)
    }

    /// The names of all fields, in PHP's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    fn field(&self, name: &str) -> Option<&Known> {
        self.places.get(name).and_then(|&place| self.fields.get(place))
    }

    fn set(&self, name: &str) -> Result<Option<&PhpValue>, FieldError> {
        Ok(self.get(name)?.filter(|value| **value != PhpValue::Null))
    }

    fn wrong(&self, name: &str, problem: &'static str) -> FieldError {
        FieldError::WrongKind {
            line: self.line(name).unwrap_or_default(),
            field: name.to_owned(),
            problem,
        }
    }
}

/// Returns the visible fields with their values, and the position of each name among them.
fn evaluated(class: &Class, directory: &Path) -> (Vec<Known>, HashMap<String, usize>) {
    let mut declared: HashMap<String, usize> = HashMap::new();
    for field in &class.fields {
        *declared.entry(field.name.clone()).or_default() += 1;
    }
    let scope = Scope::new(directory, &class.constants);
    let mut fields = Vec::new();
    let mut places = HashMap::new();
    for field in class.fields.iter().filter(|field| field.visible) {
        let once = declared.get(&field.name) == Some(&1);
        let value = if once {
            value(field, &scope)
        } else {
            Err(Refusal::new(field.line, "a field that is declared twice"))
        };
        let Field { name, line, .. } = field;
        if !places.contains_key(name) {
            places.insert(name.clone(), fields.len());
            fields.push(Known { name: name.clone(), line: *line, value });
        }
    }
    (fields, places)
}

fn value(field: &Field, scope: &Scope<'_>) -> Result<PhpValue, Refusal> {
    let initial = field.initial.as_ref().map_err(Clone::clone)?;
    match scope.value(initial)? {
        #[expect(clippy::cast_precision_loss, reason = "PHP loses it, too")]
        PhpValue::Int(value) if field.float => Ok(PhpValue::Float(value as f64)),
        value => Ok(value),
    }
}
