//! Servers that encrypt, with certificates made for the test: only a client that gets the
//! certificate trusts it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio_rustls::TlsAcceptor;

/// Makes a self-signed certificate for `name`, as PEM, and an acceptor that uses it.
pub fn self_signed(name: &str) -> (String, TlsAcceptor) {
    let certified = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    (certified.cert.pem(), acceptor(certified.cert.der().clone(), key.into(), rustls::ALL_VERSIONS))
}

/// Makes an acceptor with a certificate of `tests/vectors/tls` and a key, its own or another's.
pub fn recorded(
    certificate: &str,
    key: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(vector(certificate)).unwrap();
    acceptor(certificate, PrivateKeyDer::from_pem_file(vector(key)).unwrap(), versions)
}

/// Returns the path of a file of `tests/vectors/tls`.
pub fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/tls").join(name)
}

/// Makes an acceptor. It does not check that certificate and key belong together: for a certificate
/// of version 1 that is not possible.
fn acceptor(
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> TlsAcceptor {
    let provider = Arc::new(ring::default_provider());
    let key = provider.key_provider.load_private_key(key).unwrap();
    let pair = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(pair));
    TlsAcceptor::from(Arc::new(config))
}
