//! A model of the updaters of Joomla 3.10.11, 4.4.0 and 5.3.2: `docs/updates.md`, "Joomla's behaviour".
//!
//! It was written from measurements on them, and is checked against the recordings in `recordings`.
//! It shares only the comparison of versions with the writer, which has recordings of its own.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use joomla_updates::entry::Checksums;
use php_compat::version_compare::version_compare;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use regex::Regex;

/// A site that looks for updates.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its version of Joomla.
    pub(crate) joomla: &'static str,
    /// Its version of PHP.
    pub(crate) php: &'static str,
    /// Its version of MariaDB.
    pub(crate) mariadb: &'static str,
    /// The lowest stability of versions that it accepts.
    pub(crate) stability: &'static str,
    /// Element, type, folder, client number and version of the installed extension.
    pub(crate) installed: (&'static str, &'static str, &'static str, u8, String),
}

impl Site {
    /// Makes a site with the package `pkg_example` in this version, as in the recordings.
    pub(crate) fn with(joomla: &'static str, version: &str) -> Self {
        Self {
            joomla,
            php: "8.2.35",
            mariadb: "10.11.19",
            stability: "stable",
            installed: ("pkg_example", "package", "", 0, version.to_owned()),
        }
    }

    /// Is it Joomla 3?
    pub(crate) fn is_joomla3(&self) -> bool {
        self.joomla.starts_with("3.")
    }
}

/// The result of looking for updates.
#[allow(clippy::struct_excessive_bools, reason = "each is a message of its own")]
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The version that Joomla stores, shown to the administrator or not.
    pub(crate) noted: Option<String>,
    /// The version that the administrator is offered.
    pub(crate) offered: Option<String>,
    /// The answer could not be parsed.
    pub(crate) unparseable: bool,
    /// The whole check breaks with HTTP 500.
    pub(crate) breaks: bool,
    /// There was a version, but for a later PHP.
    pub(crate) php_warning: bool,
    /// There was a version, but for another database.
    pub(crate) database_warning: bool,
    /// The address of the XML that a collection's entry names.
    pub(crate) details: Option<String>,
}

/// The result of applying an update.
#[derive(Debug, PartialEq)]
pub(crate) enum Applied {
    /// "Invalid extension update".
    Invalid,
    /// The download URL is not valid.
    NoDownload,
    /// "The checksum verification failed", and nothing is installed.
    WrongChecksum,
    /// Installed from this URL.
    Installed { url: String, checksum_failed: bool, checksum_missing: bool },
}

#[derive(Debug, Clone, Default)]
struct Update {
    /// Text by upper-case name, the last of each.
    texts: BTreeMap<String, String>,
    platform: Option<BTreeMap<String, String>>,
    databases: Option<BTreeMap<String, String>>,
}

impl Update {
    fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }
}

enum Document {
    Unparseable,
    Parsed { updates: Vec<Update>, extensions: Vec<BTreeMap<String, String>>, closed: bool },
}

/// Looks for an update, in an XML of single updates.
pub(crate) fn find(site: &Site, xml: &str) -> Found {
    let Document::Parsed { updates, .. } = parse(xml) else {
        return Found { unparseable: true, ..Found::default() };
    };
    let mut found = Found::default();
    let Some(update) = highest(site, &updates, Some(&mut found)) else { return found };
    let client = update.texts.get("CLIENT").map(String::as_str);
    if client == Some("") && site.is_joomla3() {
        return Found { breaks: true, ..Found::default() };
    }
    let client = match client {
        None | Some("administrator") => Some(1),
        Some("site") => Some(0),
        Some(number) => number.parse().ok(),
    };
    let identity = [update.text("ELEMENT"), update.text("TYPE"), update.text("FOLDER")];
    note(site, identity, client, update.text("VERSION"), &mut found);
    found
}

