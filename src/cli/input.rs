//! Files that options name, with `-` for standard input; for subcommands that read any.
//!
//! It does not interpret their contents, and no message quotes them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};

/// Bytes of a file at most, some 100,000 keys: one given by mistake must not fill the memory.
const LARGEST: u64 = 8 * 1024 * 1024;

/// All of a file, as text; `option` is named when it cannot be read.
///
/// # Errors
/// A file that is not there, may not be read, is too large, or is no UTF-8.
pub(super) fn read(option: &str, path: &Path) -> anyhow::Result<String> {
    let bytes = if is_stdin(path) {
        bounded(io::stdin().lock())
    } else {
        File::open(path).and_then(bounded)
    };
    let cannot = || format!("cannot read {}, named by `{option}`", shown(path));
    let bytes = bytes.with_context(cannot)?;
    if bytes.len() as u64 > LARGEST {
        let largest = LARGEST / 1024 / 1024;
        let file = shown(path);
        bail!("{file}, named by `{option}`, is larger than {largest} MiB: give some of its lines");
    }
    String::from_utf8(bytes)
        .map_err(|_| anyhow!("it is no UTF-8 text: save it as UTF-8"))
        .with_context(cannot)
}

/// One byte more than may be tells that it is too large.
fn bounded(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes).map(|_| bytes)
}

/// Whether standard input is meant.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Returns the name of the input, in words.
pub(super) fn shown(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { format!("file `{}`", path.display()) }
}
