//! A case: one request that is sent to both sides.
//!
//! Made by `built_in`, `case_file` and `sample`; the runner sends the result of [`Case::fill`].

use std::fmt::Write as _;

use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use php_compat::query::percent_encode;

use super::values::{Name, Template, Values};

/// Names the tool to the site's owner, who reads it in his web server's log.
pub const AGENT: &str = concat!("jbackend-bridge/", env!("CARGO_PKG_VERSION"), " compare");

/// A request with names in the places of a site's own values.
#[derive(Clone)]
pub struct Case {
    /// Its name in the report.
    pub name: String,
    /// The HTTP method.
    pub method: Method,
    /// Below the end-point; with a leading `/` below the site's root.
    pub target: Template,
    /// Headers; `None` for one that is not sent though it usually is.
    pub headers: Vec<(HeaderName, Option<Template>)>,
    /// The body.
    pub body: CaseBody,
    /// May make the site send a mail.
    pub mails: bool,
    /// Gets the API key if one is known.
    pub takes_api_key: bool,
    /// Is about how a file is asked for: its start is enough.
    pub start_is_enough: bool,
    /// The rule for comparing its answers.
    pub judged: Judged,
}

/// The rule for comparing the answers to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// By all a client could notice.
    Strictly,
    /// No client sends it: two refusals are as good as equal, and so is an error page of PHP.
    AsUnusual,
    /// Holds an empty parameter, which the plugin takes for a missing one.
    AsMissing,
    /// Holds an empty parameter; otherwise strictly.
    AsEmpty,
    /// The plugin has no such method: it is not sent.
    Never,
}

/// The body of a request.
#[derive(Clone)]
pub enum CaseBody {
    /// None.
    Empty,
    /// A form as browsers and Joomla send it.
    Form(Vec<(String, Template)>),
    /// A form with parts.
    Multipart(Vec<(String, Template)>),
    /// Sent unchanged; its headers name its type.
    Raw(Template),
}

/// A case that is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeftOut {
    /// A value of the site is not known.
    #[error("`{0}` is not known: {source} names it", source = .0.source())]
    Unknown(Name),
    /// It may send a mail.
    #[error("a mail could be sent: `--allow-mails` allows it")]
    Mails,
    /// A value that cannot stand in a request.
    #[error("its target or headers hold characters that no HTTP request can hold")]
    Unsendable,
    /// The operator says that the plugin has no such method.
    #[error("`--without-keybymail` says that the plugin has no such method")]
    NoSuchMethod,
    /// A side without the end-point has no other answers to compare.
    #[error("the new side has no end-point")]
    NoEndpoint,
}

/// A request as it is sent. It may hold keys and passwords, so it has no `Debug`.
#[derive(Clone)]
pub struct CaseRequest {
    /// The case's name.
    pub name: String,
    /// The HTTP method.
    pub method: Method,
    /// As [`Case::target`]; the end-point's path may still be a mark.
    pub target: String,
    /// All headers but `Host` and those of a side.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
    /// May make the site send a mail: never asked twice.
    pub mails: bool,
    /// Holds an API key: counts against its limit.
    pub counts_api_key: bool,
    /// As [`Case::start_is_enough`].
    pub start_is_enough: bool,
    /// As [`Case::judged`].
    pub judged: Judged,
}

impl CaseRequest {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Puts a value into the query.
    fn add_to_query(&mut self, name: &str, value: &str) {
        let separator = if self.target.contains('?') { '&' } else { '?' };
        // Writing to a string cannot fail.
        let _ = write!(self.target, "{separator}{name}={}", percent_encode(value));
    }
}

/// Separates the parts of a form: no value contains it.
const BOUNDARY: &str = "jbackend-bridge-compare-part";

impl Case {
    /// A GET of a target.
    ///
    /// # Errors
    /// A name between braces that is none.
    pub fn get(name: &str, target: &str) -> Result<Self, super::values::UnknownName> {
        Ok(Self {
            name: name.to_owned(),
            method: Method::GET,
            target: Template::parse(target)?,
            headers: Vec::new(),
            body: CaseBody::Empty,
            mails: false,
            takes_api_key: true,
            start_is_enough: false,
            judged: Judged::Strictly,
        })
    }

    /// The request with the site's values.
    ///
    /// # Errors
    /// Why it is not sent.
    pub fn fill(&self, values: &Values) -> Result<CaseRequest, LeftOut> {
        if self.judged == Judged::Never {
            return Err(LeftOut::NoSuchMethod);
        }
        let target =
            self.target.fill(values, |text| percent_encode(text)).map_err(LeftOut::Unknown)?;
        let (body, kind) = self.body.fill(values).map_err(LeftOut::Unknown)?;
        let mut headers = vec![
            (USER_AGENT, Some(HeaderValue::from_static(AGENT))),
            (ACCEPT, Some(HeaderValue::from_static("*/*"))),
            (CONTENT_TYPE, kind.and_then(|kind| HeaderValue::from_str(&kind).ok())),
        ];
        for (name, template) in &self.headers {
            headers.retain(|(known, _)| known != name);
            let Some(template) = template else { continue };
            let value = template.fill(values, str::to_owned).map_err(LeftOut::Unknown)?;
            let value = HeaderValue::from_str(&value).map_err(|_| LeftOut::Unsendable)?;
            headers.push((name.clone(), Some(value)));
        }
        let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut sent = CaseRequest {
            name: self.name.clone(),
            method: self.method.clone(),
            target,
            headers: headers.collect(),
            body: body.into(),
            mails: self.mails,
            counts_api_key: false,
            start_is_enough: self.start_is_enough,
            judged: self.judged,
        };
        if self.takes_api_key
            && let Some(key) = values.get(Name::ApiKey)
        {
            sent.add_to_query("api_key", key);
            sent.counts_api_key = true;
        }
        Ok(sent)
    }
}

impl CaseBody {
    /// The bytes and their `Content-Type`.
    fn fill(&self, values: &Values) -> Result<(Vec<u8>, Option<String>), Name> {
        match self {
            Self::Empty => Ok((Vec::new(), None)),
            Self::Raw(template) => Ok((template.fill(values, str::to_owned)?.into_bytes(), None)),
            Self::Form(fields) => {
                let mut pairs = Vec::new();
                for (name, template) in fields {
                    let value = template.fill(values, str::to_owned)?;
                    pairs.push(format!("{}={}", percent_encode(name), percent_encode(&value)));
                }
                let kind = "application/x-www-form-urlencoded".to_owned();
                Ok((pairs.join("&").into_bytes(), Some(kind)))
            }
            Self::Multipart(fields) => {
                let mut body = String::new();
                for (name, template) in fields {
                    let value = template.fill(values, str::to_owned)?;
                    let _ = write!(
                        body,
                        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n\
                         {value}\r\n"
                    );
                }
                let _ = write!(body, "--{BOUNDARY}--\r\n");
                Ok((body.into_bytes(), Some(format!("multipart/form-data; boundary={BOUNDARY}"))))
            }
        }
    }
}
