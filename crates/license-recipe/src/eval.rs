//! Evaluates a recipe for the facts of one person and group. Called by `Recipe::evaluate`.

use super::ast::Expr;
use super::call::call;
use super::error::{EvalError, NoValue};
use super::facts::Facts;
use super::text::fits;
use super::value::Value;

/// The bytes of the whole recipe.
///
/// The recursion is as deep as the parser let the recipe be nested.
pub(super) fn evaluate(root: &Expr, facts: &Facts<'_>) -> Result<Vec<u8>, EvalError> {
    let refused = |refusal| EvalError::new(1, "", refusal);
    let text = value(root, facts)?.into_text().ok_or_else(|| refused(NoValue::Arguments))?;
    fits(text.len()).map_err(refused)?;
    Ok(text)
}

fn value(expr: &Expr, facts: &Facts<'_>) -> Result<Value, EvalError> {
    match expr {
        Expr::Literal(value) => Ok(value.clone()),
        Expr::Name(name) => Ok(facts.value(*name)),
        Expr::List(items) => Ok(Value::List(values(items, facts)?)),
        Expr::Pairs(pairs) => {
            let values =
                pairs.iter().map(|(key, given)| Ok((value(key, facts)?, value(given, facts)?)));
            let values: Vec<_> = values.collect::<Result<_, EvalError>>()?;
            Value::pairs(values).ok_or_else(|| EvalError::new(1, "", NoValue::Arguments))
        }
        Expr::First(parts) => {
            let (last, parts) =
                parts.split_last().ok_or_else(|| EvalError::new(1, "", NoValue::Arguments))?;
            for part in parts {
                let value = value(part, facts)?;
                if is_true(&value) {
                    return Ok(value);
                }
            }
            value(last, facts)
        }
        Expr::Choice { condition, then, otherwise } => {
            // PHP does not evaluate the other branch, even if it would fail.
            let chosen = if is_true(&value(condition, facts)?) { then } else { otherwise };
            value(chosen, facts)
        }
        Expr::Join { at, parts } => {
            let refused = |refusal| EvalError::new(*at, "", refusal);
            let mut joined = Vec::new();
            for part in parts {
                let part = value(part, facts)?.into_text();
                joined.extend(part.ok_or_else(|| refused(NoValue::Arguments))?);
                fits(joined.len()).map_err(refused)?;
            }
            Ok(Value::Text(joined))
        }
        Expr::Call { at, function, arguments } => {
            call(*function, values(arguments, facts)?, facts.secret)
                .map_err(|refusal| EvalError::new(*at, function.name(), refusal))
        }
    }
}

/// Whether PHP takes a value for true.
pub(super) fn is_true(value: &Value) -> bool {
    value.clone().into_bool().unwrap_or(false)
}

fn values(parts: &[Expr], facts: &Facts<'_>) -> Result<Vec<Value>, EvalError> {
    parts.iter().map(|part| value(part, facts)).collect()
}
