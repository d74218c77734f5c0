//! The order of checks, from an end-point's request to its answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use php_compat::string_filter;

use super::access::Gate;
use super::code;
use super::route::Call;
use super::trace::Trace;
use crate::limits::{ClientAddress, Exceeded, Limits};
use crate::methods::{Answer, Argument, Arguments, Caller, ErrorCode, Method, Refusal, Release};
use crate::site::endpoint::Access;
use crate::site::{LiveSite, SiteView, Tries};
use crate::store::TraceRow;

/// The one module behind the end-points.
const MODULE: &[u8] = b"release";

/// Is the request for the release module? To the letter: anything else is another module's.
#[must_use]
pub fn is_for_release(call: &Call) -> bool {
    matches!(call.params.argument("module"), Argument::Text(name) if name == MODULE)
}

/// Is the request a download? To the letter, as above.
#[must_use]
pub fn is_download(call: &Call) -> bool {
    matches!(call.params.argument("resource"), Argument::Text(name) if name == b"download")
}

/// The core: the steps between an end-point and its module.
pub struct Core {
    /// The site, for the view that a request begins with and for another one after a failure.
    pub site: Arc<LiveSite>,
    /// The module.
    pub release: Arc<Release>,
    /// Access types `key` and `user`.
    pub gate: Gate,
    /// Writes trace rows; `None` if the bridge may not write.
    pub trace: Option<Trace>,
    /// Other names of codes, by the usual one: trace rows have the code that the client gets.
    pub renamed: BTreeMap<String, String>,
}

/// The parts of a request besides its parameters.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visitor<'a> {
    /// The value of the session cookie, if there is one.
    pub session: Option<&'a [u8]>,
    /// An API key sent in a header, if the site reads it there. A parameter wins over it.
    pub api_key: Option<&'a [u8]>,
    /// The client's address, if it stands for one client.
    pub address: Option<ClientAddress>,
    /// A CORS preflight: nothing is counted, no method runs.
    pub preflight: bool,
    /// PHP answers this request and the bridge only compares: nothing is counted, written or sent.
    pub shadow: bool,
}

/// An answer, and the facts about the request for the log.
pub struct Outcome {
    /// The answer to the client.
    pub result: Result<Answer, ErrorCode>,
    /// The limit behind `REL_RLE`.
    pub exceeded: Option<Exceeded>,
    /// The method, if the request came that far.
    pub method: Option<Method>,
    /// The package or package group, if it is one of the catalog's: other text of a client does not
    /// belong in a log.
    pub id: Option<String>,
    /// The age of the database's copy, if that has answered.
    pub copy_age: Option<Duration>,
    /// The e-mail of the account that the request was about, as stored, if one was looked up.
    pub customer: Option<String>,
}

/// Writes the request's trace row when it is dropped: after the answer, or when the request is cut off
/// before it.
struct Traced<'a> {
    trace: Option<&'a Trace>,
    call: &'a Call,
    visitor: Visitor<'a>,
    at: Timestamp,
    started: Instant,
    /// The answer's error code; an empty one while there is no answer.
    code: Option<String>,
    findings: Findings,
}

impl Drop for Traced<'_> {
    fn drop(&mut self) {
        if let Some(trace) = self.trace {
            trace.record(self.row());
        }
    }
}

impl Traced<'_> {
    fn row(&self) -> TraceRow {
        let text = |name, width| shown(&self.call.params.argument(name), width);
        TraceRow {
            endpoint: self.call.endpoint.as_ref().and_then(|endpoint| endpoint.item).unwrap_or(0),
            access_type: match self.call.behaviour.access {
                Access::Free => 0,
                Access::User => 1,
                Access::Key => 2,
            },
            at: self.at,
            error_code: self.code.as_deref().map(|code| cut(code, 20)),
            user_id: self.findings.user,
            // The widths of the columns.
            key: shown(&api_key(self.call, self.visitor), 255),
            action: text("action", 10),
            module: text("module", 30),
            resource: text("resource", 50),
            duration: self.started.elapsed(),
        }
    }
}

