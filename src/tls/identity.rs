//! The certificate and the key that this side shows to a server which asks for them.
//!
//! Used by [`super::Client`]. Reading the files is the caller's.

use std::sync::Arc;

use rustls::InconsistentKeys;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

/// A certificate with those that lead to its authority, and its key.
pub struct Identity {
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Why files make no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableIdentity {
    /// Of the certificate's file.
    #[error("no certificate in the certificate file")]
    NoCertificate,
    /// Of the key's file.
    #[error("no private key in the key file")]
    NoKey,
    /// Of a kind, or in a state, that the library cannot use.
    #[error("the private key cannot be used: {0}")]
    Key(String),
    /// They are of two pairs.
    #[error("the private key is not the certificate's")]
    Mismatch,
}

impl Identity {
    /// Both are PEM or DER.
    ///
    /// # Errors
    /// Files that hold something else.
    pub fn parse(certificates: &[u8], key: &[u8]) -> Result<Self, UnusableIdentity> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
        let found = found.map_err(|_| UnusableIdentity::NoCertificate)?;
        // The outermost of DER is a long sequence, which no text begins with.
        let certificates = if found.is_empty() && certificates.starts_with(&[0x30, 0x82]) {
            vec![certificates.to_vec().into()]
        } else {
            found
        };
        if certificates.is_empty() {
            return Err(UnusableIdentity::NoCertificate);
        }
        let key = match PrivateKeyDer::from_pem_slice(key) {
            Ok(key) => key,
            Err(pem::Error::NoItemsFound) => {
                PrivateKeyDer::try_from(key.to_vec()).map_err(|_| UnusableIdentity::NoKey)?
            }
            Err(error) => return Err(UnusableIdentity::Key(error.to_string())),
        };
        Ok(Self { certificates, key })
    }

    pub(super) fn resolver(
        self,
        provider: &CryptoProvider,
    ) -> Result<Arc<dyn ResolvesClientCert>, UnusableIdentity> {
        let key = provider.key_provider.load_private_key(self.key);
        let key = key.map_err(|error| UnusableIdentity::Key(error.to_string()))?;
        let pair = CertifiedKey::new(self.certificates, key);
        // A certificate of version 1 cannot be compared with its key here. The server does it.
        match pair.keys_match() {
            Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(UnusableIdentity::Mismatch)
            }
            _ => Ok(Arc::new(SingleCertAndKey::from(pair))),
        }
    }
}
