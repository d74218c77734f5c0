//! Cuts a PHP file into words.
//!
//! It has to know all of PHP's texts and comments, also those outside the class: what stands in
//! them may look like anything. It must not know what a class is.

use super::error::Refusal;
use super::quoted;
use super::token::{Kind, Token};

/// How deeply texts and the code within them (`"{$a["b"]}"`) may be nested.
const MAX_DEPTH: usize = 16;

/// Operators and brackets; a longer one comes before its beginning.
const SYMBOLS: &[&str] = &[
    "<<=", ">>=", "**=", "...", "<=>", "===", "!==", "??=", "?->", "=>", "->", "::", "==", "!=",
    "<>", "<=", ">=", "&&", "||", "??", "<<", ">>", "**", "++", "--", "+=", "-=", "*=", "/=", ".=",
    "%=", "&=", "|=", "^=", "#[", "{", "}", "(", ")", "[", "]", ";", ",", "=", "?", ":", "|", "&",
    "^", "~", "<", ">", "+", "-", "*", "/", "%", ".", "!", "@", "$", "\\",
];

/// The words of a whole file. What stands outside `<?php … ?>` is left out.
pub(super) fn tokens(source: &[u8]) -> Result<Vec<Token>, Refusal> {
    let mut lexer = Lexer { source, at: 0, line: 1, depth: 0 };
    let mut tokens = Vec::new();
    while lexer.open_php() {
        while let Some(token) = lexer.token()? {
            if token.kind.is_word("__halt_compiler") {
                return Ok(tokens);
            }
            let closed = token.kind.is("?>");
            tokens.push(token);
            if closed {
                break;
            }
        }
    }
    Ok(tokens)
}

/// A place in the file.
pub(super) struct Lexer<'a> {
    source: &'a [u8],
    at: usize,
    line: usize,
    depth: usize,
}

impl<'a> Lexer<'a> {
    /// The next word of PHP code, or nothing at the end of the file.
    pub(super) fn token(&mut self) -> Result<Option<Token>, Refusal> {
        self.skip_space_and_comments()?;
        let line = self.line;
        let Some(&first) = self.rest().first() else {
            return Ok(None);
        };
        let second = self.rest().get(1).copied();
        let kind = match first {
            b'\'' | b'"' | b'`' => quoted::quoted(self, first)?,
            b'b' | b'B' if matches!(second, Some(b'\'' | b'"')) || self.starts_with(1, b"<<<") => {
                self.skip(1);
                return self.token();
            }
            b'$' if second.is_some_and(starts_name) => {
                self.skip(1);
                Kind::Variable(self.name(false))
            }
            b'0'..=b'9' => self.number()?,
            b'.' if second.is_some_and(|byte| byte.is_ascii_digit()) => self.number()?,
            b'\\' if second.is_some_and(starts_name) => Kind::Name(self.name(true)),
            _ if starts_name(first) => Kind::Name(self.name(true)),
            b'<' if self.starts_with(0, b"<<<") => match quoted::heredoc(self)? {
                Some(kind) => kind,
                None => self.symbol(),
            },
            b'?' if self.starts_with(0, b"?>") => {
                self.skip(2);
                Kind::Symbol("?>")
            }
            _ => self.symbol(),
        };
        Ok(Some(Token { kind, line }))
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// The line this place is on.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Goes on by `count` bytes and returns them.
    pub(super) fn skip(&mut self, count: usize) -> &'a [u8] {
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
    pub(super) fn skip_code(&mut self) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::new(self.line, "code nested too deeply within a text"));
        }
        let mut open = 0_usize;
        while let Some(token) = self.token()? {
            match token.kind {
                Kind::Symbol("{") => open += 1,
                Kind::Symbol("}") if open == 0 => {
                    self.depth -= 1;
                    return Ok(());
                }
                Kind::Symbol("}") => open -= 1,
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

    fn symbol(&mut self) -> Kind {
        let found = SYMBOLS.iter().find(|symbol| self.starts_with(0, symbol.as_bytes()));
        if let Some(symbol) = found {
            self.skip(symbol.len());
            Kind::Symbol(symbol)
        } else {
            self.skip(1);
            Kind::Unknown
        }
    }

    fn number(&mut self) -> Result<Kind, Refusal> {
        let length = super::numeral::length(self.rest());
        let text = String::from_utf8_lossy(self.skip(length));
        super::numeral::value(&text)
            .ok_or_else(|| Refusal::new(self.line, "a number that PHP does not know"))
    }
}

/// Whether a name can start with this byte.
pub(super) fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a name can go on with this byte.
pub(super) fn continues_name(byte: u8) -> bool {
    starts_name(byte) || byte.is_ascii_digit()
}
