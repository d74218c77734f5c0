//! What differs between two answers, and whether it matters to a client.
//!
//! `docs/compare.md`, "Compared parts". Not looked at: `Date`, `Server`, `X-Powered-By`,
//! `Set-Cookie`, `Connection`, `Transfer-Encoding`, `Vary`, `X-Release-Error`, the values of `ETag`
//! and `Last-Modified`, and everything else that is not named here.

use hyper::Method;
use hyper::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING,
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, LAST_MODIFIED, LOCATION, RANGE,
    RETRY_AFTER, WWW_AUTHENTICATE,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::{Answer, AnswerKind};
use super::case::{CaseRequest, Judged};
use super::side::Side;
use super::{file_name, mask};

/// What differs, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// One side gave no answer.
    NoAnswer,
    /// Another code, or JSON here and a file there.
    Answer,
    /// The HTTP status.
    Status,
    /// Where a redirect leads.
    Location,
    /// The license key.
    Key,
    /// The e-mail that goes with it.
    Email,
    /// The description of an error.
    Text,
    /// Another field of the JSON.
    Fields,
    /// Bytes or length of a file.
    File,
    /// The name of a file.
    FileName,
    /// A page, or what cannot be understood.
    Body,
    /// A header that clients go by.
    Header,
    /// The same JSON in other bytes.
    Spelling,
    /// Ranges and conditional requests, which the old site answers with the whole file.
    Ranges,
    /// Two refusals of a request that no client sends, or that the plugin judges in its own way.
    Refusal,
    /// A header that few clients look at.
    MinorHeader,
}

impl What {
    /// For people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::NoAnswer => "No answer from one side",
            Self::Answer => "Another answer",
            Self::Status => "HTTP status",
            Self::Location => "Redirected to another place",
            Self::Key => "License key",
            Self::Email => "E-mail beside the license key",
            Self::Text => "Error description",
            Self::Fields => "Fields of the JSON",
            Self::File => "Content of a file",
            Self::FileName => "Name of a file",
            Self::Body => "Body",
            Self::Header => "Headers",
            Self::Spelling => "The same JSON, spelt in other bytes",
            Self::Ranges => "Ranges and conditional requests",
            Self::Refusal => "Refused in another way",
            Self::MinorHeader => "Headers that few clients look at",
        }
    }

    /// Can a client of jBackend notice it?
    #[must_use]
    pub fn matters(self) -> bool {
        !matches!(self, Self::Spelling | Self::Ranges | Self::Refusal | Self::MinorHeader)
    }
}

/// One difference, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What differs.
    pub what: What,
    /// As the old side has it.
    pub old: String,
    /// As the new side has it.
    pub new: String,
}

impl Difference {
    fn new(what: What, old: impl Into<String>, new: impl Into<String>) -> Self {
        Self { what, old: old.into(), new: new.into() }
    }
}

/// What one side gave: an answer, or why there is none.
pub type Given = Result<Answer, String>;

/// Everything that differs. Two sides without an answer have nothing to compare: see
/// [`are_both_silent`].
#[must_use]
pub fn compare(
    sent: &CaseRequest,
    sides: (&Side, &Side),
    old: &Given,
    new: &Given,
) -> Vec<Difference> {
    match (old, new) {
        (Ok(old), Ok(new)) => {
            let mut found = Vec::new();
            of_answers(sent, sides, old, new, &mut found);
            found
        }
        (Err(_), Err(_)) => Vec::new(),
        (old, new) => {
            let label = |given: &Given| match given {
                Ok(answer) => answer.label(),
                Err(reason) => mask::text(reason),
            };
            vec![Difference::new(What::NoAnswer, label(old), label(new))]
        }
    }
}

/// Is there nothing to compare?
#[must_use]
pub fn are_both_silent(old: &Given, new: &Given) -> bool {
    old.is_err() && new.is_err()
}

