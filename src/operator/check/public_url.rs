//! The site's address: is it set, does it answer, and does an end-point answer there.

use hyper::header::{HeaderName, SET_COOKIE};

use super::finding::{FindingSink, Severity};
use super::public_site::{PublicSite, SeenAnswer, Visitor};
use crate::config::Config;
use crate::config::values::HttpStatus;
use crate::site::endpoint::{Endpoint, Endpoints};

/// The version that PHP tells, if it does.
const POWERED_BY: HeaderName = HeaderName::from_static("x-powered-by");

/// Asks an end-point, or else the start page; gives the answer.
pub(super) async fn look(
    config: &Config,
    endpoints: Option<&Endpoints>,
    site: &PublicSite,
    notes: &mut FindingSink<'_>,
) -> Option<SeenAnswer> {
    match site {
        PublicSite::Unknown => {
            notes
                .warning("the site's address is not set: redirects to https trust the Host header of clients")
                .at("`server.public_url`, or `live_site` in configuration.php")
                .advise("set `public_url` in `[server]`, as `https://www.example.com`");
            return None;
        }
        PublicSite::Invalid(problems) => {
            for problem in &problems.0 {
                notes.failure(Severity::Error, &problem.told).at(format!("`{}`", problem.key));
            }
            return None;
        }
        PublicSite::Unusable(error) => {
            notes.error(error);
            return None;
        }
        PublicSite::Open(_) | PublicSite::Offline(_) => {}
    }
    if let Some(url) = site.url()
        && !url.is_https()
    {
        notes
            .warning("the site is served without TLS: e-mails, passwords and license keys can be read on their way")
            .at(url.to_string())
            .advise("get a certificate, and set `public_url` to the https address");
    }
    match site.visitor() {
        Ok(visitor) => ask(config, endpoints, visitor, notes).await,
        Err((why, advice)) => {
            notes.skipped(format!("whether the site answers: {why}")).advise(advice);
            None
        }
    }
}

async fn ask(
    config: &Config,
    endpoints: Option<&Endpoints>,
    visitor: &Visitor,
    notes: &mut FindingSink<'_>,
) -> Option<SeenAnswer> {
    // A bare end-point answers REQ_MNS before anything else; only a trace row would stay of it.
    let harmless = |endpoint: &&Endpoint| !endpoint.behaviour.trace && !endpoint.path.is_empty();
    let endpoint = endpoints
        .filter(|_| config.joomla.sef)
        .and_then(|endpoints| endpoints.iter().find(harmless));
    let path = endpoint.map_or("", |endpoint| endpoint.path.as_str());
    let seen = match visitor.get(path).await {
        Ok(seen) => seen,
        Err(error) => {
            notes
                .error(format!("the site gives {error}"))
                .at(visitor.url.of(path))
                .advise("correct the public URL, or look for the fault of the web server");
            return None;
        }
    };
    if endpoint.is_none() {
        notes.ok(format!("the site answers at {} (status {})", seen.url, seen.status));
    } else if is_jbackend(&seen) {
        let who = if is_php(&seen) { "PHP answers" } else { "as jBackend does" };
        notes.ok(format!("the end-point answers at {} ({who})", seen.url));
        status(config.release.http_status, &seen, notes);
    } else {
        notes
            .warning(format!(
                "the end-point does not answer there: the status is {}, and the answer none of \
                 jBackend's",
                seen.status
            ))
            .at(&seen.url)
            .advise(
                "if PHP has been switched off already, hand the path to the bridge (README, \
                 \"Five-minute migration\"); else see whether the menu item is published",
            );
    }
    Some(seen)
}

/// Whether PHP gives refusals the HTTP status that the bridge is set to give: a bare end-point is
/// refused.
fn status(mode: HttpStatus, seen: &SeenAnswer, notes: &mut FindingSink<'_>) {
    let is_real = seen.status >= 400;
    let (what, advice) = match mode {
        HttpStatus::Always200 if is_real => (
            "the bridge will answer with the status 200 in its place",
            "set `http_status = \"real\"` in `[release]`, so that clients get the status they are used to",
        ),
        HttpStatus::Real if !is_real && is_php(seen) => (
            "the bridge will answer with a status of its own for each code, which clients may not know",
            "set `http_status` in `[release]` to `\"joomla-updater\"`, which gives real ones to Joomla's \
             updater alone, or to `\"always-200\"`",
        ),
        _ => return,
    };
    notes
        .notice(format!("refusals have the status {} there, and {what}", seen.status))
        .at(&seen.url)
        .advise(advice);
}

/// Every answer of the core is JSON with a status.
fn is_jbackend(seen: &SeenAnswer) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_slice(&seen.body).ok();
    json.is_some_and(|json| json.get("status").is_some_and(serde_json::Value::is_string))
}

/// Joomla sets a session cookie, which the bridge never does.
fn is_php(seen: &SeenAnswer) -> bool {
    !seen.header(SET_COOKIE).is_empty() || seen.header(POWERED_BY).starts_with("PHP")
}
