//! The path of a request target, as Joomla reads it: decoded, cut into segments, normalised.
//!
//! `docs/protocol.md`, "URL forms": percent-decoding is done once, before the split, so `%2F`
//! separates segments and `%2E%2E` leads up; `+` is a blank; empty segments and `.` are dropped.

use php_compat::query::percent_decode;

/// A path that no web server would pass to a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// `..` leads above the root.
    #[error("the path climbs above the root")]
    AboveRoot,
    /// A NUL byte, encoded.
    #[error("the path holds a NUL byte")]
    Nul,
}

/// A decoded path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SitePath {
    /// Its segments, none of them empty.
    pub segments: Vec<Vec<u8>>,
    /// The path ended with `/`.
    pub trailing_slash: bool,
}

impl SitePath {
    /// Decodes the raw path of a request target (the part before `?`).
    ///
    /// # Errors
    /// See [`BadTarget`].
    pub fn parse(raw: &[u8]) -> Result<Self, BadTarget> {
        let decoded = percent_decode(raw, true);
        if decoded.contains(&0) {
            return Err(BadTarget::Nul);
        }
        let mut segments = Vec::new();
        for segment in decoded.split(|&byte| byte == b'/') {
            match segment {
                b"" | b"." => {}
                b".." => {
                    segments.pop().ok_or(BadTarget::AboveRoot)?;
                }
                _ => segments.push(segment.to_vec()),
            }
        }
        Ok(Self { segments, trailing_slash: decoded.ends_with(b"/") })
    }
}

/// Returns whether two segments are the same menu alias. Joomla compares them without case.
#[must_use]
pub fn same_alias(left: &[u8], right: &[u8]) -> bool {
    if left.eq_ignore_ascii_case(right) {
        return true;
    }
    // Most segments are ASCII, and there may be many end-points to compare.
    let either_folds = !left.is_ascii() || !right.is_ascii();
    either_folds
        && match (std::str::from_utf8(left), std::str::from_utf8(right)) {
            (Ok(left), Ok(right)) => left.to_lowercase() == right.to_lowercase(),
            _ => false,
        }
}
