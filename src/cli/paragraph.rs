//! Texts in lines of the terminal's width, for subcommands that print sentences.

use std::io::IsTerminal;

/// Lines where nobody says how wide they may be.
const USUAL: usize = 100;
/// Longer lines are hard to read.
const WIDEST: usize = 120;
/// Less is no use to anybody.
const NARROWEST: usize = 40;

/// Columns of standard output: the terminal's, or what `COLUMNS` says.
pub(super) fn width() -> usize {
    let terminal = std::io::stdout().is_terminal().then(|| {
        rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(size.ws_col))
    });
    let named = || std::env::var("COLUMNS").ok()?.parse().ok();
    let columns = terminal.flatten().filter(|columns| *columns > 0).or_else(named);
    columns.unwrap_or(USUAL).clamp(NARROWEST, WIDEST)
}

/// The text in lines of at most `width` columns; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrapped("a bc  def äöü", 6), ["a bc", "def", "äöü"]);
        assert_eq!(wrapped("a verylongword b", 4), ["a", "verylongword", "b"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
