//! The edges of a heredoc or nowdoc. Called by `lexer`.

use super::names::{continues_name, starts_name};

/// `<<<LABEL`, `<<<"LABEL"` or `<<<'LABEL'` with its line end.
pub(super) struct HeredocHead<'a> {
    pub(super) label: &'a [u8],
    pub(super) nowdoc: bool,
    pub(super) length: usize,
}

impl<'a> HeredocHead<'a> {
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
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

/// The ends of a heredoc's lines, as offsets into the text after its first line.
pub(super) struct HeredocBody {
    /// The end of the text, before the last line end.
    text_end: usize,
    /// The white space before the closing label.
    indentation: usize,
    marker_start: usize,
    pub(super) marker_end: usize,
}

impl HeredocBody {
    /// The first line that starts with the label, behind white space, and does not go on with a
    /// name.
    pub(super) fn find(text: &[u8], label: &[u8]) -> Option<Self> {
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

    /// Returns the text without the closing label's indentation in each line. `None` if a line has
    /// less of it, or blanks if the label has tabs: PHP refuses that.
    pub(super) fn without_indentation(&self, text: &[u8]) -> Option<Vec<u8>> {
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
