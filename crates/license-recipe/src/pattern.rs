//! PHP's `preg_replace`, with the patterns that mean the same to PCRE and to the crate `regex`.
//!
//! Used by `arguments` (to judge a pattern), `call` (to replace) and `bounds` (to judge the size of
//! the result). A pattern is read here and written anew, byte by byte, so the crate never gets a
//! construct that it reads differently from PCRE.

use regex::bytes::{Regex, RegexBuilder};

use super::error::NoValue;
use super::text::fits;

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 256;

/// The most memory a pattern may take, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// The delimiters that may enclose a pattern.
const DELIMITERS: &[u8] = b"/#~@!%,;";

/// A pattern that was read.
pub(super) struct Pattern {
    regex: Regex,
    /// The least bytes a match has.
    least: usize,
    /// Whether it ends in `$`.
    to_end: bool,
    groups: usize,
}

/// A pattern on its way from PCRE's spelling to the crate's.
struct Reader<'p> {
    rest: &'p [u8],
    out: String,
    least: usize,
    groups: usize,
    in_group: bool,
}

impl Pattern {
    /// Reads a pattern with its delimiters; only the modifier `i` may follow.
    pub(super) fn parse(pattern: &[u8]) -> Result<Self, NoValue> {
        let [delimiter, rest @ ..] = pattern else {
            return Err(NoValue::Pattern);
        };
        let end = rest.iter().rposition(|byte| byte == delimiter).ok_or(NoValue::Pattern)?;
        let (body, modifiers) = rest.split_at_checked(end).ok_or(NoValue::Pattern)?;
        let ignores_case = match modifiers {
            [_] => false,
            [_, b'i'] => true,
            _ => return Err(NoValue::Pattern),
        };
        let is_plain = DELIMITERS.contains(delimiter) && !body.contains(delimiter);
        if !is_plain || pattern.len() > MAX_PATTERN {
            return Err(NoValue::Pattern);
        }
        let (from_start, body) = match body {
            [b'^', body @ ..] => (true, body),
            _ => (false, body),
        };
        // A backslash in front makes it a literal.
        let (to_end, body) = match body {
            [body @ .., b'$'] if !body.ends_with(b"\\") => (true, body),
            _ => (false, body),
        };
        let mut reader =
            Reader { rest: body, out: String::new(), least: 0, groups: 0, in_group: false };
        while reader.part()? {}
        // PHP treats an empty match otherwise than the crate.
        if reader.least == 0 || reader.in_group {
            return Err(NoValue::Pattern);
        }
        let (start, end) = (if from_start { r"\A" } else { "" }, if to_end { r"\z" } else { "" });
        let regex = RegexBuilder::new(&format!("{start}{}{end}", reader.out))
            .unicode(false)
            .case_insensitive(ignores_case)
            .size_limit(MAX_COMPILED)
            .build()
            .map_err(|_| NoValue::Pattern)?;
        Ok(Self { regex, least: reader.least, to_end, groups: reader.groups })
    }

    /// Replaces every match.
    pub(super) fn replace(&self, text: &[u8], by: &[u8]) -> Result<Vec<u8>, NoValue> {
        let by = self.replacement(by)?;
        // PCRE's `$` also stands in front of a last line feed.
        if self.to_end && text.ends_with(b"\n") {
            return Err(NoValue::PatternEnd);
        }
        let mut out = Vec::new();
        let mut from = 0;
        for found in self.regex.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            out.extend_from_slice(text.get(from..whole.start()).unwrap_or_default());
            from = whole.end();
            for piece in &by {
                match piece {
                    ReplacementPart::Byte(byte) => out.push(*byte),
                    ReplacementPart::Group(group) => {
                        out.extend_from_slice(
                            found.get(*group).map_or(&[], |part| part.as_bytes()),
                        );
                    }
                }
            }
            fits(out.len())?;
        }
        out.extend_from_slice(text.get(from..).unwrap_or_default());
        Ok(out)
    }

    /// The most bytes that `text` bytes become with this replacement.
    pub(super) fn longest(&self, text: usize, by: &[u8]) -> Result<usize, NoValue> {
        let by = self.replacement(by)?;
        let groups = by.iter().filter(|piece| matches!(piece, ReplacementPart::Group(_))).count();
        Ok(self.grown(text, by.len() - groups, groups))
    }

    /// The same for a replacement of which only the length is known.
    pub(super) fn longest_by(&self, text: usize, by: usize) -> usize {
        self.grown(text, by, by / 2)
    }

    fn grown(&self, text: usize, bytes: usize, groups: usize) -> usize {
        let matches = text / self.least.max(1);
        // All matches together are no longer than the text.
        text.saturating_add(matches.saturating_mul(bytes))
            .saturating_add(groups.saturating_mul(text))
    }

    /// Splits a replacement; refuses anything but a text with `$1` to `$9`.
    fn replacement(&self, by: &[u8]) -> Result<Vec<ReplacementPart>, NoValue> {
        let mut pieces = Vec::new();
        let mut rest = by;
        loop {
            rest = match rest {
                [] => return Ok(pieces),
                [b'\\', ..] | [b'$', b'0'..=b'9', b'0'..=b'9', ..] => {
                    return Err(NoValue::Replacement);
                }
                [b'$', digit @ b'0'..=b'9', tail @ ..] => {
                    let group = usize::from(digit - b'0');
                    if group > self.groups {
                        return Err(NoValue::Replacement);
                    }
                    pieces.push(ReplacementPart::Group(group));
                    tail
                }
                [b'$', ..] => return Err(NoValue::Replacement),
                [byte, tail @ ..] => {
                    pieces.push(ReplacementPart::Byte(*byte));
                    tail
                }
            };
        }
    }
}

