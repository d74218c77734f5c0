//! PHP's texts: in single and double quotes, heredoc and nowdoc.

use php_compat::literal;

use super::error::Refusal;
use super::lexer::{Lexer, continues_name, starts_name};
use super::token::Kind;

/// The text at this place, which starts with `quote`: `'`, `"` or a backtick.
pub(super) fn quoted(lexer: &mut Lexer<'_>, quote: u8) -> Result<Kind, Refusal> {
    let line = lexer.line();
    lexer.skip(1);
    match quote {
        b'\'' => single(lexer).ok_or_else(|| Refusal::new(line, "a text that never ends")),
        _ => double(lexer, quote, line),
    }
}

fn single(lexer: &mut Lexer<'_>) -> Option<Kind> {
    let mut escaped = false;
    let end = lexer.rest().iter().position(|&byte| {
        let ends = byte == b'\'' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    let text = literal::unescape_single(lexer.skip(end));
    lexer.skip(1);
    Some(Kind::Text(text))
}

fn double(lexer: &mut Lexer<'_>, quote: u8, line: usize) -> Result<Kind, Refusal> {
    let mut text = Vec::new();
    let mut variable = false;
    loop {
        match lexer.rest() {
            [] => return Err(Refusal::new(line, "a text that never ends")),
            [byte, ..] if *byte == quote => break,
            [b'\\', after @ ..] if quote == b'"' => {
                let escape = literal::unescape_double(after);
                let (value, length) = escape.ok_or_else(|| unknown_code_point(lexer.line()))?;
                text.extend(value);
                lexer.skip(1 + length);
            }
            [b'\\', _, ..] => {
                lexer.skip(2);
            }
            [b'$', b'{', ..] | [b'{', b'$', ..] => {
                variable = true;
                lexer.skip(1);
                if lexer.rest().first() == Some(&b'{') {
                    lexer.skip(1);
                }
                lexer.skip_code()?;
            }
            [b'$', next, ..] if starts_name(*next) => {
                variable = true;
                lexer.skip(1);
            }
            [byte, ..] => {
                text.push(*byte);
                lexer.skip(1);
            }
        }
    }
    lexer.skip(1);
    Ok(match (quote, variable) {
        (b'"', false) => Kind::Text(text),
        (b'"', true) => Kind::Refused("a variable within a text"),
        _ => Kind::Refused("a command in backticks"),
    })
}

/// The heredoc or nowdoc at this place, which starts with `<<<`; nothing when it is neither.
pub(super) fn heredoc(lexer: &mut Lexer<'_>) -> Result<Option<Kind>, Refusal> {
    let Some(head) = Head::read(lexer.rest()) else {
        return Ok(None);
    };
    let line = lexer.line();
    lexer.skip(head.length);
    let never_ends = || Refusal::new(line, "a heredoc that never ends");
    let body = Body::find(lexer.rest(), head.label).ok_or_else(never_ends)?;
    let raw = body.without_indentation(lexer.rest());
    let raw = raw.ok_or_else(|| Refusal::new(line, "the indentation of a heredoc"))?;
    let kind = if head.nowdoc { Kind::Text(raw) } else { interpolated(&raw, line)? };
    lexer.skip(body.marker_end);
    Ok(Some(kind))
}

/// The value of a heredoc. Unlike within quotes, `\"` keeps its backslash.
fn interpolated(raw: &[u8], line: usize) -> Result<Kind, Refusal> {
    let mut text = Vec::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        match rest {
            [] => return Ok(Kind::Text(text)),
            [b'\\', b'"', after @ ..] => {
                text.extend(br#"\""#);
                rest = after;
            }
            [b'\\', after @ ..] => {
                let escape = literal::unescape_double(after);
                let (value, length) = escape.ok_or_else(|| unknown_code_point(line))?;
                text.extend(value);
                rest = after.get(length..).unwrap_or_default();
            }
            [b'$', b'{', ..] | [b'{', b'$', ..] => break,
            [b'$', next, ..] if starts_name(*next) => break,
            [byte, after @ ..] => {
                text.push(*byte);
                rest = after;
            }
        }
    }
    Ok(Kind::Refused("a variable within a text"))
}

fn unknown_code_point(line: usize) -> Refusal {
    Refusal::new(line, "a `\\u{}` that is no code point")
}

/// `<<<LABEL`, `<<<"LABEL"` or `<<<'LABEL'` with its line end.
struct Head<'a> {
    label: &'a [u8],
    nowdoc: bool,
    length: usize,
}

impl<'a> Head<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let after = text.strip_prefix(b"<<<")?;
        let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
        let after = after.get(blanks.count()..)?;
        let quote = after.first().copied().filter(|byte| matches!(byte, b'\'' | b'"'));
        let after = after.get(usize::from(quote.is_some())..)?;
        let length = after.iter().take_while(|&&byte| continues_name(byte)).count();
        let (label, after) = after.split_at_checked(length)?;
        if !label.first().copied().is_some_and(starts_name) {
            return None;
        }
        let after = match quote {
            Some(quote) => after.strip_prefix(&[quote])?,
            None => after,
        };
        let after = after.get(line_end(after)?..)?;
        Some(Self { label, nowdoc: quote == Some(b'\''), length: text.len() - after.len() })
    }
}

/// Where the lines of a heredoc end, as offsets into what follows its first line.
struct Body {
    /// The end of the text, before the last line end.
    text_end: usize,
    /// The white space before the closing label.
    indentation: usize,
    marker_start: usize,
    marker_end: usize,
}

impl Body {
    /// The first line that starts with the label, behind white space, and does not go on with a
    /// name.
    fn find(text: &[u8], label: &[u8]) -> Option<Self> {
        let mut start = 0;
        let mut text_end = 0;
        loop {
            let line = text.get(start..)?;
            let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
            let indentation = blanks.count();
            let behind = line.get(indentation..)?.strip_prefix(label);
            if behind.is_some_and(|rest| !rest.first().copied().is_some_and(continues_name)) {
                return Some(Self {
                    text_end,
                    indentation,
                    marker_start: start,
                    marker_end: start + indentation + label.len(),
                });
            }
            let length = line.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
            text_end = start + length;
            start = text_end + line_end(line.get(length..)?)?;
        }
    }

    /// The text with the closing label's indentation taken from each line. Nothing when a line
    /// has less of it, or blanks where the label has tabs: PHP refuses that.
    fn without_indentation(&self, text: &[u8]) -> Option<Vec<u8>> {
        let raw = text.get(..self.text_end)?;
        let marker = text.get(self.marker_start..)?.get(..self.indentation)?;
        let Some(&blank) = marker.first() else {
            return Some(raw.to_vec());
        };
        if self.marker_start == 0 {
            return Some(Vec::new());
        }
        let mixed = marker.iter().any(|&byte| byte != blank);
        let mut out = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let end = end.map_or(rest.len(), |end| {
                end + rest.get(end..).and_then(line_end).unwrap_or_default()
            });
            let (line, behind) = rest.split_at_checked(end)?;
            let blanks = line.iter().take(self.indentation);
            let present = blanks.take_while(|&&byte| byte == blank).count();
            let empty = matches!(line.get(present..), Some([] | [b'\n' | b'\r', ..]));
            if mixed || (present < self.indentation && !empty) {
                return None;
            }
            out.extend(line.get(present..)?);
            rest = behind;
        }
        Some(out)
    }
}

/// The length of the line end that `text` starts with.
fn line_end(text: &[u8]) -> Option<usize> {
    match text {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r' | b'\n', ..] => Some(1),
        _ => None,
    }
}
