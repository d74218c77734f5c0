//! The memory as the text of a file: lines of JSON for each package, described in
//! `docs/updates.md`.
//!
//! Called by `state_file`. Any bytes can be read: the result is lines or a reason.

use std::collections::BTreeMap;

use joomla_updates::entry::Checksums;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::release::package_path::PackagePath;
use crate::updates::vouched::Vouched;

/// The beginning of every such file, of any format version.
const OURS: &str = "{\"jbackend-bridge\":\"checksums\",";
/// The format that is written.
const FORMAT: u64 = 2;
/// The former version, with only checksums, is also read.
const FORMER: u64 = 1;
/// Bytes a file may have: some 40,000 packages.
pub(super) const LARGEST: usize = 64 * 1024 * 1024;
/// Kept free for the last line.
const END: usize = 100;

#[derive(Serialize, Deserialize)]
struct FormatHead {
    #[serde(rename = "jbackend-bridge")]
    what: String,
    format: u64,
    /// The site that the entries belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
}

/// All that is remembered.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) sums: Vec<(PackagePath, String, Checksums)>,
    /// The former XML entries of a site; empty if the file is of the former format.
    pub(super) vouched: Option<OfSite>,
}

/// The former XML entries of a site, by the ids of its lines; the newest entry of each comes first.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct OfSite {
    pub(super) site: String,
    pub(super) lines: BTreeMap<String, Vec<Vouched>>,
}

/// A former XML entry of a settings line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    package: String,
    entry: Vouched,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Sums(ChecksumLine),
    Entry(Box<EntryLine>),
}

/// The checksums of a package file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChecksumLine {
    pub(super) path: String,
    pub(super) version: String,
    pub(super) sha256: String,
    pub(super) sha384: String,
    pub(super) sha512: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
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

impl ChecksumLine {
    /// Returns its values, if they are valid.
    pub(super) fn parse(self) -> Option<(PackagePath, String, Checksums)> {
        let path = PackagePath::stored(&self.path)?;
        let checksums = Checksums { sha256: self.sha256, sha384: self.sha384, sha512: self.sha512 };
        are_sane(&checksums).then_some((path, self.version, checksums))
    }
}

/// Writes a file's text. Leaves out lines beyond [`LARGEST`], checksums first.
pub(super) fn write(lines: &[ChecksumLine], of_site: &OfSite) -> Result<String, serde_json::Error> {
    let site = Some(of_site.site.clone()).filter(|site| !site.is_empty());
    let head = FormatHead { what: "checksums".into(), format: FORMAT, site };
    let mut text = serde_json::to_string(&head)? + "\n";
    let entries = of_site.lines.iter().flat_map(|(package, all)| {
        all.iter().map(|entry| EntryLine { package: package.clone(), entry: entry.clone() })
    });
    let entries = entries.map(|entry| serde_json::to_string(&entry));
    for line in entries.chain(lines.iter().map(serde_json::to_string)) {
        let line = line?;
        if text.len() + line.len() + END > LARGEST {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    let end = EndLine { end: seal(&text) };
    text.push_str(&serde_json::to_string(&end)?);
    text.push('\n');
    Ok(text)
}

/// Reads a file's text; an empty one holds nothing.
///
/// # Errors
/// Refuses the whole text if any part is wrong.
pub(super) fn read(bytes: &[u8]) -> Result<Content, FormatError> {
    if bytes.is_empty() {
        return Ok(Content::default());
    }
    if !bytes.starts_with(OURS.as_bytes()) {
        return Err(FormatError::Foreign);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| FormatError::Damaged)?;
    let head = text.lines().next().unwrap_or_default();
    let head = serde_json::from_str::<FormatHead>(head).map_err(|_| FormatError::Damaged)?;
    if head.format != FORMAT && head.format != FORMER {
        return Err(FormatError::Later(head.format));
    }
    let mut content = body(text).ok_or(FormatError::Damaged)?;
    match (head.format, head.site) {
        (FORMER, _) => content.vouched = None,
        (_, site) => {
            content.vouched.get_or_insert_default().site = site.unwrap_or_default();
        }
    }
    Ok(content)
}

fn body(text: &str) -> Option<Content> {
    let whole = text.strip_suffix('\n')?;
    let (_, last) = whole.rsplit_once('\n')?;
    let before = whole.strip_suffix(last)?;
    let end: EndLine = serde_json::from_str(last).ok()?;
    if end.end != seal(before) {
        return None;
    }
    let mut content = Content::default();
    let lines = &mut content.vouched.get_or_insert_default().lines;
    for line in before.lines().skip(1) {
        match serde_json::from_str(line).ok()? {
            Either::Sums(line) => content.sums.push(line.parse()?),
            Either::Entry(entry) => {
                let EntryLine { package, entry } = *entry;
                if !are_sane(&entry.checksums) {
                    return None;
                }
                lines.entry(package).or_default().push(entry);
            }
        }
    }
    Some(content)
}

fn are_sane(sums: &Checksums) -> bool {
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    digits(&sums.sha256, 64) && digits(&sums.sha384, 96) && digits(&sums.sha512, 128)
}

fn seal(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text.as_bytes()))
}