fn of_answers(
    sent: &CaseRequest,
    sides: (&Side, &Side),
    old: &Answer,
    new: &Answer,
    found: &mut Vec<Difference>,
) {
    if is_better_at_ranges(sent, old, new) {
        let label = |answer: &Answer| format!("{} {}", answer.status.as_u16(), answer.label());
        return found.push(Difference::new(What::Ranges, label(old), label(new)));
    }
    if is_refused_alike(sent, old, new) {
        if old.label() != new.label() {
            return found.push(Difference::new(What::Refusal, old.label(), new.label()));
        }
        return of_headers(old, new, found);
    }
    let status = |answer: &Answer| answer.status.as_u16().to_string();
    let same_answer = match (&old.kind, &new.kind) {
        (AnswerKind::Json { code: one, .. }, AnswerKind::Json { code: other, .. }) => one == other,
        (AnswerKind::JsonHead, AnswerKind::JsonHead)
        | (AnswerKind::File, AnswerKind::File)
        | (AnswerKind::Redirect, AnswerKind::Redirect) => true,
        // Nobody reads the page of an error.
        (AnswerKind::Other, AnswerKind::Other) => {
            old.content_type() == new.content_type() || is_error(old) && is_error(new)
        }
        _ => false,
    };
    if !same_answer {
        found.push(Difference::new(What::Answer, old.label(), new.label()));
    }
    // A page's label holds its status.
    let is_page = |answer: &Answer| matches!(answer.kind, AnswerKind::Other | AnswerKind::Redirect);
    if old.status != new.status && (same_answer || !is_page(old) && !is_page(new)) {
        found.push(Difference::new(What::Status, status(old), status(new)));
    }
    if !same_answer {
        return;
    }
    match (&old.kind, &new.kind) {
        (AnswerKind::Json { fields: one, .. }, AnswerKind::Json { fields: other, .. }) => {
            of_json(one, other, found);
            if one == other && old.body.sha256 != new.body.sha256 && !is_coded(old, new) {
                found.push(Difference::new(What::Spelling, bytes(old), bytes(new)));
            }
        }
        (AnswerKind::File, AnswerKind::File) => of_files(&sent.method, old, new, found),
        (AnswerKind::Redirect, AnswerKind::Redirect) => {
            let (one, other) =
                (sides.0.place(&old.header(&LOCATION)), sides.1.place(&new.header(&LOCATION)));
            if one != other {
                let (one, other) = (mask::target(&one), mask::target(&other));
                found.push(Difference::new(What::Location, one, other));
            }
            return;
        }
        // Pages differ at every request: tokens, times.
        (AnswerKind::Other, AnswerKind::Other)
            if old.content_type() == "text/html" || is_error(old) =>
        {
            return;
        }
        (AnswerKind::Other, AnswerKind::Other) if old.body != new.body => {
            found.push(Difference::new(What::Body, bytes(old), bytes(new)));
        }
        _ => {}
    }
    of_headers(old, new, found);
}

/// Where the case leaves it open how it is refused: are both answers refusals?
fn is_refused_alike(sent: &CaseRequest, old: &Answer, new: &Answer) -> bool {
    let is_refusal = |answer: &Answer| answer.code().is_some_and(|code| code != "ok");
    match sent.judged {
        Judged::Strictly | Judged::AsEmpty | Judged::Never => false,
        Judged::AsMissing => is_refusal(old) && is_refusal(new),
        // PHP fails at it in a way of its version.
        Judged::AsUnusual => {
            is_refusal(new) && (is_refusal(old) || matches!(old.kind, AnswerKind::Other))
        }
    }
}

/// The PHP plugin may know no ranges: the bridge's answer to one is a better one, not a wrong one.
fn is_better_at_ranges(sent: &CaseRequest, old: &Answer, new: &Answer) -> bool {
    [RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE]
        .iter()
        .any(|name| sent.header(name).is_some())
        && old.status == 200
        && matches!(old.kind, AnswerKind::File)
        && matches!(new.status.as_u16(), 206 | 304 | 412 | 416)
}

fn of_json(old: &Map<String, Value>, new: &Map<String, Value>, found: &mut Vec<Difference>) {
    let text = |fields: &Map<String, Value>, name: &str, mask: fn(&str) -> String| match fields
        .get(name)
    {
        Some(Value::String(text)) => mask(text),
        Some(_) => "no text".to_owned(),
        None => "missing".to_owned(),
    };
    for (name, what, mask) in [
        ("key", What::Key, mask::key as fn(&str) -> String),
        ("email", What::Email, mask::email),
        ("error_description", What::Text, mask::words),
    ] {
        if old.get(name) != new.get(name) {
            let (one, other) = (text(old, name, mask), text(new, name, mask));
            // Masked alike, they would look the same.
            let other = if one == other { format!("{other} (another one)") } else { other };
            found.push(Difference::new(what, one, other));
        }
    }
    let known = ["key", "email", "error_description", "error_code"];
    let others = |fields: &Map<String, Value>, beside: &Map<String, Value>| {
        let names = fields.iter().filter(|(name, value)| {
            !known.contains(&name.as_str()) && beside.get(*name) != Some(*value)
        });
        let names: Vec<_> = names.map(|(name, _)| mask::text(name)).collect();
        if names.is_empty() { "-".to_owned() } else { names.join(", ") }
    };
    let (one, other) = (others(old, new), others(new, old));
    if one != "-" || other != "-" {
        found.push(Difference::new(What::Fields, one, other));
    }
}

