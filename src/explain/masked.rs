//! Keys as they may be shown: enough to compare two on the telephone, too little to use one.

/// The first characters, at most four and never more than a quarter, and the length.
pub(super) fn masked(key: &str) -> String {
    let length = key.chars().count();
    let shown: String = key.chars().take(usize::min(4, length / 4)).collect();
    let shown = shown.replace(char::is_control, "\u{fffd}");
    format!("{shown}… ({length} character{})", if length == 1 { "" } else { "s" })
}

/// The same in ASCII, for the place a key has in JSON.
pub(super) fn masked_in_json(key: &str) -> String {
    let shown = key.chars().take(usize::min(4, key.chars().count() / 4));
    format!("{}...", shown.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn at_most_a_quarter_is_shown() {
        assert_eq!(masked("7759be2e42149d8de20744af04915090"), "7759… (32 characters)");
        assert_eq!(masked("AB12-CD34"), "AB… (9 characters)");
        assert_eq!(masked("abc"), "… (3 characters)");
        assert_eq!(masked("é"), "… (1 character)");
        assert_eq!(masked(""), "… (0 characters)");
    }
}
