//! The text of an update XML: one `<updates>` with an `<update>` for each entry.
//!
//! Written so that the updaters of Joomla 3 to 6 all understand it: see "Content of the XML" in the
//! README.

use std::fmt::Write as _;

use crate::entry::Entry;
use crate::extension::ExtensionType;
use crate::printable::is_unprintable;

/// The whole document.
#[must_use]
pub fn updates<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> String {
    let mut out = XmlText::document();
    out.line(0, "<updates>");
    for entry in entries {
        update(&mut out, entry);
    }
    out.line(0, "</updates>");
    out.0
}

fn update(out: &mut XmlText, entry: &Entry) {
    let extension = &entry.extension;
    out.line(1, "<update>");
    out.element("name", &entry.name);
    out.element("description", &entry.description);
    out.element("element", &extension.element);
    out.element("type", extension.kind.name());
    if extension.kind == ExtensionType::Plugin {
        out.element("folder", &extension.folder);
    }
    out.element("client", extension.client.name());
    out.element("version", &entry.version);
    if let Some(url) = &entry.info_url {
        let title = escape(&entry.name);
        out.line(2, &format!("<infourl title=\"{title}\">{}</infourl>", escape(url)));
    }
    out.optional("changelogurl", entry.changelog_url.as_ref());
    out.line(2, "<downloads>");
    let url = escape(&entry.download_url);
    out.line(3, &format!("<downloadurl type=\"full\" format=\"zip\">{url}</downloadurl>"));
    out.line(2, "</downloads>");
    out.line(2, "<tags>");
    out.line(3, &format!("<tag>{}</tag>", entry.stability));
    out.line(2, "</tags>");
    out.optional("security", entry.security.map(|level| level.to_string()).as_ref());
    out.element("sha256", &entry.checksums.sha256);
    out.element("sha384", &entry.checksums.sha384);
    out.element("sha512", &entry.checksums.sha512);
    out.optional("maintainer", entry.maintainer.as_ref());
    out.optional("maintainerurl", entry.maintainer_url.as_ref());
    out.optional("section", entry.section.as_ref());
    let pattern = escape(entry.target_platform.as_str());
    out.line(2, &format!("<targetplatform name=\"joomla\" version=\"{pattern}\"/>"));
    out.optional("php_minimum", entry.php_minimum.as_ref());
    // Joomla 3 compares the names of the databases in the wrong case, and so refuses each.
    if !entry.supported_databases.is_empty() && !entry.target_platform.majors().contains(&3) {
        let databases: Vec<_> = entry
            .supported_databases
            .iter()
            .map(|(name, version)| format!("{name}=\"{}\"", escape(version)))
            .collect();
        out.line(2, &format!("<supported_databases {}/>", databases.join(" ")));
    }
    out.line(1, "</update>");
}

/// A document being written.
pub(super) struct XmlText(pub(super) String);

impl XmlText {
    pub(super) fn document() -> Self {
        Self(String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"))
    }

    pub(super) fn line(&mut self, depth: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{:width$}{text}", "", width = depth * 2);
    }

    pub(super) fn element(&mut self, name: &str, content: &str) {
        self.line(2, &format!("<{name}>{}</{name}>", escape(content)));
    }

    fn optional(&mut self, name: &str, content: Option<&String>) {
        if let Some(content) = content {
            self.element(name, content);
        }
    }
}

/// Text for content and attributes. Characters that XML cannot hold are left out; line ends and tabs
/// become blanks, so that an element is a line.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter < ' ' => {}
            // A manifest must not steer the terminal on which the document is printed.
            letter if is_unprintable(letter) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "&#x{:x};", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}
