//! Reads Joomla's `configuration.php` without PHP.
//!
//! The layer above takes the database, the secret and the mail settings of a site from it
//! (`docs/joomla.md`, "configuration.php"). It knows PHP's class syntax, but not which fields
//! there are or what they mean. A field's value is always PHP's own; where that would need PHP to
//! be run, there is an error in its place, never a guess.
//!
//! - `read`: the file's bytes. - `lexer`, `numeral`, `quoted`, `token`: its words.
//! - `cursor`, `class`, `expression`: the class and its fields as they are written.
//! - `evaluate`, [`value`]: the values. - [`error`]: what can go wrong.

mod class;
mod cursor;
pub mod error;
mod evaluate;
mod expression;
mod lexer;
mod numeral;
mod quoted;
mod read;
mod token;
pub mod value;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use error::JoomlaPhpError;
pub use value::{PhpKey, PhpValue};

use class::{Class, ClassError, Field};
use error::Refusal;
use evaluate::Scope;

/// The fields of a site's class `JConfig` that Joomla sees: public and not static.
#[derive(Debug)]
pub struct JoomlaPhp {
    file: PathBuf,
    fields: Vec<Known>,
    places: HashMap<String, usize>,
}

#[derive(Debug)]
struct Known {
    name: String,
    line: usize,
    value: Result<PhpValue, Refusal>,
}

impl JoomlaPhp {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// The file is missing, unreadable or no `configuration.php`, or its class has a parent, a
    /// trait or a constructor, which can change any field.
    pub fn read(path: &Path) -> Result<Self, JoomlaPhpError> {
        let source = read::bytes(path)?;
        // PHP's `__DIR__` has no links in it.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        Self::from_source(&source, path, real.parent().unwrap_or(Path::new("/")))
    }

    /// Reads `source`, the text of a `configuration.php` in the folder `directory` (PHP's
    /// `__DIR__`).
    ///
    /// # Errors
    /// As [`JoomlaPhp::read`], without those of the file itself.
    pub fn parse(source: &[u8], directory: &Path) -> Result<Self, JoomlaPhpError> {
        Self::from_source(source, &directory.join("configuration.php"), directory)
    }

    /// The value of the field `name`, whose letter case counts; `None` when there is no such
    /// field, or Joomla does not see it.
    ///
    /// # Errors
    /// Only PHP knows the value, since it is not made of literals.
    pub fn get(&self, name: &str) -> Result<Option<&PhpValue>, JoomlaPhpError> {
        let Some(field) = self.field(name) else {
            return Ok(None);
        };
        match &field.value {
            Ok(value) => Ok(Some(value)),
            Err(Refusal { line, construct }) => Err(JoomlaPhpError::NotLiteral {
                file: self.file.clone(),
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
    /// As [`JoomlaPhp::get`]; the field is an array or its text is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<String>, JoomlaPhpError> {
        let Some(value) = self.set(name)? else {
            return Ok(None);
        };
        let text = value.to_text();
        let text = text.ok_or_else(|| self.wrong(name, "is an array where a text is expected"))?;
        let text = String::from_utf8(text);
        text.map(Some).map_err(|_| self.wrong(name, "is not UTF-8"))
    }

    /// The field as PHP's `(int)`: a text counts as the number it starts with, else as 0; `None`
    /// when it is absent or `null`.
    ///
    /// # Errors
    /// As [`JoomlaPhp::get`]; the field is an array or too large for a whole number.
    pub fn int(&self, name: &str) -> Result<Option<i64>, JoomlaPhpError> {
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
    /// As [`JoomlaPhp::get`].
    pub fn flag(&self, name: &str) -> Result<bool, JoomlaPhpError> {
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

    fn from_source(source: &[u8], file: &Path, directory: &Path) -> Result<Self, JoomlaPhpError> {
        let file = file.to_path_buf();
        let tokens = lexer::tokens(source).map_err(ClassError::Syntax);
        let class = match tokens.and_then(|tokens| class::read(&tokens)) {
            Ok(class) => class,
            Err(ClassError::Missing) => return Err(JoomlaPhpError::NoClass { file }),
            Err(ClassError::Syntax(Refusal { line, construct })) => {
                return Err(JoomlaPhpError::Syntax { file, line, construct });
            }
            Err(ClassError::Dynamic(Refusal { line, construct })) => {
                return Err(JoomlaPhpError::Dynamic { file, line, construct });
            }
        };
        let (fields, places) = evaluated(&class, directory);
        Ok(Self { file, fields, places })
    }

    fn field(&self, name: &str) -> Option<&Known> {
        self.places.get(name).and_then(|&place| self.fields.get(place))
    }

    fn set(&self, name: &str) -> Result<Option<&PhpValue>, JoomlaPhpError> {
        Ok(self.get(name)?.filter(|value| **value != PhpValue::Null))
    }

    fn wrong(&self, name: &str, problem: &'static str) -> JoomlaPhpError {
        JoomlaPhpError::WrongKind {
            file: self.file.clone(),
            line: self.line(name).unwrap_or_default(),
            field: name.to_owned(),
            problem,
        }
    }
}

/// The visible fields with their values, and where each name is among them.
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
