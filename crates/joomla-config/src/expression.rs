//! An initial value: `'a' . __DIR__`, `array('k' => 1)`, `self::C`.
//!
//! PHP's grammar is `php_compat`'s; this file handles the part that can be evaluated without PHP.
//! The result is not evaluated yet, since a constant may be declared later than it is used.

use php_compat::expression::{
    Cursor, ExpressionRules, Member, Node, NodeKind, Refusal, TokenKind, Trouble, parse,
};

use super::value::PhpValue;

/// Sites are far below these bounds.
const RULES: ExpressionRules = ExpressionRules { max_depth: 63, mixed_arrays: true };

/// A value as it is written.
#[derive(Clone)]
pub(super) enum Expression {
    /// A literal.
    Value(PhpValue),
    /// A constant of PHP or of the site, with its line.
    Constant(String, usize),
    /// A constant of `JConfig` itself, with its line.
    OwnConstant(String, usize),
    /// `a . b . c`, with the line of the first.
    Joined(Vec<Expression>, usize),
    /// The members of an array, with their keys and lines.
    Array(Vec<(Option<Expression>, Expression, usize)>),
}

/// Reads the expression at the cursor, which must be followed by `,`, `;` or `?>`.
///
/// On a refusal the cursor is anywhere behind its start.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Expression, Refusal> {
    let value = literal(parse(cursor, RULES))?;
    if [",", ";", "?>"].iter().any(|end| cursor.is(end)) {
        return Ok(value);
    }
    Err(cursor.refuse())
}

/// Refuses the first part that only PHP can evaluate.
fn literal(node: Node) -> Result<Expression, Refusal> {
    let line = node.place.line;
    let refused = |construct: String| Err(Refusal::new(line, construct));
    match node.kind {
        NodeKind::Word(TokenKind::Text(text)) => Ok(Expression::Value(PhpValue::Text(text))),
        NodeKind::Word(TokenKind::Int(number)) => Ok(Expression::Value(PhpValue::Int(number))),
        NodeKind::Word(TokenKind::Float(number)) => Ok(Expression::Value(PhpValue::Float(number))),
        NodeKind::Word(word) if word.is_word("new") => refused("an object made by `new`".into()),
        NodeKind::Word(TokenKind::Name(name)) => Ok(Expression::Constant(name, line)),
        NodeKind::Word(word) => refused(word.to_string()),
        NodeKind::Static { class, name, is_called } => {
            let short = class.trim_start_matches('\\').to_ascii_lowercase();
            match (short.as_str(), is_called) {
                ("self" | "jconfig", false) => Ok(Expression::OwnConstant(name, line)),
                ("self" | "jconfig", true) => refused(format!("a call of `{class}::{name}()`")),
                _ => refused(format!("the constant `{class}::{name}`")),
            }
        }
        NodeKind::Call { function, .. } if function.eq_ignore_ascii_case("new") => {
            refused("an object made by `new`".into())
        }
        NodeKind::Call { function, .. } => refused(format!("a call of `{function}()`")),
        NodeKind::Brackets(inner) => literal(*inner),
        NodeKind::Joined(parts) => {
            let parts = parts.into_iter().map(literal).collect::<Result<_, _>>()?;
            Ok(Expression::Joined(parts, line))
        }
        NodeKind::Choice { question, parts, .. } => {
            parts.into_iter().next().map(literal).transpose()?;
            Err(Refusal::new(question.line, "`?`"))
        }
        NodeKind::Array(members) => {
            let member = |member: Member| {
                let line = member.key.as_ref().unwrap_or(&member.value).place.line;
                Ok((member.key.map(literal).transpose()?, literal(member.value)?, line))
            };
            members.into_iter().map(member).collect::<Result<_, _>>().map(Expression::Array)
        }
        NodeKind::Broken { before, trouble } => {
            before.map(|before| literal(*before)).transpose()?;
            Err(match trouble {
                Trouble::Expected { found, .. } => Refusal::unexpected(line, found.as_ref()),
                Trouble::TooDeep => Refusal::new(line, "a value nested too deeply"),
                Trouble::ChoicesInRow => Refusal::new(line, "`?`"),
            })
        }
    }
}
