//! An answer as far as it is compared; the command `compare` judges by the same rules.

use std::io::Read;

use serde::Deserialize;
use warp::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use warp::http::{HeaderMap, StatusCode};

/// Bytes of a JSON answer that are looked at: real ones have some hundred.
pub const LONGEST: usize = 64 * 1024;

/// An answer. It holds a license key, so it has no `Debug`.
pub(super) struct ShadowAnswer {
    /// `ok`, an error code, `file`, or the status of anything else.
    pub(super) code: String,
    /// E-mail and key of keybyauth's answer.
    pub(super) key: Option<(String, String)>,
    /// Bytes of a file, where the head tells.
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
    /// An answer without a key: a code, or what stands for one.
    pub(super) fn of_code(code: &str) -> Self {
        Self { code: code.to_owned(), key: None, length: None }
    }

    /// An answer that is no JSON.
    pub(super) fn of_head(status: StatusCode, headers: &HeaderMap) -> Self {
        let code = if status == StatusCode::OK && !is_json(headers) {
            "file".to_owned()
        } else {
            format!("http_{}", status.as_u16())
        };
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        Self { code, key: None, length: length.and_then(|length| length.parse().ok()) }
    }

    /// A JSON answer; `None` for one that cannot be read.
    pub(super) fn of_json(body: &[u8], coding: &Coding) -> Option<Self> {
        let plain = coding.plain(body)?;
        let json: JsonFields = serde_json::from_slice(&plain).ok()?;
        let code = json.error_code.or(json.status)?;
        Some(Self { code: printable(&code), key: json.email.zip(json.key), length: None })
    }
}

/// How a body is coded.
pub enum Coding {
    /// Not at all.
    None,
    /// As web servers compress.
    Gzip,
    /// In a way that nobody was asked for.
    Other,
}

impl Coding {
    /// The coding the headers name.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        match headers.get(CONTENT_ENCODING).map(|coding| coding.as_bytes().to_ascii_lowercase()) {
            None => Self::None,
            Some(coding) if coding == b"identity" => Self::None,
            Some(coding) if coding == b"gzip" || coding == b"x-gzip" => Self::Gzip,
            Some(_) => Self::Other,
        }
    }

    /// The body without its coding, up to [`LONGEST`] bytes; `None` where it cannot be read.
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

/// Is it an answer of jBackend, and no file?
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

/// What PHP sends as a code goes into a log: a code's letters alone, and not many.
#[must_use]
pub fn printable(code: &str) -> String {
    let is_code = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    code.chars().filter(is_code).take(32).collect()
}
