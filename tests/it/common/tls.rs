//! Servers that encrypt: a certificate made for the test, which only those trust who are given it.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;

/// A self-signed certificate for `name`, as PEM, and what takes connections with it.
pub(crate) fn self_signed(name: &str) -> (String, TlsAcceptor) {
    let certified = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key.into())
        .unwrap();
    (certified.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}
