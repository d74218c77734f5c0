//! TLS to a server that this program asks: what it believes of the server's certificate.
//!
//! The one place for it. The database, mail servers, the server of shared limits and the commands
//! that ask the site by https connect through [`Client`]. Must not import: `store`, `mail`,
//! `limits`.
//!
//! What is checked, and what is trusted as itself, stands at [`Trust`].

use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

mod authorities;
mod certificate;
mod identity;
mod verifier;

pub use authorities::{Authorities, UnusableAuthorities};
pub use identity::{Identity, UnusableIdentity};

use self::verifier::{Unchecked, Verified, in_words};

/// What is believed of a server's certificate.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Any certificate and any proof that the server has its key: TLS keeps listeners out, and a place
    /// between can pass for the server.
    Anything,
    /// A certificate for the server's name, in its time, which an authority of the web vouches for.
    Public,
    /// The same of these authorities. A certificate among them is also trusted as itself: a server
    /// that shows the very same needs no authority, whatever its version and its basic constraints.
    /// Its time counts, and its names where it has any (`subjectAltName`).
    Only(Authorities),
    /// [`Trust::Public`] and [`Trust::Only`] together.
    PublicAnd(Authorities),
}

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The certificate and the key to show.
    #[error("{0}")]
    Identity(#[from] UnusableIdentity),
    /// Anything else.
    #[error("{0}")]
    Library(String),
}

/// Makes TLS of connections.
#[derive(Clone)]
pub struct Client {
    config: Arc<ClientConfig>,
}

impl Client {
    /// `identity` is shown to a server that asks for one.
    ///
    /// # Errors
    /// An identity that the library cannot use.
    pub fn new(trust: &Trust, identity: Option<Identity>) -> Result<Self, SetupError> {
        let library = |error: &dyn std::error::Error| SetupError::Library(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match trust {
            Trust::Anything => Arc::new(Unchecked),
            Trust::Public => {
                Arc::new(Verified::new(None, true, &provider).map_err(|e| library(&e))?)
            }
            Trust::Only(own) => {
                Arc::new(Verified::new(Some(own), false, &provider).map_err(|e| library(&e))?)
            }
            Trust::PublicAnd(own) => {
                Arc::new(Verified::new(Some(own), true, &provider).map_err(|e| library(&e))?)
            }
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| library(&error))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_cert_resolver(identity.resolver(&provider)?),
        };
        Ok(Self { config: Arc::new(config) })
    }

    /// For a library that makes TLS itself.
    #[must_use]
    pub fn config(&self) -> ClientConfig {
        ClientConfig::clone(&self.config)
    }

    /// Encrypts a connection to `host`, a name or an address.
    ///
    /// # Errors
    /// What broke off the handshake, in words for the operator.
    pub async fn connect<S>(&self, host: &str, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let connector = TlsConnector::from(Arc::clone(&self.config));
        connector.connect(name, stream).await.map_err(in_words)
    }
}
