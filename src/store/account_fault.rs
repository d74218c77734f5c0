//! Why a database server does not let an account in although its password may be right, in words
//! for the operator.
//!
//! Found where the driver's errors are explained, told as part of a
//! [`StoreError`](super::StoreError). Must not import: `mysql_async`, `rusqlite`.

use std::fmt;

/// What is wrong with an account, or with the way in which it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountFault {
    /// Its administrator has locked it.
    Locked,
    /// It is shut for a while, after wrong passwords.
    Blocked,
    /// Its password has run out.
    PasswordExpired,
    /// The server takes encrypted connections alone.
    NeedsTls,
    /// No account may come from this machine.
    NotFromHere,
    /// It proves itself in a way that the bridge does not know, or the server has not loaded.
    Method(String),
}

impl fmt::Display for AccountFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Locked => {
                "the account is locked: unlock it on the server with \
                 `ALTER USER … ACCOUNT UNLOCK`, or name another one in `user` in `[database]`"
            }
            Self::Blocked => {
                "too many wrong passwords have shut the account: correct `password` in `[database]` or \
                 configuration.php, then unlock the account on the server with `FLUSH PRIVILEGES` \
                 (MariaDB) or `ALTER USER … ACCOUNT UNLOCK` (MySQL)"
            }
            Self::PasswordExpired => {
                "the account's password has expired: set one on the server with \
                 `ALTER USER … IDENTIFIED BY '…' PASSWORD EXPIRE NEVER`, and put the same into \
                 `password` in `[database]` or configuration.php"
            }
            Self::NeedsTls => {
                "it takes encrypted connections alone (`require_secure_transport`): set \
                 `tls = \"required\"`, or `\"verify\"` to have its certificate checked, in `[database]`"
            }
            Self::NotFromHere => {
                "no account may come from this machine: make the account for the address of this \
                 machine, as in `'joomla'@'192.0.2.1'` (one for a host name does not count where \
                 `skip_name_resolve` is on)"
            }
            Self::Method(name) => {
                return write!(
                    out,
                    "the account logs in with `{name}`, which does not work here: give it another \
                     method on the server, with `ALTER USER … IDENTIFIED WITH caching_sha2_password BY \
                     '…'` on MySQL, or `IDENTIFIED VIA mysql_native_password USING PASSWORD('…')` on \
                     MariaDB"
                );
            }
        };
        out.write_str(text)
    }
}
