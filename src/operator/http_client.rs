//! An HTTP client for the commands that ask a site from outside.
//!
//! Sends a target exactly as it is given (no path is tidied up), follows no redirect, and holds a
//! bounded part of an answer. Must not import: `check`, `compare`.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use sha2::{Digest as _, Sha256};

use crate::tls::{self, Trust};

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

/// The length, hash and beginning of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Bytes that were read.
    pub length: u64,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
    /// The first of them, as many as were asked for.
    pub start: Bytes,
    /// Whether these are all: a body that is too long is left before its end.
    pub is_complete: bool,
}

/// How many times the time limit a body may take that keeps coming.
const PATIENCE: u32 = 20;

/// The certificates that are accepted of a server over https.
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

    /// Sends a request and reads the answer without holding it: `keep` bytes of its start stay, and
    /// after `longest` bytes it is left. The time limit is for the head and between any two
    /// pieces of the body; all of it may take twenty times as long.
    ///
    /// # Errors
    /// See [`HttpClientError`]; a body that breaks off is one.
    pub async fn digest(
        &self,
        request: Request<Full<Bytes>>,
        keep: usize,
        longest: u64,
    ) -> Result<Response<Digest>, HttpClientError> {
        let whole = self.timeout.saturating_mul(PATIENCE);
        let answer = async {
            let response = self.in_time(self.client.request(request)).await?;
            let (head, body) = response.map_err(|error| no_answer(&error))?.into_parts();
            Ok(Response::from_parts(head, self.read(body, keep, longest).await?))
        };
        tokio::time::timeout(whole, answer).await.map_err(|_| HttpClientError::Timeout(whole))?
    }

    async fn read(
        &self,
        mut body: Incoming,
        keep: usize,
        longest: u64,
    ) -> Result<Digest, HttpClientError> {
        let (mut length, mut hash, mut start) = (0_u64, Sha256::new(), Vec::new());
        let mut is_complete = true;
        while let Some(frame) = self.in_time(body.frame()).await? {
            let frame = frame.map_err(|error| no_answer(&error))?;
            let Ok(mut piece) = frame.into_data() else { continue };
            let room = usize::try_from(longest - length).unwrap_or(usize::MAX);
            if piece.len() > room {
                piece.truncate(room);
                is_complete = false;
            }
            length += piece.len() as u64;
            hash.update(&piece);
            start.extend(piece.iter().take(keep - start.len()));
            if !is_complete {
                break;
            }
        }
        Ok(Digest { length, sha256: hash.finalize().into(), start: start.into(), is_complete })
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, HttpClientError> {
        let limit = tokio::time::timeout(self.timeout, step);
        limit.await.map_err(|_| HttpClientError::Timeout(self.timeout))
    }
}

/// The innermost cause: those around it say only that something failed.
fn no_answer(error: &(dyn Error + 'static)) -> HttpClientError {
    let cause = std::iter::successors(Some(error), |error| (*error).source()).last();
    HttpClientError::NoAnswer(cause.map_or_else(String::new, ToString::to_string))
}

fn tls(certificates: Certificates) -> Result<ClientConfig, HttpClientError> {
    let trust = match certificates {
        Certificates::Verified => Trust::Public,
        Certificates::Any => Trust::Anything,
    };
    let client = tls::Client::new(&trust, None);
    client.map(|client| client.config()).map_err(|error| HttpClientError::Tls(error.to_string()))
}
