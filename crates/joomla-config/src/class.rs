//! Finds the class `JConfig` and reads its members.
//!
//! It decides which fields Joomla can see (public ones that are not static) and which constructs
//! make the whole class unreadable (a parent, a trait, a constructor); it evaluates nothing.

use std::collections::HashMap;

use php_compat::expression::{Cursor, Place, Refusal, Token, TokenKind};

use super::error::ClassError;
use super::expression::{self, Expression};
use super::value::PhpValue;

/// The declarations of the class.
#[derive(Default)]
pub(super) struct Class {
    /// The fields, in order, with those that Joomla cannot see.
    pub(super) fields: Vec<Field>,
    /// The constants by name, which counts as it is written.
    pub(super) constants: HashMap<String, Result<Expression, Refusal>>,
}

/// A field of the class.
pub(super) struct Field {
    /// Its name, without `$`.
    pub(super) name: String,
    /// The line of the name.
    pub(super) line: usize,
    /// Whether Joomla sees it: it is public, not static, and set from the start.
    pub(super) visible: bool,
    /// Whether its type turns whole numbers into floats.
    pub(super) float: bool,
    /// Its initial value.
    pub(super) initial: Result<Expression, Refusal>,
}

/// Reads the class `JConfig` of a file.
pub(super) fn read(tokens: &[Token]) -> Result<Class, ClassError> {
    let end = tokens.last().map_or(Place { offset: 0, line: 1 }, |token| token.start);
    let mut places = declarations(tokens);
    let place = places.next().ok_or(ClassError::Missing)?;
    if let Some(second) = places.next() {
        let line = Cursor::new(tokens, second, end).line();
        return Err(ClassError::dynamic(line, "a second class `JConfig`"));
    }
    let mut cursor = Cursor::new(tokens, place, end);
    while !cursor.skip("{") {
        if cursor.is_word("extends") {
            return Err(ClassError::dynamic(cursor.line(), "a parent class (`extends`)"));
        }
        if cursor.kind().is_none() {
            return Err(cursor.refuse().into());
        }
        cursor.advance();
    }
    let mut class = Class::default();
    while !cursor.skip("}") {
        member(&mut cursor, &mut class)?;
    }
    Ok(class)
}

/// Returns the positions behind each `class JConfig`; the name counts in any letter case.
fn declarations(tokens: &[Token]) -> impl Iterator<Item = usize> {
    let is_declaration = |at: usize| {
        let kind = |at: usize| tokens.get(at).map(|token| &token.kind);
        let before = at.checked_sub(1).and_then(kind);
        kind(at).is_some_and(|kind| kind.is_word("class"))
            && kind(at + 1).is_some_and(|kind| kind.is_word("JConfig"))
            && !before.is_some_and(|kind| kind.is("::") || kind.is("->"))
    };
    (0..tokens.len()).filter(move |&at| is_declaration(at)).map(|at| at + 2)
}

/// Reads one member: a `use`, constants, a method or fields.
fn member(cursor: &mut Cursor<'_>, class: &mut Class) -> Result<(), ClassError> {
    while cursor.is("#[") {
        cursor.skip_brackets()?;
    }
    if cursor.is_word("use") {
        return Err(ClassError::dynamic(cursor.line(), "a trait (`use`)"));
    }
    let start = cursor.line();
    let modifiers = Modifiers::read(cursor)?;
    if cursor.skip_word("const") {
        return Ok(constants(cursor, class)?);
    }
    if cursor.skip_word("function") {
        return method(cursor);
    }
    let typed = Type::read(cursor);
    if !matches!(cursor.kind(), Some(TokenKind::Variable(_))) || !(modifiers.any || typed.any) {
        return Err(cursor.refuse().into());
    }
    fields(cursor, class, &modifiers, &typed, start)
}

/// The words before a member.
#[derive(Default)]
struct Modifiers {
    any: bool,
    hidden: bool,
}

impl Modifiers {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Refusal> {
        let mut found = Self::default();
        while let Some(TokenKind::Name(word)) = cursor.kind() {
            let hides = match word.to_ascii_lowercase().as_str() {
                "protected" | "private" | "static" => true,
                "public" | "var" | "final" | "abstract" | "readonly" => false,
                _ => break,
            };
            cursor.advance();
            found.any = true;
            // `private(set)` limits writing only.
            if cursor.is("(") {
                cursor.skip_brackets()?;
            } else {
                found.hidden |= hides;
            }
        }
        Ok(found)
    }
}

