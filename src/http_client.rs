//! An HTTP client for the commands that ask a site from outside.
//!
//! Sends a target exactly as it is given (no path is tidied up), follows no redirect, and reads a
//! bounded part of an answer. It must not know what the answers mean.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{Request, Response};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};

/// Why there is no answer. Holds no query and no body of the request.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// No connection, or one that broke.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// Silence.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The body is longer than the caller wants.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// Asks http and https servers.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
    longest_body: usize,
}

/// What is believed of a server that is asked by https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificates {
    /// A certificate that the web's authorities vouch for.
    Verified,
    /// Any certificate, as staging sites have them.
    Any,
}

impl HttpClient {
    /// `timeout` is for an answer with its body; of a body at most `longest_body` bytes are taken.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(
        certificates: Certificates,
        timeout: Duration,
        longest_body: usize,
    ) -> Result<Self, HttpClientError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(certificates)?)
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, timeout, longest_body })
    }

    /// Sends a request and reads the answer. A body that is too long is an error; a HEAD has none.
    ///
    /// # Errors
    /// See [`HttpClientError`].
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, HttpClientError> {
        let answer = async {
            let response = self.client.request(request).await;
            let response = response.map_err(|error| no_answer(&error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, self.longest_body).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    HttpClientError::TooLong(self.longest_body)
                } else {
                    no_answer(&*error)
                }
            })?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        let limit = tokio::time::timeout(self.timeout, answer);
        limit.await.map_err(|_| HttpClientError::Timeout(self.timeout))?
    }
}

/// The innermost cause: those around it say only that something failed.
fn no_answer(error: &(dyn Error + 'static)) -> HttpClientError {
    let cause = std::iter::successors(Some(error), |error| (*error).source()).last();
    HttpClientError::NoAnswer(cause.map_or_else(String::new, ToString::to_string))
}

fn tls(certificates: Certificates) -> Result<ClientConfig, HttpClientError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpClientError::Tls(error.to_string()))?;
    Ok(match certificates {
        Certificates::Verified => builder.with_webpki_roots().with_no_client_auth(),
        Certificates::Any => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth(),
    })
}

/// Takes every certificate; that its holder has the key is still made sure of.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
