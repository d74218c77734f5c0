//! Joomla's notation for mail servers, and the meaning of its encryption settings.
//!
//! Called where the application reads the mail settings; knows no sockets. Facts in
//! `docs/joomla.md`.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use super::MailError;

/// How the connection to a mail server is encrypted. Never weaker than configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// `STARTTLS` if the server offers it, as Joomla's mailer does; else plain text.
    None,
    /// Plain text, whatever the server offers. No setting of Joomla; for a server on this machine.
    Plain,
    /// `STARTTLS` before anything else; a server without it is not used.
    StartTls,
    /// TLS from the first byte (usually port 465).
    Implicit,
}

/// Reads Joomla's `smtpsecure`: `none` (or empty), `tls` (or `starttls`) and `ssl`, in any case; and
/// `plain`, which is this program's own.
impl FromStr for Security {
    type Err = MailError;

    fn from_str(smtpsecure: &str) -> Result<Self, MailError> {
        match smtpsecure.trim().to_ascii_lowercase().as_str() {
            "" | "none" => Ok(Self::None),
            "plain" => Ok(Self::Plain),
            "tls" | "starttls" => Ok(Self::StartTls),
            "ssl" => Ok(Self::Implicit),
            _ => Err(MailError::BadSecurity),
        }
    }
}

/// One mail server. Displays as `host:port`, an IPv6 address in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpHost {
    /// A host name (IDNA form) or an address; an IPv6 address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The encryption for this server.
    pub security: Security,
}

impl fmt::Display for SmtpHost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') {
            write!(formatter, "[{host}]:{port}")
        } else {
            write!(formatter, "{host}:{port}")
        }
    }
}

/// Reads Joomla's `smtphost`: servers with `;` between, each `host`, `host:port`, or one of these
/// behind `ssl://` (TLS from the start) or `tls://` (`STARTTLS`), which wins over `smtpsecure`.
///
/// `smtpport` counts for the entries that name no port, and `smtpsecure` for those without a
/// scheme. Blanks round an entry and empty entries are ignored.
///
/// Fails with [`MailError::NoHost`] when no entry is left, and with [`MailError::BadHost`] (its
/// place in the list) for one that cannot be read: dropping it could mean a server that was not
/// chosen.
pub fn parse_hosts(
    smtphost: &str,
    smtpport: u16,
    smtpsecure: Security,
) -> Result<Vec<SmtpHost>, MailError> {
    let hosts = smtphost
        .split(';')
        .enumerate()
        .map(|(at, entry)| (at + 1, entry.trim()))
        .filter(|(_, entry)| !entry.is_empty())
        .map(|(number, entry)| {
            parse_entry(entry, smtpport, smtpsecure).ok_or(MailError::BadHost { entry: number })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if hosts.is_empty() { Err(MailError::NoHost) } else { Ok(hosts) }
}

fn parse_entry(entry: &str, smtpport: u16, smtpsecure: Security) -> Option<SmtpHost> {
    let (security, rest) = match entry.split_once("://") {
        None => (smtpsecure, entry),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ssl") => (Security::Implicit, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tls") => (Security::StartTls, rest),
        Some(_) => return None,
    };
    let (host, port) = split_port(rest)?;
    let port = match port {
        None => smtpport,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    let host = if host.is_ascii() { host.to_owned() } else { idna::domain_to_ascii(host).ok()? };
    (port != 0).then_some(SmtpHost { host, port, security })
}

/// The host, and the text behind its colon.
fn split_port(rest: &str) -> Option<(&str, Option<&str>)> {
    if let Some(bracketed) = rest.strip_prefix('[') {
        let (host, behind) = bracketed.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match behind {
            "" => Some((host, None)),
            _ => Some((host, Some(behind.strip_prefix(':')?))),
        };
    }
    if rest.parse::<Ipv6Addr>().is_ok() {
        return Some((rest, None));
    }
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    let is_name = !host.is_empty()
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    is_name.then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::{MailError, Security, parse_hosts};

    fn read(smtphost: &str) -> String {
        match parse_hosts(smtphost, 25, Security::None) {
            Ok(hosts) => hosts
                .iter()
                .map(|host| format!("{host} {:?}", host.security))
                .collect::<Vec<_>>()
                .join(", "),
            Err(MailError::BadHost { entry }) => format!("bad {entry}"),
            Err(MailError::NoHost) => "no host".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn lists_ports_and_schemes() {
        assert_eq!(read("localhost"), "localhost:25 None");
        assert_eq!(read("a:26;b"), "a:26 None, b:25 None");
        assert_eq!(read(" a ; ; b:2525 ;"), "a:25 None, b:2525 None");
        assert_eq!(read("ssl://a:465;TLS://b"), "a:465 Implicit, b:25 StartTls");
        assert_eq!(
            read("[::1]:26;[::1];fe80::1"),
            "[::1]:26 None, [::1]:25 None, [fe80::1]:25 None"
        );
        assert_eq!(read("bücher.example"), "xn--bcher-kva.example:25 None");
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_place() {
        for bad in [
            "a:", "a:b", "a:0", "a:65536", "a:+25", "http://a", "ssl://", "[::1", "[a]:25",
            "[::1]25", "a b", "u:p@a", "a/b", "a:1:2",
        ] {
            assert_eq!(read(bad), "bad 1", "{bad}");
            assert_eq!(read(&format!("ok;;{bad}")), "bad 3", "{bad}");
        }
        for none in ["", ";", " ; "] {
            assert_eq!(read(none), "no host", "{none}");
        }
    }

    #[test]
    fn unknown_security_is_never_plain() {
        assert!(matches!("TLS".parse(), Ok(Security::StartTls)));
        assert!(matches!("ssl".parse(), Ok(Security::Implicit)));
        assert!(matches!("".parse(), Ok(Security::None)));
        assert!(matches!("StartTLS".parse::<Security>(), Ok(Security::StartTls)));
        assert!(matches!("tls1.2".parse::<Security>(), Err(MailError::BadSecurity)));
    }
}
