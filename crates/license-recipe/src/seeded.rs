//! Tells whether a seed or the secret goes into a key. Used by `Recipe::is_guessable`.

use super::ast::{Expr, Fact};
use super::functions::Builtin;

/// Which of the unknown texts are not empty.
#[derive(Clone, Copy)]
pub(super) struct Seeds {
    pub(super) hash: bool,
    pub(super) secret: bool,
}

impl Seeds {
    /// Whether a name stands for a text that strangers do not know; `None` for all other parts.
    fn filled(self, expr: &Expr) -> Option<bool> {
        match expr {
            Expr::Name(Fact::Hash) => Some(self.hash),
            Expr::Name(Fact::Secret) => Some(self.secret),
            _ => None,
        }
    }
}

/// Whether the value holds a seed, whichever way its choices go.
///
/// A condition only chooses: its own value does not become part of the key.
pub(super) fn is_seeded(expr: &Expr, seeds: Seeds) -> bool {
    let any = |parts: &[Expr]| parts.iter().any(|part| is_seeded(part, seeds));
    match expr {
        Expr::Literal(_) => false,
        Expr::Name(_) => seeds.filled(expr) == Some(true),
        Expr::Join { parts, .. } | Expr::List(parts) => any(parts),
        Expr::Pairs(pairs) => {
            pairs.iter().any(|(key, value)| is_seeded(key, seeds) || is_seeded(value, seeds))
        }
        Expr::Call { function, arguments, .. } => {
            (*function == Builtin::GetHash && seeds.secret) || any(arguments)
        }
        Expr::First(parts) => is_first_seeded(parts, seeds),
        Expr::Choice { condition, then, otherwise } => match seeds.filled(condition) {
            Some(true) => is_seeded(then, seeds),
            Some(false) => is_seeded(otherwise, seeds),
            None => is_seeded(then, seeds) && is_seeded(otherwise, seeds),
        },
    }
}

/// The parts that can become the value, up to the first seed that is not empty, must all hold one.
fn is_first_seeded(parts: &[Expr], seeds: Seeds) -> bool {
    let Some((last, parts)) = parts.split_last() else {
        return false;
    };
    for part in parts {
        match seeds.filled(part) {
            Some(true) => return true,
            Some(false) => {}
            None if is_seeded(part, seeds) => {}
            None => return false,
        }
    }
    is_seeded(last, seeds)
}
