//! Masks a key or an e-mail: shows enough to recognise it, too little to use it.
//!
//! For the commands of the operator, whose output ends up in tickets and chats, and for messages.
//! Masked text cannot control a terminal or forge a line of the log.

// One rule for the bridge's output and for update XML.
pub use joomla_updates::printable::{is_unprintable, printable};

/// The first characters of a key: at most four, and never more than a quarter of it.
#[must_use]
pub fn start_of_key(key: &str) -> String {
    let shown = usize::min(4, key.chars().count() / 4);
    printable(&key.chars().take(shown).collect::<String>())
}

/// How a key starts: `7759…`.
#[must_use]
pub fn key(key: &str) -> String {
    format!("{}…", start_of_key(key))
}

/// Returns `a***@example.com`; for a text that is not an address, its first character.
#[must_use]
pub fn email(email: &str) -> String {
    let (local, domain) = match email.rsplit_once('@') {
        Some((local, domain)) => (local, format!("@{domain}")),
        None => (email, String::new()),
    };
    let start: String = local.chars().take(1).collect();
    printable(&format!("{start}***{domain}"))
}

/// Replaces the characters that control a terminal, in a text of several lines.
#[must_use]
pub fn printable_lines(text: &str) -> String {
    text.replace(|c| is_unprintable(c) && c != '\n' && c != '\t', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::{email, printable, start_of_key};

    #[test]
    fn at_most_a_quarter_of_a_key_is_shown() {
        assert_eq!(start_of_key("7759be2e42149d8de20744af04915090"), "7759");
        assert_eq!(start_of_key("AB12-CD34"), "AB");
        assert_eq!(start_of_key("abc"), "");
        assert_eq!(start_of_key("\u{1b}23456789"), "\u{fffd}2");
    }

    #[test]
    fn little_of_an_address_is_shown() {
        assert_eq!(email("alice@example.com"), "a***@example.com");
        assert_eq!(email("élise"), "é***");
        assert_eq!(email(""), "***");
    }

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(printable("\u{1b}[31m\n"), "\u{fffd}[31m\u{fffd}");
        assert_eq!(printable("a\u{202e}b\u{200b}"), "a\u{fffd}b\u{fffd}");
        assert_eq!(printable("é ☃"), "é ☃");
    }
}
