//! PHP's string functions that need more than a line, byte-wise.
//!
//! Used by `call`. Whatever can grow a value asks [`fits`] before it does.

use super::MAX_VALUE;
use super::error::NoValue;

/// The characters that `trim` and its relatives remove when none are given.
const BLANKS: &[u8] = b" \n\r\t\x0b\0";

/// Refuses a length beyond the limit of a value.
pub(super) fn fits(length: usize) -> Result<(), NoValue> {
    if length <= MAX_VALUE { Ok(()) } else { Err(NoValue::TooLong) }
}

/// `trim`, or one side of it. `characters` is PHP's list, with ranges such as `a..z`.
pub(super) fn trim(text: &[u8], characters: Option<&[u8]>, left: bool, right: bool) -> Vec<u8> {
    let removed = characters.map_or_else(|| BLANKS.to_vec(), character_list);
    let mut rest = text;
    while left
        && let [first, inner @ ..] = rest
        && removed.contains(first)
    {
        rest = inner;
    }
    while right
        && let [inner @ .., last] = rest
        && removed.contains(last)
    {
        rest = inner;
    }
    rest.to_vec()
}

/// The bytes a character list of `trim` stands for. A range that is none (`z..a`, `..a`) counts as
/// the characters it is written with, as in PHP.
fn character_list(characters: &[u8]) -> Vec<u8> {
    let mut left = characters;
    let mut members = Vec::new();
    loop {
        match left {
            [] => return members,
            [first, b'.', b'.', last, rest @ ..] if last >= first => {
                members.extend(*first..=*last);
                left = rest;
            }
            // Two dots that make no range: the first is dropped, the second stands for itself.
            [b'.', rest @ ..] if rest.starts_with(b".") => left = rest,
            [first, rest @ ..] => {
                members.push(*first);
                left = rest;
            }
        }
    }
}

/// `substr`: negative offsets count from the end, a negative length stops before it.
pub(super) fn substr(text: &[u8], offset: i64, length: Option<i64>) -> Vec<u8> {
    let start = position(text.len(), offset);
    let rest = text.get(start..).unwrap_or_default();
    let taken = length.map_or(rest.len(), |length| position(rest.len(), length));
    rest.get(..taken).unwrap_or_default().to_vec()
}

/// A distance from the start, or from the end when negative, kept inside `length`.
fn position(length: usize, distance: i64) -> usize {
    let size = usize::try_from(distance.unsigned_abs()).unwrap_or(usize::MAX);
    if distance < 0 { length.saturating_sub(size) } else { size.min(length) }
}

/// Replaces every occurrence from left to right; an empty `search` has no effect.
pub(super) fn replace(text: &[u8], search: &[u8], by: &[u8]) -> Result<Vec<u8>, NoValue> {
    if search.is_empty() {
        return Ok(text.to_vec());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        if let Some(behind) = rest.strip_prefix(search) {
            out.extend_from_slice(by);
            rest = behind;
        } else {
            out.push(*first);
            rest = tail;
        }
        fits(out.len())?;
    }
    Ok(out)
}

/// The side on which `str_pad` pads: PHP's values of the constants.
pub(super) const PAD_LEFT: i64 = 0;
pub(super) const PAD_RIGHT: i64 = 1;
pub(super) const PAD_BOTH: i64 = 2;

/// `str_pad`. The other arguments are ignored if the text is long enough already.
pub(super) fn pad(text: &[u8], length: i64, with: &[u8], side: i64) -> Result<Vec<u8>, NoValue> {
    let length = usize::try_from(length).unwrap_or(0);
    let missing = length.saturating_sub(text.len());
    if missing == 0 {
        return Ok(text.to_vec());
    }
    if with.is_empty() {
        return Err(NoValue::EmptyPadding);
    }
    let left = match side {
        PAD_LEFT => missing,
        PAD_RIGHT => 0,
        PAD_BOTH => missing / 2,
        _ => return Err(NoValue::PaddingSide),
    };
    fits(length)?;
    // The padding starts anew on the right.
    let padding = |count: usize| with.iter().copied().cycle().take(count);
    Ok(padding(left).chain(text.iter().copied()).chain(padding(missing - left)).collect())
}

/// `chunk_split`: `end` behind every `length` bytes and behind the rest.
pub(super) fn chunk_split(text: &[u8], length: i64, end: &[u8]) -> Result<Vec<u8>, NoValue> {
    let length = usize::try_from(length).unwrap_or(0);
    if length == 0 {
        return Err(NoValue::ChunkLength);
    }
    // A text shorter than a chunk, also the empty one, still gets its end.
    let chunks = text.len().div_ceil(length).max(1);
    fits(text.len().saturating_add(chunks.saturating_mul(end.len())))?;
    if text.is_empty() {
        return Ok(end.to_vec());
    }
    Ok(text.chunks(length).flat_map(|chunk| [chunk, end]).flatten().copied().collect())
}

/// `implode`, of parts that are strings already.
pub(super) fn implode(separator: &[u8], parts: &[Vec<u8>]) -> Result<Vec<u8>, NoValue> {
    let separators = separator.len().saturating_mul(parts.len().saturating_sub(1));
    let length = parts.iter().map(Vec::len).fold(separators, usize::saturating_add);
    fits(length)?;
    Ok(parts.join(separator))
}

/// `strtr` with two texts: each byte of `from` becomes the byte in its place in `to`. The excess of
/// the longer one is ignored; of a byte that stands in `from` twice the last counts.
pub(super) fn translate(data: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut table: [u8; 256] = std::array::from_fn(|byte| u8::try_from(byte).unwrap_or(0));
    for (from, to) in from.iter().zip(to) {
        if let Some(place) = table.get_mut(usize::from(*from)) {
            *place = *to;
        }
    }
    data.iter().map(|byte| table.get(usize::from(*byte)).copied().unwrap_or(*byte)).collect()
}
