//! Finds rows of the audit log that were altered, removed, reordered or cut off.
//!
//! Called with the rows of a store, in the order of their numbers. It must not know the store.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Serialize;
use serde_json::Value;

use super::LedgerError;
use super::audit::{AuditHead, AuditRow};
use super::audit_key::AuditKey;

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Rows that were read.
    pub rows: u64,
    /// The last of them.
    pub head: AuditHead,
    /// Everything that is wrong; empty for a sound log.
    pub findings: Vec<String>,
    /// Losses for which a sound row gives the reason.
    pub notes: Vec<String>,
}

impl AuditReport {
    /// Makes the report of a log whose key cannot be read.
    #[must_use]
    pub fn without_key(error: &LedgerError) -> Self {
        let findings = vec![error.to_string()];
        Self { rows: 0, head: AuditHead::empty(), findings, notes: Vec::new() }
    }
}

/// A verification in progress: takes one row after the other.
pub(super) struct AuditVerification<'k> {
    key: &'k AuditKey,
    last: Option<AuditRow>,
    rows: u64,
    sound: u64,
    /// Numbers that no row has.
    missing: Vec<RangeInclusive<i64>>,
    /// Rows whose HMAC does not fit.
    unsealed: Vec<RangeInclusive<i64>>,
    /// Restores: the numbers of the rows that each replaced, by the number of its row.
    restores: BTreeMap<i64, RangeInclusive<i64>>,
    expected: Option<&'k AuditHead>,
    /// The HMAC of the row that has the expected number.
    met: Option<String>,
}

impl<'k> AuditVerification<'k> {
    /// Begins; the log must still have the row of `expected`, if that is given.
    pub(super) fn new(key: &'k AuditKey, expected: Option<&'k AuditHead>) -> Self {
        Self {
            key,
            last: None,
            rows: 0,
            sound: 0,
            missing: Vec::new(),
            unsealed: Vec::new(),
            restores: BTreeMap::new(),
            expected,
            met: None,
        }
    }

    /// Takes the next row.
    pub(super) fn take(&mut self, row: AuditRow) {
        self.rows += 1;
        let next = self.last.as_ref().map_or(1, |last| last.number.saturating_add(1));
        if row.number > next {
            // The row after a gap cannot be checked: the HMAC that it covers is lost.
            self.missing.push(next..=row.number.saturating_sub(1));
        } else if row.number == next && row.is_sealed(self.last.as_ref(), self.key) {
            self.sound += 1;
            self.note_restore(&row);
        } else {
            match self.unsealed.last_mut() {
                Some(range) if *range.end() == row.number.saturating_sub(1) => {
                    *range = *range.start()..=row.number;
                }
                _ => self.unsealed.push(row.number..=row.number),
            }
        }
        if self.expected.is_some_and(|expected| expected.number == row.number) {
            self.met = Some(row.head().hmac);
        }
        self.last = Some(row);
    }

    fn note_restore(&mut self, row: &AuditRow) {
        if row.what != RESTORED {
            return;
        }
        let before =
            row.before.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let lost = before.and_then(|before| before.pointer("/head/number")?.as_i64());
        if let Some(lost) = lost {
            self.restores.insert(row.number, row.number..=lost);
        }
    }

    /// Gives the result after the last row.
    pub(super) fn finish(self) -> AuditReport {
        let head = self.last.as_ref().map_or_else(AuditHead::empty, AuditRow::head);
        let (mut findings, mut notes) = (Vec::new(), Vec::new());
        findings.extend(self.missing.iter().map(|gap| format!("{} removed", these(gap))));
        if self.rows > 0 && self.sound == 0 && self.missing.is_empty() {
            findings.push("no row was written with this key: it is not the key of this log".into());
        } else {
            findings.extend(
                self.unsealed
                    .iter()
                    .map(|rows| format!("{} altered, or another row was put before", these(rows))),
            );
        }
        if let Some(expected) = self.expected
            && expected.number > 0
            && self.met.as_ref() != Some(&expected.hmac)
        {
            let restore = self.restores.iter().find(|(_, lost)| lost.contains(&expected.number));
            let number = expected.number;
            match (restore, &self.met) {
                (Some((restore, _)), _) => {
                    notes.push(format!("row {number} was lost by the restore of row {restore}"));
                }
                (None, None) => findings.push(format!(
                    "the log was cut off: it has had {number} rows, the last one is {}",
                    head.number
                )),
                (None, Some(_)) => {
                    findings.push(format!("row {number} is not the row of the given head"));
                }
            }
        }
        AuditReport { rows: self.rows, head, findings, notes }
    }
}

/// The act of a restore, which may take rows away.
pub(super) const RESTORED: &str = "ledger.restored";

fn these(rows: &RangeInclusive<i64>) -> String {
    if rows.start() == rows.end() {
        format!("row {} was", rows.start())
    } else {
        format!("rows {} to {} were", rows.start(), rows.end())
    }
}
