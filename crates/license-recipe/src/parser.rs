//! Gives the parts of a recipe their meaning. Called by `Recipe::parse`.
//!
//! PHP's grammar is `php_compat`'s. The result has only known functions with the right number and
//! kinds of arguments.

use php_compat::expression::{
    Cursor, ExpressionRules, Member, Node, NodeKind, TemplatePart, Token, TokenKind, Trouble,
    parse as grammar,
};

use super::arguments;
use super::ast::{Expr, Fact};
use super::error::{Fault, RecipeProblem, column};
use super::functions::{Builtin, SIGNATURES};
use super::lexer::{place, tokens};
use super::names::known_name;
use super::spelling::{Spellings, likely};
use super::text::{PAD_BOTH, PAD_LEFT, PAD_RIGHT};
use super::value::Value;
use super::{MAX_DEPTH, MAX_SOURCE};

const RULES: ExpressionRules = ExpressionRules { max_depth: MAX_DEPTH, mixed_arrays: false };

/// The expression of a recipe, with columns, and its source with quoted texts replaced.
pub(super) fn parse(source: &str, spellings: &Spellings) -> Result<(Expr, String), Fault> {
    if source.len() > MAX_SOURCE {
        return Err(Fault { at: MAX_SOURCE, problem: RecipeProblem::SourceTooLong });
    }
    let tokens = tokens(source, spellings)?;
    let mut cursor = Cursor::new(&tokens, statement_start(source, &tokens), place(source.len()));
    if cursor.kind().is_none() {
        return Err(Fault { at: source.len(), problem: RecipeProblem::Empty });
    }
    let root = Meaning { source }.single(grammar(&mut cursor, RULES))?;
    cursor.skip(";");
    match cursor.kind() {
        None => Ok((root, redacted(source, &tokens))),
        found => Err(expected(cursor.place().offset, "`.`, `;` or the end", found)),
    }
}

/// How many tokens are the `return` or `$key =` of a line pasted from the plugin.
fn statement_start(source: &str, tokens: &[Token]) -> usize {
    match tokens {
        [first, ..] if first.kind.is_word("return") => 1,
        [Token { kind: TokenKind::Variable(name), start, end }, second, ..]
            if second.kind.is("=") =>
        {
            // A text of the table of spellings is a value, not a variable to set.
            let is_plain = source.get(start.offset + 1..*end) == Some(name);
            2 * usize::from(is_plain)
        }
        _ => 0,
    }
}

/// The source with `'…'` for every quoted text.
fn redacted(source: &str, tokens: &[Token]) -> String {
    let mut shown = String::with_capacity(source.len());
    let mut from = 0;
    for token in tokens {
        if matches!(token.kind, TokenKind::Text(_) | TokenKind::Template(_)) {
            shown.push_str(source.get(from..token.start.offset).unwrap_or_default());
            shown.push_str("'…'");
            from = token.end;
        }
    }
    shown.push_str(source.get(from..).unwrap_or_default());
    shown
}

/// Gives the parts of an expression their meaning. Parts that may fail when the recipe is evaluated
/// get their column, so that the source, which may hold a seed, need not be kept for the message.
struct Meaning<'s> {
    source: &'s str,
}

