//! Puts the tokens of a recipe together. Called by `Recipe::parse`.
//!
//! What comes out has known functions with the right number
//! and kinds of arguments.

use std::collections::VecDeque;

use super::arguments;
use super::ast::{Expr, Fact};
use super::error::{Fault, RecipeProblem};
use super::functions::{Builtin, SIGNATURES};
use super::lexer::{Kind, Piece, Token, known_name, tokens};
use super::spelling::{Spellings, Target, likely};
use super::text::{PAD_BOTH, PAD_LEFT, PAD_RIGHT};
use super::value::Value;
use super::{MAX_DEPTH, MAX_SOURCE};

/// The expression of a recipe, with byte offsets, and its source with quoted texts replaced.
pub(super) fn parse(source: &str, spellings: &Spellings) -> Result<(Expr, String), Fault> {
    if source.len() > MAX_SOURCE {
        return Err(Fault { at: MAX_SOURCE, problem: RecipeProblem::SourceTooLong });
    }
    let tokens = tokens(source, spellings)?;
    let shown = redacted(source, &tokens);
    let mut parser = Parser { tokens: tokens.into(), end: source.len() };
    parser.skip_statement_start();
    if let Some(Token { at, kind: Kind::End, .. }) = parser.tokens.front() {
        return Err(Fault { at: *at, problem: RecipeProblem::Empty });
    }
    let at = parser.at();
    let root = single(parser.expression(0)?, at)?;
    parser.skip_mark(b';');
    match parser.next() {
        Token { kind: Kind::End, .. } => Ok((root, shown)),
        token => Err(expected("`.`, `;` or the end", &token)),
    }
}

/// The source with `'…'` for every quoted text.
fn redacted(source: &str, tokens: &[Token]) -> String {
    let mut shown = String::with_capacity(source.len());
    let mut from = 0;
    for token in tokens {
        if matches!(token.kind, Kind::Text(_) | Kind::Template(_)) {
            shown.push_str(source.get(from..token.at).unwrap_or_default());
            shown.push_str("'…'");
            from = token.end;
        }
    }
    shown.push_str(source.get(from..).unwrap_or_default());
    shown
}

struct Parser {
    tokens: VecDeque<Token>,
    /// The length of the source.
    end: usize,
}

impl Parser {
    fn next(&mut self) -> Token {
        let end = self.end;
        self.tokens.pop_front().unwrap_or(Token { at: end, end, kind: Kind::End })
    }

    /// Where the next token starts.
    fn at(&self) -> usize {
        self.tokens.front().map_or(self.end, |token| token.at)
    }

    fn is_mark(&self, mark: u8) -> bool {
        matches!(self.tokens.front(), Some(Token { kind: Kind::Mark(found), .. }) if *found == mark)
    }

    fn skip_mark(&mut self, mark: u8) -> bool {
        let found = self.is_mark(mark);
        if found {
            self.tokens.pop_front();
        }
        found
    }

    /// Skips the `return` or `$key =` of a line pasted from the plugin.
    fn skip_statement_start(&mut self) {
        let mut ahead = self.tokens.iter().map(|token| &token.kind);
        let skipped = match (ahead.next(), ahead.next()) {
            (Some(Kind::Word(word)), _) if word.eq_ignore_ascii_case("return") => 1,
            (Some(Kind::Variable(_)), Some(Kind::Mark(b'='))) => 2,
            _ => 0,
        };
        self.tokens.drain(..skipped);
    }

    /// A value, or a choice between values by `?`; `depth` counts what is open around them.
    fn expression(&mut self, depth: usize) -> Result<Expr, Fault> {
        let start = self.at();
        let first = self.joined(depth)?;
        let question = self.at();
        if !self.skip_mark(b'?') {
            return Ok(first);
        }
        let first = single(first, start)?;
        let choice = if self.skip_mark(b':') {
            let mut parts = vec![first, self.joined_single(depth)?];
            while self.is_short_choice() {
                self.tokens.drain(..2);
                parts.push(self.joined_single(depth)?);
            }
            Expr::First(parts)
        } else {
            let at = self.at();
            let then = single(self.expression(deeper(depth, question)?)?, at)?;
            self.close(b':', "`.` or `:`")?;
            let otherwise = self.joined_single(depth)?;
            Expr::Choice {
                condition: Box::new(first),
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            }
        };
        // PHP refuses these in a row as well, since readers disagree on what belongs together.
        if self.is_mark(b'?') {
            return Err(Fault { at: self.at(), problem: RecipeProblem::ChoicesInRow });
        }
        Ok(choice)
    }

    /// Whether `?:` follows.
    fn is_short_choice(&self) -> bool {
        let mut ahead = self.tokens.iter().map(|token| &token.kind);
        matches!((ahead.next(), ahead.next()), (Some(Kind::Mark(b'?')), Some(Kind::Mark(b':'))))
    }

    fn joined_single(&mut self, depth: usize) -> Result<Expr, Fault> {
        let at = self.at();
        single(self.joined(depth)?, at)
    }

    /// Operands joined by `.`.
    fn joined(&mut self, depth: usize) -> Result<Expr, Fault> {
        let at = self.at();
        let first = self.operand(depth)?;
        if !self.is_mark(b'.') {
            return Ok(first);
        }
        let mut parts = vec![single(first, at)?];
        while self.skip_mark(b'.') {
            let at = self.at();
            let part = self.operand(depth)?;
            parts.push(single(part, at)?);
        }
        Ok(Expr::Join { at, parts })
    }

