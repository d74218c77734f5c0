//! The recorded requests and their answers; `tests/vectors/README.md` explains the format.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A recording.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// Its name.
    #[serde(rename = "case")]
    pub name: String,
    /// `release`, `core`, `params` or `site`; empty for recordings of other settings.
    #[serde(default)]
    pub kind: String,
    /// The recorded request.
    pub request: Request,
    /// The recorded answer, or the parameters that the module saw.
    pub expect: Expect,
    /// A statement to run first.
    pub before: Option<String>,
    /// The trace rows added, or an API key's row before and after.
    pub note: Option<String>,
    /// The site setting it was recorded under.
    pub setting: Option<String>,
}

/// A recorded request.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// The request target, as sent; `HOST` stands for the host.
    pub target: String,
    /// Further headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Option<String>,
}

/// The recorded answer, or the parameters that the module saw.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Expect {
    /// The status code.
    pub status: Option<u16>,
    /// The body, byte for byte.
    pub body: Option<String>,
    /// A header.
    pub content_type: Option<String>,
    /// A header.
    pub content_disposition: Option<String>,
    /// A header.
    pub location: Option<String>,
    /// A header.
    pub access_control_allow_origin: Option<String>,
    /// `site` if Joomla's own page answered.
    pub handled_by: Option<String>,
    /// The menu path of the end-point that answered.
    pub endpoint: Option<String>,
    /// The parameters that the module saw.
    pub seen: Option<BTreeMap<String, Value>>,
    /// The bytes of parameter `x`.
    pub x_hex: Option<String>,
}

/// Reads all recordings, in their order.
pub fn all() -> Vec<Case> {
    let lines = include_str!("../../../tests/vectors/transcripts.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Reads the recordings under other site settings, with the kind of their answer.
pub fn under_settings() -> Vec<Case> {
    let lines = include_str!("../../../tests/vectors/transcripts_settings.jsonl").lines();
    let mut cases: Vec<Case> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    for case in &mut cases {
        case.kind = match &case.expect {
            expect if expect.seen.is_some() => "params",
            expect if expect.handled_by.is_some() => "site",
            _ => "core",
        }
        .into();
    }
    cases
}
