//! Reads an initial value: `'a' . __DIR__`, `array('k' => 1)`, `self::C`.
//!
//! The result is not evaluated yet, since a constant may be declared later than it is used.

use super::cursor::Cursor;
use super::error::Refusal;
use super::token::Kind;
use super::value::PhpValue;

/// How deeply brackets and signs may be nested.
const MAX_DEPTH: usize = 64;

/// A value as it is written.
#[derive(Clone)]
pub(super) enum Expression {
    /// A literal.
    Value(PhpValue),
    /// A constant of PHP or of the site, with its line.
    Constant(String, usize),
    /// A constant of `JConfig` itself, with its line.
    OwnConstant(String, usize),
    /// `-x`, with its line.
    Negated(Box<Expression>, usize),
    /// `+x`, with its line.
    Unchanged(Box<Expression>, usize),
    /// `a . b . c`, with the line of the first.
    Joined(Vec<Expression>, usize),
    /// Arithmetic from left to right, with the line of the first.
    Computed(Box<Expression>, Vec<(Operator, Expression)>, usize),
    /// The members of an array, with their keys and lines.
    Array(Vec<(Option<Expression>, Expression, usize)>),
}

/// An operator of arithmetic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Reads the expression at the cursor, which must be followed by `,`, `;` or `?>`.
///
/// On a refusal the cursor is somewhere within the expression.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Expression, Refusal> {
    let value = Parser { cursor, depth: 0 }.joined()?;
    if cursor.is(",") || cursor.is(";") || cursor.is("?>") {
        return Ok(value);
    }
    Err(cursor.refuse())
}

struct Parser<'c, 't> {
    cursor: &'c mut Cursor<'t>,
    depth: usize,
}

impl Parser<'_, '_> {
    /// `a . b`: since PHP 8 it binds less than `+` and `-`. In PHP 7 both are of one rank, so
    /// that a mixture needs brackets to be the same in both.
    fn joined(&mut self) -> Result<Expression, Refusal> {
        let line = self.cursor.line();
        let first = self.sum()?;
        if !self.cursor.is(".") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.cursor.skip(".") {
            parts.push(self.sum()?);
        }
        let bare_sum = |part: &Expression| {
            matches!(part, Expression::Computed(_, steps, _)
                if steps.iter().any(|(operator, _)| operator.is_sum()))
        };
        if parts.iter().any(bare_sum) {
            let problem = "`.` together with `+` or `-` and without brackets";
            return Err(Refusal::new(line, problem));
        }
        Ok(Expression::Joined(parts, line))
    }

    fn sum(&mut self) -> Result<Expression, Refusal> {
        self.chain(Self::product, |kind| match kind {
            Kind::Symbol("+") => Some(Operator::Add),
            Kind::Symbol("-") => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Result<Expression, Refusal> {
        self.chain(Self::signed, |kind| match kind {
            Kind::Symbol("*") => Some(Operator::Multiply),
            Kind::Symbol("/") => Some(Operator::Divide),
            Kind::Symbol("%") => Some(Operator::Remainder),
            _ => None,
        })
    }

    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Result<Expression, Refusal>,
        operator: fn(&Kind) -> Option<Operator>,
    ) -> Result<Expression, Refusal> {
        let line = self.cursor.line();
        let first = operand(self)?;
        let mut steps = Vec::new();
        while let Some(found) = self.cursor.kind().and_then(operator) {
            self.cursor.advance();
            steps.push((found, operand(self)?));
        }
        Ok(if steps.is_empty() {
            first
        } else {
            Expression::Computed(Box::new(first), steps, line)
        })
    }

    fn signed(&mut self) -> Result<Expression, Refusal> {
        self.depth += 1;
        let line = self.cursor.line();
        if self.depth > MAX_DEPTH {
            return Err(Refusal::new(line, "a value nested too deeply"));
        }
        let value = if self.cursor.skip("-") {
            Expression::Negated(Box::new(self.signed()?), line)
        } else if self.cursor.skip("+") {
            Expression::Unchanged(Box::new(self.signed()?), line)
        } else {
            self.operand()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn operand(&mut self) -> Result<Expression, Refusal> {
        let line = self.cursor.line();
        if self.cursor.skip("(") {
            let value = self.joined()?;
            self.cursor.expect(")")?;
            // Brackets make a sum an operand like any other.
            return Ok(match value {
                sum @ Expression::Computed(..) => Expression::Unchanged(Box::new(sum), line),
                value => value,
            });
        }
        if self.cursor.skip("[") {
            return self.members("]");
        }
        let value = match self.cursor.kind() {
            Some(Kind::Text(text)) => PhpValue::Text(text.clone()),
            Some(Kind::Int(value)) => PhpValue::Int(*value),
            Some(Kind::Float(value)) => PhpValue::Float(*value),
            Some(Kind::Name(name)) => {
                let name = name.clone();
                return self.named(name);
            }
            _ => return Err(self.cursor.refuse()),
        };
        self.cursor.advance();
        Ok(Expression::Value(value))
    }

    /// `array(…)`, `self::C`, a constant, or something that only PHP can evaluate.
    fn named(&mut self, name: String) -> Result<Expression, Refusal> {
        let line = self.cursor.line();
        self.cursor.advance();
        if name.eq_ignore_ascii_case("array") && self.cursor.skip("(") {
            return self.members(")");
        }
        if name.eq_ignore_ascii_case("new") {
            return Err(Refusal::new(line, "an object made by `new`"));
        }
        if self.cursor.is("(") {
            return Err(Refusal::new(line, format!("a call of `{name}()`")));
        }
        if !self.cursor.skip("::") {
            return Ok(Expression::Constant(name, line));
        }
        let class = name.trim_start_matches('\\').to_ascii_lowercase();
        match self.cursor.kind() {
            Some(Kind::Name(constant)) if matches!(class.as_str(), "self" | "jconfig") => {
                let constant = constant.clone();
                self.cursor.advance();
                if self.cursor.is("(") {
                    Err(Refusal::new(line, format!("a call of `{name}::{constant}()`")))
                } else {
                    Ok(Expression::OwnConstant(constant, line))
                }
            }
            Some(Kind::Name(constant)) => {
                let construct = format!("the constant `{name}::{constant}`");
                Err(Refusal::new(line, construct))
            }
            _ => Err(self.cursor.refuse()),
        }
    }

    fn members(&mut self, close: &'static str) -> Result<Expression, Refusal> {
        let mut members = Vec::new();
        while !self.cursor.skip(close) {
            let line = self.cursor.line();
            let first = self.joined()?;
            members.push(if self.cursor.skip("=>") {
                (Some(first), self.joined()?, line)
            } else {
                (None, first, line)
            });
            if !self.cursor.skip(",") && !self.cursor.is(close) {
                return Err(self.cursor.refuse());
            }
        }
        Ok(Expression::Array(members))
    }
}

impl Operator {
    /// Whether this is `+` or `-`.
    fn is_sum(self) -> bool {
        matches!(self, Self::Add | Self::Subtract)
    }
}
