//! The addresses of uploads: below the end-points that serve packages.
//!
//! `http::front::uploads` asks before anything else of a request is looked at. The path is read as it was
//! sent: a name like `../x.zip` must be refused by its name, and not lead to another address. Must
//! not import: `super::core`.

use super::route::{PathTarget, place};
use crate::site::endpoint::Endpoints;
use crate::site::target::SitePath;

/// The module that serves packages.
const MODULE: &[u8] = b"release";
/// The segment behind the end-point's path.
const FOLDER: &str = "/releases/";

/// Returns the text behind `/<end-point>/releases/`, still encoded.
#[must_use]
pub fn below_releases<'p>(path: &'p str, endpoints: &Endpoints) -> Option<&'p str> {
    path.match_indices(FOLDER).find_map(|(at, _)| {
        let before = SitePath::parse(path.get(..at)?.as_bytes()).ok()?;
        let PathTarget::Endpoint(endpoint, []) = place(&before, endpoints) else { return None };
        let rest = path.get(at + FOLDER.len()..);
        rest.filter(|_| endpoint.behaviour.modules.publish(MODULE))
    })
}
