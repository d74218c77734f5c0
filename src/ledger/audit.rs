//! The audit log: who did what and when, in rows that vouch for each other.
//!
//! Each row carries an HMAC over itself and the HMAC of the row before, by a key that is not in the
//! ledger. Written and read by the stores of the ledger; it must not know how rows are stored.

use std::fmt;
use std::str::FromStr;

use base16ct::lower::encode_string;
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;

use super::audit_key::AuditKey;

/// The bytes of an HMAC.
pub type Seal = [u8; 32];

/// Stands for the row before the first.
const NOTHING: Seal = [0; 32];

/// A change of the ledger, for the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The operator, command or token that acts.
    pub actor: String,
    /// The kind of change, like `release.published`.
    pub what: String,
    /// The state before; `None` if there was none.
    pub before: Option<Value>,
    /// The state after; `None` if nothing remains.
    pub after: Option<Value>,
    has_happened: bool,
}

impl Act {
    /// Makes an act without a state before and after.
    #[must_use]
    pub fn new(actor: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            actor: actor.into(),
            what: what.into(),
            before: None,
            after: None,
            has_happened: true,
        }
    }

    /// Notes that nothing was changed: no row is written, and the revision stays.
    pub fn did_nothing(&mut self) {
        self.has_happened = false;
    }

    /// Returns whether something was changed.
    #[must_use]
    pub fn has_happened(&self) -> bool {
        self.has_happened
    }
}

/// A row of the audit log, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number: 1, 2, 3 and so on.
    pub number: i64,
    /// The time, in seconds since 1970, UTC.
    pub at: i64,
    /// The operator, command or token that acted.
    pub actor: String,
    /// The kind of change.
    pub what: String,
    /// The state before, as JSON.
    pub before: Option<String>,
    /// The state after, as JSON.
    pub after: Option<String>,
    /// The HMAC.
    pub seal: Seal,
}

/// The last row of the audit log: how many there are, and which ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditHead {
    /// The number of the row; 0 for an empty log.
    pub number: i64,
    /// Its HMAC, in hexadecimal digits.
    pub hmac: String,
}

impl AuditHead {
    /// Returns the head of an empty log.
    #[must_use]
    pub fn empty() -> Self {
        Self { number: 0, hmac: encode_string(&NOTHING) }
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.number, self.hmac)
    }
}

impl FromStr for AuditHead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let parts = text.split_once(':').and_then(|(number, hmac)| {
            let number = number.parse().ok().filter(|number| *number >= 0)?;
            let mut seal = NOTHING;
            let whole = base16ct::mixed::decode(hmac, &mut seal).ok()?.len() == seal.len();
            whole.then(|| Self { number, hmac: encode_string(&seal) })
        });
        parts.ok_or(
            "write a head as the log and `audit verify` do: the number of a row, a colon and \
                     64 hexadecimal digits",
        )
    }
}

impl AuditRow {
    /// Makes the row that follows another.
    #[must_use]
    pub fn following(before: Option<&Self>, act: &Act, at: i64, key: &AuditKey) -> Self {
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string);
        let mut row = Self {
            number: before.map_or(1, |row| row.number.saturating_add(1)),
            at,
            actor: act.actor.clone(),
            what: act.what.clone(),
            before: text(&act.before),
            after: text(&act.after),
            seal: NOTHING,
        };
        row.seal = row.mac(before, key).finalize().into_bytes().into();
        row
    }

    /// Returns the row as a head.
    #[must_use]
    pub fn head(&self) -> AuditHead {
        AuditHead { number: self.number, hmac: encode_string(&self.seal) }
    }

    /// Returns whether the row is as it was written, after that row before it.
    #[must_use]
    pub fn is_sealed(&self, before: Option<&Self>, key: &AuditKey) -> bool {
        self.mac(before, key).verify_slice(&self.seal).is_ok()
    }

    /// Feeds all fields; each text with its length, so that no two rows give the same bytes.
    fn mac(&self, before: Option<&Self>, key: &AuditKey) -> Hmac<Sha256> {
        let mut mac: Hmac<Sha256> = key.mac();
        mac.update(before.map_or(&NOTHING, |row| &row.seal));
        mac.update(&self.number.to_be_bytes());
        mac.update(&self.at.to_be_bytes());
        let texts =
            [Some(&self.actor), Some(&self.what), self.before.as_ref(), self.after.as_ref()];
        for text in texts {
            match text {
                None => mac.update(&[0]),
                Some(text) => {
                    mac.update(&[1]);
                    mac.update(&(text.len() as u64).to_be_bytes());
                    mac.update(text.as_bytes());
                }
            }
        }
        mac
    }
}