impl Meaning<'_> {
    /// The meaning of a part, which may be a list.
    fn meaning(&self, node: Node) -> Result<Expr, Fault> {
        let at = node.place.offset;
        let fault = |problem| Err(Fault { at, problem });
        match node.kind {
            NodeKind::Word(TokenKind::Text(text)) => Ok(Expr::Literal(Value::Text(text))),
            NodeKind::Word(TokenKind::Int(number)) => Ok(Expr::Literal(Value::Int(number))),
            NodeKind::Word(TokenKind::Template(pieces)) => self.template(at, pieces),
            NodeKind::Word(TokenKind::Variable(name)) => known_name(&name, at).map(Expr::Name),
            NodeKind::Word(TokenKind::Name(word)) => constant(&word, at),
            NodeKind::Word(_) => fault(RecipeProblem::Number),
            NodeKind::Static { class, name, .. } => {
                fault(RecipeProblem::Foreign { text: format!("{class}::{name}"), likely: None })
            }
            NodeKind::Call { function, arguments } => {
                let function =
                    Builtin::find(&function).ok_or_else(|| unknown_function(&function, at))?;
                let arguments: Vec<_> = arguments
                    .into_iter()
                    .map(|node| self.meaning(node))
                    .collect::<Result<_, _>>()?;
                arguments::check(function, &arguments, at)?;
                Ok(Expr::Call { at: self.column(at), function, arguments })
            }
            NodeKind::Brackets(inner) => self.meaning(*inner),
            NodeKind::Joined(parts) => {
                Ok(Expr::Join { at: self.column(at), parts: self.singles(parts)? })
            }
            NodeKind::Choice { is_short, parts, .. } => {
                match <[Expr; 3]>::try_from(self.singles(parts)?) {
                    Ok([condition, then, otherwise]) if !is_short => Ok(Expr::Choice {
                        condition: Box::new(condition),
                        then: Box::new(then),
                        otherwise: Box::new(otherwise),
                    }),
                    Ok(parts) => Ok(Expr::First(parts.into())),
                    Err(parts) => Ok(Expr::First(parts)),
                }
            }
            NodeKind::Array(members) => self.list(members),
            NodeKind::Broken { before, trouble } => {
                before.map(|before| self.meaning(*before)).transpose()?;
                match trouble {
                    Trouble::Expected { wanted, found } => {
                        Err(expected(at, wanted, found.as_ref()))
                    }
                    Trouble::TooDeep => fault(RecipeProblem::TooDeep),
                    Trouble::ChoicesInRow => fault(RecipeProblem::ChoicesInRow),
                }
            }
        }
    }

    /// The meaning of a part that must not be a list.
    fn single(&self, node: Node) -> Result<Expr, Fault> {
        let at = node.place.offset;
        let expr = self.meaning(node)?;
        if expr.is_list() { Err(Fault { at, problem: RecipeProblem::List }) } else { Ok(expr) }
    }

    fn singles(&self, nodes: Vec<Node>) -> Result<Vec<Expr>, Fault> {
        nodes.into_iter().map(|node| self.single(node)).collect()
    }

    /// Values, or pairs of keys and values.
    fn list(&self, members: Vec<Member>) -> Result<Expr, Fault> {
        if members.iter().all(|member| member.key.is_none()) {
            let values = members.into_iter().map(|member| self.meaning(member.value));
            return values.collect::<Result<_, _>>().map(Expr::List);
        }
        let mut pairs = Vec::new();
        for Member { key, value } in members {
            let key = key.map(|node| self.single(node)).transpose()?;
            let value = self.single(value)?;
            pairs.extend(key.map(|key| (key, value)));
        }
        Ok(Expr::Pairs(pairs))
    }

    fn template(&self, at: usize, pieces: Vec<TemplatePart>) -> Result<Expr, Fault> {
        let part = |piece| match piece {
            TemplatePart::Text(text) => Ok(Expr::Literal(Value::Text(text))),
            TemplatePart::Variable(name) => known_name(&name, at).map(Expr::Name),
        };
        let is_filled =
            |piece: &TemplatePart| !matches!(piece, TemplatePart::Text(text) if text.is_empty());
        let parts = pieces.into_iter().filter(is_filled).map(part).collect::<Result<_, _>>()?;
        Ok(Expr::Join { at: self.column(at), parts })
    }

    fn column(&self, at: usize) -> usize {
        column(self.source, at)
    }
}

/// A word that is no function call.
fn constant(word: &str, at: usize) -> Result<Expr, Fault> {
    // PHP tells the case of constants apart, but not of `true` and `false`.
    let value = match word {
        "STR_PAD_LEFT" => Some(Value::Int(PAD_LEFT)),
        "STR_PAD_RIGHT" => Some(Value::Int(PAD_RIGHT)),
        "STR_PAD_BOTH" => Some(Value::Int(PAD_BOTH)),
        _ if word.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        _ if word.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        _ => None,
    };
    if let Some(value) = value {
        return Ok(Expr::Literal(value));
    }
    match Builtin::find(word) {
        Some(function) if Fact::find(word).is_none() => {
            Err(Fault { at, problem: RecipeProblem::FunctionAlone(function.name()) })
        }
        _ => known_name(word, at).map(Expr::Name),
    }
}

fn unknown_function(word: &str, at: usize) -> Fault {
    let name: String = word.chars().take(40).collect();
    let likely = likely(&name, SIGNATURES.iter().map(|signature| signature.name));
    Fault { at, problem: RecipeProblem::UnknownFunction { name, likely } }
}

fn expected(at: usize, wanted: &'static str, found: Option<&TokenKind>) -> Fault {
    let found = match found {
        None => "the end".to_owned(),
        Some(TokenKind::Text(_) | TokenKind::Template(_)) => "a quoted text".to_owned(),
        Some(TokenKind::Int(_) | TokenKind::Float(_)) => "a number".to_owned(),
        Some(TokenKind::Name(_) | TokenKind::Variable(_)) => "a name".to_owned(),
        Some(other) => other.to_string(),
    };
    Fault { at, problem: RecipeProblem::Expected { wanted, found } }
}
