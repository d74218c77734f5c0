//! The hash by which the log tells the requests of one customer.
//!
//! `front` puts it into a request's line, `jbackend-bridge log-hash` prints it for the operator. It
//! hashes the names by which a client calls a customer; the methods tell which account was found.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::methods::{Argument, Arguments, Dlid, code};

/// Makes the short hash of an e-mail, a user name or a user id. Upper and lower case give the same
/// hash, and without the key the name cannot be guessed from it.
#[must_use]
pub fn log_hash(name: &[u8], key: &SecretString) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(&lowercase(name));
    let digest = mac.finalize().into_bytes();
    base16ct::lower::encode_string(digest.get(..SHOWN).unwrap_or_default())
}

/// Bytes of the digest that are shown.
const SHOWN: usize = 5;

fn lowercase(name: &[u8]) -> Vec<u8> {
    let name = name.trim_ascii();
    match std::str::from_utf8(name) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(_) => name.to_ascii_lowercase(),
    }
}

/// Finds the client's name for the customer, for requests that end before an account is looked up:
/// the e-mail, the user id of the download key, or the user name.
#[must_use]
pub fn sent_name(arguments: &Arguments) -> Option<Cow<'_, [u8]>> {
    let dlid = || {
        let sent = arguments.dlid.required(code::KEY_NOT_SPECIFIED).ok()?;
        let user = Dlid::parse(sent)?.user;
        Some(Cow::Owned(user.id().to_string().into_bytes()))
    };
    text(&arguments.email).or_else(dlid).or_else(|| text(&arguments.username))
}

fn text(argument: &Argument) -> Option<Cow<'_, [u8]>> {
    match argument {
        Argument::Text(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
        Argument::Text(_) | Argument::Absent | Argument::Unusable => None,
    }
}
