//! Params of menu items and of the component that fill their column: a longer text breaks off there.
//!
//! Called with the end-points. Such params mean nothing, so that the end-point asks for an API key.

use super::finding::FindingSink;
use crate::release::params;
use crate::service::plan::database::DatabaseLocation;
use crate::store::{EndpointRows, SiteRows};

/// The most bytes of the column.
const WIDEST: &str = "65,535";

pub(super) fn look(
    database: &DatabaseLocation,
    rows: &SiteRows,
    menu: &EndpointRows,
    notes: &mut FindingSink<'_>,
) {
    for item in &menu.menu {
        let place = format!("menu item {}", item.id);
        let table = database.table("menu");
        width(&format!("the params of `{}`", item.path), &place, &table, &item.params, notes);
    }
    if let Some(row) = &rows.component {
        let place = format!("extension id {}", row.id);
        let table = database.extensions_table();
        width("the options of the component jBackend", &place, &table, &row.params, notes);
    }
}

fn width(what: &str, place: &str, table: &str, params: &str, notes: &mut FindingSink<'_>) {
    let length = params.len();
    let wider = format!("`ALTER TABLE {table} MODIFY params MEDIUMTEXT NOT NULL`");
    if params::is_cut_off(params) {
        notes
            .error(format!(
                "{what} break off: their column is full, with {length} bytes of the {WIDEST} that fit; \
                 none of them counts, so an API key is asked for"
            ))
            .at(place)
            .advise(format!("run {wider}, and save them in Joomla again"));
    } else if params::is_nearly_full(params) {
        notes
            .warning(format!("{what} nearly fill their column: {length} of {WIDEST} bytes"))
            .at(place)
            .advise(format!("before they are cut off, run {wider}"));
    }
}
