//! Samples of the accounts: ranges of ids, and the statements that read one.
//!
//! A site may have millions of accounts, and Joomla's map of memberships has no index by group. So
//! every query is limited to a range of ids, and uses a primary key. The choice of accounts is made
//! elsewhere.

use super::TablePrefix;
use super::rows::Cells;

/// Accounts of one look, at most: the statements `users_from` and `members_between` say so.
pub const SAMPLE: usize = 20;

/// A range of account ids, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids {
    /// The lowest.
    pub first: i64,
    /// The highest.
    pub last: i64,
}

/// The members that a user group has in a range of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberSpan {
    /// The user group.
    pub group: u32,
    /// How many; accounts that are deleted may be among them.
    pub members: u64,
    /// From the first to the last.
    pub ids: Ids,
}

/// A kind of account that most sites have few of. But for [`Oddity::SharedEmail`], its
/// e-mail leads to no other account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// May not log in.
    Blocked,
    /// Is in no user group.
    WithoutGroup,
    /// Another account has the same e-mail.
    SharedEmail,
    /// Is in one of some user groups, and in none of the others.
    OnlyIn {
        /// In one of these.
        groups: Vec<u32>,
        /// In none of these.
        others: Vec<u32>,
    },
}

/// The statements, for one site.
pub(super) struct SampleStatements {
    member_spans: String,
    blocked: String,
    without_group: String,
    shared_email: String,
    only_in: String,
}

impl SampleStatements {
    pub(super) fn new(prefix: &TablePrefix) -> Self {
        let made = |statement| prefix.statement(statement);
        Self {
            member_spans: made(include_str!("../../sql/queries/member_spans.sql")),
            blocked: made(include_str!("../../sql/queries/odd_blocked.sql")),
            without_group: made(include_str!("../../sql/queries/odd_without_group.sql")),
            shared_email: made(include_str!("../../sql/queries/odd_shared_email.sql")),
            only_in: made(include_str!("../../sql/queries/odd_only_in.sql")),
        }
    }

    pub(super) fn member_spans(&self, groups: &[u32]) -> String {
        self.member_spans.replace("#groups#", &list(groups))
    }

    pub(super) fn odd_user(&self, oddity: &Oddity) -> String {
        match oddity {
            Oddity::Blocked => self.blocked.clone(),
            Oddity::WithoutGroup => self.without_group.clone(),
            Oddity::SharedEmail => self.shared_email.clone(),
            Oddity::OnlyIn { groups, others } => {
                self.only_in.replace("#groups#", &list(groups)).replace("#others#", &list(others))
            }
        }
    }
}

/// A row of `member_spans`.
pub(super) fn member_span(row: &mut dyn Cells) -> Option<MemberSpan> {
    Some(MemberSpan {
        group: row.id(0)?,
        members: row.number(1)?.try_into().ok()?,
        ids: Ids { first: row.number(2)?, last: row.number(3)? },
    })
}

/// Writes numbers as an SQL list; NULL, which equals no number, if there are none.
fn list(groups: &[u32]) -> String {
    if groups.is_empty() {
        return "NULL".to_owned();
    }
    groups.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
