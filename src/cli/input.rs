//! Files that options name, with `-` for standard input; for subcommands that read any.
//!
//! It does not know what is in them, and no message quotes any of it.

use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, anyhow};

/// All of a file, as text; `option` is named when it cannot be read.
///
/// # Errors
/// A file that is not there, may not be read, or is no UTF-8.
pub(super) fn read(option: &str, path: &Path) -> anyhow::Result<String> {
    let text = if is_stdin(path) {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| match error.kind() {
        ErrorKind::InvalidData => anyhow!("it is no UTF-8 text: save it as UTF-8"),
        _ => error.into(),
    })
    .with_context(|| format!("cannot read {}, named by `{option}`", shown(path)))
}

/// Whether standard input is meant.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// What is read, in words.
pub(super) fn shown(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { format!("file `{}`", path.display()) }
}
