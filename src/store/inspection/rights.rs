//! The rights of a database account, read out of `SHOW GRANTS`.
//!
//! Only the names of rights and of their objects are kept: the server's lines can hold the hash of
//! the account's password.

use std::fmt;

/// Rights on one thing: on everything, a database, a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The database, or `*`. A pattern, as servers take the names of databases for.
    pub database: String,
    /// The table, or `*`.
    pub table: String,
    /// Names of rights: `SELECT`, `ALL PRIVILEGES`; columns are left out.
    pub rights: Vec<String>,
    /// Whether every account of the server has them.
    pub is_public: bool,
}

/// All rights of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// One for each thing.
    pub grants: Vec<Grant>,
    /// Roles of the account whose rights the server does not report.
    pub hidden_roles: Vec<String>,
}

/// Rights that allow no change.
const READING: [&str; 9] = [
    "SELECT",
    "USAGE",
    "SHOW VIEW",
    "SHOW DATABASES",
    "PROCESS",
    "REFERENCES",
    "REPLICATION CLIENT",
    "BINLOG MONITOR",
    "LOCK TABLES",
];

impl Rights {
    /// Reads the lines of `SHOW GRANTS`; leaves out lines that do not grant rights (of a role).
    pub(in crate::store) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut grants: Vec<Grant> = Vec::new();
        for grant in lines.filter_map(grant) {
            if !grants.contains(&grant) {
                grants.push(grant);
            }
        }
        Self { grants, hidden_roles: Vec::new() }
    }

    /// Returns whether the account may write although `read_only` stops the others; no right
    /// overrides `super_read_only` or `innodb_read_only`.
    #[must_use]
    pub fn pass_read_only(&self) -> bool {
        let passing = ["ALL PRIVILEGES", "READ ONLY ADMIN", "READ_ONLY ADMIN", "CONNECTION_ADMIN"];
        self.grants
            .iter()
            .filter(|grant| grant.on() == "*.*")
            .any(|grant| grant.rights.iter().any(|right| passing.contains(&right.as_str())))
    }
}

/// The roles that the lines of `SHOW GRANTS` give, as the server quotes them.
pub(in crate::store) fn roles<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let given = lines.filter_map(|line| {
        let (roles, _) = line.strip_prefix("GRANT ")?.split_once(" TO ")?;
        (roles.starts_with(['`', '\'', '"']) && !roles.contains(" ON ")).then_some(roles)
    });
    given.flat_map(|roles| roles.split(',')).map(|role| role.trim().to_owned()).collect()
}

impl Grant {
    /// Returns their object, as the server writes it, without its quotes: `joomla.*`.
    #[must_use]
    pub fn on(&self) -> String {
        format!("{}.{}", self.database, self.table)
    }

    /// Returns whether they are only for the database of this name. An underscore that stands for
    /// any letter is as good as one.
    #[must_use]
    pub fn is_for(&self, database: &str) -> bool {
        let name = self.database.replace("\\_", "_").replace("\\%", "%");
        !self.database.replace("\\%", "").contains('%') && name.eq_ignore_ascii_case(database)
    }

    /// The rights by which something can be changed.
    #[must_use]
    pub fn writing(&self) -> Vec<String> {
        let changes = |right: &&String| !READING.contains(&right.as_str());
        self.rights.iter().filter(changes).cloned().collect()
    }

    /// The rights by which anything can be done.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.rights.iter().filter(|right| *right != "USAGE").cloned().collect()
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} on `{}`", self.rights.join(", "), self.on())
    }
}