/// The findings of the checks so far.
#[derive(Default)]
struct Findings {
    method: Option<Method>,
    id: Option<String>,
    user: i64,
    copy_age: Option<Duration>,
    customer: Option<String>,
}

impl Core {
    /// Returns the name of the session cookie, if sessions are used.
    #[must_use]
    pub fn session_cookie(&self) -> Option<&str> {
        self.gate.sessions.as_ref().map(|sessions| sessions.cookie.as_str())
    }

    /// Answers a request for an end-point of this view.
    pub async fn answer(&self, view: &Arc<SiteView>, call: &Call, visitor: Visitor<'_>) -> Outcome {
        let is_traced = call.behaviour.trace && !visitor.preflight && !visitor.shadow;
        let mut traced = Traced {
            trace: self.trace.as_ref().filter(|_| is_traced),
            call,
            visitor,
            at: Timestamp::now(),
            started: Instant::now(),
            code: Some(String::new()),
            findings: Findings::default(),
        };
        let mut result = self.run(view, call, visitor, &mut traced.findings).await;
        if let (Err(refusal), Some(_)) = (&result, traced.trace)
            && code::BOGUS.contains(&refusal.code)
            && let Err(exceeded) = self.release.limits.take_failure(visitor.address).await
        {
            result = Err(exceeded.into());
        }
        if matches!(&result, Err(refusal) if refusal.exceeded.is_some()) {
            // A flood must not fill jBackend's log. The bridge's own log and metrics tell of it.
            traced.trace = None;
        }
        let exceeded = result.as_ref().err().and_then(|refusal| refusal.exceeded);
        let result = result.map_err(|refusal| refusal.code);
        traced.code = match &result {
            Ok(_) => None,
            // Most requests keep no row.
            Err(_) if traced.trace.is_none() => None,
            Err(code) => {
                let renamed = self.renamed.get(code.name).map(String::as_str);
                Some(renamed.unwrap_or(code.name).to_owned())
            }
        };
        let Findings { method, id, copy_age, customer, .. } = &mut traced.findings;
        Outcome {
            result,
            exceeded,
            method: *method,
            id: id.take(),
            copy_age: *copy_age,
            customer: customer.take(),
        }
    }

    async fn run(
        &self,
        view: &Arc<SiteView>,
        call: &Call,
        visitor: Visitor<'_>,
        findings: &mut Findings,
    ) -> Result<Answer, Refusal> {
        findings.copy_age = view.copy_age();
        let module = call.params.argument("module");
        // An end-point's list is looked at before access, the module itself after it.
        let name = match &module {
            Argument::Absent => return Err(code::MODULE_NOT_SPECIFIED.into()),
            Argument::Unusable => return Err(code::MODULE_NOT_FOUND.into()),
            Argument::Text(name) if !call.behaviour.modules.publish(name) => {
                return Err(code::MODULE_NOT_FOUND.into());
            }
            Argument::Text(name) => name,
        };
        findings.user = self.admit(view, call, visitor, name).await?;
        if name != MODULE {
            return Err(code::MODULE_NOT_FOUND.into());
        }
        let arguments = call.params.arguments();
        // No client gets the answer to a shadow: it costs nothing.
        let unlimited = visitor.shadow.then(|| Box::new(Limits::default()));
        let limits = unlimited.as_deref().unwrap_or(&self.release.limits);
        let address = visitor.address.filter(|_| !visitor.shadow);
        let mut caller = Caller::new(address, limits);
        let mut tries = Tries::default();
        let mut view = Arc::clone(view);
        loop {
            let asked = self.ask_module(&view, call, visitor, &arguments, &mut caller, findings);
            let answer = Box::pin(asked).await;
            findings.customer = caller.take_customer();
            let Err(Refusal { failure: Some(error), .. }) = &answer else {
                caller.settle().await;
                return answer;
            };
            let Some(next) = self.site.after_failure(&view, error, &mut tries).await else {
                tracing::error!(%error, "the database did not answer");
                caller.settle().await;
                return answer;
            };
            // The request was let in by an end-point that is no longer there, or is another one.
            if !call.is_for(&next.endpoints) {
                tracing::error!(%error, "the database failed, and its copy has another end-point: a request is refused");
                caller.settle().await;
                return answer;
            }
            caller.begin_anew();
            view = next;
        }
    }

