//! The address of an author's site: makers leave out the scheme, or write something else altogether.

/// Reads an address: with its scheme, `https://` if it has none; `None` if it is not a web address.
pub(super) fn read(text: &str) -> Option<String> {
    let odd =
        |letter: char| letter.is_whitespace() || letter.is_control() || "<>\"".contains(letter);
    if text.contains(odd) {
        return None;
    }
    let rest = ["https://", "http://"].into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    if let Some(rest) = rest {
        return (!rest.is_empty()).then(|| text.to_owned());
    }
    let rest = text.strip_prefix("//").unwrap_or(text);
    begins_with_host(rest).then(|| format!("https://{rest}"))
}

/// Does it begin with a name like `www.example.com`?
fn begins_with_host(text: &str) -> bool {
    let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    host.contains('.')
        && host.split('.').all(is_label)
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}
