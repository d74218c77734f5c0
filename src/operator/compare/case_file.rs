//! `--cases FILE`: requests of the operator's own, one JSON object a line.
//!
//! `docs/compare.md`, "Cases of your own". A file may hold keys and passwords: no message quotes
//! any of it.

use std::collections::BTreeMap;

use hyper::Method;
use hyper::header::HeaderName;
use php_compat::query::percent_decode;
use serde::Deserialize;

use super::case::{Case, CaseBody, Judged};
use super::values::{Template, UnknownName};

/// A line that is no case, by its number from 1.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct CaseFileError {
    line: usize,
    fault: CaseFault,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum CaseFault {
    #[error(
        "no JSON object of a case ({0}): write one on a line, like \
         {{\"name\": \"…\", \"target\": \"post/release/validate/{{group}}?email={{email}}\"}}; \
         keys are `name`, `method`, `target`, `headers`, `form`, `body`"
    )]
    Json(String),
    #[error("`method` is no HTTP method: use `GET`, `POST`, …")]
    Method,
    #[error("the name of entry {0} of `headers` is no header's")]
    HeaderName(usize),
    #[error("`form` and `body` exclude each other: leave one out")]
    TwoBodies,
    #[error("`{place}`: {error}")]
    Name { place: &'static str, error: UnknownName },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseLine {
    name: Option<String>,
    method: Option<String>,
    #[serde(default)]
    target: String,
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    form: Option<BTreeMap<String, String>>,
    body: Option<String>,
}

/// Reads a file. Blank lines and lines that start with `#` are none.
///
/// # Errors
/// The first line that is no case.
pub fn parse(text: &str) -> Result<Vec<Case>, CaseFileError> {
    let lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    lines
        .filter(|(line, _)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .map(|(line, number)| {
            case(line, number).map_err(|fault| CaseFileError { line: number, fault })
        })
        .collect()
}

fn case(line: &str, number: usize) -> Result<Case, CaseFault> {
    let line: CaseLine =
        serde_json::from_str(line).map_err(|error| CaseFault::Json(words(&error)))?;
    let parse =
        |place, text: &str| Template::parse(text).map_err(|error| CaseFault::Name { place, error });
    let mails = may_mail(&line);
    let mut headers = Vec::new();
    for (entry, (name, value)) in (1..).zip(&line.headers) {
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| CaseFault::HeaderName(entry))?;
        let value = value.as_deref().map(|value| parse("headers", value)).transpose()?;
        headers.push((name, value));
    }
    let body = match (line.form, line.body) {
        (Some(_), Some(_)) => return Err(CaseFault::TwoBodies),
        (Some(form), None) => CaseBody::Form(
            form.into_iter()
                .map(|(name, value)| Ok((name, parse("form", &value)?)))
                .collect::<Result<_, CaseFault>>()?,
        ),
        (None, Some(body)) => CaseBody::Raw(Template::literal(body)),
        (None, None) => CaseBody::Empty,
    };
    let usual = if matches!(body, CaseBody::Empty) { Method::GET } else { Method::POST };
    let method = line.method.map(|method| method.parse().map_err(|_| CaseFault::Method));
    Ok(Case {
        name: line.name.unwrap_or_else(|| format!("line {number}")),
        method: method.transpose()?.unwrap_or(usual),
        target: parse("target", &line.target)?,
        headers,
        body,
        mails,
        takes_api_key: false,
        start_is_enough: false,
        judged: Judged::Strictly,
    })
}

/// A request that names a service for mails, wherever, or could hide it from us in tags or entities,
/// which Joomla's filter takes out: rather one too many.
fn may_mail(line: &CaseLine) -> bool {
    let form = line.form.iter().flatten().flat_map(|(name, value)| [name, value]);
    let texts = [Some(&line.target), line.body.as_ref()].into_iter().flatten().chain(form);
    texts.into_iter().any(|text| {
        let plain = percent_decode(text.as_bytes(), true);
        let plain = String::from_utf8_lossy(&plain).to_ascii_lowercase();
        let is_named = plain.contains("keyby") && plain.contains("mail");
        is_named || ["<", "&#", "&lt;"].iter().any(|hidden| plain.contains(hidden))
    })
}

/// Returns the parser's words, which name keys and kinds, without the values found there.
fn words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    if words.starts_with("unknown field") {
        return format!("a key that is none before column {}", error.column());
    }
    if error.is_data() && !words.starts_with("duplicate field") {
        return format!("a value of the wrong kind at column {}", error.column());
    }
    words.replace(" at line 1 column", " at column")
}
