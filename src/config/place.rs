//! Finds the line of a key in a TOML file. The parser gives lines only for broken TOML, not for
//! values that turn out wrong later.

/// Returns the line (from 1) of a key by its path: `["database", "port"]`, or
/// `["endpoints", "1", "path"]` for the second `[[endpoints]]`.
///
/// For a key in an inline table, returns the first line of that table.
#[must_use]
pub fn line_of(text: &str, wanted: &[&str]) -> Option<usize> {
    let mut table: Vec<String> = Vec::new();
    let mut arrays = Vec::new();
    let mut around: Option<(usize, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}').trim();
        let full = if let Some(header) = line.strip_prefix('[') {
            let Some(path) = header_path(header, &mut arrays) else { continue };
            table.clone_from(&path);
            path
        } else if let Some((key, _)) = line.split_once('=')
            && let Some(key) = names(key)
        {
            table.iter().cloned().chain(key).collect()
        } else {
            continue;
        };
        let common = full.iter().zip(wanted).take_while(|(one, other)| one == *other).count();
        if common == wanted.len() {
            return Some(index + 1);
        }
        if common == full.len() && around.is_none_or(|(depth, _)| common > depth) {
            around = Some((common, index + 1));
        }
    }
    around.map(|(_, line)| line)
}

/// Returns the path of `[table]`, or of `[[array]]` with the number of the item that it opens;
/// `header` is the text after the first bracket.
fn header_path(header: &str, arrays: &mut Vec<Vec<String>>) -> Option<Vec<String>> {
    let (is_array, (name, after)) = match header.strip_prefix('[') {
        Some(rest) => (true, rest.split_once("]]")?),
        None => (false, header.split_once(']')?),
    };
    // An item of a list over several lines looks the same, except for its comma.
    if !(after.trim().is_empty() || after.trim_start().starts_with('#')) {
        return None;
    }
    let mut path = names(name)?;
    if is_array {
        let number = arrays.iter().filter(|array| **array == path).count();
        arrays.push(path.clone());
        path.push(number.to_string());
    }
    Some(path)
}

/// Returns the parts of a dotted key; `None` if the text is not a key.
fn names(dotted: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = dotted.trim();
    loop {
        let (name, after) = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest.get(1..)?.split_once(quote)?,
            _ => rest.split_at(rest.find(['.', ' ', '\t']).unwrap_or(rest.len())),
        };
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let is_quoted = rest.starts_with(['"', '\'']);
        if !is_quoted && (name.is_empty() || !name.chars().all(is_bare)) {
            return None;
        }
        names.push(name.to_owned());
        match after.trim_start() {
            "" => return Some(names),
            more => rest = more.strip_prefix('.')?.trim_start(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line_of;

    const TEXT: &str = "\u{feff}[server] # first\nlisten = 1\n\n[ \"database\" ]\n'port' = 2\ngroups = [\n  [1],\n]\n\
        joomla.root = 3\n[release.error_codes.REL_KNV]\ncode = 4\n[license]\nspellings = { a = 5 }\n\
        [[endpoints]]\npath = 6\n[[endpoints]]\npath = 7\n";

    #[test]
    fn keys_are_found_however_they_are_written() {
        for (path, line) in [
            (&["server"][..], 1),
            (&["server", "listen"], 2),
            (&["database", "port"], 5),
            (&["database", "joomla", "root"], 9),
            (&["release", "error_codes"], 10),
            (&["release", "error_codes", "REL_KNV", "code"], 11),
            (&["license", "spellings", "a"], 13),
            (&["endpoints", "0", "path"], 15),
            (&["endpoints", "1", "path"], 17),
            // Not there itself: the table that holds it.
            (&["endpoints", "1", "access"], 16),
        ] {
            assert_eq!(line_of(TEXT, path), Some(line), "{path:?}");
        }
        assert_eq!(line_of(TEXT, &["mail", "from"]), None);
    }
}
