//! The texts and attributes of a manifest, as the document has them.
//!
//! The document is read as a stream, in one pass, and refused if Joomla's parser would refuse it.
//! No entity beyond the five of XML exists. The manifest gives the texts their meaning.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::document_type::DocumentType;
use super::encoding::decode;
use super::error::ManifestError;
use super::xml_names::{is_blank, is_name};

/// The texts of a manifest that matter, the first of each; empty if there is none.
#[derive(Debug, Default)]
pub(super) struct ManifestFacts {
    pub(super) kind: String,
    pub(super) client: String,
    pub(super) group: String,
    texts: [String; TEXTS.len()],
    pub(super) module: String,
    pub(super) plugin: String,
    pub(super) target_platform: Option<String>,
    /// Type and address of each update server.
    pub(super) servers: Vec<(String, String)>,
    /// The English files of `<languages>`, with their folder.
    pub(super) languages: Vec<String>,
}

/// The elements below the root whose text matters.
const TEXTS: [&str; 12] = [
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
    "scriptfile",
    "changelogurl",
];

/// Elements within each other; Joomla's parser takes no more.
const DEEPEST: usize = 256;
/// Attributes of an element; each is compared with all before it.
const MOST_ATTRIBUTES: usize = 200;
/// Elements below others whose text matters: `administration`, `languages`, `language`.
const TEXT_DEPTH: usize = 4;
/// Update servers, and language files, of a manifest.
const MOST_LISTED: usize = 20;
/// Characters of an address or of a path.
const LONGEST_LISTED: usize = 1000;

/// An element that has not ended.
struct OpenElement {
    name: String,
    /// Its own text, if that may matter.
    text: String,
    /// The attribute that matters for its text, or for those within it.
    attribute: String,
}

/// The reader's place in the document.
struct Reading<'d> {
    text: &'d str,
    facts: ManifestFacts,
    open: Vec<OpenElement>,
    document_type: Option<DocumentType>,
    has_ended: bool,
    files_seen: bool,
    servers_seen: bool,
}

impl ManifestFacts {
    /// Reads a document; `None` if its root is not a manifest's.
    pub(super) fn read(document: &[u8]) -> Result<Option<Self>, ManifestError> {
        let text = decode(document)?;
        let mut reading = Reading {
            text: &text,
            facts: Self::default(),
            open: Vec::new(),
            document_type: None,
            has_ended: false,
            files_seen: false,
            servers_seen: false,
        };
        let mut reader = Reader::from_str(&text);
        reader.config_mut().check_comments = true;
        loop {
            let before = reader.buffer_position();
            let event = reader.read_event();
            let broken = ManifestError::Broken(reader.error_position().max(before));
            let event = event.map_err(|_| broken.clone())?;
            let end = matches!(event, Event::Eof);
            if end {
                return if reading.has_ended { Ok(Some(reading.facts)) } else { Err(broken) };
            }
            let span = before..reader.buffer_position();
            if !reading.take(event, span, &broken)? {
                return Ok(None);
            }
        }
    }

    /// Returns the text of an element below the root; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        let place = TEXTS.iter().position(|known| *known == name);
        place.and_then(|place| self.texts.get(place)).map_or("", String::as_str)
    }
}

