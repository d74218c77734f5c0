//! `strtr` with an array of pairs.
//!
//! Used by `call` (to replace) and `bounds` (to judge the size of the result).

use super::error::NoValue;
use super::text::fits;

/// Replaces every key by its value from left to right, the longest key first; replacements are not
/// searched again. An empty key has no effect; of two equal keys the last counts.
pub(super) fn replace(data: &[u8], pairs: &[(Vec<u8>, Vec<u8>)]) -> Result<Vec<u8>, NoValue> {
    let mut ordered: Vec<_> = pairs.iter().rev().filter(|(key, _)| !key.is_empty()).collect();
    // The sort keeps equal keys as they are: the last of the list first.
    ordered.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let [first, tail @ ..] = rest {
        let found = ordered
            .iter()
            .find_map(|(key, value)| rest.strip_prefix(key.as_slice()).map(|rest| (value, rest)));
        if let Some((value, behind)) = found {
            out.extend_from_slice(value);
            rest = behind;
        } else {
            out.push(*first);
            rest = tail;
        }
        fits(out.len())?;
    }
    Ok(out)
}

/// The most bytes that `data` bytes become, given the least length of each key and the most of its
/// value.
pub(super) fn longest(data: usize, pairs: &[(usize, usize)]) -> usize {
    let grown = |&(key, value): &(usize, usize)| match key {
        0 => data,
        _ => data.saturating_mul(value).div_ceil(key),
    };
    pairs.iter().map(grown).fold(data, usize::max)
}
