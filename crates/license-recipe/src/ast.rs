//! The expression a recipe is, after parsing. Built by `parser`, walked by `bounds` and `eval`.

use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use super::functions::Builtin;
use super::value::Value;

/// A value a recipe may read.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray, VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum Fact {
    /// The user's e-mail.
    Email,
    /// The user's login name.
    Username,
    /// The user's human name.
    Name,
    /// The user's id.
    UserId,
    /// The id of the package group.
    Group,
    /// The human name of the package group.
    GroupName,
    /// The seed of the package group.
    Hash,
    /// Joomla's `$secret`.
    Secret,
}

impl Fact {
    /// Every name.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The spelling of every name in a recipe, without `$`.
    pub const NAMES: &'static [&'static str] = <Self as VariantNames>::VARIANTS;

    /// Its spelling in a recipe, without `$`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The name spelled so, without `$`. Case matters, as for any PHP variable.
    pub(super) fn find(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A part of a recipe that has a value.
#[derive(Clone)]
pub(super) enum Expr {
    /// A quoted text without names, a number, `true`, `false` or a constant.
    Literal(Value),
    /// A name.
    Name(Fact),
    /// Parts put together by `.` or inside double quotes. `at` is the start of the first.
    Join { at: usize, parts: Vec<Expr> },
    /// `a ?: b ?: c`: the first that PHP takes for true, else the last.
    First(Vec<Expr>),
    /// `condition ? then : otherwise`.
    Choice { condition: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// A list; only as an argument of a function that takes one.
    List(Vec<Expr>),
    /// A list of keys and values; only as an argument of `strtr`.
    Pairs(Vec<(Expr, Expr)>),
    /// A function call. `at` is the start of the function's name.
    Call { at: usize, function: Builtin, arguments: Vec<Expr> },
}

impl Expr {
    /// Whether it is a list: written out, or given by a function.
    pub(super) fn is_list(&self) -> bool {
        match self {
            Self::List(_) | Self::Pairs(_) => true,
            Self::Call { function, .. } => function.gives_list(),
            Self::Literal(_)
            | Self::Name(_)
            | Self::Join { .. }
            | Self::First(_)
            | Self::Choice { .. } => false,
        }
    }

    /// Whether the value can depend on `name`.
    pub(super) fn reads(&self, name: Fact) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Name(own) => *own == name,
            Self::Join { parts: inner, .. } | Self::First(inner) | Self::List(inner) => {
                inner.iter().any(|part| part.reads(name))
            }
            Self::Choice { condition, then, otherwise } => {
                [condition, then, otherwise].iter().any(|part| part.reads(name))
            }
            Self::Pairs(pairs) => {
                pairs.iter().any(|(key, value)| key.reads(name) || value.reads(name))
            }
            Self::Call { function, arguments, .. } => {
                (*function == Builtin::GetHash && name == Fact::Secret)
                    || arguments.iter().any(|part| part.reads(name))
            }
        }
    }
}