/// The type before a field.
#[derive(Default)]
struct Type {
    any: bool,
    float: bool,
}

impl Type {
    fn read(cursor: &mut Cursor<'_>) -> Self {
        let mut found = Self::default();
        let mut int = false;
        while let Some(kind) = cursor.kind() {
            match kind {
                TokenKind::Name(_) => {
                    found.float |= kind.is_word("float");
                    int |= kind.is_word("int");
                }
                TokenKind::Symbol("?" | "|" | "&" | "(" | ")") => {}
                _ => break,
            }
            found.any = true;
            cursor.advance();
        }
        found.float &= !int;
        found
    }
}

fn fields(
    cursor: &mut Cursor<'_>,
    class: &mut Class,
    modifiers: &Modifiers,
    typed: &Type,
    start: usize,
) -> Result<(), ClassError> {
    loop {
        let line = cursor.line();
        let Some(TokenKind::Variable(name)) = cursor.kind() else {
            return Err(cursor.refuse().into());
        };
        let name = name.clone();
        cursor.advance();
        let set = cursor.skip("=");
        let mut initial = if set { initial(cursor) } else { Ok(Expression::Value(PhpValue::Null)) };
        let hooked = cursor.is("{");
        if hooked {
            initial = Err(Refusal::new(line, "a property hook"));
            cursor.skip_brackets()?;
        }
        class.fields.push(Field {
            name,
            line,
            // A field with a type and no value is not set; a hook may still give it one.
            visible: !modifiers.hidden && (set || hooked || !typed.any),
            float: typed.float,
            initial,
        });
        if hooked || cursor.skip(";") {
            return Ok(());
        }
        if !cursor.skip(",") {
            let construct = format!("the end of the statement that starts at line {start}");
            return Err(Refusal::new(cursor.line(), construct).into());
        }
    }
}

fn constants(cursor: &mut Cursor<'_>, class: &mut Class) -> Result<(), Refusal> {
    loop {
        // Tokens before the name are its type.
        let mut name = None;
        while !cursor.skip("=") {
            match cursor.kind() {
                Some(TokenKind::Name(word)) => name = Some(word.clone()),
                Some(TokenKind::Symbol("?" | "|" | "&" | "(" | ")")) => {}
                _ => return Err(cursor.refuse()),
            }
            cursor.advance();
        }
        let name = name.ok_or_else(|| cursor.refuse())?;
        let value = initial(cursor);
        class.constants.insert(name, value);
        if cursor.skip(";") {
            return Ok(());
        }
        cursor.expect(",")?;
    }
}

/// Reads an initial value. When it cannot be read, the cursor still comes to its end.
fn initial(cursor: &mut Cursor<'_>) -> Result<Expression, Refusal> {
    let start = cursor.mark();
    expression::read(cursor).inspect_err(|_| {
        cursor.back_to(start);
        cursor.skip_until(|kind, before| {
            matches!(kind, TokenKind::Symbol("," | ";" | "?>")) || starts_member(kind, before)
        });
    })
}

/// Whether a word can only be the start of the next member: then a `;` is missing before it.
fn starts_member(kind: &TokenKind, before: Option<&TokenKind>) -> bool {
    let TokenKind::Name(word) = kind else { return false };
    let constant = before.is_some_and(|kind| kind.is("::") || kind.is("->"));
    let words = ["public", "protected", "private", "var", "const", "final", "abstract", "readonly"];
    !constant && words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Passes over a method. A constructor runs before Joomla reads the fields; other methods do not.
fn method(cursor: &mut Cursor<'_>) -> Result<(), ClassError> {
    cursor.skip("&");
    // A method with the name of its class was a constructor up to PHP 7.
    if cursor.is_word("__construct") || cursor.is_word("JConfig") {
        return Err(ClassError::dynamic(cursor.line(), "a constructor"));
    }
    cursor.skip_until(|kind, _| matches!(kind, TokenKind::Symbol("{" | ";")));
    if cursor.is("{") {
        cursor.skip_brackets()?;
        return Ok(());
    }
    Ok(cursor.expect(";")?)
}
