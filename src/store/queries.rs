//! The statements of `sql/queries/`, made for one site.
//!
//! The stores differ only in how names are matched; [`Dialect`] holds the difference.

use super::{
    TablePrefix,
    samples::SampleStatements,
    version::{ExtensionsTable, MenuTable, SecondFactor, Shape},
};

/// The statements whose text differs between the databases.
pub(super) struct Dialect {
    users_by_email: &'static str,
    users_by_username: &'static str,
    menu_in_time: &'static str,
}

/// Names match as the columns' collations say.
pub(super) const MYSQL: Dialect = Dialect {
    users_by_email: include_str!("../../sql/queries/users_by_email.mysql.sql"),
    users_by_username: include_str!("../../sql/queries/users_by_username.mysql.sql"),
    menu_in_time: include_str!("../../sql/queries/menu_in_time.mysql.sql"),
};

/// Names match exactly or but for ASCII case.
pub(super) const SQLITE: Dialect = Dialect {
    users_by_email: include_str!("../../sql/queries/users_by_email.sqlite.sql"),
    users_by_username: include_str!("../../sql/queries/users_by_username.sqlite.sql"),
    menu_in_time: include_str!("../../sql/queries/menu_in_time.sqlite.sql"),
};

/// Names match byte by byte.
pub(super) const EXACT: Dialect = Dialect {
    users_by_email: include_str!("../../sql/queries/users_by_email.exact.sql"),
    users_by_username: include_str!("../../sql/queries/users_by_username.exact.sql"),
    menu_in_time: include_str!("../../sql/queries/menu_in_time.sqlite.sql"),
};

/// The statements for one site, with its prefix and for its tables' shape.
pub(super) struct Queries {
    pub(super) users_by_email: Accounts,
    pub(super) users_by_username: Accounts,
    pub(super) user_by_id: Accounts,
    /// The groups of an account that has many.
    pub(super) memberships: String,
    pub(super) recent_hashes: String,
    /// Optional, like the three that follow: used only for samples.
    pub(super) highest_user: String,
    pub(super) users_from: Accounts,
    pub(super) members_between: Accounts,
    pub(super) looks: SampleStatements,
    pub(super) extensions: String,
    pub(super) usergroups: String,
    /// Optional: no request needs it.
    pub(super) usergroup_titles: String,
    pub(super) viewlevels: String,
    pub(super) ping: String,
    /// `None` if the menu may not be read.
    pub(super) menu: Option<String>,
    /// `None` if the languages may not be read.
    pub(super) languages: Option<String>,
    /// `None` if the sessions may not be read.
    pub(super) session: Option<String>,
    /// Optional, like the next three: used only for snapshots.
    pub(super) copy_users: String,
    pub(super) copy_users_with_passwords: String,
    pub(super) copy_memberships: String,
    /// `None` if the menu may not be read.
    pub(super) copy_menu: Option<String>,
    /// The shape that the statements were made for.
    pub(super) shape: Shape,
}

/// A statement for accounts.
pub(super) struct Accounts {
    /// With their direct groups, one row for each.
    pub(super) with_groups: String,
    /// Without, for accounts that have too many groups for one answer.
    pub(super) alone: String,
}

impl Accounts {
    fn new(prefix: &TablePrefix, statement: &str) -> Self {
        let joined = |join: &str| prefix.statement(&statement.replace("#memberships#", join));
        Self {
            with_groups: joined(include_str!("../../sql/queries/memberships_of_some.sql")),
            alone: joined(include_str!("../../sql/queries/memberships_of_none.sql")),
        }
    }
}

impl Queries {
    pub(super) fn new(prefix: &TablePrefix, dialect: &Dialect, shape: Shape) -> Self {
        let two_factor = shape.second_factor.sql(&prefix.table("user_mfa"));
        Self {
            users_by_email: Accounts::new(prefix, dialect.users_by_email),
            users_by_username: Accounts::new(
                prefix,
                &dialect.users_by_username.replace("#two_factor#", &two_factor),
            ),
            user_by_id: Accounts::new(prefix, include_str!("../../sql/queries/user_by_id.sql")),
            memberships: prefix.statement(include_str!("../../sql/queries/memberships_of_one.sql")),
            recent_hashes: prefix.statement(include_str!("../../sql/queries/recent_hashes.sql")),
            highest_user: prefix.statement(include_str!("../../sql/queries/highest_user.sql")),
            users_from: Accounts::new(prefix, include_str!("../../sql/queries/users_from.sql")),
            members_between: Accounts::new(
                prefix,
                include_str!("../../sql/queries/members_between.sql"),
            ),
            looks: SampleStatements::new(prefix),
            extensions: prefix.statement(EXTENSIONS),
            usergroups: prefix.statement(include_str!("../../sql/queries/usergroups.sql")),
            usergroup_titles: prefix
                .statement(include_str!("../../sql/queries/usergroup_titles.sql")),
            viewlevels: prefix.statement(include_str!("../../sql/queries/viewlevels.sql")),
            ping: prefix.statement(include_str!("../../sql/queries/ping.sql")),
            menu: dialect.menu(prefix, shape.menu),
            languages: shape
                .has_languages
                .then(|| prefix.statement(include_str!("../../sql/queries/languages.sql"))),
            session: shape
                .has_sessions
                .then(|| prefix.statement(include_str!("../../sql/queries/session.sql"))),
            copy_users: copy_users(prefix, "''", "0"),
            copy_users_with_passwords: copy_users(prefix, "password", &two_factor),
            copy_memberships: prefix
                .statement(include_str!("../../sql/queries/copy_memberships.sql")),
            copy_menu: dialect.copy_menu(prefix, shape.menu),
            shape,
        }
    }

