//! The site as a visitor's browser meets it: asked from outside, politely, a few requests at a
//! time.
//!
//! Used by the checks of the public URL and of paid packages that the web server hands out. Must
//! not import: `finding`.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, LOCATION, RANGE, USER_AGENT};
use hyper::{HeaderMap, Method, Request, Uri};

use super::options::CheckOptions;
use crate::config::problem::Problems;
use crate::config::public_url::PublicUrl;
use crate::operator::http_client::{HttpClient, HttpClientError};
use crate::service::plan::Draft;

/// An answer may take this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes that are read of a body.
const LONGEST_BODY: usize = 64 * 1024;
/// Redirects within the site that are followed.
const MOST_REDIRECTS: usize = 3;

/// The site, or why it is not asked.
pub(super) enum PublicSite {
    /// It can be asked.
    Open(Box<Visitor>),
    /// No address is set.
    Unknown,
    /// The address is none.
    Invalid(Problems),
    /// The operator wants nothing asked outside.
    Offline(Option<PublicUrl>),
    /// TLS cannot be set up.
    Unusable(HttpClientError),
}

impl PublicSite {
    pub(super) fn of(draft: &Draft, wishes: &CheckOptions) -> Self {
        let url = match &draft.public_url {
            Ok(url) => url.clone(),
            Err(problems) => return Self::Invalid(problems.clone()),
        };
        if wishes.offline {
            return Self::Offline(url);
        }
        let Some(url) = url else { return Self::Unknown };
        match HttpClient::new(wishes.certificates, PATIENCE, LONGEST_BODY) {
            Ok(client) => Self::Open(Box::new(Visitor { client, url })),
            Err(error) => Self::Unusable(error),
        }
    }

    /// Returns the visitor, or why there is none, and the remedy.
    pub(super) fn visitor(&self) -> Result<&Visitor, (&'static str, &'static str)> {
        match self {
            Self::Open(visitor) => Ok(visitor),
            Self::Offline(_) => Err(("`--offline`", "run it again without `--offline`")),
            Self::Unknown => Err((
                "the site's address is not known",
                "name it with `--public-url https://www.example.com`, or set `public_url` in \
                 `[server]`",
            )),
            Self::Invalid(_) => {
                Err(("the public URL is none", "correct `public_url` in `[server]`"))
            }
            Self::Unusable(_) => Err(("TLS cannot be set up", "see the subject public URL")),
        }
    }

    /// Returns the address, if there is a valid one.
    pub(super) fn url(&self) -> Option<&PublicUrl> {
        match self {
            Self::Open(visitor) => Some(&visitor.url),
            Self::Offline(url) => url.as_ref(),
            _ => None,
        }
    }
}

/// A visitor who looks at the site.
pub(super) struct Visitor {
    client: HttpClient,
    pub(super) url: PublicUrl,
}

/// An answer of the site.
#[derive(Debug, Clone)]
pub(super) struct SeenAnswer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The URL that answered, after redirects within the site.
    pub(super) url: String,
}

impl SeenAnswer {
    /// Returns a header's text; empty if it is missing.
    pub(super) fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether it is a web page.
    pub(super) fn is_page(&self) -> bool {
        self.header(CONTENT_TYPE).trim_start().to_ascii_lowercase().starts_with("text/html")
    }

    /// The length the header tells.
    pub(super) fn length(&self) -> Option<u64> {
        self.header(CONTENT_LENGTH).parse().ok()
    }

    /// The server's clock, in Unix time.
    pub(super) fn date(&self) -> Option<i64> {
        let date = httpdate::parse_http_date(self.header(DATE)).ok()?;
        let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    }
}

impl Visitor {
    /// Asks for the head of a file, named as it stands below the site's address. If the server has no
    /// HEAD, asks for the first byte.
    pub(super) async fn head(&self, path: &str) -> Result<SeenAnswer, HttpClientError> {
        let seen = self.ask(&Method::HEAD, path, false).await?;
        if matches!(seen.status, 405 | 501) {
            return self.ask(&Method::GET, path, true).await;
        }
        Ok(seen)
    }

    /// Asks for a page.
    pub(super) async fn get(&self, path: &str) -> Result<SeenAnswer, HttpClientError> {
        self.ask(&Method::GET, path, false).await
    }

    async fn ask(
        &self,
        method: &Method,
        path: &str,
        first_byte: bool,
    ) -> Result<SeenAnswer, HttpClientError> {
        let mut url = self.url.of(path);
        for _ in 0..MOST_REDIRECTS {
            let seen = self.ask_url(method, &url, first_byte).await?;
            match self.next(&seen) {
                Some(next) => url = next,
                None => return Ok(seen),
            }
        }
        self.ask_url(method, &url, first_byte).await
    }

    async fn ask_url(
        &self,
        method: &Method,
        url: &str,
        first_byte: bool,
    ) -> Result<SeenAnswer, HttpClientError> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header(USER_AGENT, concat!("jbackend-bridge-check/", env!("CARGO_PKG_VERSION")));
        if first_byte {
            request = request.header(RANGE, "bytes=0-0");
        }
        let request = request
            .body(Full::default())
            .map_err(|error| HttpClientError::NoAnswer(error.to_string()))?;
        let seen =
            |status, headers, body| SeenAnswer { status, headers, body, url: url.to_owned() };
        match self.client.send(request).await {
            Ok(response) => {
                let (head, body) = response.into_parts();
                Ok(seen(head.status.as_u16(), head.headers, body))
            }
            // It sends more than was asked for: that is an answer, too.
            Err(HttpClientError::TooLong(_)) => Ok(seen(200, HeaderMap::new(), Bytes::new())),
            Err(error) => Err(error),
        }
    }

    /// Returns the target of a redirect within the site.
    fn next(&self, seen: &SeenAnswer) -> Option<String> {
        if !matches!(seen.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = seen.header(LOCATION);
        if location.starts_with('/') && !location.starts_with("//") {
            let from: Uri = seen.url.parse().ok()?;
            return Some(format!("{}://{}{location}", from.scheme_str()?, from.authority()?));
        }
        let next: Uri = location.parse().ok()?;
        self.url.is_own(&next).then(|| location.to_owned())
    }
}
