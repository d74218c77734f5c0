//! The codes and descriptions that the old side has in place of the usual ones, as lines for the
//! bridge's configuration.
//!
//! Filled by the runner, case by case. A code counts as renamed if the old side always answers with
//! the same unusual code when the new side answers with the usual one. Any other difference is one
//! between the sides' decisions, and no line hides it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::answer::{Answer, AnswerKind};
use super::case::{CaseRequest, Judged};
use super::difference::Given;
use super::mask;
use crate::jbackend;
use crate::methods::{self, ErrorCode};

/// The old side's answers to the requests that the new side refused, by its code.
#[derive(Default)]
pub(super) struct Codes(BTreeMap<&'static str, SeenCode>);

#[derive(Default)]
struct SeenCode {
    /// Codes and descriptions of the old side.
    old: BTreeSet<(String, String)>,
    /// Descriptions of the new side.
    new: BTreeSet<String>,
}

impl Codes {
    /// Records the answers of both sides.
    pub(super) fn hear(&mut self, sent: &CaseRequest, old: &Given, new: &Given) {
        if sent.judged != Judged::Strictly {
            return;
        }
        let (Ok(old), Ok(new)) = (old, new) else { return };
        let (Some(old), Some((code, text))) = (refusal(old), refusal(new)) else { return };
        let Some(usual) = usual_codes().find(|usual| usual.name == code) else { return };
        let seen = self.0.entry(usual.name).or_default();
        seen.old.insert(old);
        seen.new.insert(text);
    }

    /// Returns lines of `[release.error_codes]`, in TOML; none if no code is renamed.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.iter().filter_map(|(usual, seen)| line(usual, seen)).collect()
    }
}

fn usual_codes() -> impl Iterator<Item = &'static ErrorCode> {
    methods::code::ALL.iter().chain(jbackend::code::ALL)
}

/// Code and description.
fn refusal(answer: &Answer) -> Option<(String, String)> {
    let AnswerKind::Json { fields, .. } = &answer.kind else { return None };
    let code = fields.get("error_code").and_then(Value::as_str)?;
    let text = fields.get("error_description").and_then(Value::as_str).unwrap_or_default();
    Some((code.to_owned(), text.to_owned()))
}

fn line(usual: &str, seen: &SeenCode) -> Option<String> {
    let codes: BTreeSet<&str> = seen.old.iter().map(|(code, _)| code.as_str()).collect();
    // Another usual code is another decision, whatever it comes from.
    let is_another = |code: &str| code != usual && usual_codes().any(|other| other.name == code);
    let mut codes = codes.into_iter().filter(|code| !is_another(code));
    // If the old side has two codes for one, it makes a distinction that the new one lacks.
    let (code, None) = (codes.next()?, codes.next()) else { return None };
    let mut values = Vec::new();
    if code != usual && is_printable(code) {
        values.push(format!("code = {}", quoted(code)));
    }
    let texts: BTreeSet<&str> =
        seen.old.iter().filter(|(of, _)| of == code).map(|(_, text)| text.as_str()).collect();
    let mut texts = texts.into_iter();
    if let (Some(text), None) = (texts.next(), texts.next())
        && !text.is_empty()
        && is_printable(text)
        && seen.new.iter().any(|new| new != text)
    {
        values.push(format!("text = {}", quoted(text)));
    }
    (!values.is_empty()).then(|| format!("{usual} = {{ {} }}", values.join(", ")))
}

/// Returns whether it holds no text to be masked, such as an e-mail.
fn is_printable(text: &str) -> bool {
    mask::words(text) == text
}

/// Writes a basic string of TOML: it has the same escapes as JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
