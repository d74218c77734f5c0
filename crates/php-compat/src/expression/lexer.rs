//! Cuts a PHP file into words.
//!
//! It has to know all of PHP's texts and comments, since what stands in them may look like
//! anything. Must not import: `parser`.

use super::heredoc::{HeredocBody, HeredocHead};
use super::names::{continues_name, starts_name};
use super::numeral;
use super::quoted::{self, TextFault};
use super::token::{Place, Refusal, Token, TokenKind};

/// What to say of an escape such as `\u{110000}`.
const UNKNOWN_CODE_POINT: &str = "a `\\u{}` that is no code point";

/// How deeply texts and the code within them (`"{$a["b"]}"`) may be nested.
const MAX_DEPTH: usize = 16;

/// Operators and brackets; a longer one comes before its beginning.
const SYMBOLS: &[&str] = &[
    "<<=", ">>=", "**=", "...", "<=>", "===", "!==", "??=", "?->", "=>", "->", "::", "==", "!=",
    "<>", "<=", ">=", "&&", "||", "??", "<<", ">>", "**", "++", "--", "+=", "-=", "*=", "/=", ".=",
    "%=", "&=", "|=", "^=", "#[", "{", "}", "(", ")", "[", "]", ";", ",", "=", "?", ":", "|", "&",
    "^", "~", "<", ">", "+", "-", "*", "/", "%", ".", "!", "@", "$", "\\",
];

/// The words of a file, one after the other. What stands outside `<?php … ?>`, or behind
/// `__halt_compiler`, is left out. Behind a [`Refusal`] nothing can be known.
#[derive(Debug)]
pub struct Lexer<'a> {
    source: &'a [u8],
    at: usize,
    line: usize,
    depth: usize,
    is_open: bool,
}

impl Iterator for Lexer<'_> {
    type Item = Result<Token, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        self.is_open = self.is_open || self.open_php();
        if !self.is_open {
            return None;
        }
        let token = self.token().transpose()?;
        let is_last = |token: &Token| token.kind.is_word("__halt_compiler");
        if token.as_ref().map_or(true, is_last) {
            self.at = self.source.len();
        }
        self.is_open = !token.as_ref().is_ok_and(|token| token.kind.is("?>"));
        Some(token).filter(|token| !token.as_ref().is_ok_and(is_last))
    }
}

impl<'a> Lexer<'a> {
    /// Starts at the beginning of a file.
    #[must_use]
    pub fn new(source: &'a [u8]) -> Self {
        Self { source, at: 0, line: 1, depth: 0, is_open: false }
    }

    /// The next word of PHP code, or nothing at the end of the file.
    fn token(&mut self) -> Result<Option<Token>, Refusal> {
        self.skip_space_and_comments()?;
        let start = Place { offset: self.at, line: self.line };
        let Some(&first) = self.rest().first() else {
            return Ok(None);
        };
        let second = self.rest().get(1).copied();
        let kind = match first {
            b'\'' => self.single()?,
            b'"' | b'`' => self.double(first)?,
            b'b' | b'B' if matches!(second, Some(b'\'' | b'"')) || self.starts_with(1, b"<<<") => {
                self.skip(1);
                return self.token();
            }
            b'$' if second.is_some_and(starts_name) => {
                self.skip(1);
                TokenKind::Variable(self.name(false))
            }
            b'0'..=b'9' => self.number()?,
            b'.' if second.is_some_and(|byte| byte.is_ascii_digit()) => self.number()?,
            b'\\' if second.is_some_and(starts_name) => TokenKind::Name(self.name(true)),
            _ if starts_name(first) => TokenKind::Name(self.name(true)),
            b'<' if self.starts_with(0, b"<<<") => self.heredoc()?,
            b'?' if self.starts_with(0, b"?>") => {
                self.skip(2);
                TokenKind::Symbol("?>")
            }
            _ => self.symbol(),
        };
        Ok(Some(Token { kind, start, end: self.at }))
    }

