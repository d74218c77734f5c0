//! The addresses of update XML, and of the changelogs it names: below the end-points that serve packages.
//!
//! `http::front` asks before it looks at anything else of a request: no client of jBackend uses such a
//! path, and neither the site's suffix nor a format in the query makes it another page. The forms are
//! listed in `docs/updates.md`, "Addresses".

use std::borrow::Cow;

use super::route::{PathTarget, place};
use crate::site::endpoint::{Behaviour, Endpoints};
use crate::site::target::SitePath;

/// The module that serves packages.
const MODULE: &[u8] = b"release";
/// The segment behind the end-point's path.
const FOLDER: &[u8] = b"updates";
/// The segment before the names of changelogs.
pub const CHANGELOGS: &str = "changelogs";
const ENDING: &[u8] = b".xml";
/// The suffix that Joomla's updater adds to an address that does not end in `.xml`.
const EXTENSION: &[u8] = b"extension.xml";

/// The address of an update XML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePath<'p> {
    /// How its end-point behaves.
    pub behaviour: &'p Behaviour,
    /// The name of the XML, without the ending; of a changelog with its folder.
    pub name: Cow<'p, str>,
}

impl<'p> UpdatePath<'p> {
    /// Returns the target if the path is `/<end-point>/updates/<name>.xml`, the same with
    /// `/extension.xml` behind it, or `/<end-point>/updates/<name>/extension.xml`, or that of a
    /// changelog, `/<end-point>/updates/changelogs/<name>.xml`. The name need not exist.
    #[must_use]
    pub fn of(path: &'p SitePath, endpoints: &'p Endpoints) -> Option<Self> {
        let PathTarget::Endpoint(endpoint, rest) = place(path, endpoints) else { return None };
        let behaviour = &endpoint.behaviour;
        let (folder, rest) = rest.split_first()?;
        if folder != FOLDER {
            return None;
        }
        let (segment, is_changelog) = match rest {
            [file] => (file.strip_suffix(ENDING)?, false),
            [file, last] if last == EXTENSION => (file.strip_suffix(ENDING).unwrap_or(file), false),
            [first, file] if first == CHANGELOGS.as_bytes() => (file.strip_suffix(ENDING)?, true),
            _ => return None,
        };
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        let is_name = !segment.is_empty() && segment.iter().all(plain) && !path.trailing_slash;
        let name = std::str::from_utf8(segment).ok().filter(|_| is_name)?;
        let name = if is_changelog { format!("{CHANGELOGS}/{name}").into() } else { name.into() };
        behaviour.modules.publish(MODULE).then_some(Self { behaviour, name })
    }
}