    /// Runs the module's method by the site of one moment.
    #[expect(
        clippy::too_many_arguments,
        reason = "the method's own parameters, and the place for the answer's facts"
    )]
    async fn ask_module<'a>(
        &self,
        view: &SiteView,
        call: &Call,
        visitor: Visitor<'_>,
        arguments: &'a Arguments,
        caller: &mut Caller<'a>,
        findings: &mut Findings,
    ) -> Result<Answer, Refusal> {
        findings.copy_age = view.copy_age();
        if !view.settings.published {
            return Err(code::MODULE_NOT_FOUND.into());
        }
        let method = method(call)?;
        findings.method = Some(method);
        findings.id = known_id(view, &arguments.id);
        if visitor.preflight {
            Ok(Answer::Ok)
        } else if visitor.shadow {
            self.release.rehearse(view, method, arguments, caller).await
        } else {
            self.release.run(view, method, arguments, caller).await
        }
    }

    /// Returns the access type, and the user logged in, or 0.
    async fn admit(
        &self,
        view: &SiteView,
        call: &Call,
        visitor: Visitor<'_>,
        module: &[u8],
    ) -> Result<i64, Refusal> {
        match call.behaviour.access {
            Access::Free => Ok(0),
            Access::Key => {
                let key = api_key(call, visitor);
                let counts = !visitor.preflight && !visitor.shadow;
                let judged = Box::pin(self.gate.check_key(&key, counts)).await;
                // The key is judged even if its address has to wait: clients share addresses, and a
                // client with a right key is not guessing.
                if matches!(&judged, Err(code) if counts && code::GUESSES.contains(code)) {
                    self.release.limits.take_failure(visitor.address).await?;
                }
                judged?;
                Ok(0)
            }
            Access::User => {
                let sessions = self.gate.sessions(call.user_plugin)?;
                let is_used = !visitor.preflight && !visitor.shadow;
                match Box::pin(sessions.user(&*view.store, visitor.session, is_used)).await? {
                    Some(user) => Ok(user),
                    None if is_login(call, module) => Ok(0),
                    None => Err(code::AUTHENTICATION_REQUIRED.into()),
                }
            }
        }
    }
}

/// The id if the catalog has it, as a package or a package group.
fn known_id(view: &SiteView, id: &Argument) -> Option<String> {
    let Argument::Text(id) = id else { return None };
    let id = std::str::from_utf8(id).ok()?;
    let catalog = &view.settings.catalog;
    let known = catalog.package(id).is_some() || catalog.group(id).is_some();
    known.then(|| id.to_owned())
}

/// Returns whether the call is `post/user/login`, by which a guest logs in: only this one is open
/// to guests.
fn is_login(call: &Call, module: &[u8]) -> bool {
    let is = |name, text: &[u8]| call.params.argument(name) == Argument::Text(text.to_vec());
    module == b"user" && is("action", b"post") && is("resource", b"login")
}

fn method(call: &Call) -> Result<Method, ErrorCode> {
    let text = |name| match call.params.argument(name) {
        Argument::Absent => None,
        Argument::Unusable => Some(Vec::new()),
        Argument::Text(text) => Some(text),
    };
    let action = text("action").ok_or(code::ACTION_NOT_SPECIFIED)?;
    let resource = text("resource").unwrap_or_default();
    Method::find(&action, &resource).ok_or(code::REQUEST_UNKNOWN)
}

/// Returns the API key: the parameter, or its substitute.
fn api_key(call: &Call, visitor: Visitor<'_>) -> Argument {
    match (call.params.argument("api_key"), visitor.api_key) {
        (Argument::Absent, Some(key)) => Argument::Text(string_filter::clean(key)),
        (argument, _) => argument,
    }
}

/// A parameter as a column of the log takes it.
fn shown(argument: &Argument, width: usize) -> String {
    match argument {
        Argument::Text(text) => cut(&String::from_utf8_lossy(text), width),
        Argument::Absent | Argument::Unusable => String::new(),
    }
}

fn cut(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}