impl Reading<'_> {
    /// Takes the next part of the document, which stands at `span`. `false`: its root is no manifest's.
    fn take(
        &mut self,
        event: Event<'_>,
        span: std::ops::Range<u64>,
        broken: &ManifestError,
    ) -> Result<bool, ManifestError> {
        match event {
            Event::Decl(_) if span.start > 0 => return Err(ManifestError::BeforeDeclaration),
            Event::Decl(declaration) => {
                declaration.version().map_err(|_| broken.clone())?;
            }
            Event::DocType(_) => {
                let is_late = self.document_type.is_some() || !self.is_before_root();
                let range = usize::try_from(span.start).ok().zip(usize::try_from(span.end).ok());
                let text = range.and_then(|(start, end)| self.text.get(start..end));
                self.document_type = text.filter(|_| !is_late).and_then(DocumentType::read);
                self.document_type.ok_or_else(|| broken.clone())?;
            }
            Event::Start(tag) => return self.start(&tag, broken),
            Event::Empty(tag) => {
                let is_manifest = self.start(&tag, broken)?;
                if is_manifest {
                    self.end();
                }
                return Ok(is_manifest);
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content(), broken)?,
            Event::CData(_) | Event::GeneralRef(_) if self.open.is_empty() => {
                return Err(ManifestError::Outside);
            }
            Event::CData(text) => self.keep(&text.xml10_content()),
            Event::GeneralRef(name) => {
                let character = self.character(&name, broken)?;
                self.keep(character.encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
        Ok(true)
    }

    fn is_before_root(&self) -> bool {
        self.open.is_empty() && !self.has_ended
    }

    fn start(
        &mut self,
        tag: &BytesStart<'_>,
        broken: &ManifestError,
    ) -> Result<bool, ManifestError> {
        let name = tag.name().as_ref().to_owned();
        if self.has_ended && self.open.is_empty() {
            return Err(ManifestError::Outside);
        }
        if self.open.is_empty() && !self.enter_root(&name)? {
            return Ok(false);
        }
        if self.open.len() >= DEEPEST || !is_name(&name) {
            return Err(broken.clone());
        }
        self.well_formed(tag, broken)?;
        let attribute = self.look_at(tag, &name)?;
        self.open.push(OpenElement { name, text: String::new(), attribute });
        Ok(true)
    }

    /// Whether this root is a manifest's.
    fn enter_root(&self, name: &str) -> Result<bool, ManifestError> {
        match name {
            "extension" => {}
            "install" | "mosinstall" => return Err(ManifestError::OldRoot(name.to_owned())),
            _ => return Ok(false),
        }
        if self.document_type == Some(DocumentType::WithSubset) {
            return Err(ManifestError::DocType);
        }
        match self.text.find(|letter| !is_character(letter)) {
            Some(at) => Err(ManifestError::Broken(at as u64)),
            None => Ok(true),
        }
    }

    /// Whether the attributes are XML's: each has a value that can be read, and none comes twice.
    fn well_formed(
        &self,
        tag: &BytesStart<'_>,
        broken: &ManifestError,
    ) -> Result<(), ManifestError> {
        for (count, attribute) in tag.attributes().enumerate() {
            let attribute = attribute.map_err(|_| broken.clone())?;
            if count >= MOST_ATTRIBUTES || attribute.value.contains('<') {
                return Err(broken.clone());
            }
            quick_xml::escape::unescape(&attribute.value).map_err(|_| self.unexplained())?;
        }
        Ok(())
    }

    /// Looks at the attributes of an element; returns the one that its text, or its content, needs.
    fn look_at(&mut self, tag: &BytesStart<'_>, name: &str) -> Result<String, ManifestError> {
        let facts = &mut self.facts;
        match below_root(&self.open).as_slice() {
            _ if self.open.is_empty() => {
                facts.kind = attribute(tag, "type")?;
                facts.client = attribute(tag, "client")?;
                facts.group = attribute(tag, "group")?;
            }
            [] if name == "targetplatform"
                && facts.target_platform.is_none()
                && attribute(tag, "name")? == "joomla" =>
            {
                facts.target_platform = Some(attribute(tag, "version")?);
            }
            ["files"] if !self.files_seen => {
                for (kept, wanted) in [(&mut facts.module, "module"), (&mut facts.plugin, "plugin")]
                {
                    if kept.is_empty() {
                        *kept = attribute(tag, wanted)?;
                    }
                }
            }
            [] if name == "updateservers" => return attribute(tag, "type"),
            ["updateservers"] => return attribute(tag, "type"),
            [] | ["administration"] if name == "languages" => return attribute(tag, "folder"),
            ["languages"] | ["administration", "languages"] if name == "language" => {
                return attribute(tag, "tag");
            }
            _ => {}
        }
        Ok(String::new())
    }

    fn end(&mut self) {
        let Some(OpenElement { name, text, attribute }) = self.open.pop() else { return };
        self.has_ended |= self.open.is_empty();
        let facts = &mut self.facts;
        match below_root(&self.open).as_slice() {
            _ if self.open.is_empty() => {}
            [] if name == "files" => self.files_seen = true,
            [] if name == "updateservers" => {
                // Joomla takes the text of the list itself if it has no entries.
                if !self.servers_seen && facts.servers.is_empty() {
                    facts.add_server(&attribute, &text);
                }
                self.servers_seen = true;
            }
            [] => facts.keep_text(&name, &text),
            ["updateservers"] if !self.servers_seen => facts.add_server(&attribute, &text),
            ["languages"] | ["administration", "languages"] if attribute == "en-GB" => {
                let folder = self.open.last().map_or("", |open| &open.attribute);
                facts.add_language(&format!("{folder}/{}", text.trim()));
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, broken: &ManifestError) -> Result<(), ManifestError> {
        let is_blank = !text.contains(|letter| !is_blank(letter));
        if self.has_ended && !is_blank {
            return Err(ManifestError::Outside);
        }
        if self.is_before_root() && !is_blank || text.contains("]]>") {
            return Err(broken.clone());
        }
        self.keep(text);
        Ok(())
    }

    fn keep(&mut self, text: &str) {
        if (2..=TEXT_DEPTH).contains(&self.open.len())
            && let Some(open) = self.open.last_mut()
        {
            open.text.push_str(text);
        }
    }

    fn character(
        &self,
        name: &BytesRef<'_>,
        broken: &ManifestError,
    ) -> Result<char, ManifestError> {
        match name.resolve_char_ref() {
            Ok(Some(letter)) if is_character(letter) => Ok(letter),
            Ok(None) => predefined(&name.xml10_content()).ok_or_else(|| self.unexplained()),
            _ => Err(broken.clone()),
        }
    }

    /// Returns the error for an entity that XML does not define. With a document type Joomla
    /// accepts the document all the same.
    fn unexplained(&self) -> ManifestError {
        match self.document_type {
            None => ManifestError::Entity,
            Some(_) => ManifestError::DocType,
        }
    }
}

impl ManifestFacts {
    fn keep_text(&mut self, name: &str, content: &str) {
        let place = TEXTS.iter().position(|known| *known == name);
        if let Some(kept) = place.and_then(|place| self.texts.get_mut(place))
            && kept.is_empty()
        {
            content.trim().clone_into(kept);
        }
    }

    fn add_server(&mut self, kind: &str, address: &str) {
        let address = address.trim();
        if !address.is_empty() && self.servers.len() < MOST_LISTED {
            let cut = |text: &str| text.chars().take(LONGEST_LISTED).collect::<String>();
            self.servers.push((cut(kind), cut(address)));
        }
    }

    fn add_language(&mut self, path: &str) {
        if self.languages.len() < MOST_LISTED && path.len() <= LONGEST_LISTED {
            self.languages.push(path.to_owned());
        }
    }
}

/// The names of the elements that have not ended, without the root; only as deep as matters.
fn below_root(open: &[OpenElement]) -> Vec<&str> {
    match open.get(1..) {
        Some(inner) if inner.len() < TEXT_DEPTH => {
            inner.iter().map(|one| one.name.as_str()).collect()
        }
        Some(_) => vec!["", "", "", ""],
        None => Vec::new(),
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<String, ManifestError> {
    let found = tag.try_get_attribute(name).map_err(|_| ManifestError::Broken(0))?;
    let Some(found) = found else { return Ok(String::new()) };
    let value = quick_xml::escape::unescape(&found.value).map_err(|_| ManifestError::Entity)?;
    Ok(value.trim().to_owned())
}

/// Can a document hold it?
fn is_character(letter: char) -> bool {
    letter >= ' ' && !matches!(letter, '\u{fffe}' | '\u{ffff}')
        || matches!(letter, '\t' | '\r' | '\n')
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
