//! The recorded requests and their answers; `tests/vectors/README.md` explains the format.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A recording.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Case {
    /// Its name.
    #[serde(rename = "case")]
    pub(crate) name: String,
    /// `release`, `core`, `params` or `site`; empty for recordings of other settings.
    #[serde(default)]
    pub(crate) kind: String,
    /// The recorded request.
    pub(crate) request: Request,
    /// The recorded answer, or the parameters that the module saw.
    pub(crate) expect: Expect,
    /// A statement to run first.
    pub(crate) before: Option<String>,
    /// The trace rows added, or an API key's row before and after.
    pub(crate) note: Option<String>,
    /// The site setting it was recorded under.
    pub(crate) setting: Option<String>,
}

/// A recorded request.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Request {
    /// The HTTP method.
    pub(crate) method: String,
    /// The request target, as sent; `HOST` stands for the host.
    pub(crate) target: String,
    /// Further headers.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: Option<String>,
}

/// The recorded answer, or the parameters that the module saw.
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
    /// A header.
    pub(crate) location: Option<String>,
    /// A header.
    pub(crate) access_control_allow_origin: Option<String>,
    /// `site` if Joomla's own page answered.
    pub(crate) handled_by: Option<String>,
    /// The menu path of the end-point that answered.
    pub(crate) endpoint: Option<String>,
    /// The parameters that the module saw.
    pub(crate) seen: Option<BTreeMap<String, Value>>,
    /// The bytes of parameter `x`.
    pub(crate) x_hex: Option<String>,
}

/// Reads all recordings, in their order.
pub(crate) fn all() -> Vec<Case> {
    let lines = include_str!("../../vectors/transcripts.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Reads the recordings under other site settings, with the kind of their answer.
pub(crate) fn under_settings() -> Vec<Case> {
    let lines = include_str!("../../vectors/transcripts_settings.jsonl").lines();
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
