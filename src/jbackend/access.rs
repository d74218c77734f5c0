//! Access types `key` and `user`: may this visitor use the end-point?
//!
//! `docs/protocol.md`, "Access type `key`" and "Access type `user`".

use std::sync::Arc;

use md5::{Digest, Md5};

use super::code;
use super::renewals::Renewals;
use crate::methods::{Argument, ErrorCode};
use crate::site::settings::unix_now;
use crate::store::{JBackendTables, Joomla, KeyVerdict, Session, StoreError, UsedSession};

/// The data of the access checks.
pub struct Gate {
    /// Judges and counts API keys; `None` if the bridge may not write.
    pub keys: Option<Arc<dyn JBackendTables>>,
    /// Reads sessions; `None` if the site keeps them elsewhere.
    pub sessions: Option<Sessions>,
}

/// How a site keeps its visitors' sessions.
pub struct Sessions {
    /// The cookie that holds a session's id.
    pub cookie: String,
    /// Seconds a session lives after its last use.
    pub lifetime: i64,
    /// Renews sessions that are used; `None` if the bridge may not write.
    pub renewals: Option<Renewals>,
}

impl Sessions {
    /// The name of the session cookie: made from Joomla's secret and the name of the application.
    #[must_use]
    pub fn cookie_name(secret: &str, session_name: &str) -> String {
        let hex = |text: String| base16ct::lower::encode_string(&Md5::digest(text));
        hex(hex(format!("{secret}{session_name}")))
    }
}

impl Gate {
    /// Judges an API key; with `counts` an accepted request is counted.
    ///
    /// # Errors
    /// The REQ_ code of the refusal.
    pub async fn check_key(&self, key: &Argument, counts: bool) -> Result<(), ErrorCode> {
        let key = match key {
            Argument::Absent => return Err(code::API_KEY_REQUIRED),
            Argument::Unusable => return Err(code::API_KEY_INVALID),
            Argument::Text(key) => std::str::from_utf8(key).map_err(|_| code::API_KEY_INVALID)?,
        };
        // Without the right to count, a limit could not be held: better closed than open.
        let tables = self.keys.as_ref().ok_or(code::API_KEY_ERROR)?;
        if key.is_empty() {
            return Err(code::API_KEY_INVALID);
        }
        let verdict =
            if counts { tables.count_key(key).await } else { tables.judge_key(key).await };
        match verdict.map_err(|error| failed(&error, code::API_KEY_ERROR))? {
            KeyVerdict::Accepted => Ok(()),
            KeyVerdict::Invalid => Err(code::API_KEY_INVALID),
            KeyVerdict::Expired => Err(code::API_KEY_EXPIRED),
            KeyVerdict::Exhausted => Err(code::API_KEY_LIMIT_EXCEEDED),
        }
    }

    /// Returns the sessions, if logins can be checked at all.
    ///
    /// # Errors
    /// `REQ_UCA` if jBackend's plugin `user` is switched off or sessions are not in the database.
    pub fn sessions(&self, user_plugin: bool) -> Result<&Sessions, ErrorCode> {
        self.sessions.as_ref().filter(|_| user_plugin).ok_or(code::CANNOT_AUTHENTICATE)
    }
}

impl Sessions {
    /// Returns the user logged in with this session id of the store; `None` for a guest. With
    /// `uses` the session counts as used now, as by a request to Joomla itself.
    ///
    /// # Errors
    /// `REQ_UCA` if the database does not answer.
    pub async fn user(
        &self,
        store: &dyn Joomla,
        id: Option<&[u8]>,
        uses: bool,
    ) -> Result<Option<i64>, ErrorCode> {
        // PHP makes ids of ASCII only; a column may not even hold others.
        let is_id = |id: &&[u8]| !id.is_empty() && id.len() <= LONGEST_ID && id.is_ascii();
        let Some(id) = id.filter(is_id) else {
            return Ok(None);
        };
        let session = store.session(id).await;
        let session = session.map_err(|error| failed(&error, code::CANNOT_AUTHENTICATE))?;
        let now = unix_now();
        let Some(session) = session.filter(|session| self.is_alive(session, now)) else {
            return Ok(None);
        };
        if uses
            && session.used_at.saturating_add(UsedSession::REST) <= now
            && let Some(renewals) = &self.renewals
        {
            renewals.offer(UsedSession {
                id: String::from_utf8_lossy(id).into_owned(),
                user_id: session.user_id,
                lifetime: self.lifetime,
            });
        }
        Ok(Some(session.user_id))
    }

    fn is_alive(&self, session: &Session, now: i64) -> bool {
        session.is_site
            && !session.is_guest
            && session.user_id > 0
            && session.is_enabled
            && session.used_at.saturating_add(self.lifetime) >= now
    }
}

/// The width of the column; a longer id matches no session.
const LONGEST_ID: usize = 192;

fn failed(error: &StoreError, code: ErrorCode) -> ErrorCode {
    tracing::error!(%error, code = code.name, "access cannot be checked");
    code
}
