//! Is a request one for an end-point, and which one: the URL forms of a jBackend site.
//!
//! Pure: paths and fields in, a [`Route`] out. The forms are listed in `docs/protocol.md`, "URL
//! forms"; whatever is not one of them is the site's own business.

use std::sync::Arc;

use php_compat::query::{Fields, Value};

use super::params::Params;
use crate::site::endpoint::{Behaviour, Endpoint, Endpoints};
use crate::site::target::SitePath;

/// The target of a request.
#[derive(Debug, Clone)]
pub enum Route {
    /// To an end-point, with its parameters complete.
    Endpoint(Box<Call>),
    /// Not ours.
    Site,
}

/// A request for an end-point.
#[derive(Debug, Clone)]
pub struct Call {
    /// The menu item it came by; `None` for the component's own URLs.
    pub endpoint: Option<Arc<Endpoint>>,
    /// How it behaves.
    pub behaviour: Behaviour,
    /// All parameters.
    pub params: Params,
    /// Whether jBackend's plugin `user` is enabled.
    pub user_plugin: bool,
}

impl Call {
    /// Whether these end-points have the one of the call, and it behaves the same.
    #[must_use]
    pub fn is_for(&self, endpoints: &Endpoints) -> bool {
        let is_there = match &self.endpoint {
            None => *endpoints.component() == self.behaviour,
            Some(own) => endpoints.iter().any(|other| *other == **own),
        };
        is_there && endpoints.user_plugin() == self.user_plugin
    }
}

/// Returns whether the body could decide about this path's target. Only such bodies are read before
/// routing.
#[must_use]
pub fn reads_body(path: &SitePath, endpoints: &Endpoints) -> bool {
    let leads_to_us = |path: &SitePath| match place(path, endpoints) {
        PathTarget::Root | PathTarget::Component(_) | PathTarget::Endpoint(..) => true,
        PathTarget::Elsewhere => false,
    };
    if !endpoints.urls().suffix {
        return leads_to_us(path);
    }
    let mut path = path.clone();
    let _ = cut_suffix(&mut path, endpoints);
    leads_to_us(&path)
}

/// Finds the end-point of a request.
#[must_use]
pub fn route(mut path: SitePath, query: Fields, body: Fields, endpoints: &Endpoints) -> Route {
    let mut params = Params { body, query, path: Fields::default() };
    if !is_ours(&params) || cut_suffix(&mut path, endpoints).is_err() {
        return Route::Site;
    }
    let (endpoint, behaviour, rest) = match place(&path, endpoints) {
        PathTarget::Elsewhere => return Route::Site,
        PathTarget::Root => return by_query(params, endpoints),
        PathTarget::Component(rest) => (None, endpoints.component(), rest),
        PathTarget::Endpoint(endpoint, rest) => {
            (Some(Arc::clone(endpoint)), &endpoint.behaviour, rest)
        }
    };
    params.path = defaults(rest);
    let user_plugin = endpoints.user_plugin();
    Route::Endpoint(Box::new(Call { endpoint, behaviour: behaviour.clone(), params, user_plugin }))
}

/// The target of a path.
pub(super) enum PathTarget<'p> {
    /// `/` or `/index.php`: the query tells.
    Root,
    /// `/component/jbackend/…`.
    Component(&'p [Vec<u8>]),
    /// An end-point's path, and the segments after it.
    Endpoint(&'p Arc<Endpoint>, &'p [Vec<u8>]),
    /// Something of the site.
    Elsewhere,
}

pub(super) fn place<'p>(path: &'p SitePath, endpoints: &'p Endpoints) -> PathTarget<'p> {
    let Some(segments) = endpoints.below_base(&path.segments) else { return PathTarget::Elsewhere };
    let segments = without_index_php(segments);
    match named(segments, None, endpoints) {
        PathTarget::Elsewhere => match endpoints.below_language(segments) {
            None => PathTarget::Elsewhere,
            Some((language, segments)) => named(segments, Some(language), endpoints),
        },
        place => place,
    }
}

fn named<'p>(
    segments: &'p [Vec<u8>],
    language: Option<&str>,
    endpoints: &'p Endpoints,
) -> PathTarget<'p> {
    if segments.is_empty() {
        return PathTarget::Root;
    }
    if !endpoints.urls().sef {
        return PathTarget::Elsewhere;
    }
    if let Some(rest) = component(segments) {
        return PathTarget::Component(rest);
    }
    endpoints
        .at(segments, language)
        .map_or(PathTarget::Elsewhere, |(endpoint, rest)| PathTarget::Endpoint(endpoint, rest))
}

