//! The two ways to look at a server's certificate: not at all, and in earnest.
//!
//! Used by [`super::Client`].

use std::io;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, PeerMisbehaved, RootCertStore,
    SignatureScheme,
};
use webpki::RawPublicKeyEntity;

use super::Authorities;
use super::certificate::Certificate;

/// Accepts every certificate, even one that cannot be read. The server's proof that it has the key
/// would be worthless: an attacker can prove their own key.
#[derive(Debug)]
pub(super) struct Unchecked;

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// Those that servers know, so that each finds one for its key.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]
    }
}

/// Takes certificates of authorities, for the server's name, and those that are named themselves.
#[derive(Debug)]
pub(super) struct Verified {
    by_authorities: Arc<WebPkiServerVerifier>,
    themselves: Vec<Certificate>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verified {
    /// # Errors
    /// There is no authority.
    pub(super) fn new(
        own: Option<&Authorities>,
        with_public: bool,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, VerifierBuilderError> {
        let mut roots = RootCertStore::empty();
        if with_public {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        if let Some(own) = own {
            // They were made anchors of before, to see that they are certificates.
            let _ = own.add_to(&mut roots);
        }
        let by_authorities =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        Ok(Self {
            by_authorities: by_authorities.build()?,
            themselves: own.map(Authorities::as_themselves).unwrap_or_default(),
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// The one of the operator's certificates that the server shows.
    fn itself(&self, shown: &CertificateDer<'_>) -> Option<&Certificate> {
        self.themselves.iter().find(|certificate| certificate.is(shown))
    }
}

impl ServerCertVerifier for Verified {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(certificate) = self.itself(end_entity) {
            certificate.is_in_time(now)?;
            is_for(end_entity, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        self.by_authorities.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let Some(certificate) = self.itself(shown) else {
            return self.by_authorities.verify_tls12_signature(message, shown, signed);
        };
        let known = self.algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
        let (_, algorithms) =
            known.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        let key = RawPublicKeyEntity::try_from(&certificate.key)
            .map_err(|_| CertificateError::BadEncoding)?;
        // The scheme of TLS 1.2 does not tell the curve.
        let is_signed = algorithms
            .iter()
            .any(|algorithm| key.verify_signature(*algorithm, message, signed.signature()).is_ok());
        if is_signed {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.itself(shown) {
            None => self.by_authorities.verify_tls13_signature(message, shown, signed),
            Some(certificate) => verify_tls13_signature_with_raw_key(
                message,
                &certificate.key,
                signed,
                &self.algorithms,
            ),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_authorities.supported_verify_schemes()
    }
}

/// Whether the names of a certificate that is trusted as itself allow this server. One without names
/// (`subjectAltName`) is the server's because the operator says so.
fn is_for(certificate: &CertificateDer<'_>, server: &ServerName<'_>) -> Result<(), Error> {
    let parsed = match ParsedCertificate::try_from(certificate) {
        // Version 1 has no extensions, so no names either.
        Err(error) if cause(&error) == Some(&webpki::Error::UnsupportedCertVersion) => {
            return Ok(());
        }
        parsed => parsed?,
    };
    match verify_server_name(&parsed, server) {
        Err(Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            presented,
            ..
        })) if presented.is_empty() => Ok(()),
        checked => checked,
    }
}

/// Returns an error of the library below that has no usual reason.
fn cause(error: &Error) -> Option<&webpki::Error> {
    let Error::InvalidCertificate(CertificateError::Other(OtherError(cause))) = error else {
        return None;
    };
    cause.downcast_ref()
}

/// Words a failed handshake for the operator if the library's words are unclear.
pub(super) fn in_words(error: io::Error) -> io::Error {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).and_then(cause);
    let words = match cause {
        Some(webpki::Error::UnsupportedCertVersion) => {
            "the server's certificate is X.509 version 1, which is accepted only if the file of CA \
             certificates holds the very same"
        }
        Some(webpki::Error::CaUsedAsEndEntity) => {
            "the server's certificate is an authority's (CA:TRUE), which is accepted only if the file \
             of CA certificates holds the very same"
        }
        _ => return error,
    };
    io::Error::new(error.kind(), words)
}
