//! The recorded requests and what came back; `tests/vectors/README.md` says how to read them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A recording.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Case {
    /// Its name.
    pub(crate) case: String,
    /// `release`, `core`, `params` or `site`.
    pub(crate) kind: String,
    /// What was sent.
    pub(crate) request: Request,
    /// What came back, or what was seen.
    pub(crate) expect: Expect,
}

/// What was sent.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Request {
    /// The verb.
    pub(crate) method: String,
    /// The request target, as sent; `HOST` stands for the host.
    pub(crate) target: String,
    /// Further headers.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: Option<String>,
}

/// What came back, or what was seen.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Expect {
    /// The status code.
    pub(crate) status: Option<u16>,
    /// The body, byte for byte.
    pub(crate) body: Option<String>,
    /// A header.
    pub(crate) content_type: Option<String>,
    /// A header.
    pub(crate) content_disposition: Option<String>,
    /// Menu path of the end-point that was reached.
    pub(crate) endpoint: Option<String>,
    /// Parameters as a module sees them.
    pub(crate) seen: Option<BTreeMap<String, Value>>,
    /// The bytes of parameter `x`.
    pub(crate) x_hex: Option<String>,
}

/// All recordings, in their order.
pub(crate) fn all() -> Vec<Case> {
    let lines = include_str!("../../vectors/transcripts.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}
