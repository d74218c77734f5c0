//! The rows the end-points come from: the menu, and the prefixes of a multilingual site's URLs.
//!
//! Params stay text here; what they mean is the jBackend core's business (`docs/protocol.md`,
//! "Menu item params").

use super::rows::Cells;

/// Everything the end-points are made of. Two equal values mean that nothing changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndpointRows {
    /// Published menu items, in time, that are jBackend's or aliases of others; by id.
    pub menu: Vec<MenuItem>,
    /// URL prefixes of the site's languages (`sef` of `#__languages`), where the site is
    /// multilingual; else none.
    pub language_prefixes: Vec<String>,
}

/// A row of `#__menu`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// `id`: what `Itemid` names.
    pub id: u32,
    /// Path of its URL: aliases joined by `/`.
    pub path: String,
    /// What it leads to: `index.php?option=…`.
    pub link: String,
    /// Whether it stands for another item.
    pub is_alias: bool,
    /// The access level it is limited to.
    pub access: u32,
    /// JSON text as Joomla stored it; may be empty.
    pub params: String,
    /// Whether it is a start page of the site.
    pub is_home: bool,
}

/// A row of `menu`.
pub(super) fn menu_item(row: &mut dyn Cells) -> Option<MenuItem> {
    Some(MenuItem {
        id: row.id(0)?,
        path: row.text(1),
        link: row.text(2),
        is_alias: row.text(3).eq_ignore_ascii_case("alias"),
        access: row.id(4).unwrap_or(0),
        params: row.text(5),
        is_home: row.number(6) == Some(1),
    })
}

/// A row of `languages`: none where a site has no prefixes.
pub(super) fn language_prefix(row: &mut dyn Cells) -> Option<String> {
    Some(row.text(0)).filter(|prefix| !prefix.is_empty())
}
