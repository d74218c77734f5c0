//! Which kind of hash a stored text is, for a Joomla version.
//!
//! Called by [`super::verify`] and [`super::check`]. The order of recognition is Joomla's; each
//! kind has its own file.

use std::time::Duration;

use super::{
    Rules,
    argon2::{Argon2, OutOfMemory},
    bcrypt::{self, Bcrypt},
    des_crypt::DesCrypt,
    legacy::{SaltedMd5, SaltedSha256},
    md5_crypt::Md5Crypt,
    phpass::Phpass,
    sha_crypt::{ShaCrypt, ShaFunction},
};

/// A stored text that some password may open.
pub(super) enum Stored<'a> {
    Argon2(Argon2),
    Bcrypt(Bcrypt),
    Des(DesCrypt<'a>),
    Md5Crypt(Md5Crypt<'a>),
    Phpass(Phpass<'a>),
    SaltedMd5(SaltedMd5<'a>),
    SaltedSha256(SaltedSha256<'a>),
    ShaCrypt(ShaCrypt<'a>),
}

impl<'a> Stored<'a> {
    /// Reads a stored text; `None` if no password can open it.
    ///
    /// Joomla 4 tries several kinds one after the other; this selects one: no text is well-formed
    /// in two of them.
    pub(super) fn recognise(stored: &'a [u8], rules: Rules) -> Option<Self> {
        if let Some(text) = stored.strip_prefix(b"$P$") {
            return Phpass::parse(text).map(Self::Phpass);
        }
        if stored.starts_with(b"$argon2i") {
            return Argon2::parse(stored).map(Self::Argon2);
        }
        if stored.starts_with(b"$2") {
            return Bcrypt::parse(stored).map(Self::Bcrypt);
        }
        match rules {
            Rules::Joomla3 => match stored.strip_prefix(SaltedSha256::PREFIX) {
                Some(text) => SaltedSha256::parse(text).map(Self::SaltedSha256),
                None => SaltedMd5::parse(stored).map(Self::SaltedMd5),
            },
            Rules::Joomla4 => Self::crypt(stored)
                .or_else(|| {
                    let text = stored.strip_prefix(b"$H$")?;
                    Phpass::parse(text).map(Self::Phpass)
                })
                .or_else(|| SaltedMd5::parse(stored).map(Self::SaltedMd5)),
        }
    }

    /// The other kinds of PHP's crypt. To crypt a NUL ends the text, so its answer never
    /// equals a stored text that has one.
    fn crypt(stored: &'a [u8]) -> Option<Self> {
        if stored.contains(&0) {
            None
        } else if let Some(text) = stored.strip_prefix(b"$1$") {
            Md5Crypt::parse(text).map(Self::Md5Crypt)
        } else if let Some(text) = stored.strip_prefix(b"$5$") {
            ShaCrypt::parse(ShaFunction::Sha256, text).map(Self::ShaCrypt)
        } else if let Some(text) = stored.strip_prefix(b"$6$") {
            ShaCrypt::parse(ShaFunction::Sha512, text).map(Self::ShaCrypt)
        } else {
            DesCrypt::parse(stored).map(Self::Des)
        }
    }

    /// Returns the usual name of the kind.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Argon2(_) => "Argon2",
            Self::Bcrypt(_) => "bcrypt",
            Self::Des(_) => "DES crypt",
            Self::Md5Crypt(_) => "MD5 crypt",
            Self::Phpass(_) => "phpass",
            Self::SaltedMd5(_) => "MD5",
            Self::SaltedSha256(_) => "SHA-256",
            Self::ShaCrypt(_) => "SHA crypt",
        }
    }

    /// The expected CPU time of [`Stored::opens`] on one core.
    pub(super) fn work(&self, password: &[u8]) -> Duration {
        match self {
            Self::Argon2(hash) => hash.cost().work(),
            Self::Bcrypt(hash) => bcrypt::work(hash.cost()),
            Self::Des(hash) => hash.work(password.len()),
            Self::Md5Crypt(hash) => hash.work(password.len()),
            Self::Phpass(hash) => hash.work(password.len()),
            Self::SaltedMd5(_) | Self::SaltedSha256(_) => Duration::ZERO,
            Self::ShaCrypt(hash) => hash.work(password.len()),
        }
    }

    /// Returns the memory that [`Stored::opens`] takes, in KiB; zero if it is negligible.
    pub(super) fn memory_kib(&self) -> u32 {
        match self {
            Self::Argon2(hash) => hash.cost().memory_kib(),
            _ => 0,
        }
    }

    /// Whether each round hashes the whole password, so that its length multiplies.
    pub(super) fn repeats_password(&self) -> bool {
        matches!(self, Self::Md5Crypt(_) | Self::Phpass(_) | Self::ShaCrypt(_) | Self::Des(_))
    }

    /// Whether the password opens this hash.
    ///
    /// # Errors
    /// When the system has not enough memory for it.
    pub(super) fn opens(&self, password: &[u8]) -> Result<bool, OutOfMemory> {
        Ok(match self {
            Self::Argon2(hash) => hash.opens(password)?,
            Self::Bcrypt(hash) => hash.opens(password),
            Self::Des(hash) => hash.opens(c_string(password)),
            Self::Md5Crypt(hash) => hash.opens(c_string(password)),
            Self::Phpass(hash) => hash.opens(password),
            Self::SaltedMd5(hash) => hash.opens(password),
            Self::SaltedSha256(hash) => hash.opens(password),
            Self::ShaCrypt(hash) => hash.opens(c_string(password)),
        })
    }
}

/// The bytes before the first NUL, which is all that crypt sees.
fn c_string(password: &[u8]) -> &[u8] {
    password.split(|&byte| byte == 0).next().unwrap_or_default()
}