    /// All that the service runs, to be checked before the first is run.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        [
            &self.users_by_email.with_groups,
            &self.users_by_email.alone,
            &self.users_by_username.with_groups,
            &self.users_by_username.alone,
            &self.user_by_id.with_groups,
            &self.user_by_id.alone,
            &self.memberships,
            &self.recent_hashes,
            &self.extensions,
            &self.usergroups,
            &self.viewlevels,
            &self.ping,
        ]
        .into_iter()
        .chain(&self.menu)
        .chain(&self.languages)
        .chain(&self.session)
    }
}

impl Dialect {
    fn menu(&self, prefix: &TablePrefix, table: MenuTable) -> Option<String> {
        let in_time = match table {
            MenuTable::Hidden => return None,
            MenuTable::Plain => "",
            MenuTable::Dated => self.menu_in_time,
        };
        let statement = prefix.statement(include_str!("../../sql/queries/menu.sql"));
        Some(statement.replace("#in_time#", in_time.trim_end()))
    }

    fn copy_menu(&self, prefix: &TablePrefix, table: MenuTable) -> Option<String> {
        let (in_time, dates) = match table {
            MenuTable::Hidden => return None,
            MenuTable::Plain => ("", "NULL, NULL"),
            MenuTable::Dated => {
                (self.menu_in_time, "CAST(publish_up AS CHAR), CAST(publish_down AS CHAR)")
            }
        };
        let statement = prefix.statement(include_str!("../../sql/queries/copy_menu.sql"));
        Some(statement.replace("#in_time#", in_time.trim_end()).replace("#dates#", dates))
    }
}

fn copy_users(prefix: &TablePrefix, password: &str, two_factor: &str) -> String {
    prefix
        .statement(include_str!("../../sql/queries/copy_users.sql"))
        .replace("#password#", password)
        .replace("#two_factor#", two_factor)
}

/// The source of settings and version.
pub(super) const EXTENSIONS: &str = include_str!("../../sql/queries/extensions.sql");

/// The probe for the second factor of Joomla 3.2 to 4.1.
pub(super) const OTP_KEY: &str = include_str!("../../sql/queries/shape_otp.sql");

/// The probe for the dates of menu items, since Joomla 4.
pub(super) const MENU_DATES: &str = include_str!("../../sql/queries/shape_menu_dates.sql");

/// The probe for the second factor since Joomla 4.2.
pub(super) const MFA: &str = include_str!("../../sql/queries/shape_mfa.sql");

/// A probe for a difference between Joomla's versions.
pub(super) struct ShapeProbe {
    /// The statement, with the site's prefix; prepared only, never run.
    pub(super) statement: String,
    /// Notes in the shape that it could be prepared.
    pub(super) note: fn(&mut Shape),
}

/// Returns the probes, older variants first: the result of a later one replaces an earlier one.
pub(super) fn shape_probes(prefix: &TablePrefix) -> [ShapeProbe; 8] {
    let probe = |sql, note| ShapeProbe { statement: prefix.statement(sql), note };
    [
        probe(include_str!("../../sql/queries/shape_joomla3.sql"), |shape| {
            shape.extensions = ExtensionsTable::Joomla3;
        }),
        probe(include_str!("../../sql/queries/shape_joomla4.sql"), |shape| {
            shape.extensions = ExtensionsTable::Joomla4;
        }),
        probe(OTP_KEY, |shape| {
            shape.second_factor = SecondFactor::OtpKey;
        }),
        probe(MFA, |shape| {
            shape.second_factor = SecondFactor::MfaTable;
        }),
        probe(include_str!("../../sql/queries/shape_menu.sql"), |shape| {
            shape.menu = MenuTable::Plain;
        }),
        probe(MENU_DATES, |shape| {
            if shape.menu == MenuTable::Plain {
                shape.menu = MenuTable::Dated;
            }
        }),
        probe(include_str!("../../sql/queries/shape_languages.sql"), |shape| {
            shape.has_languages = true;
        }),
        probe(include_str!("../../sql/queries/shape_session.sql"), |shape| {
            shape.has_sessions = true;
        }),
    ]
}
