//! Checks whether a column's character set holds a text, for the store and the writer.
//!
//! A text that its column cannot hold is in no row. MySQL fails a statement that compares the two,
//! with numbers that differ between versions; if a server converts instead, it replaces characters
//! by `?`, and another row would match. So a query checks the text first, with the column's own
//! character set, and only for texts beyond ASCII.

use crate::store::rows::Cells;

/// The character set that holds every text.
const UNICODE: &str = "utf8mb4";

/// Returns the statement that checks whether `:text` survives conversion into a character set and
/// back; `None` if every text does. The first conversion gives the parameter a type of its own:
/// without it MySQL takes the set's and fails.
pub(super) fn question(charset: &str) -> Option<String> {
    if charset == UNICODE {
        return None;
    }
    // Names of the server's own are words; other text is not a character set.
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if charset.is_empty() || !charset.bytes().all(is_word) {
        return Some("SELECT 0 AND :text IS NULL".to_owned());
    }
    Some(format!(
        "SELECT CAST(CONVERT(CONVERT(CONVERT(:text USING utf8mb4) USING {charset}) USING utf8mb4) \
         AS BINARY) = CAST(CONVERT(:text USING utf8mb4) AS BINARY)"
    ))
}

/// The answer to [`question`].
pub(super) fn is_yes(row: &mut dyn Cells) -> bool {
    row.number(0) == Some(1)
}

#[cfg(test)]
mod tests {
    use super::question;

    #[test]
    fn only_a_word_of_the_server_stands_in_the_question() {
        assert_eq!(question("utf8mb4"), None);
        assert!(question("latin1").is_some_and(|question| question.contains("USING latin1)")));
        for other in ["", "x) OR (1", "utf8mb4 ", "a'"] {
            assert_eq!(question(other).as_deref(), Some("SELECT 0 AND :text IS NULL"), "{other:?}");
        }
    }
}
