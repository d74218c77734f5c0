//! The order of checks, from an end-point's request to its answer.

use super::code;
use super::endpoint::Access;
use super::route::Call;
use crate::methods::{Answer, Argument, Code, Method, Release};

/// The one module behind the end-points.
const MODULE: &[u8] = b"release";

/// An answer, and what the log may say about the request.
pub struct Outcome {
    /// What the client gets.
    pub result: Result<Answer, Code>,
    /// The method, where the request came that far.
    pub method: Option<Method>,
    /// The package or package group, where it is one of the catalog's: what a client may have
    /// written there instead does not belong into a log.
    pub id: Option<String>,
}

/// Answers a request for an end-point.
pub async fn answer(call: &Call, release: &Release) -> Outcome {
    let mut outcome = Outcome { result: Err(code::REQUEST_UNKNOWN), method: None, id: None };
    outcome.result = match admit(call, release) {
        Err(code) => Err(code),
        Ok(method) => {
            let arguments = call.params.arguments();
            outcome.method = Some(method);
            outcome.id = known_id(release, &arguments.id);
            release.run(method, &arguments).await
        }
    };
    outcome
}

/// Module, access, action and resource, in this order.
fn admit(call: &Call, release: &Release) -> Result<Method, Code> {
    let module = match call.params.argument("module") {
        Argument::Absent => return Err(code::MODULE_NOT_SPECIFIED),
        Argument::Unusable => None,
        Argument::Text(name) => Some(name),
    };
    // An end-point's list is looked at before access, the module itself after it.
    let listed = module.as_deref().is_some_and(|name| call.behaviour.modules.publish(name));
    if !listed {
        return Err(code::MODULE_NOT_FOUND);
    }
    match call.behaviour.access {
        Access::Free => {}
        Access::User => return Err(code::CANNOT_AUTHENTICATE),
        Access::Key => {
            return Err(match call.params.argument("api_key") {
                Argument::Absent => code::API_KEY_REQUIRED,
                _ => code::API_KEY_ERROR,
            });
        }
    }
    if module.as_deref() != Some(MODULE) || !release.settings.current().published {
        return Err(code::MODULE_NOT_FOUND);
    }
    let text = |name| match call.params.argument(name) {
        Argument::Absent => None,
        Argument::Unusable => Some(Vec::new()),
        Argument::Text(text) => Some(text),
    };
    let action = text("action").ok_or(code::ACTION_NOT_SPECIFIED)?;
    let resource = text("resource").unwrap_or_default();
    Method::find(&action, &resource).ok_or(code::REQUEST_UNKNOWN)
}

fn known_id(release: &Release, id: &Argument) -> Option<String> {
    let Argument::Text(id) = id else { return None };
    let id = std::str::from_utf8(id).ok()?;
    let settings = release.settings.current();
    let known = settings.catalog.package(id).is_some() || settings.catalog.group(id).is_some();
    known.then(|| id.to_owned())
}
