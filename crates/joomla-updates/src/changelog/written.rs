//! A changelog that is written in Joomla's XML already: is it well-formed, and about the extension?
//!
//! Called for a maker's own XML, which goes to Joomla as it is.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Changelog, Version};
use crate::extension::Extension;

/// Why Joomla could not use such a file. The message tells how to correct it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrittenError {
    /// Not well-formed.
    #[error("line {line} is no well-formed XML ({reason}): correct it")]
    Broken {
        /// From 1.
        line: usize,
        /// In a few words.
        reason: String,
    },
    /// Another document.
    #[error("its outermost element is `<{0}>`: a changelog of Joomla has `<changelogs>`")]
    Root(String),
    /// It is only about other extensions, or about none.
    #[error(
        "no `<changelog>` in it is about this extension: it needs `<element>{element}</element>`, \
         `<type>{kind}</type>` and `<version>`"
    )]
    Foreign {
        /// The element that was looked for.
        element: String,
        /// The type that was looked for.
        kind: &'static str,
    },
}

/// The entities every XML knows.
const PREDEFINED: [&str; 5] = ["lt", "gt", "amp", "quot", "apos"];

/// Reads the versions of such a file and keeps its text.
pub fn read(text: &str, extension: &Extension) -> Result<Changelog, WrittenError> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut entry = WrittenChangelog::default();
    let mut changelog = Changelog { written: Some(text.to_owned()), ..Changelog::default() };
    let mut has_root = false;
    loop {
        let place = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let broken = |reason: String| {
            let before = text.get(..place).unwrap_or(text);
            WrittenError::Broken { line: before.matches('\n').count() + 1, reason }
        };
        let event = reader.read_event().map_err(|error| broken(error.to_string()))?;
        let has_content = matches!(event, Event::Start(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = opened(&tag, &path, has_root).map_err(broken)?;
                has_root = true;
                if path.is_empty() && name != "changelogs" {
                    return Err(WrittenError::Root(name));
                }
                if path.len() == 1 && name == "changelog" && has_content {
                    entry = WrittenChangelog::default();
                }
                if has_content {
                    path.push(name);
                }
            }
            Event::End(_) => {
                let number = entry.take_version(path.len(), extension);
                if let Some(number) = number.filter(|number| !changelog.knows(number)) {
                    changelog.versions.push(Version { number, changes: Vec::new() });
                }
                path.pop();
            }
            Event::CData(_) if path.is_empty() => {
                return Err(broken("text outside the outermost element".to_owned()));
            }
            Event::CData(words) => entry.take(&path, &words.xml10_content()),
            Event::Text(words) => {
                let words = words.xml10_content();
                if path.is_empty() && !words.trim().is_empty() {
                    return Err(broken("text outside the outermost element".to_owned()));
                }
                entry.take(&path, &words);
            }
            Event::GeneralRef(name) => {
                let is_known = is_known(&name).map_err(|error| broken(error.to_string()))?;
                if !is_known || path.is_empty() {
                    return Err(broken("an entity that XML does not know".to_owned()));
                }
            }
            Event::DocType(_) => return Err(broken("a document type".to_owned())),
            Event::Eof if path.is_empty() && has_root => break,
            Event::Eof => return Err(broken("it ends before its last element does".to_owned())),
            _ => {}
        }
    }
    if changelog.versions.is_empty() { Err(foreign(extension)) } else { Ok(changelog) }
}

fn foreign(extension: &Extension) -> WrittenError {
    WrittenError::Foreign { element: extension.element.clone(), kind: extension.kind.name() }
}

/// Whether it is a character by its number, or an entity that every XML knows.
fn is_known(name: &BytesRef<'_>) -> quick_xml::Result<bool> {
    Ok(name.resolve_char_ref()?.is_some() || PREDEFINED.contains(&&*name.xml10_content()))
}

/// The texts of one `<changelog>` that Joomla looks it up by.
#[derive(Default)]
struct WrittenChangelog {
    element: String,
    kind: String,
    version: String,
}

impl WrittenChangelog {
    /// The version at the end of an entry that is about the extension.
    fn take_version(&mut self, depth: usize, extension: &Extension) -> Option<String> {
        (depth == 2 && self.is_about(extension)).then(|| std::mem::take(&mut self.version))
    }

    fn take(&mut self, path: &[String], text: &str) {
        let [_, parent, name] = path else { return };
        let kept = match (parent.as_str(), name.as_str()) {
            ("changelog", "element") => &mut self.element,
            ("changelog", "type") => &mut self.kind,
            ("changelog", "version") => &mut self.version,
            _ => return,
        };
        kept.push_str(text.trim());
    }

    fn is_about(&self, extension: &Extension) -> bool {
        self.element == extension.element
            && self.kind == extension.kind.name()
            && !self.version.is_empty()
    }
}

/// The name of an element that begins.
fn opened(tag: &BytesStart<'_>, path: &[String], has_root: bool) -> Result<String, String> {
    if path.is_empty() && has_root {
        return Err("a second outermost element".to_owned());
    }
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?;
    }
    Ok(tag.name().as_ref().to_owned())
}