    fn operand(&mut self, depth: usize) -> Result<Expr, Fault> {
        let token = self.next();
        let Token { at, .. } = token;
        match token.kind {
            Kind::Text(text) => Ok(Expr::Literal(Value::Text(text))),
            Kind::Template(pieces) => Ok(template(at, pieces)),
            Kind::Number(number) => Ok(Expr::Literal(Value::Int(number))),
            Kind::Mark(b'-') => match self.next() {
                Token { kind: Kind::Number(number), .. } => {
                    Ok(Expr::Literal(Value::Int(number.saturating_neg())))
                }
                token => Err(expected("a number behind `-`", &token)),
            },
            Kind::Mark(b'(') => {
                let inner = self.expression(deeper(depth, at)?)?;
                self.close(b')', "`.` or `)`")?;
                Ok(inner)
            }
            Kind::Mark(b'[') => self.list(b']', deeper(depth, at)?),
            Kind::Variable(word) => known_name(&word, at).map(Expr::Name),
            Kind::Spelled(Target::Name(name)) => Ok(Expr::Name(name)),
            Kind::Spelled(Target::Function(function)) => self.call(function, at, depth),
            Kind::Word(word) if self.is_mark(b'(') => {
                if word.eq_ignore_ascii_case("array") {
                    self.next();
                    return self.list(b')', deeper(depth, at)?);
                }
                let function = Builtin::find(&word).ok_or_else(|| unknown_function(&word, at))?;
                self.call(function, at, depth)
            }
            Kind::Word(word) => constant(&word, at),
            Kind::Mark(_) | Kind::Arrow | Kind::End => {
                Err(expected("a name, text, number or function", &token))
            }
        }
    }

    fn call(&mut self, function: Builtin, at: usize, depth: usize) -> Result<Expr, Fault> {
        if !self.skip_mark(b'(') {
            return Err(Fault { at, problem: RecipeProblem::FunctionAlone(function.name()) });
        }
        let arguments = self.items(b')', deeper(depth, at)?)?;
        arguments::check(function, &arguments, at)?;
        Ok(Expr::Call { at, function, arguments })
    }

    /// What stands in a list: values, or pairs of keys and values.
    fn list(&mut self, close: u8, depth: usize) -> Result<Expr, Fault> {
        if self.is_mark(close) {
            return Ok(Expr::List(self.items(close, depth)?));
        }
        let at = self.at();
        let first = self.expression(depth)?;
        if !matches!(self.tokens.front(), Some(Token { kind: Kind::Arrow, .. })) {
            let mut items = vec![first];
            if self.goes_on(close)? {
                items.extend(self.items(close, depth)?);
            }
            return Ok(Expr::List(items));
        }
        let mut pairs = vec![(single(first, at)?, self.paired(depth)?)];
        while self.goes_on(close)? && !self.skip_mark(close) {
            let at = self.at();
            let key = single(self.expression(depth)?, at)?;
            pairs.push((key, self.paired(depth)?));
        }
        Ok(Expr::Pairs(pairs))
    }

    /// The value behind a key.
    fn paired(&mut self, depth: usize) -> Result<Expr, Fault> {
        match self.next() {
            Token { kind: Kind::Arrow, .. } => {}
            token => return Err(expected("`=>`, as behind the first key", &token)),
        }
        let at = self.at();
        single(self.expression(depth)?, at)
    }

    /// Whether a comma follows; else the list or call must end here.
    fn goes_on(&mut self, close: u8) -> Result<bool, Fault> {
        let comma = self.skip_mark(b',');
        if !comma {
            let wanted = if close == b')' { "`.`, `,` or `)`" } else { "`.`, `,` or `]`" };
            self.close(close, wanted)?;
        }
        Ok(comma)
    }

    /// Expressions between commas up to the closing mark; a last comma may stand before it.
    fn items(&mut self, close: u8, depth: usize) -> Result<Vec<Expr>, Fault> {
        let mut items = Vec::new();
        while !self.skip_mark(close) {
            items.push(self.expression(depth)?);
            if !self.goes_on(close)? {
                break;
            }
        }
        Ok(items)
    }

    fn close(&mut self, mark: u8, wanted: &'static str) -> Result<(), Fault> {
        match self.next() {
            Token { kind: Kind::Mark(found), .. } if found == mark => Ok(()),
            token => Err(expected(wanted, &token)),
        }
    }
}

fn deeper(depth: usize, at: usize) -> Result<usize, Fault> {
    if depth < MAX_DEPTH {
        Ok(depth + 1)
    } else {
        Err(Fault { at, problem: RecipeProblem::TooDeep })
    }
}

/// Refuses a list where a value is needed.
fn single(expr: Expr, at: usize) -> Result<Expr, Fault> {
    if expr.is_list() { Err(Fault { at, problem: RecipeProblem::List }) } else { Ok(expr) }
}

fn template(at: usize, pieces: Vec<Piece>) -> Expr {
    let parts = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Text(text) if text.is_empty() => None,
        Piece::Text(text) => Some(Expr::Literal(Value::Text(text))),
        Piece::Name(name) => Some(Expr::Name(name)),
    });
    Expr::Join { at, parts: parts.collect() }
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

fn expected(wanted: &'static str, token: &Token) -> Fault {
    let found = token.kind.description();
    Fault { at: token.at, problem: RecipeProblem::Expected { wanted, found } }
}
