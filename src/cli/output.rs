//! Prints the results of subcommands: a text for people, or JSON for scripts; colours and progress
//! bars on a terminal only.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::mask::is_unprintable;

/// The form of a result on standard output.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Format {
    /// Print JSON, for scripts
    #[arg(long)]
    pub(super) json: bool,
}

/// As it should be.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Works, but needs attention.
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Does not work.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Beside the point, or known already.
pub(super) const FAINT: Style = Style::new().dimmed();

impl Format {
    /// Prints a result: `value` as JSON, or the output of `text`. Styles are removed if standard
    /// output is not a terminal.
    ///
    /// # Errors
    /// Fails if standard output cannot be written, but not if the reader has closed it.
    pub(super) fn print<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        let printed = if self.json {
            serde_json::to_string_pretty(value)
                .map_err(io::Error::from)
                .and_then(|json| writeln!(out, "{}", escaped(&json)))
        } else {
            text(&mut out)
        };
        match printed.and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

/// Makes a progress bar on standard error; it shows only if that is a terminal. `text` stands
/// behind the bar, in the notation of templates: `{pos} of {len}`.
pub(super) fn bar(length: u64, text: &str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template(&format!("{{bar:20}} {text}")) {
        bar.set_style(style);
    }
    bar
}

/// Escapes characters in JSON that could control a terminal: JSON itself escapes fewer. Such
/// characters occur only in strings, in which an escape means the same.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter != '\n' && is_unprintable(letter) {
            out.extend(
                letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")),
            );
        } else {
            out.push(letter);
        }
    }
    out
}