/// `GRANT SELECT (id, name), INSERT ON `db`.`table` TO …`.
fn grant(line: &str) -> Option<Grant> {
    let (rights, rest) = line.strip_prefix("GRANT ")?.split_once(" ON ")?;
    let (on, to) = rest.split_once(" TO ")?;
    let mut names = Vec::new();
    let (mut name, mut depth) = (String::new(), 0_u32);
    for letter in rights.chars().chain([',']) {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.push(std::mem::take(&mut name).trim().to_ascii_uppercase()),
            letter if depth == 0 => name.push(letter),
            _ => {}
        }
    }
    if to.contains("WITH GRANT OPTION") {
        names.push("GRANT OPTION".to_owned());
    }
    // `PROCEDURE `db`.`name``; an account, for PROXY, has no point.
    let on = on.rsplit_once(' ').map_or(on, |(_, on)| on);
    let (database, table) =
        identifiers(on).unwrap_or_else(|| (on.replace(['`', '\''], ""), "*".into()));
    Some(Grant { database, table, rights: names, is_public: is_everybody(to) })
}

/// MariaDB's PUBLIC, and accounts without a name, which every client can use.
fn is_everybody(to: &str) -> bool {
    to.starts_with("PUBLIC") || to.starts_with("``@") || to.starts_with("''@")
}

/// `` `db`.`table` `` in two parts, without the quotes.
fn identifiers(text: &str) -> Option<(String, String)> {
    let plain = |name: &str| name.trim_matches('`').replace("``", "`");
    let (database, table) =
        if text.starts_with('`') { text.split_once("`.") } else { text.split_once('.') }?;
    Some((plain(database), plain(table)))
}

#[cfg(test)]
mod tests {
    use super::{Rights, roles};

    const LINES: [&str; 8] = [
        "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*HASH'",
        "GRANT SELECT (`id`, `name`), SELECT, INSERT (`key`, `module`) ON `j`.`jos_x` TO `a`@`%`",
        "GRANT ALL PRIVILEGES ON `j\\_x`.* TO `a`@`%` WITH GRANT OPTION",
        "GRANT `role`,`other`@`%` TO `a`@`%`",
        "GRANT SHOW VIEW, LOCK TABLES ON `j`.* TO `a`@`%`",
        "GRANT EXECUTE ON PROCEDURE `j.k`.`p` TO `a`@`%`",
        "GRANT SELECT ON `test`.* TO PUBLIC",
        "GRANT PROXY ON ''@'' TO 'a'@'%'",
    ];

    #[test]
    fn lines_become_rights_on_things() {
        let rights = Rights::read(LINES.into_iter());
        let told: Vec<_> = rights.grants.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "USAGE on `*.*`",
                "SELECT, SELECT, INSERT on `j.jos_x`",
                "ALL PRIVILEGES, GRANT OPTION on `j\\_x.*`",
                "SHOW VIEW, LOCK TABLES on `j.*`",
                "EXECUTE on `j.k.p`",
                "SELECT on `test.*`",
                "PROXY on `@.*`",
            ]
        );
        let public: Vec<_> = rights.grants.iter().map(|grant| grant.is_public).collect();
        assert_eq!(public, [false, false, false, false, false, true, false]);
        let writing: Vec<_> = rights.grants.iter().map(|grant| grant.writing().join("+")).collect();
        assert_eq!(
            writing,
            ["", "INSERT", "ALL PRIVILEGES+GRANT OPTION", "", "EXECUTE", "", "PROXY"]
        );
        assert!(!format!("{rights:?}").contains("HASH"));
        assert_eq!(roles(LINES.into_iter()), ["`role`", "`other`@`%`"]);
    }

    #[test]
    fn names_of_databases_are_patterns() {
        let grant = |database: &str| {
            let line = format!("GRANT SELECT ON `{database}`.* TO `a`@`%`");
            Rights::read([line.as_str()].into_iter()).grants.remove(0)
        };
        for (pattern, is_ours) in [
            ("my_site", true),
            ("my\\_site", true),
            ("My_Site", true),
            ("my%", false),
            ("%", false),
            ("mysite", false),
        ] {
            assert_eq!(grant(pattern).is_for("my_site"), is_ours, "{pattern}");
        }
    }
}
