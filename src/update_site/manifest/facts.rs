//! The texts and attributes of a manifest, as the document has them.
//!
//! The document is read as a stream, in one pass and without a stack; a document type is refused, so
//! that no entity beyond the five of XML exists. What the texts mean is the manifest's business.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::ManifestError;

/// The texts of a manifest that matter, the first of each; empty where there is none.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) kind: String,
    pub(super) client: String,
    pub(super) group: String,
    texts: [String; TEXTS.len()],
    pub(super) module: String,
    pub(super) plugin: String,
    pub(super) target_platform: Option<String>,
}

/// The elements below the root whose text matters.
const TEXTS: [&str; 10] = [
    "name",
    "version",
    "description",
    "author",
    "authorUrl",
    "php_minimum",
    "element",
    "packagename",
    "libraryname",
    "tag",
];

impl Facts {
    /// Reads a document; nothing where its root is no manifest's.
    pub(super) fn read(document: &[u8]) -> Result<Option<Self>, ManifestError> {
        let text = decode(document)?;
        let mut reader = Reader::from_str(&text);
        let mut facts = Self::default();
        // The names of the open elements, the root first; deeper ones than matter are only counted.
        let mut open: Vec<String> = Vec::new();
        let mut doctype = false;
        let mut ended = false;
        let mut files_seen = false;
        let mut content = String::new();
        loop {
            let before = reader.buffer_position();
            let event = reader.read_event();
            let broken = ManifestError::Broken(reader.error_position().max(before));
            match event.map_err(|_| broken.clone())? {
                Event::Eof => {
                    return if ended { Ok(Some(facts)) } else { Err(broken) };
                }
                Event::DocType(_) => doctype = true,
                Event::Start(tag) => {
                    well_formed(&tag).ok_or(broken)?;
                    let name = tag.name().as_ref().to_owned();
                    if open.is_empty() && !facts.enter_root(&tag, &name, doctype, ended)? {
                        return Ok(None);
                    }
                    facts.look_at(&tag, &name, &open, files_seen)?;
                    if open.len() == 1 {
                        content.clear();
                    }
                    open.push(name);
                }
                Event::Empty(tag) => {
                    well_formed(&tag).ok_or(broken)?;
                    let name = tag.name().as_ref().to_owned();
                    if open.is_empty() {
                        if !facts.enter_root(&tag, &name, doctype, ended)? {
                            return Ok(None);
                        }
                        ended = true;
                    }
                    facts.look_at(&tag, &name, &open, files_seen)?;
                    files_seen |= open.len() == 1 && name == "files";
                }
                Event::End(_) => {
                    let name = open.pop().unwrap_or_default();
                    ended |= open.is_empty();
                    if open.len() == 1 {
                        files_seen |= name == "files";
                        facts.keep_text(&name, &content);
                    }
                }
                Event::Text(text) if open.len() == 2 => content.push_str(&text.xml10_content()),
                Event::CData(text) if open.len() == 2 => content.push_str(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let character = match name.resolve_char_ref() {
                        Ok(Some(character)) => Some(character),
                        Ok(None) => predefined(&name.xml10_content()),
                        Err(_) => return Err(broken),
                    };
                    let character = character.ok_or(ManifestError::Entity)?;
                    if open.len() == 2 {
                        content.push(character);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether this root is a manifest's.
    fn enter_root(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        doctype: bool,
        ended: bool,
    ) -> Result<bool, ManifestError> {
        if ended || !matches!(name, "extension" | "install") {
            return Ok(false);
        }
        if doctype {
            return Err(ManifestError::DocType);
        }
        self.kind = attribute(tag, "type")?;
        self.client = attribute(tag, "client")?;
        self.group = attribute(tag, "group")?;
        Ok(true)
    }

    /// Attributes below the root.
    fn look_at(
        &mut self,
        tag: &BytesStart<'_>,
        name: &str,
        open: &[String],
        files_seen: bool,
    ) -> Result<(), ManifestError> {
        match open {
            [_] if name == "targetplatform"
                && self.target_platform.is_none()
                && attribute(tag, "name")? == "joomla" =>
            {
                self.target_platform = Some(attribute(tag, "version")?);
            }
            [_, files] if files == "files" && !files_seen => {
                for (kept, wanted) in [(&mut self.module, "module"), (&mut self.plugin, "plugin")] {
                    if kept.is_empty() {
                        *kept = attribute(tag, wanted)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn keep_text(&mut self, name: &str, content: &str) {
        let place = TEXTS.iter().position(|known| *known == name);
        if let Some(kept) = place.and_then(|place| self.texts.get_mut(place))
            && kept.is_empty()
        {
            content.trim().clone_into(kept);
        }
    }

    /// The text of an element below the root; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        let place = TEXTS.iter().position(|known| *known == name);
        place.and_then(|place| self.texts.get(place)).map_or("", String::as_str)
    }
}

/// Whether each attribute has a value, and none comes twice.
fn well_formed(tag: &BytesStart<'_>) -> Option<()> {
    tag.attributes().all(|attribute| attribute.is_ok()).then_some(())
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<String, ManifestError> {
    let found = tag.try_get_attribute(name).map_err(|_| ManifestError::Broken(0))?;
    let Some(found) = found else { return Ok(String::new()) };
    let value = quick_xml::escape::unescape(&found.value).map_err(|_| ManifestError::Entity)?;
    Ok(value.trim().to_owned())
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// UTF-8, or ISO-8859-1 where the declaration says so.
fn decode(document: &[u8]) -> Result<Cow<'_, str>, ManifestError> {
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    if let Ok(text) = std::str::from_utf8(document) {
        return Ok(text.into());
    }
    let end = document.iter().position(|byte| *byte == b'>').unwrap_or(0);
    let declaration = document.get(..end).unwrap_or_default().to_ascii_lowercase();
    let declaration = String::from_utf8_lossy(&declaration);
    if declaration.starts_with("<?xml") && declaration.contains("iso-8859-1") {
        return Ok(document.iter().map(|byte| char::from(*byte)).collect());
    }
    Err(ManifestError::Encoding)
}
