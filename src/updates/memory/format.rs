//! Checksums as the text of a file: a line of JSON for each package, described in `docs/updates.md`.
//!
//! Called by `state_file`. Whatever the bytes are, reading them ends in lines or in a reason.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::release::package_path::PackagePath;
use crate::update_site::entry::Checksums;

/// What every such file begins with, of whatever format.
const OURS: &str = "{\"jbackend-bridge\":\"checksums\",";
/// The format that is written and read.
const FORMAT: u64 = 1;
/// Bytes a file may have: some 40,000 packages.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;
/// Kept free for the last line.
const END: usize = 100;

#[derive(Serialize, Deserialize)]
struct Head {
    #[serde(rename = "jbackend-bridge")]
    what: String,
    format: u64,
}

/// The checksums of a package file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) version: String,
    pub(super) sha256: String,
    pub(super) sha384: String,
    pub(super) sha512: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// SHA-256 of everything before this line.
    end: String,
}

/// Why a text is not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormatError {
    /// Something else.
    #[error("it is something else: remove it, or name another file as `checksum_file`")]
    Foreign,
    /// A later version's.
    #[error("a later version has written it, in format {0}")]
    Later(u64),
    /// Cut off, changed by hand, broken by the disk.
    #[error("it is damaged or was cut off")]
    Damaged,
}

impl Line {
    /// What it says, where it makes sense.
    pub(super) fn parse(self) -> Option<(PackagePath, String, Checksums)> {
        let digits = |text: &str, count: usize| {
            text.len() == count
                && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let path = PackagePath::parse(&self.path).ok().filter(|path| path.as_str() == self.path)?;
        let sane =
            digits(&self.sha256, 64) && digits(&self.sha384, 96) && digits(&self.sha512, 128);
        let checksums = Checksums { sha256: self.sha256, sha384: self.sha384, sha512: self.sha512 };
        sane.then_some((path, self.version, checksums))
    }
}

/// Writes a file's text. What is beyond [`LARGEST`] is left out.
pub(super) fn write(lines: &[Line]) -> Result<String, serde_json::Error> {
    let head = Head { what: "checksums".into(), format: FORMAT };
    let mut text = serde_json::to_string(&head)? + "\n";
    for line in lines {
        let line = serde_json::to_string(line)?;
        if text.len() + line.len() + END > LARGEST {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    let end = End { end: seal(&text) };
    text.push_str(&serde_json::to_string(&end)?);
    text.push('\n');
    Ok(text)
}

/// Reads a file's text; an empty one holds nothing.
///
/// # Errors
/// All of it is refused where anything is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<(PackagePath, String, Checksums)>, FormatError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    if !bytes.starts_with(OURS.as_bytes()) {
        return Err(FormatError::Foreign);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| FormatError::Damaged)?;
    let head = text.lines().next().unwrap_or_default();
    match serde_json::from_str::<Head>(head) {
        Ok(head) if head.format == FORMAT => {}
        Ok(head) => return Err(FormatError::Later(head.format)),
        Err(_) => return Err(FormatError::Damaged),
    }
    body(text).ok_or(FormatError::Damaged)
}

fn body(text: &str) -> Option<Vec<(PackagePath, String, Checksums)>> {
    let whole = text.strip_suffix('\n')?;
    let (_, last) = whole.rsplit_once('\n')?;
    let before = whole.strip_suffix(last)?;
    let end: End = serde_json::from_str(last).ok()?;
    if end.end != seal(before) {
        return None;
    }
    let parsed = |line| serde_json::from_str::<Line>(line).ok().and_then(Line::parse);
    before.lines().skip(1).map(parsed).collect()
}

fn seal(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text.as_bytes()))
}
