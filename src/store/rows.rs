//! From a driver's rows to ours, the same for both stores.
//!
//! No conversion fails or panics: NULL, and a value that does not fit its type, becomes the
//! column's empty value, as in Joomla's own code. A row without its id is left out.

use super::{
    StoredHash, TwoFactor, User,
    plugin_row::{ExtensionRow, UserGroup, ViewLevel, level_groups},
    user::UserRow,
    version::SecondFactor,
};

/// Columns of one row of an answer, by position. Each is asked for once.
pub(super) trait Cells {
    /// Returns a whole number; `None` for NULL and for other values.
    fn number(&mut self, column: usize) -> Option<i64>;

    /// A text or binary column; empty for NULL.
    fn bytes(&mut self, column: usize) -> Vec<u8>;

    /// Returns a text column. Connections are UTF-8, so a valid column loses no characters here.
    fn text(&mut self, column: usize) -> String {
        String::from_utf8(self.bytes(column))
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }

    /// The id of a group or an access level.
    fn id(&mut self, column: usize) -> Option<u32> {
        self.number(column)?.try_into().ok()
    }
}

/// A row of `users_by_email`, `user_by_id`, `users_from` and `members_between`.
pub(super) fn user(row: &mut dyn Cells) -> Option<UserRow> {
    Some(UserRow {
        user: user_columns(row)?,
        as_sent: row.number(5) == Some(1),
        group: row.id(6),
        password: Vec::new(),
        two_factor: TwoFactor::Off,
    })
}

/// A row of `users_by_username`.
pub(super) fn account(row: &mut dyn Cells, second_factor: SecondFactor) -> Option<UserRow> {
    Some(UserRow {
        user: user_columns(row)?,
        password: row.bytes(5),
        two_factor: match row.number(6) {
            None | Some(0) => TwoFactor::Off,
            Some(_) => second_factor.when_active(),
        },
        group: row.id(7),
        as_sent: true,
    })
}

/// A row of `recent_hashes`.
pub(super) fn hash(row: &mut dyn Cells) -> StoredHash {
    StoredHash::new(row.bytes(0))
}

fn user_columns(row: &mut dyn Cells) -> Option<User> {
    Some(User {
        id: row.number(0)?,
        name: row.text(1),
        username: row.text(2),
        email: row.text(3),
        block: row.number(4).unwrap_or(0),
        groups: Vec::new(),
    })
}

/// A row of `extensions`.
pub(super) fn extension(row: &mut dyn Cells) -> Option<ExtensionRow> {
    Some(ExtensionRow {
        id: row.number(0)?,
        kind: row.text(1),
        element: row.text(2),
        folder: row.text(3),
        enabled: row.number(4) == Some(1),
        access: row.id(5).unwrap_or(0),
        params: row.text(6),
        manifest: row.text(7),
    })
}

/// A row of `usergroups`.
pub(super) fn group(row: &mut dyn Cells) -> Option<UserGroup> {
    Some(UserGroup {
        id: row.id(0)?,
        parent_id: row.id(1).unwrap_or(0),
        lft: row.number(2).unwrap_or(0),
        rgt: row.number(3).unwrap_or(0),
    })
}

/// A row of `usergroup_titles`.
pub(super) fn group_title(row: &mut dyn Cells) -> Option<(u32, String)> {
    Some((row.id(0)?, row.text(1)))
}

/// A row of `viewlevels`.
pub(super) fn view_level(row: &mut dyn Cells) -> Option<ViewLevel> {
    Some(ViewLevel { id: row.id(0)?, groups: level_groups(&row.text(1)) })
}
