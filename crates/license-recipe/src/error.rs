//! Errors of a recipe, when it is read and when it is evaluated.
//!
//! Messages name columns and the operator's text outside quotes, never a quoted text (it may be a
//! seed) and never a value of a user.

use std::fmt::Display;

use super::digest;
use super::functions::SIGNATURES;
use super::{MAX_DEPTH, MAX_SOURCE, MAX_VALUE, ast::Fact};

/// Why a recipe was refused, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.worded(&self.problem))]
pub struct RecipeError {
    column: usize,
    problem: RecipeProblem,
    /// The names are missing at their places.
    is_eaten: bool,
}

/// Follows the message then.
const EATEN: &str = "; the names are missing: a shell replaces each `$name` between double quotes, so \
                     put the formula between single quotes";

impl RecipeError {
    pub(super) fn new(source: &str, at: usize, problem: RecipeProblem) -> Self {
        Self { column: column(source, at), problem, is_eaten: is_eaten(source) }
    }

    /// The character of the recipe the problem starts at, counted from 1; never behind its end.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// The message with a caller's own words for the problem, for one who knows the remedy.
    #[must_use]
    pub fn worded(&self, problem: &dyn Display) -> String {
        let eaten = if self.is_eaten { EATEN } else { "" };
        format!("column {}: {problem}{eaten}", self.column)
    }

    /// Returns the problem.
    #[must_use]
    pub fn problem(&self) -> &RecipeProblem {
        &self.problem
    }
}

impl From<EvalError> for RecipeError {
    fn from(error: EvalError) -> Self {
        let EvalError { column, function, refusal } = error;
        Self { column, problem: RecipeProblem::Refused { function, refusal }, is_eaten: false }
    }
}

/// A problem at a byte offset, before it is a column.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) problem: RecipeProblem,
}

/// The column of a byte offset; an offset at the end belongs to the last character.
pub(super) fn column(source: &str, at: usize) -> usize {
    let characters = source.chars().count();
    let before = source.char_indices().take_while(|(offset, _)| *offset < at).count();
    (before + 1).min(characters.max(1))
}

/// A problem in the text of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipeProblem {
    /// It holds only blanks.
    #[error("the recipe is empty: write the plugin's PHP expression, or `default`")]
    Empty,
    /// Longer than [`MAX_SOURCE`].
    #[error("the recipe has more than {MAX_SOURCE} bytes: shorten it")]
    SourceTooLong,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("more than {MAX_DEPTH} levels of parentheses: write it with fewer")]
    TooDeep,
    /// A character the language has no use for.
    #[error(
        "`{}` is not part of the recipe language: only names, texts, whole numbers, lists, calls, \
         `.` and `? :` are",
        .0.escape_debug()
    )]
    Character(char),
    /// A quote that is never closed.
    #[error("the text that starts here has no end: close its quote")]
    UnclosedText,
    /// A `\u{…}` that is no character.
    #[error("this escape names no character: write `\\u{{…}}` with a hexadecimal code point")]
    Escape,
    /// A number with a fraction, of the wrong form or too large.
    #[error(
        "this is no whole number up to {}: put blanks around a `.` that joins a number",
        i64::MAX
    )]
    Number,
    /// A property, element or static member that no spelling explains.
    #[error("`{text}` goes beyond a plain name: give a spelling that says which value it means")]
    Foreign {
        /// As written.
        text: String,
        /// The name that it probably means.
        likely: Option<&'static str>,
    },
    /// A `$` or `{$` in double quotes that is more than a name.
    #[error("only `$name` and `{{$name}}` work inside double quotes: join other parts with `.`")]
    Interpolation,
    /// A name that is not known.
    #[error(
        "unknown name `{name}`{}: known are {}",
        meant(*.likely),
        Fact::NAMES.iter().map(|name| format!("`${name}`")).collect::<Vec<_>>().join(", ")
    )]
    UnknownName {
        /// As written.
        name: String,
        /// The name probably meant.
        likely: Option<&'static str>,
    },
    /// A function that is not known.
    #[error(
        "unknown function `{name}`{}: known are {}",
        meant(*.likely),
        SIGNATURES.each_ref().map(|signature| format!("`{}`", signature.name)).join(", ")
    )]
    UnknownFunction {
        /// As written.
        name: String,
        /// The function probably meant.
        likely: Option<&'static str>,
    },
    /// A function's name without its arguments.
    #[error("`{0}` is a function: write its arguments in parentheses behind it")]
    FunctionAlone(&'static str),
    /// A hash algorithm that is not known, written out in the recipe.
    #[error(
        "unknown hash algorithm `{name}`{}: known are {}",
        meant(*.likely),
        digest::supported()
    )]
    UnknownAlgorithm {
        /// As written.
        name: String,
        /// The algorithm probably meant.
        likely: Option<&'static str>,
    },
    /// Something else should stand here.
    #[error("expected {wanted} but found {found}")]
    Expected {
        /// The words allowed here.
        wanted: &'static str,
        /// The word found here.
        found: String,
    },
    /// `?` behind a choice.
    #[error("PHP takes no two choices in a row: put the first, or the last, in parentheses")]
    ChoicesInRow,
    /// Too few or too many arguments.
    #[error("`{function}` takes {wanted} but {given} {} given: correct the call", were(*.given))]
    ArgumentCount {
        /// The function.
        function: &'static str,
        /// How many it takes, in words.
        wanted: String,
        /// How many there are.
        given: usize,
    },
    /// An argument of a kind the function does not take.
    #[error("`{function}` takes {wanted} as argument {position}: correct the call")]
    ArgumentType {
        /// The function.
        function: &'static str,
        /// Which argument, from 1.
        position: usize,
        /// The expected argument.
        wanted: &'static str,
    },
    /// A list instead of a single value.
    #[error(
        "a list can only be an argument of `implode`, `str_replace`, `strtr` or `vsprintf`: join it \
         with `implode`"
    )]
    List,
    /// PHP would throw here, or a limit is exceeded, whatever the values are.
    #[error("{}{refusal}", of(.function))]
    Refused {
        /// The function; empty if parts are joined.
        function: &'static str,
        /// Why.
        refusal: NoValue,
    },
}