    /// What has not been read yet.
    fn rest(&self) -> &'a [u8] {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// Goes on by `count` bytes and returns them.
    fn skip(&mut self, count: usize) -> &'a [u8] {
        let rest = self.rest();
        let passed = rest.get(..count).unwrap_or(rest);
        for (place, byte) in passed.iter().enumerate() {
            let next = rest.get(place + 1);
            // A carriage return alone is a line end, too.
            let ends = *byte == b'\n' || (*byte == b'\r' && next != Some(&b'\n'));
            self.line += usize::from(ends);
        }
        self.at += passed.len();
        passed
    }

    /// Reads code up to and with the `}` that ends it, for code within a text.
    fn skip_code(&mut self) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::new(self.line, "code nested too deeply within a text"));
        }
        let mut open = 0_usize;
        while let Some(token) = self.token()? {
            match token.kind {
                TokenKind::Symbol("{") => open += 1,
                TokenKind::Symbol("}") if open == 0 => {
                    self.depth -= 1;
                    return Ok(());
                }
                TokenKind::Symbol("}") => open -= 1,
                _ => {}
            }
        }
        Err(Refusal::new(self.line, "code within a text that never ends"))
    }

    fn starts_with(&self, offset: usize, text: &[u8]) -> bool {
        self.rest().get(offset..).is_some_and(|rest| rest.starts_with(text))
    }

    /// Goes behind the next `<?php` or `<?=`, if there is one.
    fn open_php(&mut self) -> bool {
        while let Some(next) = self.rest().iter().position(|&byte| byte == b'<') {
            self.skip(next);
            let tag = self.rest().get(..5).unwrap_or_default();
            let blank = self.rest().get(5).is_none_or(u8::is_ascii_whitespace);
            if tag.eq_ignore_ascii_case(b"<?php") && blank {
                self.skip(5);
                return true;
            }
            if self.starts_with(0, b"<?=") {
                self.skip(3);
                return true;
            }
            self.skip(1);
        }
        false
    }

    fn skip_space_and_comments(&mut self) -> Result<(), Refusal> {
        loop {
            let blanks = self.rest().iter();
            let blanks = blanks.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            self.skip(blanks.count());
            match self.rest() {
                [b'/', b'*', rest @ ..] => {
                    let Some(end) = rest.windows(2).position(|pair| pair == b"*/") else {
                        return Err(Refusal::new(self.line, "a comment that never ends"));
                    };
                    self.skip(end + 4);
                }
                [b'#', b'[', ..] => return Ok(()),
                [b'/', b'/', ..] | [b'#', ..] => self.skip_line_comment(),
                _ => return Ok(()),
            }
        }
    }

    /// Up to the end of the line, or to a `?>`, which counts in comments, too.
    fn skip_line_comment(&mut self) {
        let rest = self.rest();
        let line_end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let line = rest.get(..line_end.unwrap_or(rest.len())).unwrap_or(rest);
        let close = line.windows(2).position(|pair| pair == b"?>");
        self.skip(close.unwrap_or(line.len()));
    }

    fn name(&mut self, qualified: bool) -> String {
        let part = |&&byte: &&u8| continues_name(byte) || (qualified && byte == b'\\');
        let length = self.rest().iter().take_while(part).count();
        String::from_utf8_lossy(self.skip(length)).into_owned()
    }

    fn symbol(&mut self) -> TokenKind {
        let found = SYMBOLS.iter().find(|symbol| self.starts_with(0, symbol.as_bytes()));
        if let Some(symbol) = found {
            self.skip(symbol.len());
            TokenKind::Symbol(symbol)
        } else {
            self.skip(1);
            TokenKind::Unknown
        }
    }

    fn number(&mut self) -> Result<TokenKind, Refusal> {
        let (kind, length) = numeral::number(self.rest());
        self.skip(length);
        kind.ok_or_else(|| self.refuse("a number that PHP does not know"))
    }

    fn single(&mut self) -> Result<TokenKind, Refusal> {
        let read = quoted::single(self.rest());
        let (text, length) = read.ok_or_else(|| self.refuse("a text that never ends"))?;
        self.skip(length);
        Ok(TokenKind::Text(text))
    }

    /// Reads a text in `"` or backticks.
    fn double(&mut self, quote: u8) -> Result<TokenKind, Refusal> {
        let (source, start, line) = (self.source, self.at, self.line);
        let read = quoted::double(source, start, &mut |at| {
            self.skip(at - self.at);
            let name = self.variable()?;
            Ok((name, self.at - at))
        });
        let (kind, end) = read.map_err(|fault| match fault {
            TextFault::Variable(refusal) => refusal,
            TextFault::Unclosed => Refusal::new(line, "a text that never ends"),
            TextFault::CodePoint(at) => {
                self.skip(at - self.at);
                self.refuse(UNKNOWN_CODE_POINT)
            }
        })?;
        self.skip(end - self.at);
        Ok(if quote == b'`' { TokenKind::Refused("a command in backticks") } else { kind })
    }

    /// Passes over `$name`, or over the code in `{$…}` and `${…}`, which has no name.
    fn variable(&mut self) -> Result<String, Refusal> {
        match self.rest() {
            [b'{', b'$', ..] => self.skip(1),
            [b'$', b'{', ..] => self.skip(2),
            _ => {
                self.skip(1);
                return Ok(self.name(false));
            }
        };
        self.skip_code().map(|()| String::new())
    }

    /// Reads a heredoc or nowdoc; `<<` if it is neither.
    fn heredoc(&mut self) -> Result<TokenKind, Refusal> {
        let Some(head) = HeredocHead::read(self.rest()) else {
            return Ok(self.symbol());
        };
        let line = self.line;
        self.skip(head.length);
        let refusal = |construct| Refusal::new(line, construct);
        let body = HeredocBody::find(self.rest(), head.label);
        let body = body.ok_or_else(|| refusal("a heredoc that never ends"))?;
        let raw = body.without_indentation(self.rest());
        let raw = raw.ok_or_else(|| refusal("the indentation of a heredoc"))?;
        let kind = if head.nowdoc {
            TokenKind::Text(raw)
        } else {
            quoted::heredoc(&raw).ok_or_else(|| refusal(UNKNOWN_CODE_POINT))?
        };
        self.skip(body.marker_end);
        Ok(kind)
    }

    fn refuse(&self, construct: &str) -> Refusal {
        Refusal::new(self.line, construct)
    }
}

/// The length of the name that `text` starts with; 0 if it starts with none.
#[must_use]
pub fn name_length(text: &[u8]) -> usize {
    match text.first() {
        Some(first) if starts_name(*first) => {
            text.iter().take_while(|byte| continues_name(**byte)).count()
        }
        _ => 0,
    }
}
