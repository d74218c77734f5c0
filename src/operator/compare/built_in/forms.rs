//! Every URL form, for three calls: `docs/protocol.md`, "URL forms" and "Bodies".

use hyper::Method;

use super::absent::{NOBODY, UNKNOWN, WRONG_KEY};
use super::calls::{Call, query};
use crate::operator::compare::case::{Case, CaseBody};
use crate::operator::compare::values::{Template, UnknownName};

/// One call that needs no data of the site, one that is granted, one that returns a file.
fn calls() -> [Call; 3] {
    let call = |name: &str, action, resource, id, params| Call {
        name: name.to_owned(),
        action,
        resource,
        id: Some(id),
        params,
    };
    [
        call(
            "unknown group",
            "post",
            "validate",
            UNKNOWN,
            vec![("email", NOBODY), ("key", WRONG_KEY)],
        ),
        call(
            "license",
            "post",
            "validate",
            "{group}",
            vec![("email", "{email}"), ("key", "{key}")],
        ),
        call("free file", "get", "download", "{free_package}", Vec::new()),
    ]
}

pub(super) fn cases() -> Result<Vec<Case>, UnknownName> {
    let mut cases = Vec::new();
    for call in calls() {
        cases.extend(targets(&call)?);
        cases.extend(posted(&call)?);
        for verb in ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"] {
            let case = named(&call, verb, &format!("{}{}", call.path(), query("?", &call.params)))?;
            cases.push(Case { method: verb.parse().unwrap_or(Method::GET), ..case });
        }
    }
    Ok(cases)
}

fn named(call: &Call, form: &str, target: &str) -> Result<Case, UnknownName> {
    Case::get(&format!("form, {}: {form}", call.name), target)
}

/// Forms that are a GET.
fn targets(call: &Call) -> Result<Vec<Case>, UnknownName> {
    let (path, params) = (call.path(), query("?", &call.params));
    let more = query("&", &call.params);
    let (all, action, resource) = (query("", &call.all()), call.action, call.resource);
    let option = "option=com_jbackend&view=request";
    let id = call.id.unwrap_or_default();
    [
        ("all in the query", format!("?{all}")),
        ("id in the query", format!("{action}/release/{resource}?id={id}{more}")),
        ("the query wins over the path", format!("{action}/release/{resource}/x?id={id}{more}")),
        ("the last of two wins", format!("?id=x&{all}")),
        ("&amp; between", format!("?{}", all.replace('&', "&amp;"))),
        ("slash at the end", format!("{path}/{params}")),
        ("doubled slashes", format!("{}{params}", path.replace('/', "//"))),
        ("dots in the path", format!("./x/../{path}{params}")),
        ("escapes in the path", format!("{}{params}", path.replacen("release", "%72elease", 1))),
        ("end-point in capitals", format!("{{ENDPOINT}}/{path}{params}")),
        ("index.php before the path", format!("/index.php/{{endpoint}}/{path}{params}")),
        ("index.php twice", format!("/index.php/index.php/{{endpoint}}/{path}{params}")),
        ("index.php with Itemid", format!("/index.php?{option}&Itemid={{itemid}}&{all}")),
        (
            "index.php without view",
            format!("/index.php?option=com_jbackend&Itemid={{itemid}}&{all}"),
        ),
        ("start page with option", format!("/?{option}&Itemid={{itemid}}&{all}")),
        ("index.php without Itemid", format!("/index.php?{option}&{all}")),
        ("component path", format!("/component/jbackend/{path}{params}")),
        ("callback is ignored", format!("{path}?callback=f{more}")),
    ]
    .into_iter()
    .map(|(form, target)| named(call, form, &target))
    .collect()
}

/// Forms with a body.
fn posted(call: &Call) -> Result<Vec<Case>, UnknownName> {
    let (path, all) = (call.path(), call.all());
    let option = ["option", "view"].into_iter().zip(["com_jbackend", "request"]);
    let option: Vec<_> = option.chain(all.clone()).collect();
    let post = |form, target: &str, body| {
        Ok::<_, UnknownName>(Case { method: Method::POST, body, ..named(call, form, target)? })
    };
    Ok(vec![
        post("form beside the path", &path, CaseBody::Form(fields(&call.params)?))?,
        post("all in a form", "", CaseBody::Form(fields(&all)?))?,
        post("all in a form with parts", "", CaseBody::Multipart(fields(&all)?))?,
        post("the form wins over the query", "?id=x&resource=x", CaseBody::Form(fields(&all)?))?,
        post("form on index.php", "/index.php", CaseBody::Form(fields(&option)?))?,
    ])
}

fn fields(params: &[(&str, &str)]) -> Result<Vec<(String, Template)>, UnknownName> {
    let field = |(name, value): &(&str, &str)| Ok(((*name).to_owned(), Template::parse(value)?));
    params.iter().map(field).collect()
}
