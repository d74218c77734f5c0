//! Masks requests and answers: shows no key, no password, no whole e-mail, and no character that
//! could control a terminal.
//!
//! All output goes through here, also JSON. A parameter that is not known to be harmless is not
//! shown: a file of cases may hold secrets under any name.

use hyper::header::{HeaderName, HeaderValue};
use php_compat::query::percent_decode;

use crate::mask;

/// Replaces a hidden value.
const HIDDEN: &str = "***";

/// Parameters whose values describe the request and hold no personal data.
const HARMLESS: [&str; 9] =
    ["action", "module", "resource", "id", "option", "view", "Itemid", "format", "callback"];

/// Headers whose values are not secret.
const HARMLESS_HEADERS: [&str; 15] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "origin",
    "range",
    "user-agent",
    "x-forwarded-proto",
];

/// Characters of a text that are shown.
const LONGEST: usize = 500;

/// `a***@example.com`.
#[must_use]
pub fn email(email: &str) -> String {
    text(&mask::email(email))
}

/// How a key starts: `7759…`.
#[must_use]
pub fn key(key: &str) -> String {
    mask::key(key)
}

/// A request target, or a place to go to.
#[must_use]
pub fn target(target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let path: Vec<_> = path.split('/').map(segment).collect();
    let path = path.join("/");
    text(&query.map_or_else(|| path.clone(), |query| format!("{path}?{}", form(query))))
}

/// A query or a form, `name=value` with `&` between.
#[must_use]
pub fn form(form: &str) -> String {
    form.split('&').map(pair).collect::<Vec<_>>().join("&")
}

/// A request's header.
#[must_use]
pub fn header(name: &HeaderName, value: &HeaderValue) -> String {
    if HARMLESS_HEADERS.contains(&name.as_str()) {
        text(&String::from_utf8_lossy(value.as_bytes()))
    } else {
        HIDDEN.to_owned()
    }
}

/// A text of an answer: e-mails masked, without control characters, not long.
#[must_use]
pub fn text(text: &str) -> String {
    let mut shown = mask::printable(&text.chars().take(LONGEST).collect::<String>());
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// A text that an answer says about itself, such as an error's description.
#[must_use]
pub fn words(words: &str) -> String {
    let word = |word: &str| if word.contains('@') { email(word) } else { word.to_owned() };
    text(&words.split(' ').map(word).collect::<Vec<_>>().join(" "))
}

/// A segment of a path: only an e-mail in it is hidden.
fn segment(segment: &str) -> String {
    let plain = decoded(segment);
    if plain.contains('@') { email(&plain) } else { segment.to_owned() }
}

fn pair(pair: &str) -> String {
    let Some((name, value)) = pair.split_once('=') else {
        // Without a name it may be a secret, in a request with a mistake.
        return if is_plain_name(pair) { pair.to_owned() } else { HIDDEN.to_owned() };
    };
    // Entities are told from names, so that `&amp;key=` is one, too.
    let bare = decoded(name);
    let bare = bare.strip_prefix("amp;").unwrap_or(&bare);
    let shown = match bare {
        _ if value.is_empty() => String::new(),
        "email" => email(&decoded(value)),
        "key" | "api_key" | "api.key" => key(&decoded(value)),
        _ if HARMLESS.contains(&bare) => segment(value),
        _ => HIDDEN.to_owned(),
    };
    let name = if name.contains('@') { HIDDEN } else { name };
    format!("{name}={shown}")
}

fn is_plain_name(name: &str) -> bool {
    let name = name.strip_prefix("amp;").unwrap_or(name);
    name.is_empty() || HARMLESS.contains(&name) || ["email", "key", "api_key"].contains(&name)
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode(text.as_bytes(), true)).into_owned()
}
