//! Text for people, kept to the width of the terminal; used by subcommands that print sentences.
//!
//! It knows blanks and columns only. What is to be copied (a command, an answer) is not given to it.

use std::io;

/// Columns where the width is not known: a pipe, a file.
const USUAL: usize = 100;
/// Wider lines are hard to read.
const WIDEST: usize = 120;
/// Narrower ones hold no sentence.
const NARROWEST: usize = 40;

/// The columns of standard output: those of the terminal, else `COLUMNS`, else 100.
pub(super) fn width() -> usize {
    let terminal = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let terminal = terminal.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    let named = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(named).unwrap_or(USUAL).clamp(NARROWEST, WIDEST)
}

/// The lines of a text; all but the first are indented by `indent` columns, and none is wider than
/// `width` where there is a blank to break at.
pub(super) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent).max(1);
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > room {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_break_at_blanks_alone() {
        assert_eq!(wrapped("one two three", 2, 9), "one two\n  three");
        assert_eq!(wrapped("averyveryverylongword b", 2, 9), "averyveryverylongword\n  b");
        assert_eq!(wrapped("é é é é", 0, 5), "é é é\né");
        assert_eq!(wrapped("", 4, 9), "");
    }
}
