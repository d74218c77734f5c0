//! Evaluates initial values as PHP does, as far as they need only the file itself.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;

use php_compat::expression::Refusal;
use php_compat::number::float_to_int;

use super::expression::Expression;
use super::value::{PhpKey, PhpValue};

/// How many constants may refer to each other in a row.
const MAX_REFERENCES: usize = 32;

/// How many bytes and values one file may come to. Constants made of constants can grow without
/// end in a few lines.
const MAX_WORK: usize = 4 * 1024 * 1024;

/// The names that initial values can refer to.
pub(super) struct Scope<'a> {
    directory: &'a Path,
    constants: &'a HashMap<String, Result<Expression, Refusal>>,
    work: Cell<usize>,
}

impl<'a> Scope<'a> {
    /// `directory` is PHP's `__DIR__`; `constants` are those of the class.
    pub(super) fn new(
        directory: &'a Path,
        constants: &'a HashMap<String, Result<Expression, Refusal>>,
    ) -> Self {
        Self { directory, constants, work: Cell::new(0) }
    }

    /// The value PHP gives the field.
    pub(super) fn value(&self, expression: &Expression) -> Result<PhpValue, Refusal> {
        self.evaluate(expression, 0)
    }

    fn evaluate(&self, expression: &Expression, references: usize) -> Result<PhpValue, Refusal> {
        let of = |expression| self.evaluate(expression, references);
        match expression {
            Expression::Value(value) => Ok(value.clone()),
            Expression::Constant(name, line) => self.constant(name, *line),
            Expression::OwnConstant(name, line) => self.own_constant(name, *line, references),
            Expression::Joined(parts, line) => {
                let mut text = Vec::new();
                for part in parts {
                    let part = of(part)?.to_text();
                    let part = part.ok_or_else(|| Refusal::new(*line, "an array as text"))?;
                    self.spend(part.len(), *line)?;
                    text.extend(part);
                }
                Ok(PhpValue::Text(text))
            }
            Expression::Array(members) => self.array(members, references),
        }
    }

    fn constant(&self, name: &str, line: usize) -> Result<PhpValue, Refusal> {
        let short = name.strip_prefix('\\').unwrap_or(name);
        Ok(match short.to_ascii_lowercase().as_str() {
            "true" => PhpValue::Bool(true),
            "false" => PhpValue::Bool(false),
            "null" => PhpValue::Null,
            "__dir__" if short == name => {
                PhpValue::Text(self.directory.as_os_str().as_encoded_bytes().to_vec())
            }
            "__line__" if short == name => PhpValue::Int(i64::try_from(line).unwrap_or(i64::MAX)),
            "__class__" if short == name => PhpValue::Text(b"JConfig".to_vec()),
            // The names of the others count as they are written.
            _ => match short {
                "PHP_EOL" => PhpValue::Text(b"\n".to_vec()),
                "DIRECTORY_SEPARATOR" => PhpValue::Text(b"/".to_vec()),
                "PHP_INT_MAX" => PhpValue::Int(i64::MAX),
                "PHP_INT_MIN" => PhpValue::Int(i64::MIN),
                _ => return Err(Refusal::new(line, format!("the constant `{name}`"))),
            },
        })
    }

    fn own_constant(
        &self,
        name: &str,
        line: usize,
        references: usize,
    ) -> Result<PhpValue, Refusal> {
        if references >= MAX_REFERENCES {
            return Err(Refusal::new(line, "constants that refer to each other"));
        }
        self.spend(1, line)?;
        match self.constants.get(name) {
            Some(Ok(expression)) => self.evaluate(expression, references + 1),
            Some(Err(refusal)) => Err(refusal.clone()),
            None => Err(Refusal::new(line, format!("the constant `self::{name}`"))),
        }
    }

    fn array(
        &self,
        members: &[(Option<Expression>, Expression, usize)],
        references: usize,
    ) -> Result<PhpValue, Refusal> {
        let mut array = Array::default();
        for (key, value, line) in members {
            self.spend(1, *line)?;
            let key = match key {
                Some(key) => {
                    let key = self.evaluate(key, references)?;
                    let key = array_key(key);
                    key.ok_or_else(|| Refusal::new(*line, "a value that is no array key"))?
                }
                None => array.next_key(*line)?,
            };
            array.set(key, self.evaluate(value, references)?);
        }
        Ok(PhpValue::Array(array.members))
    }

    fn spend(&self, amount: usize, line: usize) -> Result<(), Refusal> {
        let work = self.work.get().saturating_add(amount);
        self.work.set(work);
        if work > MAX_WORK { Err(Refusal::new(line, "a value that is too large")) } else { Ok(()) }
    }
}

/// An array on its way.
#[derive(Default)]
struct Array {
    members: Vec<(PhpKey, PhpValue)>,
    places: HashMap<PhpKey, usize>,
    largest: Option<i64>,
}

impl Array {
    fn set(&mut self, key: PhpKey, value: PhpValue) {
        if let PhpKey::Int(number) = key {
            self.largest = self.largest.max(Some(number));
        }
        if let Some(&place) = self.places.get(&key) {
            if let Some((_, old)) = self.members.get_mut(place) {
                *old = value;
            }
        } else {
            self.places.insert(key.clone(), self.members.len());
            self.members.push((key, value));
        }
    }

    /// The key of a member without one. Behind a negative key PHP 8.3 and older versions differ.
    fn next_key(&self, line: usize) -> Result<PhpKey, Refusal> {
        let next = match self.largest {
            None => Some(0),
            Some(largest) => largest.checked_add(1).filter(|_| largest >= 0),
        };
        let refusal = || Refusal::new(line, "a member without a key behind a negative key");
        next.map(PhpKey::Int).ok_or_else(refusal)
    }
}

/// PHP's key for a value: whole numbers stay, and texts that look just like one become it.
fn array_key(value: PhpValue) -> Option<PhpKey> {
    match value {
        PhpValue::Null => Some(PhpKey::Text(Vec::new())),
        PhpValue::Bool(value) => Some(PhpKey::Int(i64::from(value))),
        PhpValue::Int(value) => Some(PhpKey::Int(value)),
        PhpValue::Float(value) => float_to_int(value).map(PhpKey::Int),
        PhpValue::Text(text) => {
            let number = std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok());
            let same = number.filter(|number: &i64| number.to_string().as_bytes() == text);
            Some(same.map_or(PhpKey::Text(text), PhpKey::Int))
        }
        PhpValue::Array(_) => None,
    }
}
