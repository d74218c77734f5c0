//! The name of a file in a `Content-Disposition`, made fit to be compared.
//!
//! PHP sites write the name as it is, in any encoding and often without escapes; the bridge writes
//! `_` for every character that Joomla's updater could stumble at, and the whole name beside it.
//! Called by `difference`. Differences are judged elsewhere.

use php_compat::query::percent_decode;

/// Returns the names a value may mean, as far as clients go by them: `_` stands for `;`, `"`, `\`
/// and for every character that is not printable ASCII. None if it holds no name.
///
/// There are several, since a `\` may be an escape or a part of the name.
#[must_use]
pub(super) fn spellings(disposition: &[u8]) -> Vec<String> {
    let text = decoded(disposition);
    let mut names = Vec::new();
    if let Some(written) = plain_parameter(&text) {
        names.push(folded(&written));
        names.push(folded(&unescaped(&written)));
    }
    if let Some(name) = extended_parameter(&text) {
        names.push(folded(&name));
    }
    names
}

/// The name as Joomla's updater reads it: after `filename=`, up to `;`, without quotes.
#[must_use]
pub(super) fn as_joomla_reads_it(disposition: &[u8]) -> Option<String> {
    let text = decoded(disposition);
    let (_, after) = text.split_once("filename=")?;
    let name = after.split(';').next().unwrap_or_default();
    Some(name.trim().trim_matches('"').to_owned())
}

/// Decodes UTF-8, or, if it is not UTF-8, Latin-1, in which every byte is a character.
fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// The value of `filename=`, without its quotes and with its escapes.
fn plain_parameter(text: &str) -> Option<String> {
    let value = value_of(text, "filename=")?;
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.match_indices(';').map(|(at, _)| at).find(|at| ends_at(value, *at));
        return value.get(..end.unwrap_or(value.len())).map(|name| name.trim().to_owned());
    };
    // A name may hold quotes without escapes: the last one ends it.
    let mut ends = quoted.match_indices('"').map(|(at, _)| at);
    let end = ends.find(|at| quoted.get(at + 1..).is_some_and(|rest| ends_at(rest, 0)));
    quoted.get(..end.unwrap_or(quoted.len())).map(str::to_owned)
}

/// Whether the value ends there: with the text, or before another parameter.
fn ends_at(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default().trim_start();
    let Some(more) = rest.strip_prefix(';') else { return rest.is_empty() };
    let name = more.trim_start().split(['=', '"']).next().unwrap_or_default();
    let is_name = !name.is_empty()
        && name.len() < more.trim_start().len()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*-_".contains(&byte));
    is_name || more.trim().is_empty()
}

/// The value of `filename*=`, as RFC 8187 writes it.
fn extended_parameter(text: &str) -> Option<String> {
    let value = value_of(text, "filename*=")?.split(';').next()?.trim();
    let mut parts = value.splitn(3, '\'');
    let (_, _, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(decoded(&percent_decode(name.as_bytes(), false)))
}

fn value_of<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let at = text.to_ascii_lowercase().find(name)?;
    text.get(at + name.len()..).map(str::trim_start)
}

/// With each `\` taken for an escape.
fn unescaped(written: &str) -> String {
    let mut name = String::new();
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        name.push(if c == '\\' { rest.next().unwrap_or(c) } else { c });
    }
    name
}

fn folded(name: &str) -> String {
    let plain = |c| match c {
        ';' | '"' | '\\' => '_',
        ' '..='~' => c,
        _ => '_',
    };
    name.chars().map(plain).collect()
}
