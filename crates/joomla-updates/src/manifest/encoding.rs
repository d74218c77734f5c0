//! The text of a document, in the encoding that it declares.
//!
//! Called by `facts`. A byte order mark wins over the declaration, and no encoding is guessed: a
//! document that cannot be decoded to its end is refused, as Joomla's own parser does.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::error::ManifestError;

/// Bytes in which a declaration ends.
const LONGEST_DECLARATION: usize = 1024;

/// Decodes a document.
pub(super) fn decode(document: &[u8]) -> Result<Cow<'_, str>, ManifestError> {
    let (encoding, text) = match (Encoding::for_bom(document), document) {
        (Some((encoding, mark)), _) => (encoding, document.get(mark..).unwrap_or_default()),
        (None, [b'<', 0, ..]) => (UTF_16LE, document),
        (None, [0, b'<', ..]) => (UTF_16BE, document),
        (None, _) => (declared(document)?, document),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(text);
    text.ok_or(ManifestError::Encoding)
}

/// The encoding in the declaration; UTF-8 without one.
fn declared(document: &[u8]) -> Result<&'static Encoding, ManifestError> {
    let Some(label) = label(document) else { return Ok(UTF_8) };
    match Encoding::for_label(label) {
        // The declaration could not be read if the document were.
        None => Err(ManifestError::Encoding),
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
            Err(ManifestError::Encoding)
        }
        Some(encoding) => Ok(encoding),
    }
}

fn label(document: &[u8]) -> Option<&[u8]> {
    let declaration = document.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = declaration.get(..LONGEST_DECLARATION).unwrap_or(declaration);
    let end = declaration.windows(2).position(|two| two == b"?>")?;
    let declaration = declaration.get(..end)?;
    let word = b"encoding".as_slice();
    let at = declaration.windows(word.len()).position(|found| found == word)?;
    let value = declaration.get(at + word.len()..)?.trim_ascii_start().strip_prefix(b"=")?;
    let (quote, value) = value.trim_ascii_start().split_first()?;
    let end = value.iter().position(|byte| byte == quote)?;
    value.get(..end).filter(|_| b"'\"".contains(quote))
}
