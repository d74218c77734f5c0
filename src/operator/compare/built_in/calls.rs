//! Each method with each code that a client can provoke, as paths.
//!
//! Not among them, since no single request provokes them: `REL_ESM`, `REL_RLE`, `REL_RGE`,
//! `REQ_AKL`, `REQ_AKG`, `REQ_UCA`.

use php_compat::query::percent_encode;

use super::absent::{NOBODY, UNKNOWN, WRONG_KEY};
use crate::operator::compare::case::{Case, Judged};
use crate::operator::compare::values::UnknownName;

/// A request to the module, in any URL form.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) action: &'static str,
    pub(super) resource: &'static str,
    pub(super) id: Option<&'static str>,
    /// Names and values; these may hold names between braces.
    pub(super) params: Vec<(&'static str, &'static str)>,
}

const EMAIL: (&str, &str) = ("email", "{email}");
const KEY: (&str, &str) = ("key", "{key}");
const NOT_A_KEY: (&str, &str) = ("key", WRONG_KEY);

/// Who asks, and for the right thing: the same for every method that takes an e-mail and a key.
const HOLDERS: [(&str, &[(&str, &str)]); 10] = [
    ("ok", &[EMAIL, KEY]),
    ("no e-mail", &[NOT_A_KEY]),
    ("no key", &[("email", NOBODY)]),
    ("neither e-mail nor key", &[]),
    ("e-mail empty", &[("email", ""), NOT_A_KEY]),
    ("key empty", &[EMAIL, ("key", "")]),
    ("e-mail unknown", &[("email", NOBODY), NOT_A_KEY]),
    ("user blocked", &[("email", "{blocked_email}"), NOT_A_KEY]),
    ("user not authorised", &[("email", "{outside_email}"), NOT_A_KEY]),
    ("key wrong", &[EMAIL, NOT_A_KEY]),
];

/// Methods with a holder: action, resource, id.
const HELD: [(&str, &str, &str); 4] = [
    ("post", "validate", "{group}"),
    ("post", "verify", "{package}"),
    ("post", "download", "{package}"),
    ("get", "download", "{package}"),
];

/// Free packages: name, action, resource, id, params.
const FREE: [(&str, &str, &str, &str); 5] = [
    ("free package", "post", "verify", "{free_package}"),
    ("free package", "post", "download", "{free_package}"),
    ("free package", "get", "download", "{free_package}"),
    ("file missing", "get", "download", "{missing_package}"),
    ("file missing", "post", "verify", "{missing_package}"),
];

/// Logins: no account of the site is tried with a wrong password, which could lock it.
const LOGINS: [(&str, &[(&str, &str)]); 6] = [
    ("no user name", &[("password", UNKNOWN)]),
    ("no password", &[("username", UNKNOWN)]),
    ("neither user name nor password", &[]),
    ("login failed", &[("username", UNKNOWN), ("password", UNKNOWN)]),
    ("password empty", &[("username", UNKNOWN), ("password", "")]),
    ("ok", &[("username", "{username}"), ("password", "{password}")]),
];

/// Mails: the last three may send one.
const MAILS: [(&str, &[(&str, &str)]); 6] = [
    ("no e-mail", &[]),
    ("e-mail empty", &[("email", "")]),
    ("e-mail unknown", &[("email", NOBODY)]),
    ("ok", &[EMAIL]),
    ("user blocked", &[("email", "{blocked_email}")]),
    ("user not authorised", &[("email", "{outside_email}")]),
];

pub(super) fn cases() -> Result<Vec<Case>, UnknownName> {
    let mut cases = Vec::new();
    for (action, resource, id) in HELD {
        for (name, params) in HOLDERS {
            cases.push(call(name, action, resource, Some(id), params).as_path()?);
        }
        cases.extend(wrong_ids(action, resource, &[("email", NOBODY), NOT_A_KEY])?);
    }
    for (name, action, resource, id) in FREE {
        cases.push(call(name, action, resource, Some(id), &[]).as_path()?);
    }
    for (name, params) in LOGINS {
        cases.push(call(name, "post", "keybyauth", Some("{group}"), params).as_path()?);
    }
    cases.extend(wrong_ids("post", "keybyauth", &[("username", UNKNOWN), ("password", UNKNOWN)])?);
    for resource in ["keybyemail", "keybymail"] {
        for (name, params) in MAILS {
            let mails = params.iter().any(|(_, value)| value.starts_with('{'));
            let case = call(name, "post", resource, Some("{group}"), params).as_path()?;
            cases.push(Case { mails, ..case });
        }
        cases.extend(wrong_ids("post", resource, &[("email", NOBODY)])?);
    }
    Ok(cases)
}

/// Cases with an id that is absent, empty, or unknown.
fn wrong_ids(
    action: &'static str,
    resource: &'static str,
    params: &[(&'static str, &'static str)],
) -> Result<[Case; 3], UnknownName> {
    let empty = [&[("id", "")], params].concat();
    Ok([
        call("no id", action, resource, None, params).as_path()?,
        call("id empty", action, resource, None, &empty).as_path()?,
        call("id unknown", action, resource, Some(UNKNOWN), params).as_path()?,
    ])
}

fn call(
    name: &str,
    action: &'static str,
    resource: &'static str,
    id: Option<&'static str>,
    params: &[(&'static str, &'static str)],
) -> Call {
    let name = match action {
        "get" => format!("{resource} by get: {name}"),
        _ => format!("{resource}: {name}"),
    };
    Call { name, action, resource, id, params: params.to_vec() }
}

impl Call {
    /// `post/release/validate/group?email=…`.
    pub(super) fn as_path(&self) -> Result<Case, UnknownName> {
        let case = Case::get(&self.name, &format!("{}{}", self.path(), query("?", &self.params)))?;
        let is_empty = self.params.iter().any(|(_, value)| value.is_empty());
        Ok(if is_empty { Case { judged: Judged::AsEmpty, ..case } } else { case })
    }

    /// The segments below the end-point.
    pub(super) fn path(&self) -> String {
        let id = self.id.map(|id| format!("/{id}")).unwrap_or_default();
        format!("{}/release/{}{id}", self.action, self.resource)
    }

    /// All parameters, those of the path included.
    pub(super) fn all(&self) -> Vec<(&'static str, &'static str)> {
        let mut all =
            vec![("action", self.action), ("module", "release"), ("resource", self.resource)];
        all.extend(self.id.map(|id| ("id", id)));
        all.extend(&self.params);
        all
    }
}

/// Writes parameters as a query, after `start`; empty if there are none.
pub(super) fn query(start: &str, params: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        // Names between braces are encoded when their values are known.
        let value =
            if value.starts_with('{') { (*value).to_owned() } else { percent_encode(value) };
        format!("{name}={value}")
    };
    let pairs: Vec<_> = params.iter().map(pair).collect();
    if pairs.is_empty() { String::new() } else { format!("{start}{}", pairs.join("&")) }
}
