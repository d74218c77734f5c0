//! PHP's `wordwrap`.
//!
//! Used by `call` (to wrap) and `bounds` (to judge the size of the result).

use super::error::NoValue;
use super::text::fits;
use super::value::Value::{self, Bool, Int, Text};

/// The length of a line when none is given.
pub(super) const WIDTH: i64 = 75;

/// Wraps a text; `options` are the length of a line, its end and whether longer words are cut.
pub(super) fn wrap(text: &[u8], options: &[Value]) -> Result<Vec<u8>, NoValue> {
    let (width, end, cut) = match options {
        [] => (WIDTH, b"\n".as_slice(), false),
        [Int(width)] => (*width, b"\n".as_slice(), false),
        [Int(width), Text(end)] => (*width, end.as_slice(), false),
        [Int(width), Text(end), Bool(cut)] => (*width, end.as_slice(), *cut),
        _ => return Err(NoValue::Arguments),
    };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    check(width, end, cut)?;
    Lines { text, end, out: Vec::new(), start: 0, blank: 0 }.wrap(width, cut)
}

/// Refuses arguments on which PHP throws for every text but the empty one.
pub(super) fn check(width: i64, end: &[u8], cut: bool) -> Result<(), NoValue> {
    if end.is_empty() {
        return Err(NoValue::EmptyBreak);
    }
    if width == 0 && cut { Err(NoValue::LineLength) } else { Ok(()) }
}

/// The most bytes that `text` bytes become; `width` is `None` when it is not known.
pub(super) fn longest(text: usize, width: Option<i64>, end: usize) -> usize {
    // A word that does not fit ends the line before it, and may itself be ended soon after.
    let by_width = width
        .and_then(|width| usize::try_from(width).ok())
        .and_then(|width| text.checked_div(width))
        .map_or(text, |lines| lines.saturating_add(1).saturating_mul(2));
    text.saturating_add(by_width.min(text).saturating_mul(end))
}

struct Lines<'t> {
    text: &'t [u8],
    end: &'t [u8],
    out: Vec<u8>,
    /// Start of the line that is not written yet.
    start: usize,
    /// The last blank in it; not behind `start` when there is none.
    blank: usize,
}

impl Lines<'_> {
    fn wrap(mut self, width: i64, cut: bool) -> Result<Vec<u8>, NoValue> {
        let mut at = 0;
        while let Some(byte) = self.text.get(at) {
            let length = i64::try_from(at - self.start).map_err(|_| NoValue::TooLong)?;
            let is_full = length >= width;
            if let Some(behind) = self.own_end(at, cut) {
                self.write(behind);
                (self.start, self.blank) = (behind, behind);
                at = behind;
                continue;
            }
            if *byte == b' ' {
                if is_full {
                    self.break_at(at)?;
                    self.start = at + 1;
                }
                self.blank = at;
            } else if is_full && cut && self.start >= self.blank {
                self.break_at(at)?;
                (self.start, self.blank) = (at, at);
            } else if is_full && self.start < self.blank {
                self.break_at(self.blank)?;
                self.start = self.blank + 1;
                self.blank = self.start;
            }
            at += 1;
        }
        self.write(self.text.len());
        fits(self.out.len())?;
        Ok(self.out)
    }

    /// Returns the place at which the text continues behind a line end of its own.
    fn own_end(&self, at: usize, cut: bool) -> Option<usize> {
        let found = self.text.get(at..)?.starts_with(self.end);
        let behind = at + self.end.len();
        // PHP does not look for a longer one at the very end of the text; a single byte does the
        // same there either way.
        let is_seen = behind < self.text.len() || (self.end.len() == 1 && !cut);
        (found && is_seen).then_some(behind)
    }

    fn write(&mut self, to: usize) {
        self.out.extend_from_slice(self.text.get(self.start..to).unwrap_or_default());
    }

    fn break_at(&mut self, to: usize) -> Result<(), NoValue> {
        self.write(to);
        self.out.extend_from_slice(self.end);
        fits(self.out.len())
    }
}
