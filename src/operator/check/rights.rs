//! The rights of the bridge's accounts: those they need, and no others.
//!
//! Rights that every account of the server has are told apart: no other account would be without them.

use super::finding::{Finding, FindingSink, list};
use crate::store::StoreError;
use crate::store::inspection::{Grant, Inspection, Rights};

/// jBackend's own tables, which the bridge writes as the original does.
const OWN_TABLES: [&str; 2] = ["jbackend_keys", "jbackend_logs"];

/// Databases that MariaDB's installation opens to every account: nothing of value is there.
const OPEN_TO_ALL: [&str; 4] = ["test", "test_%", "test\\_%", "test\\_\\%"];

/// Which of the bridge's accounts it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BridgeAccount {
    /// The one that reads, and writes where there is no other.
    Reader,
    /// The one of `writer_user`.
    Writer,
}

impl BridgeAccount {
    fn setting(self) -> &'static str {
        match self {
            Self::Reader => "`database.user`",
            Self::Writer => "`database.writer_user`",
        }
    }

    fn is_sound(self) -> &'static str {
        match self {
            Self::Reader => "the account may only read the site's tables",
            Self::Writer => "the writing account may do only what is needed",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Reader => {
                "make an account that can only read what is needed with sql/grants.sql, and name it in \
                 `user` and `password` in `[database]`"
            }
            Self::Writer => {
                "make the writing account of sql/grants.sql, and name it in `writer_user` and \
                 `writer_password` in `[database]`"
            }
        }
    }
}

/// Tells the tables of the site from others.
struct SiteTables<'a> {
    database: &'a str,
    prefix: String,
    own: [String; 2],
    sessions: String,
}

/// Looks at an account; gives its rights, where they are known.
pub(super) async fn look(
    inspection: &Inspection,
    database: &str,
    account: BridgeAccount,
    notes: &mut FindingSink<'_>,
) -> Option<Rights> {
    let setting = account.setting();
    let rights = match inspection.rights().await {
        Ok(Some(rights)) => rights,
        Ok(None) => return None,
        Err(error) => {
            unknown(account, &error, notes);
            return None;
        }
    };
    let site = SiteTables {
        database,
        prefix: inspection.table_name(""),
        own: OWN_TABLES.map(|table| inspection.table_name(table)),
        sessions: inspection.table_name("session"),
    };
    let (public, own): (Vec<Grant>, Vec<Grant>) =
        site.beyond(&rights).into_iter().partition(|grant| grant.is_public);
    told(&public, |all| {
        notes
            .warning(format!("every account of the server has rights that none needs: {all}"))
            .at(setting)
            .advise(
                "take them away with `REVOKE … FROM PUBLIC`, or from the accounts without a name",
            )
    });
    let is_sound = own.is_empty();
    told(&own, |all| {
        notes
            .warning(format!("the account has more rights than needed: {all}"))
            .at(setting)
            .advise(account.advice())
    });
    if !rights.hidden_roles.is_empty() {
        notes
            .skipped(format!(
                "what the account may do through its roles {}: the server does not tell",
                list(&rights.hidden_roles)
            ))
            .at(setting);
    } else if is_sound {
        notes.ok(account.is_sound());
    }
    Some(rights)
}

/// Says that the rights could not be asked for.
pub(super) fn unknown(account: BridgeAccount, error: &StoreError, notes: &mut FindingSink<'_>) {
    notes.skipped(format!("the account's rights: {error}")).at(account.setting());
}

fn told<'n>(grants: &[Grant], tell: impl FnOnce(String) -> &'n mut Finding) {
    if !grants.is_empty() {
        let all: Vec<_> = grants.iter().map(ToString::to_string).collect();
        tell(all.join("; "));
    }
}

impl SiteTables<'_> {
    /// The grants of what is not needed, reduced to that.
    fn beyond(&self, rights: &Rights) -> Vec<Grant> {
        let grants = rights.grants.iter().map(|grant| {
            let rights = self.surplus(grant);
            Grant { rights, ..grant.clone() }
        });
        grants.filter(|grant| !grant.rights.is_empty()).collect()
    }

    fn surplus(&self, grant: &Grant) -> Vec<String> {
        if grant.is_public && OPEN_TO_ALL.contains(&grant.database.as_str()) {
            return Vec::new();
        }
        let is_ours = grant.table == "*" || grant.table.starts_with(&self.prefix);
        if !grant.is_for(self.database) || !is_ours {
            return grant.all();
        }
        if self.own.contains(&grant.table) {
            return Vec::new();
        }
        let mut writing = grant.writing();
        // The right to renew sessions.
        writing.retain(|right| grant.table != self.sessions || right != "UPDATE");
        writing
    }
}