fn of_files(method: &Method, old: &Answer, new: &Answer, found: &mut Vec<Difference>) {
    let length = |answer: &Answer| answer.header(&CONTENT_LENGTH);
    let differs = if *method == Method::HEAD || old.status == 304 {
        let (one, other) = (length(old), length(new));
        !one.is_empty() && !other.is_empty() && one != other
    } else {
        let cut = !old.body.is_complete || !new.body.is_complete;
        old.body.sha256 != new.body.sha256
            || cut
                && !length(old).is_empty()
                && !length(new).is_empty()
                && length(old) != length(new)
    };
    if differs {
        let shown = |answer: &Answer| {
            let announced = length(answer);
            if *method == Method::HEAD {
                return format!("{} bytes", mask::text(&announced));
            }
            bytes(answer)
        };
        found.push(Difference::new(What::File, shown(old), shown(new)));
    }
}

fn of_headers(old: &Answer, new: &Answer, found: &mut Vec<Difference>) {
    of_content_type(old, new, found);
    of_disposition(old, new, found);
    for name in
        [ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_RANGE, RETRY_AFTER, WWW_AUTHENTICATE, LOCATION]
    {
        of_header(&name, What::Header, old, new, found);
    }
    if matches!(old.kind, AnswerKind::File) {
        of_header(&CONTENT_ENCODING, What::Header, old, new, found);
        for name in [ETAG, LAST_MODIFIED] {
            if old.headers.contains_key(&name) != new.headers.contains_key(&name) {
                of_header(&name, What::MinorHeader, old, new, found);
            }
        }
    }
    for name in
        [ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_HEADERS, ACCEPT_RANGES, CACHE_CONTROL]
    {
        of_header(&name, What::MinorHeader, old, new, found);
    }
}

fn of_header(
    name: &HeaderName,
    what: What,
    old: &Answer,
    new: &Answer,
    found: &mut Vec<Difference>,
) {
    let (one, other) = (old.header(name), new.header(name));
    if one != other {
        let shown = |value: &str| match value {
            "" => format!("no {name}"),
            value => format!("{name}: {}", mask::words(value)),
        };
        found.push(Difference::new(what, shown(&one), shown(&other)));
    }
}

/// Clients parse JSON by its type; of a file they go by the name.
fn of_content_type(old: &Answer, new: &Answer, found: &mut Vec<Difference>) {
    let is_file = matches!(old.kind, AnswerKind::File);
    let same_kind = old.content_type() == new.content_type();
    let what = if is_file || same_kind { What::MinorHeader } else { What::Header };
    of_header(&CONTENT_TYPE, what, old, new, found);
}

fn of_disposition(old: &Answer, new: &Answer, found: &mut Vec<Difference>) {
    let values = [old, new].map(|answer| {
        answer.headers.get(CONTENT_DISPOSITION).map_or(&[][..], HeaderValue::as_bytes)
    });
    let [one, other] = values.map(file_name::spellings);
    let is_same = one.is_empty() && other.is_empty() || one.iter().any(|name| other.contains(name));
    // Without a body there is nothing to be named.
    let names_a_file = matches!(old.status.as_u16(), 200 | 206);
    if is_same || !names_a_file {
        of_header(&CONTENT_DISPOSITION, What::MinorHeader, old, new, found);
    } else {
        let [one, other] = values.map(|value| {
            let name = file_name::as_joomla_reads_it(value);
            name.map_or_else(|| "no file name".to_owned(), |name| mask::words(&name))
        });
        found.push(Difference::new(What::FileName, one, other));
    }
}

fn is_error(answer: &Answer) -> bool {
    answer.status.is_client_error() || answer.status.is_server_error()
}

/// A compressed body has other bytes.
fn is_coded(old: &Answer, new: &Answer) -> bool {
    [old, new].iter().any(|answer| answer.headers.contains_key(CONTENT_ENCODING))
}

/// Length and the start of the checksum; nothing of the body itself.
fn bytes(answer: &Answer) -> String {
    let sum = base16ct::lower::encode_string(answer.body.sha256.get(..4).unwrap_or_default());
    let more = if answer.body.is_complete { "" } else { "the first " };
    format!("{more}{} bytes, sha256 {sum}…", answer.body.length)
}
