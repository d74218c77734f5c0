//! What may be shown of a key or an e-mail: enough to recognise it, too little to use it.
//!
//! For the commands of the operator, whose output ends up in tickets and chats. Nothing that is
//! shown can steer a terminal.

/// The first characters of a key: at most four, and never more than a quarter of it.
#[must_use]
pub fn start_of_key(key: &str) -> String {
    let shown = usize::min(4, key.chars().count() / 4);
    printable(key.chars().take(shown))
}

/// `a***@example.com`; of what is no address, the first character.
#[must_use]
pub fn email(email: &str) -> String {
    let (local, domain) = match email.rsplit_once('@') {
        Some((local, domain)) => (local, format!("@{domain}")),
        None => (email, String::new()),
    };
    format!("{}***{}", printable(local.chars().take(1)), printable(domain.chars()))
}

fn printable(text: impl Iterator<Item = char>) -> String {
    text.map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{email, start_of_key};

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
}
