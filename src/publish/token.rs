//! Upload tokens: makes a new one, and judges one that a client has sent.
//!
//! The command `token` makes them, uploads judge them. Must not import: `packages`.

use std::net::IpAddr;

use base16ct::lower::encode_string;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use crate::ledger::{Ledger, LedgerError};
use crate::release::upload_token::{TOKEN_DIGITS, TOKEN_START, TokenHash, TokenState, UploadToken};
use crate::told::{tells, told};

/// A token that was just made. Its text is shown once, and kept nowhere.
pub struct FreshToken {
    text: SecretString,
    /// The hash for the ledger.
    pub hash: TokenHash,
}

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers: {0}")]
pub struct NoRandomNumbers(String);

impl FreshToken {
    /// Makes one from 256 random bits.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn make() -> Result<Self, NoRandomNumbers> {
        let mut bits = [0_u8; TOKEN_DIGITS / 2];
        getrandom::fill(&mut bits).map_err(|error| NoRandomNumbers(error.to_string()))?;
        let text = format!("{TOKEN_START}{}", encode_string(&bits));
        let hash = TokenHash::of(&text).ok_or_else(|| NoRandomNumbers("not enough".into()))?;
        Ok(Self { text: text.into(), hash })
    }

    /// Shows the text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.text.expose_secret()
    }
}

/// Why a token does not count.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefusal {
    /// None was sent.
    Missing,
    /// The ledger has no such token.
    Unknown,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired {
        /// The end, in seconds since 1970.
        at: i64,
        /// Whether the clock shows an earlier time than the ledger has rows of.
        is_clock_back: bool,
    },
    /// A restore has suspended it.
    Suspended,
    /// The client's address is in none of its networks.
    Network(Option<IpAddr>),
    /// The ledger failed.
    Ledger(LedgerError),
}

tells!(TokenRefusal {
    Self::Missing => told!(
        "the request has no upload token" => "send the header `Authorization: Bearer jbp_…`"
    ),
    Self::Unknown => told!(
        "there is no such upload token" =>
        "look whether it was copied whole; `jbackend-bridge token list` on the server shows all"
    ),
    Self::Revoked => told!(
        "the upload token was revoked" => "make a new one with `jbackend-bridge token create`"
    ),
    Self::Expired { at, is_clock_back: false } => told!(
        "the upload token has expired on {}", time(*at) =>
        "make a new one with `jbackend-bridge token create`"
    ),
    Self::Expired { at, is_clock_back: true } => told!(
        "the upload token has expired on {}: the ledger has later rows than the server's clock shows",
        time(*at) =>
        "set the clock, or make a new token with `jbackend-bridge token create`"
    ),
    Self::Suspended => told!(
        "the upload token is suspended since the ledger was restored" =>
        "run `jbackend-bridge ledger confirm` on the server"
    ),
    Self::Network(Some(address)) => told!(
        "the upload token does not count from {address}" =>
        "make one with another `--from`, or look at `trusted_proxies` if that is your proxy"
    ),
    Self::Network(None) => told!(
        "the upload token counts from some networks only, and the client's address is not known" =>
        "let the proxy in front send `X-Forwarded-For`"
    ),
    Self::Ledger(error) => error.told(),
});

fn time(at: i64) -> String {
    Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| format!("{at:.0}"))
}

/// Judges a token that came from an address.
///
/// A clock that was set back does not bring an expired token to life: the latest time in the ledger
/// counts, if it is later.
///
/// # Errors
/// [`TokenRefusal`] if it does not count.
pub async fn admit(
    ledger: &dyn Ledger,
    sent: Option<&str>,
    from: Option<IpAddr>,
    now: i64,
) -> Result<UploadToken, TokenRefusal> {
    let hash = TokenHash::of(sent.ok_or(TokenRefusal::Missing)?).ok_or(TokenRefusal::Unknown)?;
    let found = ledger.token(hash).await.map_err(TokenRefusal::Ledger)?;
    let known = found.ok_or(TokenRefusal::Unknown)?;
    let token = known.token;
    match token.state(now.max(known.latest_time)) {
        TokenState::Active => {}
        TokenState::Revoked => return Err(TokenRefusal::Revoked),
        TokenState::Suspended => return Err(TokenRefusal::Suspended),
        TokenState::Expired => {
            let at = token.expires_at.unwrap_or(now);
            return Err(TokenRefusal::Expired { at, is_clock_back: now < at });
        }
    }
    let is_near = |from: IpAddr| token.networks.iter().any(|network| network.holds(from));
    if !token.networks.is_empty() && !from.is_some_and(is_near) {
        return Err(TokenRefusal::Network(from));
    }
    Ok(token)
}
