//! Text that can be shown: text of a package must not control a terminal.
//!
//! Called by all code that puts a stranger's text into a message or into XML.

/// Says if a character steers a terminal, or changes how a line reads without being seen: control
/// characters, line separators, marks of the writing direction, letters without width.
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// Replaces each of those characters by U+FFFD.
#[must_use]
pub fn printable(text: &str) -> String {
    text.replace(is_unprintable, "\u{fffd}")
}
