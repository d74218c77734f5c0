//! The operator's own certificates of authorities, as they stand in a file.
//!
//! Used by [`super::verifier`]. Reading the file is the caller's.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::certificate::Certificate;

/// One certificate or more, each of which a trust anchor can be made of: version 1 as well as 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// Why a file names no authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableAuthorities {
    /// Neither PEM nor DER of one.
    #[error("there is no certificate in it")]
    None,
    /// One cannot be read.
    #[error("a certificate in it is damaged")]
    Damaged,
}

impl Authorities {
    /// `content` is PEM, in which everything but certificates is passed over, or the DER of one
    /// certificate.
    ///
    /// # Errors
    /// No certificate, or one that is damaged.
    pub fn parse(content: &[u8]) -> Result<Self, UnusableAuthorities> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(content).collect();
        let certificates = found.map_err(|_| UnusableAuthorities::Damaged)?;
        if !certificates.is_empty() {
            return Self(certificates).checked();
        }
        let der = CertificateDer::from(content.to_vec());
        Self(vec![der]).checked().map_err(|_| UnusableAuthorities::None)
    }

    fn checked(self) -> Result<Self, UnusableAuthorities> {
        self.add_to(&mut RootCertStore::empty()).map_err(|_| UnusableAuthorities::Damaged)?;
        Ok(self)
    }

    /// Makes anchors of them all.
    pub(super) fn add_to(&self, roots: &mut RootCertStore) -> Result<(), rustls::Error> {
        self.0.iter().try_for_each(|certificate| roots.add(certificate.clone()))
    }

    /// Those that can be trusted as themselves.
    pub(super) fn as_themselves(&self) -> Vec<Certificate> {
        self.0.iter().filter_map(|certificate| Certificate::parse(certificate).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test is meant to stop there")]

    use super::{Authorities, UnusableAuthorities};

    const PEM: &[u8] = include_bytes!("../../tests/vectors/tls/ca.pem");

    #[test]
    fn what_is_no_certificate_is_told_apart_from_one_that_is_damaged() {
        assert!(Authorities::parse(PEM).is_ok());
        let own = Authorities::parse(PEM).unwrap();
        assert_eq!(Authorities::parse(own.0.first().unwrap()), Ok(own), "DER");
        let key = include_bytes!("../../tests/vectors/tls/server.key");
        for none in [&b""[..], b"text", key] {
            assert_eq!(Authorities::parse(none), Err(UnusableAuthorities::None));
        }
        let damaged = String::from_utf8_lossy(PEM).replacen("MII", "AII", 1);
        let cut = PEM.get(..PEM.len() / 2).unwrap();
        for damaged in [damaged.as_bytes(), cut] {
            assert_eq!(Authorities::parse(damaged), Err(UnusableAuthorities::Damaged));
        }
    }
}
