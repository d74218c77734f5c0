//! Finds the line of a key in a TOML file. The parser gives lines only for broken TOML, not for
//! values that turn out wrong later.

use toml_edit::{ImDocument, TableLike};

/// Returns the line (from 1) of a key by its path: `["database", "port"]`, or
/// `["endpoints", "1", "path"]` for the second `[[endpoints]]`. If the key is not there, returns
/// the line of the table that would hold it.
#[must_use]
pub fn line_of(text: &str, wanted: &[&str]) -> Option<usize> {
    let text = text.trim_start_matches('\u{feff}');
    let document = ImDocument::parse(text).ok()?;
    let mut table: &dyn TableLike = document.as_table();
    let mut span = None;
    let mut names = wanted.iter();
    while let Some(name) = names.next() {
        let Some((key, item)) = table.get_key_value(name) else { break };
        span = key.span().or(span);
        if let Some(inner) = item.as_table_like() {
            table = inner;
        } else if let Some(tables) = item.as_array_of_tables() {
            let Some(inner) = names.next().and_then(|at| tables.get(at.parse().ok()?)) else {
                break;
            };
            span = inner.span().or(span);
            table = inner;
        } else {
            break;
        }
    }
    let before = text.get(..span?.start)?;
    Some(before.matches('\n').count() + 1)
}