/// Looks for an update, in a collection.
pub(crate) fn find_in_collection(site: &Site, xml: &str) -> Found {
    let Document::Parsed { extensions, .. } = parse(xml) else {
        return Found { unparseable: true, ..Found::default() };
    };
    let mut best = Found::default();
    for extension in extensions {
        let get = |name: &str, default: &'static str| {
            extension.get(name).cloned().unwrap_or_else(|| default.to_owned())
        };
        let pattern = get("TARGETPLATFORMVERSION", ".*");
        if get("TARGETPLATFORM", "joomla") != "joomla" || !matches(&pattern, site.joomla) {
            continue;
        }
        let client = match get("CLIENT", "site").as_str() {
            "site" => Some(0),
            "administrator" => Some(1),
            number => number.parse().ok(),
        };
        let (element, kind, folder) = (get("ELEMENT", ""), get("TYPE", ""), get("FOLDER", ""));
        let mut found = Found { details: Some(get("DETAILSURL", "")), ..Found::default() };
        note(site, [&element, &kind, &folder], client, &get("VERSION", ""), &mut found);
        let better = match (&found.noted, &best.noted) {
            (Some(new), Some(old)) => version_compare(new, old) == Ordering::Greater,
            (new, _) => new.is_some(),
        };
        if better {
            best = found;
        }
    }
    best
}

/// A download, with the checksums of the right file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    /// The download URL.
    pub(crate) url: String,
    /// A second URL for when the first fails; only Joomla 3 reads it.
    pub(crate) mirror: Option<String>,
    /// The texts of `<sha256>`, `<sha384>` and `<sha512>`.
    pub(crate) sums: [Option<String>; 3],
}

impl Order {
    /// Is the URL one that Joomla requests?
    pub(crate) fn is_url(url: &str) -> bool {
        (url.contains("://") || url.starts_with("//")) && !url.contains(' ')
    }

    /// Are there no checksums?
    pub(crate) fn has_no_sums(&self) -> bool {
        self.sums.iter().all(Option::is_none)
    }

    /// Do all given checksums match?
    pub(crate) fn is_for(&self, file: &Checksums) -> bool {
        let right = [&file.sha256, &file.sha384, &file.sha512];
        let mut given = self.sums.iter().zip(right);
        given.all(|(given, right)| given.as_ref().is_none_or(|sum| sum.eq_ignore_ascii_case(right)))
    }
}

/// Finds the download for the update in an XML; `None`: "Invalid extension update".
pub(crate) fn order(site: &Site, xml: &str) -> Option<Order> {
    let Document::Parsed { updates, closed: true, .. } = parse(xml) else { return None };
    let texts = &highest(site, &updates, None)?.texts;
    Some(Order {
        url: texts.get("DOWNLOADURL")?.trim().to_owned(),
        mirror: texts.get("DOWNLOADSOURCE").filter(|_| site.is_joomla3()).cloned(),
        sums: ["SHA256", "SHA384", "SHA512"].map(|name| texts.get(name).cloned()),
    })
}

/// Applies the update of an XML; the download succeeds and has these checksums.
pub(crate) fn apply(site: &Site, xml: &str, file: &Checksums) -> Applied {
    let Some(order) = order(site, xml) else { return Applied::Invalid };
    if !Order::is_url(&order.url) {
        return Applied::NoDownload;
    }
    let checksum_failed = !order.is_for(file);
    if checksum_failed && !site.is_joomla3() {
        return Applied::WrongChecksum;
    }
    let checksum_missing = order.has_no_sums() && !site.is_joomla3();
    Applied::Installed { url: order.url, checksum_failed, checksum_missing }
}

/// Stores a version unless the installed one is as high; offers it if the extension is installed.
fn note(site: &Site, identity: [&str; 3], client: Option<u8>, version: &str, found: &mut Found) {
    let (element, kind, folder, own_client, installed) = &site.installed;
    let is_installed = identity[0].eq_ignore_ascii_case(element)
        && identity[1].eq_ignore_ascii_case(kind)
        && identity[2].eq_ignore_ascii_case(folder)
        && client == Some(*own_client);
    if is_installed && version_compare(version, installed) != Ordering::Greater {
        return;
    }
    found.noted = Some(version.to_owned());
    found.offered = is_installed.then(|| version.to_owned());
}

