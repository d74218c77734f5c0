//! What a database account may do, read out of `SHOW GRANTS`.
//!
//! Only names of rights and of what they are for are kept: the server's lines can hold the hash of
//! the account's password.

/// Rights on one thing: `*.*`, a database, a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What the rights are for, as the server writes it, without its quotes: `joomla.*`.
    pub on: String,
    /// Names of rights: `SELECT`, `ALL PRIVILEGES`; columns are left out.
    pub rights: Vec<String>,
}

/// All rights of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// One for each thing.
    pub grants: Vec<Grant>,
}

/// Rights that change nothing.
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
    /// Reads the lines of `SHOW GRANTS`; what is no grant of rights (of a role) is left out.
    pub(in crate::joomla) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        Self { grants: lines.filter_map(grant).collect() }
    }

    /// The grants with rights to change something, reduced to these rights.
    #[must_use]
    pub fn writing(&self) -> Vec<Grant> {
        let changes = |right: &&String| !READING.contains(&right.as_str());
        let grants = self.grants.iter().map(|grant| Grant {
            on: grant.on.clone(),
            rights: grant.rights.iter().filter(changes).cloned().collect(),
        });
        grants.filter(|grant| !grant.rights.is_empty()).collect()
    }
}

/// `GRANT SELECT (id, name), INSERT ON `db`.`table` TO …`.
fn grant(line: &str) -> Option<Grant> {
    let (rights, rest) = line.strip_prefix("GRANT ")?.split_once(" ON ")?;
    let (on, _) = rest.split_once(" TO ")?;
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
    if rest.contains("WITH GRANT OPTION") {
        names.push("GRANT OPTION".to_owned());
    }
    Some(Grant { on: on.replace('`', ""), rights: names })
}

#[cfg(test)]
mod tests {
    use super::Rights;

    #[test]
    fn only_rights_that_change_something_are_writing() {
        let lines = [
            "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*HASH'",
            "GRANT SELECT (`id`, `name`), SELECT, INSERT (`key`, `module`) ON `j`.`jos_x` TO `a`@`%`",
            "GRANT ALL PRIVILEGES ON `j`.* TO `a`@`%` WITH GRANT OPTION",
            "GRANT `role` TO `a`@`%`",
            "GRANT SHOW VIEW, LOCK TABLES ON `j`.* TO `a`@`%`",
        ];
        let rights = Rights::read(lines.into_iter());
        assert_eq!(rights.grants.len(), 4);
        let writing: Vec<_> =
            rights.writing().into_iter().map(|grant| (grant.on, grant.rights.join("+"))).collect();
        assert_eq!(
            writing,
            [
                ("j.jos_x".to_owned(), "INSERT".to_owned()),
                ("j.*".to_owned(), "ALL PRIVILEGES+GRANT OPTION".to_owned()),
            ]
        );
        assert!(!format!("{rights:?}").contains("HASH"));
    }
}