/// Why a recipe has no value for certain facts, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {}{refusal}", of(.function))]
pub struct EvalError {
    column: usize,
    function: &'static str,
    refusal: NoValue,
}

impl EvalError {
    pub(super) fn new(column: usize, function: &'static str, refusal: NoValue) -> Self {
        Self { column, function, refusal }
    }

    /// The character of the recipe the failing part starts at, counted from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Why it failed.
    #[must_use]
    pub fn refusal(&self) -> NoValue {
        self.refusal
    }
}

/// Why a function or `.` gives no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// A value beyond [`MAX_VALUE`].
    #[error("the value can exceed {MAX_VALUE} bytes: make its parts shorter")]
    TooLong,
    /// `hash` or `hash_hmac` with an algorithm that is not supported.
    #[error("unknown hash algorithm: use one of {}", digest::supported())]
    UnknownAlgorithm,
    /// `hash_hmac` with a checksum.
    #[error("a checksum has no keyed form: use a cryptographic algorithm such as `sha256`")]
    UnkeyedAlgorithm,
    /// A string for which PHP requires an integer.
    #[error("argument {position} is no whole number: wrap it in `intval` or correct it")]
    NotANumber {
        /// Which argument, from 1.
        position: usize,
    },
    /// `str_pad` with an empty third argument.
    #[error("argument 3 is empty: give at least one character to pad with")]
    EmptyPadding,
    /// `str_pad` with an unknown fourth argument.
    #[error("argument 4 is no side: use `STR_PAD_LEFT`, `STR_PAD_RIGHT` or `STR_PAD_BOTH`")]
    PaddingSide,
    /// `chunk_split` with a length below 1.
    #[error("argument 2 is below 1: give the length of a chunk")]
    ChunkLength,
    /// A format that PHP or this language does not take.
    #[error("the format is not understood: use `%s`, `%d`, `%u`, `%x`, `%X` and `%%`")]
    Format,
    /// A format with more conversions than values.
    #[error("the format asks for more values than are given: add them or shorten the format")]
    FormatArguments,
    /// `mb_strtolower` or `mb_strtoupper` with another encoding than UTF-8.
    #[error("the encoding is not supported: use `'UTF-8'`, or leave it out")]
    Encoding,
    /// `preg_replace` with a pattern that this language does not take.
    #[error(
        "the pattern is not supported: between two `/` (or `# ~ @ ! % , ;`) it may hold characters, \
         `.`, classes such as `[^a-z0-9]`, `\\d`, `\\w`, `\\s`, groups, `+ * ?` behind one character or \
         class, `^` at the start and `$` at the end; it must match at least one character, and only \
         `i` may follow"
    )]
    Pattern,
    /// `preg_replace` with `$` at the end of the pattern and a text that ends in a line feed.
    #[error("the text ends in a line feed, in front of which `$` matches too: trim the text")]
    PatternEnd,
    /// `preg_replace` with a replacement that this language does not take.
    #[error(
        "the replacement is not supported: use a text without `\\`, and `$` only for a group, as `$1`"
    )]
    Replacement,
    /// `wordwrap` with an empty line end.
    #[error("argument 3 is empty: give the text that ends a line")]
    EmptyBreak,
    /// `wordwrap` that should cut words to a length of 0.
    #[error("argument 2 is 0, to which no word can be cut: give the length of a line")]
    LineLength,
    /// Arguments of a kind the function does not take.
    #[error("the arguments do not fit: compare them with the documentation of recipes")]
    Arguments,
}

fn of(function: &str) -> String {
    if function.is_empty() { String::new() } else { format!("`{function}`: ") }
}

fn meant(likely: Option<&str>) -> String {
    likely.map_or_else(String::new, |likely| format!(" (did you mean `{likely}`?)"))
}

fn were(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// Returns whether a shell removed the names from a formula: there is none, and operators have no
/// operands.
fn is_eaten(source: &str) -> bool {
    let dense: String = source.chars().filter(|c| !c.is_whitespace()).collect();
    let gaps = ["(.", "..", ".)", "(,", ",,", ",)", "()", "->"];
    !dense.contains('$') && gaps.iter().any(|gap| dense.contains(gap))
}

/// The known name that a property or an element is probably called by.
pub(super) fn meaning(text: &str) -> Option<&'static str> {
    let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let last = words.rfind(|word| !word.is_empty())?.to_ascii_lowercase();
    match last.as_str() {
        "id" | "userid" | "user_id" => Some("user_id"),
        "mail" | "email" | "useremail" => Some("email"),
        "user" | "login" | "username" => Some("username"),
        "seed" | "salt" | "hash" => Some("hash"),
        word => Fact::NAMES.iter().copied().find(|name| *name == word),
    }
}
