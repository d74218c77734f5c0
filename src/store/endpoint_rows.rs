//! The source rows of the end-points: the menu, and the prefixes of a multilingual site's URLs.
//!
//! Params stay text here; the jBackend core interprets them (`docs/protocol.md`, "Menu item
//! params").

use super::rows::Cells;

/// All source rows of the end-points. Two equal values mean that they have not changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointRows {
    /// Published menu items, in time, that are jBackend's or aliases of others; by id.
    pub menu: Vec<MenuItem>,
    /// The menu is not there or may not be read.
    pub menu_is_hidden: bool,
    /// The site's languages if the site is multilingual; else none.
    pub languages: Vec<Language>,
}

/// A row of `#__languages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// `sef`: the first segment of its URLs.
    pub prefix: String,
    /// `lang_code`: `en-GB`.
    pub tag: String,
}

/// A row of `#__menu`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// `id`: the value of `Itemid`.
    pub id: u32,
    /// Path of its URL: aliases joined by `/`.
    pub path: String,
    /// Whether it stands for another item.
    pub is_alias: bool,
    /// The access level it is limited to.
    pub access: u32,
    /// JSON text as Joomla stored it; may be empty.
    pub params: String,
    /// Whether it is a start page of the site.
    pub is_home: bool,
    /// The tag of the language it is for; `*` for all.
    pub language: String,
}

/// Menu items by id. The statement gives jBackend's own first, so that they are not cut off.
pub(super) fn by_id(mut items: Vec<MenuItem>) -> Vec<MenuItem> {
    items.sort_by_key(|item| item.id);
    items
}

/// A row of `menu`.
pub(super) fn menu_item(row: &mut dyn Cells) -> Option<MenuItem> {
    Some(MenuItem {
        id: row.id(0)?,
        path: row.text(1),
        is_alias: row.text(2).eq_ignore_ascii_case("alias"),
        access: row.id(3).unwrap_or(0),
        params: row.text(4),
        is_home: row.number(5) == Some(1),
        language: row.text(6),
    })
}

/// Reads a row of `languages`; `None` if a language has no prefix.
pub(super) fn language(row: &mut dyn Cells) -> Option<Language> {
    let language = Language { prefix: row.text(0), tag: row.text(1) };
    (!language.prefix.is_empty()).then_some(language)
}