/// Finds the highest version that fits the site.
fn highest<'u>(
    site: &Site,
    updates: &'u [Update],
    mut found: Option<&mut Found>,
) -> Option<&'u Update> {
    let mut best: Option<&Update> = None;
    for update in updates {
        let Some(platform) = &update.platform else { continue };
        let attribute = |name: &str| platform.get(name).map_or("", String::as_str);
        if attribute("NAME") != "joomla" || !matches(attribute("VERSION"), site.joomla) {
            continue;
        }
        let php = update.texts.get("PHP_MINIMUM");
        let php_fits = php.is_none_or(|php| version_compare(site.php, php) != Ordering::Less);
        let databases_fit = update.databases.as_ref().is_none_or(|databases| {
            let wanted = databases.get("MARIADB");
            let fits = |wanted: &String| version_compare(site.mariadb, wanted) != Ordering::Less;
            !site.is_joomla3() && wanted.is_some_and(fits)
        });
        if let Some(found) = found.as_mut() {
            found.php_warning |= !php_fits;
            found.database_warning |= !databases_fit;
        }
        if !php_fits || !databases_fit || level(update.text("TAG")) < level(site.stability) {
            continue;
        }
        let better = best.is_none_or(|best| {
            version_compare(update.text("VERSION"), best.text("VERSION")) == Ordering::Greater
        });
        if better {
            best = Some(update);
        }
    }
    best
}

fn level(tag: &str) -> usize {
    let known = ["dev", "alpha", "beta", "rc", "stable"];
    known.iter().position(|known| known.eq_ignore_ascii_case(tag.trim())).unwrap_or(4)
}

/// Matches a pattern, which is only anchored at its start. A pattern that breaks the delimiters
/// matches no version.
fn matches(pattern: &str, joomla: &str) -> bool {
    if pattern.contains('/') || pattern.starts_with('*') {
        return false;
    }
    Regex::new(&format!("^{pattern}")).is_ok_and(|regex| regex.is_match(joomla))
}

/// Parses a stream of events without an end: an element that is cut off is missing.
fn parse(xml: &str) -> Document {
    let xml = xml.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    let (mut updates, mut extensions) = (Vec::new(), Vec::new());
    let (mut update, mut text) = (Update::default(), String::new());
    let mut closed = false;
    loop {
        let at = reader.buffer_position();
        let Ok(event) = reader.read_event() else {
            // The tag is cut off, or it is wrong.
            let cut = usize::try_from(at).is_ok_and(|at| !xml[at..].contains('>'));
            return if cut { parsed(updates, extensions, closed) } else { Document::Unparseable };
        };
        match event {
            Event::Eof => return parsed(updates, extensions, closed),
            Event::Decl(_) if at != 0 => return Document::Unparseable,
            Event::Start(_) | Event::Empty(_) if closed => return Document::Unparseable,
            Event::Start(tag) => {
                open_tag(&tag, &mut update, &mut extensions);
                open.push(upper(&tag));
                text.clear();
            }
            Event::Empty(tag) => {
                open_tag(&tag, &mut update, &mut extensions);
                if open.len() >= 2 {
                    update.texts.insert(upper(&tag), String::new());
                }
            }
            Event::End(_) => {
                let name = open.pop().unwrap_or_default();
                if name == "UPDATE" {
                    updates.push(std::mem::take(&mut update));
                } else if open.len() >= 2 {
                    update.texts.insert(name, std::mem::take(&mut text));
                }
                closed |= open.is_empty();
            }
            Event::Text(content) => {
                if open.is_empty() && !content.trim().is_empty() {
                    return Document::Unparseable;
                }
                text.push_str(&content);
            }
            Event::CData(content) => text.push_str(&content),
            Event::GeneralRef(name) => {
                let named = quick_xml::escape::unescape(&format!("&{};", &*name)).map(String::from);
                text.push_str(&named.unwrap());
            }
            _ => {}
        }
    }
}

fn parsed(
    updates: Vec<Update>,
    extensions: Vec<BTreeMap<String, String>>,
    closed: bool,
) -> Document {
    Document::Parsed { updates, extensions, closed }
}

fn open_tag(
    tag: &BytesStart<'_>,
    update: &mut Update,
    extensions: &mut Vec<BTreeMap<String, String>>,
) {
    match upper(tag).as_str() {
        "TARGETPLATFORM" => update.platform = Some(attributes(tag)),
        "SUPPORTED_DATABASES" => update.databases = Some(attributes(tag)),
        "EXTENSION" => extensions.push(attributes(tag)),
        _ => {}
    }
}

fn upper(tag: &BytesStart<'_>) -> String {
    tag.name().as_ref().to_ascii_uppercase()
}

fn attributes(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
    tag.attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
            (attribute.key.as_ref().to_ascii_uppercase(), value)
        })
        .collect()
}
