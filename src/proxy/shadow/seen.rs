//! The parts of an answer that are compared. The command `compare` uses the same rules.

use std::io::Read;

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// Bytes of a JSON answer that are read: real ones have some hundred.
pub const LONGEST: usize = 64 * 1024;

/// An answer. It may hold a license key, so it has no `Debug`.
pub(super) struct ShadowAnswer {
    /// `ok`, an error code, `file`, or the status of any other answer.
    pub(super) code: String,
    /// E-mail and key of keybyauth's answer.
    pub(super) key: Option<(String, String)>,
    /// The bytes of a file, if the head tells them.
    pub(super) length: Option<u64>,
}

#[derive(Deserialize)]
struct JsonFields {
    status: Option<String>,
    error_code: Option<String>,
    email: Option<String>,
    key: Option<String>,
}

impl ShadowAnswer {
    /// Makes an answer of a code, without a key.
    pub(super) fn of_code(code: &str) -> Self {
        Self { code: code.to_owned(), key: None, length: None }
    }

    /// Reads an answer that is not JSON.
    pub(super) fn of_head(status: StatusCode, headers: &HeaderMap) -> Self {
        let code = if status == StatusCode::OK && !is_json(headers) {
            "file".to_owned()
        } else {
            format!("http_{}", status.as_u16())
        };
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        Self { code, key: None, length: length.and_then(|length| length.parse().ok()) }
    }

    /// Reads a JSON answer; `None` if it is not valid.
    pub(super) fn of_json(body: &[u8], coding: &Coding) -> Option<Self> {
        let plain = coding.plain(body)?;
        let json: JsonFields = serde_json::from_slice(&plain).ok()?;
        let code = json.error_code.or(json.status)?;
        Some(Self { code: printable(&code), key: json.email.zip(json.key), length: None })
    }
}

/// The coding of a body.
pub enum Coding {
    /// Not at all.
    None,
    /// The one that web servers compress with.
    Gzip,
    /// One that the request did not accept.
    Other,
}

impl Coding {
    /// Reads the coding from the headers.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        match headers.get(CONTENT_ENCODING).map(|coding| coding.as_bytes().to_ascii_lowercase()) {
            None => Self::None,
            Some(coding) if coding == b"identity" => Self::None,
            Some(coding) if coding == b"gzip" || coding == b"x-gzip" => Self::Gzip,
            Some(_) => Self::Other,
        }
    }

    /// Decodes the body, up to [`LONGEST`] bytes; `None` if that is not possible.
    #[must_use]
    pub fn plain(&self, body: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::None => Some(body.to_vec()),
            Self::Gzip => {
                let mut plain = Vec::new();
                let reader = flate2::read::MultiGzDecoder::new(body);
                reader.take(LONGEST as u64).read_to_end(&mut plain).ok()?;
                Some(plain)
            }
            Self::Other => None,
        }
    }
}

/// Is it an answer of jBackend, and not a file?
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    has(headers, &CONTENT_TYPE, b"application/json")
}

fn has(headers: &HeaderMap, name: &HeaderName, start: &[u8]) -> bool {
    headers
        .get(name)
        .and_then(|value| value.as_bytes().get(..start.len()))
        .is_some_and(|found| found.eq_ignore_ascii_case(start))
}

/// Cleans a code of PHP's for the log: only the letters of codes, and not many.
#[must_use]
pub fn printable(code: &str) -> String {
    let is_code = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    code.chars().filter(is_code).take(32).collect()
}