/// A part of a replacement.
enum ReplacementPart {
    Byte(u8),
    Group(usize),
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Reads one part with its quantifier; `false` at the end.
    fn part(&mut self) -> Result<bool, NoValue> {
        let Some(byte) = self.next() else {
            return Ok(false);
        };
        match byte {
            b'(' if !self.in_group
                && !self.rest.starts_with(b"?")
                && !self.rest.starts_with(b"*") =>
            {
                self.in_group = true;
                self.groups += 1;
                self.out.push('(');
                return Ok(true);
            }
            b')' if self.in_group => {
                self.in_group = false;
                self.out.push(')');
                return if self.is_quantified() { Err(NoValue::Pattern) } else { Ok(true) };
            }
            b'[' => self.class()?,
            b'.' => self.out.push_str(r"[^\n]"),
            b'\\' => {
                let escape = self.escape()?;
                self.out.extend(["[", escape.as_str(), "]"]);
            }
            b'^' | b'$' | b'(' | b')' | b'|' | b'*' | b'+' | b'?' | b'{' | b'}' | b']' | 0 => {
                return Err(NoValue::Pattern);
            }
            byte => self.out.push_str(&literal(byte)),
        }
        let quantifier = match self.rest {
            [quantifier @ (b'*' | b'+' | b'?'), rest @ ..] => {
                self.rest = rest;
                Some(*quantifier)
            }
            _ => None,
        };
        // `+?`, `++` and `{2}`.
        if self.is_quantified() {
            return Err(NoValue::Pattern);
        }
        self.out.extend(quantifier.map(char::from));
        self.least += usize::from(!matches!(quantifier, Some(b'*' | b'?')));
        Ok(true)
    }

    fn is_quantified(&self) -> bool {
        matches!(self.rest.first(), Some(b'*' | b'+' | b'?' | b'{'))
    }

    /// Reads the part behind a backslash, as the inside of a class.
    fn escape(&mut self) -> Result<String, NoValue> {
        match self.next() {
            Some(b'd') => Ok("0-9".into()),
            Some(b'w') => Ok("0-9A-Za-z_".into()),
            Some(b's') => Ok(r"\t-\r ".into()),
            Some(b'n') => Ok(r"\n".into()),
            Some(b'r') => Ok(r"\r".into()),
            Some(b't') => Ok(r"\t".into()),
            Some(byte) if byte.is_ascii_punctuation() => Ok(literal(byte)),
            _ => Err(NoValue::Pattern),
        }
    }

    /// A class from behind its `[`.
    fn class(&mut self) -> Result<(), NoValue> {
        self.out.push('[');
        if let [b'^', rest @ ..] = self.rest {
            self.rest = rest;
            self.out.push('^');
        }
        let mut is_first = true;
        loop {
            match self.next().ok_or(NoValue::Pattern)? {
                b']' if !is_first => break,
                // PCRE takes `[:` and a `-` in the midst for more than themselves.
                b']' | b'[' | 0 => return Err(NoValue::Pattern),
                b'-' if !is_first && !self.rest.starts_with(b"]") => return Err(NoValue::Pattern),
                b'\\' => {
                    let escape = self.escape()?;
                    self.out.push_str(&escape);
                }
                first => match self.rest {
                    [b'-', last, rest @ ..] if *last != b']' => {
                        let same_kind =
                            [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase]
                                .iter()
                                .any(|kind| kind(&first) && kind(last));
                        if !same_kind || first > *last {
                            return Err(NoValue::Pattern);
                        }
                        self.out.extend([literal(first).as_str(), "-", literal(*last).as_str()]);
                        self.rest = rest;
                    }
                    _ => self.out.push_str(&literal(first)),
                },
            }
            is_first = false;
        }
        self.out.push(']');
        Ok(())
    }
}

/// A byte that stands for itself, wherever.
fn literal(byte: u8) -> String {
    format!(r"\x{byte:02x}")
}
