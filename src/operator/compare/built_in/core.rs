//! Cases for the core around the module: `docs/protocol.md`, "Core codes".

use crate::operator::compare::case::{Case, Judged};
use crate::operator::compare::values::UnknownName;

/// Name and target below the end-point.
const REQUESTS: [(&str, &str); 14] = [
    ("core: module empty", "?action=post&module=&resource=validate"),
    ("core: module unknown", "post/jbackend-bridge-compare-unknown/validate"),
    ("core: module in capitals", "post/Release/validate"),
    ("core: no action", "?module=release&resource=validate"),
    ("core: action empty", "?action=&module=release&resource=validate"),
    ("core: action in capitals", "POST/release/validate"),
    ("core: wrong action for validate", "get/release/validate"),
    ("core: wrong action for keybyauth", "get/release/keybyauth"),
    ("core: no resource", "?action=post&module=release"),
    ("core: resource unknown", "post/release/jbackend-bridge-compare-unknown"),
    ("core: resource in capitals", "post/release/Validate"),
    ("core: one segment", "post"),
    ("core: two segments", "post/release"),
    ("core: five segments", "post/release/validate/a/b"),
];

/// API keys: the case's name and the query.
const KEYS: [(&str, &str); 4] = [
    ("core: no API key", ""),
    ("core: API key empty", "&api_key="),
    ("core: API key unknown", "&api_key=jbackend-bridge-compare-unknown"),
    ("core: API key expired", "&api_key={expired_api_key}"),
];

pub(super) fn cases() -> Result<Vec<Case>, UnknownName> {
    let mut cases = Vec::new();
    for (name, target) in REQUESTS {
        cases.push(Case::get(name, target)?);
    }
    let array = "?action=post&module[]=release&resource=validate";
    let array = Case::get("core: module is an array", array)?;
    cases.push(Case { judged: Judged::AsUnusual, ..array });
    for (name, key) in KEYS {
        let target = format!("?action=post&module=release&resource=validate{key}");
        cases.push(Case { takes_api_key: false, ..Case::get(name, &target)? });
    }
    Ok(cases)
}
