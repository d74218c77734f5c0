//! Translates keys of language files in a manifest: `PLG_SYSTEM_EXAMPLE` is "Example".
//!
//! Called by `archive`, for the texts that people read in the list of updates. Joomla reads the
//! file `….sys.ini` of the extension; so does this, in English, and only the needed part.

use super::Tree;
use crate::extension::{Extension, ExtensionType};
use crate::manifest::Inside;

/// The ending of the files that Joomla reads for its lists.
const ENDING: &str = ".sys.ini";
/// The language.
const ENGLISH: &str = "en-GB";
/// Files that are read.
pub(super) const MOST_FILES: usize = 8;
/// Characters of a text.
const LONGEST: usize = 1000;

/// Might a text be a key? Joomla takes them in small letters too.
pub(super) fn may_be_key(text: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    text.contains('_') && text.bytes().all(may_stand)
}

/// Returns the places of the English files of an extension whose manifest lies in `folder`: those
/// it names, then those with the usual name, then all others.
pub(super) fn files(
    tree: &Tree,
    folder: &str,
    inside: &Inside,
    extension: &Extension,
) -> Vec<usize> {
    let named = inside.languages.iter().filter(|path| path.ends_with(ENDING));
    let named = named.filter_map(|path| tree.find(folder, path));
    let usual = format!("{}{ENDING}", usual_name(extension));
    let english = || {
        tree.below(folder).filter(|(path, _)| {
            let file = path.rsplit('/').next().unwrap_or_default();
            let is_english =
                file.starts_with(ENGLISH) || path.split('/').any(|part| part == ENGLISH);
            is_english && file.ends_with(ENDING)
        })
    };
    let is_usual = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or_default();
        let file =
            file.strip_prefix(ENGLISH).and_then(|file| file.strip_prefix('.')).unwrap_or(file);
        file.eq_ignore_ascii_case(&usual)
    };
    let usual = english().filter(|(path, _)| is_usual(path)).map(|(_, index)| index);
    let others = english().map(|(_, index)| index);
    let mut found = Vec::new();
    for index in named.chain(usual).chain(others) {
        if !found.contains(&index) && found.len() < MOST_FILES {
            found.push(index);
        }
    }
    found
}

fn usual_name(extension: &Extension) -> String {
    let element = &extension.element;
    match extension.kind {
        ExtensionType::Plugin => format!("plg_{}_{element}", extension.folder),
        ExtensionType::Template => format!("tpl_{element}"),
        ExtensionType::Library => format!("lib_{element}"),
        ExtensionType::Component
        | ExtensionType::Module
        | ExtensionType::Language
        | ExtensionType::File
        | ExtensionType::Package => element.clone(),
    }
}

/// The text of a key in a language file. Of several the last counts, as in PHP.
pub(super) fn text(file: &str, key: &str) -> Option<String> {
    let mut rest = file.strip_prefix('\u{feff}').unwrap_or(file);
    let mut found = None;
    while !rest.is_empty() {
        let (line, after) = rest.split_at(end_of_line(rest));
        let is_comment = line.trim_start().starts_with([';', '#', '[']);
        let Some((name, _)) = line.split_once('=').filter(|_| !is_comment) else {
            rest = after;
            continue;
        };
        // A value in quotes may go on in the next lines.
        let (value, after) = value(rest.get(name.len() + 1..).unwrap_or_default());
        if name.trim().eq_ignore_ascii_case(key) {
            found = Some(value);
        }
        rest = after;
    }
    let text: String = found?.trim().chars().take(LONGEST).collect();
    Some(text).filter(|text| !text.is_empty())
}

/// Returns the value that begins here, and the text after its line. A quote is written `\"` or
/// `_QQ_`; texts in quotes one behind the other are joined.
fn value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text.trim_start_matches([' ', '\t']);
    let mut quoted = false;
    while let Some(letter) = rest.chars().next() {
        let after = rest.get(letter.len_utf8()..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix("_QQ_") {
            value.push('"');
            rest = after;
            continue;
        }
        match letter {
            '"' if quoted => quoted = false,
            // An open end is the end of the line.
            '"' => quoted = after.contains('"'),
            '\\' if after.starts_with(['"', '\\']) => {
                value.extend(after.chars().next());
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            ';' | '\n' if !quoted => {
                return (value, rest.get(end_of_line(rest)..).unwrap_or_default());
            }
            letter => value.push(letter),
        }
        rest = after;
    }
    (value, rest)
}

/// Returns the start of the next line.
fn end_of_line(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}
