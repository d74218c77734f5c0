//! Headers that change an answer: Joomla's updater, ranges, conditional requests, other origins.

use hyper::Method;
use hyper::header::{
    ACCEPT, ACCEPT_LANGUAGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, IF_MATCH,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, ORIGIN, RANGE, USER_AGENT,
};

use super::absent::{NOBODY, WRONG_KEY};
use crate::operator::compare::case::Case;
use crate::operator::compare::values::{Template, UnknownName};

const JOOMLA: &str = "Mozilla/5.0 Joomla!/5.3.2 Joomla";
const A_SITE: &str = "https://jbackend-bridge.invalid";
const LONG_AGO: &str = "Sat, 01 Jan 2000 00:00:00 GMT";

/// Name, headers; for the free package.
type OfFile = (&'static str, &'static [(HeaderName, &'static str)]);
const OF_A_FILE: [OfFile; 12] = [
    ("first bytes", &[(RANGE, "bytes=0-3")]),
    ("last bytes", &[(RANGE, "bytes=-4")]),
    ("range behind the end", &[(RANGE, "bytes=99999999999-")]),
    ("range in another unit", &[(RANGE, "lines=1-2")]),
    ("range of another version", &[(RANGE, "bytes=0-3"), (IF_RANGE, "\"another\"")]),
    ("any version is known", &[(IF_NONE_MATCH, "*")]),
    ("another version is known", &[(IF_NONE_MATCH, "\"another\"")]),
    ("another version is wanted", &[(IF_MATCH, "\"another\"")]),
    ("unchanged since long ago", &[(IF_UNMODIFIED_SINCE, LONG_AGO)]),
    ("changed since long ago", &[(IF_MODIFIED_SINCE, LONG_AGO)]),
    ("from another site", &[(ORIGIN, A_SITE)]),
    ("in a browser", &[(ACCEPT, "text/html"), (ACCEPT_LANGUAGE, "de")]),
];

pub(super) fn cases() -> Result<Vec<Case>, UnknownName> {
    let mut cases = joomla()?;
    for (name, headers) in OF_A_FILE {
        let name = format!("headers of a download: {name}");
        let mut case = Case::get(&name, "get/release/download/{free_package}")?;
        for (name, value) in headers {
            case.headers.push((name.clone(), Some(Template::parse(value)?)));
        }
        cases.push(case);
    }
    let mut simple = Case::get("headers: from another site", "")?;
    simple.headers.push((ORIGIN, Some(Template::parse(A_SITE)?)));
    let mut preflight = Case { method: Method::OPTIONS, ..simple.clone() };
    "headers: may another site ask?".clone_into(&mut preflight.name);
    preflight.headers.push((ACCESS_CONTROL_REQUEST_METHOD, Some(Template::parse("POST")?)));
    cases.extend([simple, preflight]);
    Ok(cases)
}

/// Joomla's updater; that of Joomla 3 downloads without a name.
fn joomla() -> Result<Vec<Case>, UnknownName> {
    let targets = [
        ("free package", "get/release/download/{free_package}".to_owned()),
        ("package", "get/release/download/{package}?email={email}&key={key}".to_owned()),
        ("no key", "get/release/download/{package}".to_owned()),
        ("refused", format!("get/release/download/{{package}}?email={NOBODY}&key={WRONG_KEY}")),
        ("unknown package", format!("get/release/download/{}", super::absent::UNKNOWN)),
    ];
    let mut cases = Vec::new();
    for (name, target) in targets {
        for (joomla, agent) in [("Joomla 5", Some(JOOMLA)), ("Joomla 3", None)] {
            let mut case = Case::get(&format!("{joomla} updates: {name}"), &target)?;
            let agent = agent.map(Template::parse).transpose()?;
            case.headers.push((USER_AGENT, agent));
            cases.push(case);
        }
    }
    Ok(cases)
}
