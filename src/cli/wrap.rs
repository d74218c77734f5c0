//! Text for people, kept to the width of the terminal; used by subcommands that print sentences.
//!
//! It handles blanks and columns only. Text to be copied (a command, an answer) is not passed to
//! it.

use std::io;

/// Columns if the width is not known: a pipe, a file.
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

/// The text in lines of at most `width` columns; a longer word has a line of its own.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let long = word.chars().count();
        if used > 0 && used + 1 + long > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += long;
        }
    }
    lines
}

/// The lines of a text as one; all but the first are indented by `indent` columns.
pub(super) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent).max(1);
    lines(text, room).join(&format!("\n{}", " ".repeat(indent)))
}

#[cfg(test)]
mod tests {
    use super::{lines, wrapped};

    #[test]
    fn lines_end_between_words() {
        assert_eq!(lines("a bc  def äöü", 6), ["a bc", "def", "äöü"]);
        assert_eq!(lines("a verylongword b", 4), ["a", "verylongword", "b"]);
        assert_eq!(lines("", 4), [""]);
    }

    #[test]
    fn further_lines_are_indented() {
        assert_eq!(wrapped("one two three", 2, 9), "one two\n  three");
        assert_eq!(wrapped("averyveryverylongword b", 2, 9), "averyveryverylongword\n  b");
        assert_eq!(wrapped("é é é é", 0, 5), "é é é\né");
        assert_eq!(wrapped("", 4, 9), "");
    }
}