/// On a site with `sef_suffix` the last segment's extension is the format: `html` is ours, another
/// one asks for another kind of page. `0` is no extension for PHP, and behind a trailing slash the
/// extension is cut and not looked at.
fn cut_suffix(path: &mut SitePath, endpoints: &Endpoints) -> Result<(), OtherFormat> {
    if !endpoints.urls().suffix {
        return Ok(());
    }
    if endpoints.below_base(&path.segments).is_none_or(<[_]>::is_empty) {
        return Ok(());
    }
    // `/index.php` is a file, not a page with a suffix.
    let is_page = |last: &&mut Vec<u8>| last.as_slice() != b"index.php";
    let trailing_slash = path.trailing_slash;
    let Some(last) = path.segments.last_mut().filter(is_page) else { return Ok(()) };
    let Some(dot) = last.iter().rposition(|&byte| byte == b'.') else { return Ok(()) };
    let extension = last.get(dot + 1..).unwrap_or_default();
    if matches!(extension, b"" | b"0") {
        return Ok(());
    }
    if !trailing_slash && !extension.eq_ignore_ascii_case(b"html") {
        return Err(OtherFormat);
    }
    last.truncate(dot);
    Ok(())
}

/// A page in another format: the site's.
struct OtherFormat;

/// `format` asks for another kind of page, `view` and `option` may name another component's.
fn is_ours(params: &Params) -> bool {
    let is = |name: &str, ours: &[u8]| match params.raw(name) {
        None => true,
        Some(Value::Text(text)) => text == ours,
        Some(Value::Array) => false,
    };
    is("format", b"html") && is("view", b"request") && is("option", b"com_jbackend")
}

/// `/index.php/packages` is `/packages`, however often it is written.
fn without_index_php(mut segments: &[Vec<u8>]) -> &[Vec<u8>] {
    while let Some((first, rest)) = segments.split_first() {
        if first != b"index.php" {
            break;
        }
        segments = rest;
    }
    segments
}

/// Returns the segments after `/component/jbackend`.
fn component(segments: &[Vec<u8>]) -> Option<&[Vec<u8>]> {
    match segments {
        [first, second, rest @ ..] if first == b"component" && second == b"jbackend" => Some(rest),
        _ => None,
    }
}

/// `/action/module/resource[/id]`; any other number of segments sets nothing.
fn defaults(rest: &[Vec<u8>]) -> Fields {
    let mut fields = Fields::default();
    if matches!(rest.len(), 3 | 4) {
        for (name, segment) in ["action", "module", "resource", "id"].into_iter().zip(rest) {
            fields.insert(name.as_bytes(), segment.clone());
        }
    }
    fields
}

/// The forms without a path: `/index.php?option=com_jbackend&Itemid=…`.
fn by_query(params: Params, endpoints: &Endpoints) -> Route {
    let from_query = params.query.get("Itemid");
    if params.raw("option").is_none() {
        // An end-point's id without other parameters is its bare URL; with others the page is the
        // site's.
        let alone = params.query.len() == 1 && params.body.is_empty();
        let by_item = || from_query.and_then(item_id).and_then(|item| endpoints.with_item(item));
        // A start page that is an end-point answers whatever is asked of it.
        let known = if alone { by_item() } else { None };
        return match known.or(endpoints.home().filter(|_| from_query.is_none())) {
            None => Route::Site,
            Some(endpoint) => Route::Endpoint(Box::new(Call {
                endpoint: Some(Arc::clone(endpoint)),
                behaviour: endpoint.behaviour.clone(),
                params,
                user_plugin: endpoints.user_plugin(),
            })),
        };
    }
    // The body's id wins. An id only in the body counts only if the query names the component.
    let in_query = from_query.is_some() || params.query.get("option").is_some();
    let item = params.body.get("Itemid").filter(|_| in_query).or(from_query);
    let endpoint = item.and_then(item_id).and_then(|item| endpoints.with_item(item)).cloned();
    let behaviour =
        endpoint.as_ref().map_or(endpoints.component(), |endpoint| &endpoint.behaviour).clone();
    let user_plugin = endpoints.user_plugin();
    Route::Endpoint(Box::new(Call { endpoint, behaviour, params, user_plugin }))
}

/// The first whole number in the text, as Joomla's integer filter finds it.
fn item_id(value: &Value) -> Option<u32> {
    let Value::Text(text) = value else { return None };
    let start = text.iter().position(u8::is_ascii_digit)?;
    let negative = start.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'-');
    let digits = text.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit());
    let number = digits
        .fold(0_u64, |sum, byte| sum.saturating_mul(10).saturating_add(u64::from(byte - b'0')));
    u32::try_from(number).ok().filter(|_| !negative)
}
